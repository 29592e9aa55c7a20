"""What an instructor sees: the courses they teach, who is in them, what was handed in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from factory_academy.domain.certificate import Certificate
from factory_academy.domain.course import Course, Section
from factory_academy.domain.factory import Factory
from factory_academy.domain.person import Person, Role
from factory_academy.domain.progress import Progress
from factory_academy.domain.submission import SubmissionState
from factory_academy.errors import NotFound
from factory_academy.workflows.course_view import SubmissionPage, submission_page
from factory_academy.workflows.group_progress import progress_of_many
from factory_academy.workflows.my_courses import HandedIn, handed_in
from factory_academy.workflows.paging import Paging
from factory_academy.workflows.ports import Records, Repositories, SubmissionFilter

ROSTER_SIZE = 25
LIST_SIZE = 25


@dataclass(frozen=True, slots=True)
class TaughtSection:
    """A section an instructor teaches, and how many trainees are in it."""

    section: Section
    factory: Factory | None
    trainees: int


@dataclass(frozen=True, slots=True)
class TaughtCourse:
    """A course with the sections of it that an instructor teaches."""

    course: Course
    sections: tuple[TaughtSection, ...]

    @property
    def trainees(self) -> int:
        """Places taken over all the sections."""
        return sum(s.trainees for s in self.sections)


@dataclass(frozen=True, slots=True)
class RosterLine:
    """One trainee of a course."""

    person: Person
    section: Section
    progress: Progress
    certificate: Certificate | None


@dataclass(frozen=True, slots=True)
class RosterPage:
    """A page of the people in a course, by name."""

    taught: TaughtCourse
    lines: tuple[RosterLine, ...]
    paging: Paging


@dataclass(frozen=True, slots=True)
class SubmissionLine:
    """One submission in an instructor's list."""

    handed_in: HandedIn
    trainee: Person | None


@dataclass(frozen=True, slots=True)
class SubmissionList:
    """A page of what was handed in, newest first."""

    course: Course
    lines: tuple[SubmissionLine, ...]
    paging: Paging


@dataclass(frozen=True, slots=True)
class TaughtCourses:
    """The courses of which an instructor's factory runs a section."""

    records: Records

    def __call__(self, instructor: Person) -> tuple[TaughtCourse, ...]:
        """In the order of the courses; an instructor of no factory teaches everywhere."""
        with self.records.reading() as repositories:
            return _taught(repositories, instructor)


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is in a course, and how far they are."""

    records: Records

    def __call__(self, instructor: Person, course_id: str, page: int = 1) -> RosterPage:
        """One page of the people, by name.

        Raises:
            NotFound: they teach no section of such a course.
        """
        with self.records.reading() as repositories:
            taught = taught_course(repositories, instructor, course_id)
            sections = section_of_trainee(repositories, taught)
            known = repositories.people.of_ids(list(sections))
            people = sorted(known.values(), key=lambda p: (p.full_name.casefold(), p.id))
            paging = Paging(len(people), ROSTER_SIZE, page)
            shown = people[paging.offset : paging.offset + paging.size]
            progress = progress_of_many(repositories, [p.id for p in shown], taught.course)
            held = {c.trainee_id: c for c in repositories.certificates.of_course(course_id)}
        lines = tuple(RosterLine(p, sections[p.id], progress[p.id], held.get(p.id)) for p in shown)
        return RosterPage(taught, lines, paging)


@dataclass(frozen=True, slots=True)
class TaughtSubmissions:
    """What an instructor's trainees handed in."""

    records: Records

    def __call__(
        self,
        instructor: Person,
        course_id: str,
        *,
        assignment_name: str | None = None,
        state: SubmissionState | None = None,
        page: int = 1,
    ) -> SubmissionList:
        """One page, newest first, of those that fit the assignment and the state.

        Raises:
            NotFound: they teach no section of such a course.
        """
        with self.records.reading() as repositories:
            taught = taught_course(repositories, instructor, course_id)
            wanted = SubmissionFilter(
                course_id=course_id,
                assignment_name=assignment_name,
                states=frozenset({state} if state else ()),
                trainee_ids=frozenset(section_of_trainee(repositories, taught)),
            )
            paging = Paging(repositories.submissions.count_matching(wanted), LIST_SIZE, page)
            found = repositories.submissions.matching(wanted, paging.size, paging.offset)
            grades = repositories.grades.of_submissions([s.id for s in found])
            people = repositories.people.of_ids(sorted({s.trainee_id for s in found}))
        lines = tuple(
            SubmissionLine(handed_in(s, taught.course, grades.get(s.id)), people.get(s.trainee_id)) for s in found
        )
        return SubmissionList(taught.course, lines, paging)


@dataclass(frozen=True, slots=True)
class TaughtSubmission:
    """One submission of an instructor's trainee, with its run and its history."""

    records: Records

    def __call__(self, instructor: Person, submission_id: str) -> SubmissionPage:
        """The submission.

        Raises:
            NotFound: there is none, or not of a trainee in a section they teach.
        """
        with self.records.reading() as repositories:
            submission = repositories.submissions.find(submission_id)
            if submission is None:
                raise NotFound("There is no such submission among those of your trainees.")
            taught = taught_course(repositories, instructor, submission.course_id)
            if submission.trainee_id not in section_of_trainee(repositories, taught):
                raise NotFound("There is no such submission among those of your trainees.")
            trainee = repositories.people.find(submission.trainee_id)
            return submission_page(repositories, submission, trainee)


def taught_course(repositories: Repositories, instructor: Person, course_id: str) -> TaughtCourse:
    """The course with the sections this instructor teaches.

    Raises:
        NotFound: they teach none of it.
    """
    found = next((c for c in _taught(repositories, instructor) if c.course.id == course_id), None)
    if found is None:
        raise NotFound(f"You teach no section of a course {course_id!r}.", "Choose one of the courses you teach.")
    return found


def sections_taught(repositories: Repositories, instructor: Person, course_id: str | None = None) -> list[Section]:
    """The sections that this instructor's factory runs, of one course or of all; of no factory, everybody's."""
    if instructor.role is not Role.INSTRUCTOR:
        return []
    return [s for s in repositories.courses.sections(course_id) if instructor.factory_id in (None, s.factory_id)]


def _taught(repositories: Repositories, instructor: Person) -> tuple[TaughtCourse, ...]:
    if instructor.role is not Role.INSTRUCTOR:
        return ()
    theirs = sections_taught(repositories, instructor)
    enrolments = repositories.enrolments.of_sections([s.id for s in theirs])
    places = Counter(e.section_id for e in enrolments if e.is_active)
    factories = {f.id: f for f in repositories.factories.all()}
    lines = [TaughtSection(s, factories.get(s.factory_id), places[s.id]) for s in theirs]
    courses = [
        TaughtCourse(course, tuple(line for line in lines if line.section.course_id == course.id))
        for course in repositories.courses.all()
    ]
    return tuple(c for c in courses if c.sections)


def section_of_trainee(repositories: Repositories, taught: TaughtCourse) -> dict[str, Section]:
    """The active trainees of a course that someone teaches, each with their section."""
    sections = {s.section.id: s.section for s in taught.sections}
    enrolments = repositories.enrolments.of_sections(list(sections))
    return {e.trainee_id: sections[e.section_id] for e in enrolments if e.is_active}
