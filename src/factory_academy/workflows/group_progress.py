"""Progress of many people in one course, read in three queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from factory_academy.domain.course import Course
from factory_academy.domain.progress import Progress, progress_of
from factory_academy.domain.submission import Submission
from factory_academy.workflows.ports import Repositories, SubmissionFilter


def progress_of_many(repositories: Repositories, trainee_ids: Sequence[str], course: Course) -> dict[str, Progress]:
    """Each of these people's progress, by id; those who handed in nothing are in it too."""
    wanted = SubmissionFilter(course_id=course.id, trainee_ids=frozenset(trainee_ids))
    submissions = repositories.submissions.matching(wanted)
    grades = repositories.grades.of_submissions([s.id for s in submissions])
    hardened = repositories.courses.hardened_versions(course.id)
    by_person: defaultdict[str, list[Submission]] = defaultdict(list)
    for submission in submissions:
        by_person[submission.trainee_id].append(submission)
    return {who: progress_of(who, course, by_person[who], grades, hardened) for who in trainee_ids}
