"""Keep nbgrader's gradebook and the records in step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.course import Assignment, Course
from factory_academy.domain.grade import Grade
from factory_academy.domain.gradebook import FormgraderMark, GradedAssignment, GradedWork
from factory_academy.domain.lateness import Counted, Lateness, counting
from factory_academy.domain.person import Person
from factory_academy.domain.submission import Submission
from factory_academy.errors import AcademyError
from factory_academy.workflows.extensions.reading import lateness_in
from factory_academy.workflows.gradebook.ports import Gradebook
from factory_academy.workflows.gradebook.taking_in import NotTaken, take_in
from factory_academy.workflows.marking.deciding import Certifying
from factory_academy.workflows.marking.desk import desk_of
from factory_academy.workflows.ports import Blobs, Clock, Records, Repositories, SubmissionFilter
from factory_academy.workflows.teaching import section_of_trainee, taught_course


@dataclass(frozen=True, slots=True)
class NotCarried:
    """A mark made in formgrader that the records did not take, and why."""

    mark: FormgraderMark
    why: str


@dataclass(frozen=True, slots=True)
class Synced:
    """What came in, what did not, and how many works the gradebook shows now."""

    taken: tuple[FormgraderMark, ...]
    not_carried: tuple[NotCarried, ...]
    works: int


@dataclass(frozen=True, slots=True)
class SyncGradebook:
    """Take in the marks made in formgrader, then write the gradebook of an instructor's course anew.

    ``book`` gives the gradebook of an instructor and a course.
    """

    records: Records
    blobs: Blobs
    clock: Clock
    key: bytes
    certify: Certifying
    book: Callable[[str, str], Gradebook]

    def __call__(self, instructor: Person, course_id: str) -> Synced:
        """What was done.

        Raises:
            NotFound: they teach no section of such a course.
        """
        with self.records.reading() as repositories:
            taught_course(repositories, instructor, course_id)
        book = self.book(instructor.id, course_id)
        taken, not_carried = self._take_in(instructor, course_id, book.marks())
        with self.records.reading() as repositories:
            taught = taught_course(repositories, instructor, course_id)
            trainees = sorted(section_of_trainee(repositories, taught))
            people = repositories.people.of_ids(trainees)
            works = self._works(repositories, taught.course, [people[who] for who in trainees])
            blobs = {a.name: repositories.courses.version_blob(a.version) for a in taught.course.assignments}
        graded = [
            GradedAssignment(AssignmentBundle.from_bytes(self.blobs.get(blob)), a.due_at, tuple(works[a.name]))
            for a in taught.course.assignments
            if (blob := blobs[a.name]) is not None
        ]
        book.write(graded)
        return Synced(tuple(taken), tuple(not_carried), sum(len(a.works) for a in graded))

    def _take_in(
        self, instructor: Person, course_id: str, marks: Sequence[FormgraderMark]
    ) -> tuple[list[FormgraderMark], list[NotCarried]]:
        taken, not_carried, changed = [], [], set()
        for mark in marks:
            try:
                with self.records.transaction() as repositories:
                    desk = desk_of(repositories, instructor, course_id, mark.assignment_name, self.key)
                    if take_in(repositories, desk, mark, self.clock()):
                        changed.add(mark.trainee_id)
            except (NotTaken, AcademyError) as error:
                not_carried.append(NotCarried(mark, str(error)))
            else:
                taken.append(mark)
                if mark.extra_credit and mark.points is not None:
                    not_carried.append(NotCarried(mark, "its points were taken, the extra credit was not"))
        for trainee_id in sorted(changed):
            self.certify(trainee_id, course_id)
        return taken, not_carried

    def _works(
        self, repositories: Repositories, course: Course, trainees: Sequence[Person]
    ) -> Mapping[str, list[GradedWork]]:
        wanted = SubmissionFilter(course_id=course.id, trainee_ids=frozenset(t.id for t in trainees))
        submissions = repositories.submissions.matching(wanted)
        grades = repositories.grades.of_submissions([s.id for s in submissions])
        by_trainee: defaultdict[str, list[Submission]] = defaultdict(list)
        for submission in submissions:
            by_trainee[submission.trainee_id].append(submission)
        works: dict[str, list[GradedWork]] = {assignment.name: [] for assignment in course.assignments}
        for trainee in trainees:
            mine = by_trainee[trainee.id]
            lateness = lateness_in(repositories, trainee.id, course, mine)
            for assignment in course.assignments:
                chosen = _that_counts(assignment, mine, grades, lateness)
                if chosen is not None:
                    works[assignment.name].append(self._work(trainee, chosen, grades.get(chosen.id), lateness))
        return works

    def _work(
        self, trainee: Person, submission: Submission, grade: Grade | None, lateness: Mapping[str, Lateness]
    ) -> GradedWork:
        tasks = grade.tasks if grade else ()
        return GradedWork(
            trainee=trainee,
            submission=submission,
            archive=self.blobs.get(submission.content),
            tasks=tasks,
            kept_fraction=lateness[submission.id].kept_fraction,
            by_hand={task.task_id: task.message for task in tasks if task.by_hand},
        )


def _that_counts(
    assignment: Assignment, mine: Sequence[Submission], grades: Mapping[str, Grade], lateness: Mapping[str, Lateness]
) -> Submission | None:
    """The submission with the most points after lateness; the newest where none has a verdict; None without any."""
    here = {s.id: s for s in mine if s.assignment_name == assignment.name}
    in_order = sorted(here.values(), key=lambda s: (s.received_at, s.id))
    best = counting(Counted(s.id, grades[s.id].earned, lateness[s.id]) for s in in_order if s.id in grades)
    if best is not None:
        return here[best.submission_id]
    return in_order[-1] if in_order else None
