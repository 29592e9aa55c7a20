"""What a trainee sees first: their courses, where to go on, their latest verdicts, their certificates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from factory_academy.domain.certificate import Certificate
from factory_academy.domain.course import Assignment, Course, Section
from factory_academy.domain.enrolment import may_enrol
from factory_academy.domain.factory import Factory
from factory_academy.domain.grade import Grade
from factory_academy.domain.person import Person
from factory_academy.domain.progress import Progress, progress_of
from factory_academy.domain.session import SessionRecord
from factory_academy.domain.submission import Submission
from factory_academy.workflows.extensions.reading import deadlines_in, with_deadlines
from factory_academy.workflows.ports import Clock, Records, Repositories

RECENT = 5
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class EnrolledCourse:
    """A course the trainee is in, how far they are, and its certificate once it is earned."""

    section: Section
    progress: Progress
    certificate: Certificate | None = None

    @property
    def course(self) -> Course:
        """The course itself."""
        return self.progress.course


@dataclass(frozen=True, slots=True)
class OpenPlace:
    """A section the trainee may join."""

    section: Section
    course: Course
    factory: Factory | None


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A submission in a list: what it is for, and its grade if it has one."""

    submission: Submission
    title: str
    grade: Grade | None = None


@dataclass(frozen=True, slots=True)
class Resume:
    """Where to go on. ``begun`` is whether something was handed in for it."""

    course: Course
    assignment: Assignment
    begun: bool


@dataclass(frozen=True, slots=True)
class TraineeHome:
    """Everything of a trainee's first page."""

    courses: tuple[EnrolledCourse, ...]
    places: tuple[OpenPlace, ...]
    recent: tuple[HandedIn, ...]
    certificates: tuple[Certificate, ...]
    resume: Resume | None
    session: SessionRecord | None


@dataclass(frozen=True, slots=True)
class MyCourses:
    """The first page of a trainee, in a fixed number of queries and three a course they are in."""

    records: Records
    clock: Clock

    def __call__(self, trainee: Person) -> TraineeHome:
        """What this trainee sees; nothing of anyone else's."""
        with self.records.reading() as repositories:
            submissions = newest_first(repositories.submissions.of_trainee(trainee.id))
            certificates = tuple(repositories.certificates.of_trainee(trainee.id))
            grades = repositories.grades.of_submissions([s.id for s in submissions])
            all_courses = {c.id: c for c in repositories.courses.all()}
            sections = {s.id: s for s in repositories.courses.sections()}
            mine = _my_sections(repositories, trainee, sections)
            courses = tuple(
                EnrolledCourse(
                    section,
                    progress_of(
                        trainee.id, course, submissions, grades, repositories.courses.hardened_versions(course.id)
                    ),
                    next((c for c in certificates if c.course_id == course.id), None),
                )
                for section in mine
                if (course := _their_course(repositories, trainee, section, all_courses)) is not None
            )
            factories = {f.id: f for f in repositories.factories.all()}
            open_sessions = repositories.sessions.open(trainee.id)
        courses = tuple(sorted(courses, key=lambda c: (c.course.place, c.course.id)))
        places = tuple(
            OpenPlace(section, all_courses[section.course_id], factories.get(section.factory_id))
            for section in sections.values()
            if section.course_id in all_courses and self.is_open_to(trainee, section, mine)
        )
        return TraineeHome(
            courses=courses,
            places=places,
            recent=tuple(handed_in(s, all_courses.get(s.course_id), grades.get(s.id)) for s in submissions[:RECENT]),
            certificates=certificates,
            resume=resume_of(courses, submissions),
            session=open_sessions[0] if open_sessions else None,
        )

    def is_open_to(self, trainee: Person, section: Section, mine: Sequence[Section]) -> bool:
        """Whether the trainee may join by themselves: their own factory's sections, of courses they are not in yet."""
        theirs = trainee.factory_id in (None, section.factory_id)
        known = section.course_id in {s.course_id for s in mine}
        return theirs and not known and may_enrol(trainee, section, self.clock())


@dataclass(frozen=True, slots=True)
class MyCertificates:
    """A trainee's certificates, newest first."""

    records: Records

    def __call__(self, trainee: Person) -> tuple[Certificate, ...]:
        """Also those that were taken back; the page says so."""
        with self.records.reading() as repositories:
            held = repositories.certificates.of_trainee(trainee.id)
        return tuple(sorted(held, key=lambda c: c.issued_at, reverse=True))


def newest_first(submissions: Sequence[Submission]) -> list[Submission]:
    """By the server's time of receipt; the id decides between equals."""
    return sorted(submissions, key=lambda s: (s.received_at, s.id), reverse=True)


def handed_in(submission: Submission, course: Course | None, grade: Grade | None) -> HandedIn:
    """A line for a list; an assignment that is gone is called by its name."""
    assignment = course.assignment(submission.assignment_name) if course else None
    return HandedIn(submission, assignment.title if assignment else submission.assignment_name, grade)


def resume_of(courses: Sequence[EnrolledCourse], submissions: Sequence[Submission]) -> Resume | None:
    """Where to go on: in the course last worked in if it has something left, else in the first that has.

    There, the assignment last handed in if it still lacks points, else the first that does.
    """
    last_work = {s.course_id: s.received_at for s in reversed(submissions)}
    for enrolled in sorted(courses, key=lambda c: last_work.get(c.course.id, _NEVER), reverse=True):
        unfinished = [a for a in enrolled.progress.assignments if a.fraction < 1.0]
        latest = max(unfinished, key=lambda a: a.latest_at or _NEVER, default=None)
        if latest is not None:
            return Resume(enrolled.course, latest.assignment, latest.submissions > 0)
    return None


def _their_course(
    repositories: Repositories, trainee: Person, section: Section, courses: Mapping[str, Course]
) -> Course | None:
    """The course of a section with this trainee's own deadlines."""
    course = courses.get(section.course_id)
    return course and with_deadlines(course, deadlines_in(repositories, trainee.id, course, section.id))


def _my_sections(repositories: Repositories, trainee: Person, sections: dict[str, Section]) -> list[Section]:
    active = [e for e in repositories.enrolments.of_trainee(trainee.id) if e.is_active and e.section_id in sections]
    newest = sorted(active, key=lambda e: e.enrolled_at, reverse=True)
    one_a_course = {sections[e.section_id].course_id: sections[e.section_id] for e in reversed(newest)}
    return list(one_a_course.values())
