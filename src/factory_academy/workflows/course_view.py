"""One course, one assignment, one submission, as the trainee it belongs to sees them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from factory_academy.domain.certificate import Certificate, certifying
from factory_academy.domain.course import Assignment, Course
from factory_academy.domain.grade import Grade, GradeEvent, GradingOutcome
from factory_academy.domain.lateness import Lateness
from factory_academy.domain.person import Person
from factory_academy.domain.progress import AssignmentProgress, Progress, progress_of
from factory_academy.domain.submission import Submission
from factory_academy.domain.waiting import Wait
from factory_academy.errors import NotEnrolled, NotFound
from factory_academy.workflows.extensions.reading import deadlines_of, lateness_in, with_deadlines
from factory_academy.workflows.my_courses import HandedIn, newest_first
from factory_academy.workflows.ports import Clock, Records, Repositories
from factory_academy.workflows.queue.waiting import wait_of


@dataclass(frozen=True, slots=True)
class CoursePage:
    """A trainee's course: standings in course order, their latest submissions by assignment, the certificate."""

    progress: Progress
    latest: dict[str, HandedIn]
    certificate: Certificate | None

    @property
    def course(self) -> Course:
        """The course itself."""
        return self.progress.course

    @property
    def missing(self) -> tuple[AssignmentProgress, ...]:
        """The standings that still keep the certificate back; empty without a certificate rule."""
        rule = self.course.certificate
        if rule is None:
            return ()
        return tuple(a for a in certifying(self.progress, rule) if a.certifying_fraction < rule.pass_fraction)


@dataclass(frozen=True, slots=True)
class AssignmentPage:
    """A trainee's assignment, and what they handed in for it, newest first."""

    course: Course
    standing: AssignmentProgress
    submissions: tuple[HandedIn, ...]

    @property
    def assignment(self) -> Assignment:
        """The assignment, in the version released now."""
        return self.standing.assignment


@dataclass(frozen=True, slots=True)
class SubmissionPage:
    """One submission with all that is known about it. ``position`` counts those before it in the queue, ``wait`` is
    how long until its verdict.

    ``assignment`` is the version that was handed in, which may be older than the one released now.
    """

    submission: Submission
    trainee: Person | None
    course_title: str
    assignment: Assignment | None
    outcome: GradingOutcome | None
    grade: Grade | None
    position: int | None
    history: tuple[GradeEvent, ...] = ()
    certificate: Certificate | None = None
    lateness: Lateness | None = None
    wait: Wait | None = None

    @property
    def title(self) -> str:
        """What it was handed in for."""
        return self.assignment.title if self.assignment else self.submission.assignment_name


@dataclass(frozen=True, slots=True)
class ViewCourse:
    """A course for someone who is in it."""

    records: Records

    def __call__(self, trainee: Person, course_id: str) -> CoursePage:
        """The course with this trainee's standing.

        Raises:
            NotFound: there is no such course.
            NotEnrolled: they are in no active section of it.
        """
        with self.records.reading() as repositories:
            progress, submissions, grades = _standing(repositories, trainee, course_id)
            held = repositories.certificates.of_trainee(trainee.id)
        titles = {a.name: a.title for a in progress.course.assignments}
        latest = {
            s.assignment_name: HandedIn(s, titles.get(s.assignment_name, s.assignment_name), grades.get(s.id))
            for s in reversed(submissions)
        }
        return CoursePage(progress, latest, next((c for c in held if c.course_id == course_id), None))


@dataclass(frozen=True, slots=True)
class ViewAssignment:
    """An assignment for someone who is in its course."""

    records: Records

    def __call__(self, trainee: Person, course_id: str, name: str) -> AssignmentPage:
        """The assignment with what this trainee handed in.

        Raises:
            NotFound: there is no such course or released assignment.
            NotEnrolled: they are in no active section of the course.
        """
        with self.records.reading() as repositories:
            progress, submissions, grades = _standing(repositories, trainee, course_id)
        standing = next((a for a in progress.assignments if a.assignment.name == name), None)
        if standing is None:
            raise NotFound(f"The course {course_id!r} has no assignment {name!r}.", "Choose one on the course's page.")
        mine = [s for s in submissions if s.assignment_name == name]
        return AssignmentPage(
            progress.course,
            standing,
            tuple(HandedIn(s, standing.assignment.title, grades.get(s.id)) for s in mine),
        )


@dataclass(frozen=True, slots=True)
class ViewSubmission:
    """A submission for the one who handed it in; to anyone else it does not exist."""

    records: Records
    clock: Clock

    def __call__(self, person: Person, submission_id: str) -> SubmissionPage:
        """The submission with its place in the queue or its outcome.

        Raises:
            NotFound: there is no such submission, or it is someone else's.
        """
        with self.records.reading() as repositories:
            submission = repositories.submissions.find(submission_id)
            if submission is None or submission.trainee_id != person.id:
                raise NotFound("There is no such submission.", "Your own submissions are on your home page.")
            page = submission_page(repositories, submission, person)
            return replace(page, wait=wait_of(repositories, submission, self.clock()))


def submission_page(repositories: Repositories, submission: Submission, trainee: Person | None) -> SubmissionPage:
    """Everything known about a submission. Whoever calls has made sure that the person may see it."""
    course = repositories.courses.find(submission.course_id)
    lateness = lateness_in(repositories, submission.trainee_id, course, [submission]) if course else {}
    return SubmissionPage(
        submission=submission,
        trainee=trainee,
        course_title=course.title if course else submission.course_id,
        assignment=repositories.courses.assignment_of_version(submission.assignment_version),
        outcome=repositories.grades.outcome(submission.id),
        grade=repositories.grades.find(submission.id),
        position=None if submission.state.is_terminal else repositories.queue.position(submission.id),
        history=tuple(repositories.grades.history(submission.id)),
        certificate=next(
            (
                held
                for held in repositories.certificates.of_trainee(submission.trainee_id)
                if held.course_id == submission.course_id and held.revoked_at is None
            ),
            None,
        ),
        lateness=lateness.get(submission.id),
    )


def _standing(
    repositories: Repositories, trainee: Person, course_id: str
) -> tuple[Progress, list[Submission], dict[str, Grade]]:
    course = repositories.courses.find(course_id)
    if course is None:
        raise NotFound(f"There is no course {course_id!r}.", "Choose one of your courses on your home page.")
    sections = {section.id for section in repositories.courses.sections(course_id)}
    if not any(e.is_active and e.section_id in sections for e in repositories.enrolments.of_trainee(trainee.id)):
        raise NotEnrolled(f"You are not enrolled in {course.title}.", "Join an open section on your home page.")
    course = with_deadlines(course, deadlines_of(repositories, trainee.id, course))
    submissions = newest_first(repositories.submissions.of_trainee(trainee.id, course_id))
    grades = dict(repositories.grades.of_submissions([s.id for s in submissions]))
    hardened = repositories.courses.hardened_versions(course_id)
    return progress_of(trainee.id, course, submissions, grades, hardened), submissions, grades
