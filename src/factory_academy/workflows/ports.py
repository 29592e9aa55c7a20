"""What the workflows ask of the rooms, as small protocols; bootstrap hands in the rooms that fit.

``Records.transaction()`` is the way to repositories: all that happens inside is one transaction, committed when the
block ends and rolled back when it raises. Repositories never commit. Pages that only look use ``Records.reading()``,
which waits for nobody. Transactions do not nest.

What cannot be (a second row with one id, a reference to nothing) raises ``Conflict``; records that are away raise
``InfrastructureFault``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.certificate import Certificate
from factory_academy.domain.course import Assignment, Course, Section
from factory_academy.domain.enrolment import Enrolment
from factory_academy.domain.factory import Cohort, Factory
from factory_academy.domain.grade import Grade, GradeEvent, GradingOutcome
from factory_academy.domain.person import Person, Role
from factory_academy.domain.session import Device, Lease, Profile, SessionRecord, SessionState
from factory_academy.domain.submission import Job, Submission, SubmissionState
from factory_academy.domain.waiting import CourseQueue, Worker
from factory_academy.workflows.extensions.ports import Deadlines
from factory_academy.workflows.marking.ports import Appeals, Marks, Rubrics
from factory_academy.workflows.regrading.ports import KeptScores, Regrades

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class SubmissionFilter:
    """Which submissions a list shows. None, or no ``states``, leaves that side open; no people at all fit nothing."""

    course_id: str | None = None
    assignment_name: str | None = None
    states: frozenset[SubmissionState] = frozenset()
    trainee_ids: frozenset[str] | None = None


class People(Protocol):
    """Everyone who can sign in."""

    def find(self, person_id: str) -> Person | None: ...
    def of_ids(self, person_ids: Sequence[str]) -> Mapping[str, Person]:
        """Those of these people who exist, by id, in one query."""

    def add(self, person: Person, password_hash: str | None = None) -> None: ...
    def password_hash(self, person_id: str) -> str | None: ...
    def set_password_hash(self, person_id: str, password_hash: str) -> None: ...
    def with_role(self, role: Role) -> Sequence[Person]: ...
    def is_empty(self) -> bool: ...


class Factories(Protocol):
    """Factories and their cohorts. ``ensure`` adds or updates by id."""

    def ensure(self, factory: Factory) -> None: ...
    def find(self, factory_id: str) -> Factory | None: ...
    def all(self) -> Sequence[Factory]: ...
    def ensure_cohort(self, cohort: Cohort) -> None: ...
    def cohorts(self, factory_id: str) -> Sequence[Cohort]: ...
    def add_to_cohort(self, cohort_id: str, trainee_id: str) -> None: ...
    def trainees_of_cohort(self, cohort_id: str) -> Sequence[Person]: ...


class Courses(Protocol):
    """Courses, their sections and every released version of every assignment.

    A ``Course`` read here carries the present version of each assignment, in course order.
    """

    def ensure(self, course: Course) -> None: ...
    def find(self, course_id: str) -> Course | None: ...
    def all(self) -> Sequence[Course]: ...
    def release(self, assignment: Assignment, blob: str, at: datetime) -> None: ...
    def version_blob(self, version: str) -> str | None: ...
    def assignment_of_version(self, version: str) -> Assignment | None: ...
    def hardened_versions(self, course_id: str) -> frozenset[str]: ...
    def ensure_section(self, section: Section) -> None: ...
    def find_section(self, section_id: str) -> Section | None: ...
    def sections(self, course_id: str | None = None) -> Sequence[Section]: ...


class Enrolments(Protocol):
    """Trainees in sections. Withdrawn enrolments stay on record, so one pair may have several, one of them active."""

    def add(self, enrolment: Enrolment) -> bool:
        """Whether it is new; False, changing nothing, where the trainee is actively enrolled already."""

    def withdraw(self, trainee_id: str, section_id: str, at: datetime) -> None: ...
    def find(self, trainee_id: str, section_id: str) -> Enrolment | None:
        """The active enrolment, else the last one that was."""

    def of_trainee(self, trainee_id: str) -> Sequence[Enrolment]: ...
    def of_section(self, section_id: str) -> Sequence[Enrolment]: ...
    def of_sections(self, section_ids: Sequence[str]) -> Sequence[Enrolment]:
        """The enrolments of all these sections, withdrawn ones too, in one query."""


class Submissions(Protocol):
    """Everything ever handed in."""

    def add(self, submission: Submission) -> bool:
        """Whether it is new; False, changing nothing, where the same bytes were handed in for the same version."""

    def find(self, submission_id: str) -> Submission | None: ...
    def find_same(self, trainee_id: str, assignment_version: str, content: str) -> Submission | None: ...
    def attempts_since(
        self, trainee_id: str, course_id: str, assignment_name: str, since: datetime
    ) -> Sequence[datetime]:
        """When this trainee handed in for an assignment after ``since``, oldest first; our own faults do not count.

        Until the transaction ends no other can count this trainee's attempts.
        """

    def of_trainee(self, trainee_id: str, course_id: str | None = None) -> Sequence[Submission]: ...
    def of_assignment(
        self, course_id: str, assignment_name: str | None = None, limit: int = 100, offset: int = 0
    ) -> Sequence[Submission]: ...
    def matching(self, wanted: SubmissionFilter, limit: int | None = None, offset: int = 0) -> Sequence[Submission]:
        """Submissions that fit, newest first; the id decides between equals."""

    def ids_matching(self, wanted: SubmissionFilter) -> Sequence[str]:
        """The ids of all that fit, newest first, and nothing else of them."""

    def count_matching(self, wanted: SubmissionFilter) -> int: ...
    def set_state(self, submission_id: str, state: SubmissionState, reason: str) -> None: ...
    def count_by_state(self) -> Mapping[SubmissionState, int]: ...


class Queue(Protocol):
    """The durable queue of submissions waiting for a verdict.

    Higher priority first; within one, a submission of each course in turn; within a course, everybody's first waiting
    submission before anybody's second; then by time.
    """

    def add(self, submission_id: str, at: datetime, priority: int = 0, asked_by: str = "") -> None:
        """Queue a submission; one that is queued already stays as it is. ``asked_by`` names who wants a regrade."""

    def lease(self, worker_id: str, now: datetime, lasting: timedelta) -> Job | None:
        """The next job that is free or whose lease ran out, now held by this worker; None also while it is paused.

        The attempt is counted; where another worker's lease ran out, that loss is counted too.
        """

    def extend(self, job: Job, now: datetime, lasting: timedelta) -> bool:
        """Whether this worker still holds the job; if so its lease now lasts longer."""

    def finish(self, job: Job) -> bool:
        """Whether this worker still held the job; if so it is gone from the queue."""

    def release(self, job: Job, retry_at: datetime) -> bool:
        """Whether this worker still held the job; if so it waits again, until ``retry_at`` at least. Counts a fault."""

    def abandon(self, worker_ids: Sequence[str], at: datetime) -> int:
        """Let the leases of workers that are known to have vanished run out at once; gives how many there were."""

    def position(self, submission_id: str) -> int | None:
        """How many waiting jobs are served before this one, 0 if it is held; None if it is not in the queue."""

    def waiting(self) -> int: ...
    def due(self, now: datetime) -> int:
        """How many jobs a worker could take now: those that wait, and those whose worker was lost."""

    def held(self) -> int: ...
    def by_course(self) -> Mapping[str, CourseQueue]:
        """What waits and what is held in each course that has either, and since when its oldest waits."""

    def pause(self, at: datetime, asked_by: str) -> None:
        """Give out nothing new, until ``resume``."""

    def resume(self) -> None: ...
    def paused_at(self) -> datetime | None: ...


class GradingWorkers(Protocol):
    """Who works on the queue, and how long gradings take."""

    def seen(self, worker_id: str, at: datetime) -> None:
        """Note that this worker lives; cheap to call often."""

    def gone(self, worker_ids: Sequence[str]) -> None: ...
    def since(self, at: datetime) -> Sequence[Worker]:
        """The workers that were seen since then, each with the submission that it holds, if any."""

    def took(self, course_id: str, assignment_name: str, seconds: float) -> None: ...
    def recent_seconds(self, course_id: str, assignment_name: str | None = None, limit: int = 20) -> Sequence[float]:
        """How long the last gradings of an assignment took, or of a whole course, the newest first."""


class Grades(Protocol):
    """Append-only grade events; the present grade is that of the last one."""

    def add(self, event: GradeEvent, outcome: GradingOutcome) -> None: ...
    def find(self, submission_id: str) -> Grade | None: ...
    def outcome(self, submission_id: str) -> GradingOutcome | None: ...
    def history(self, submission_id: str) -> Sequence[GradeEvent]: ...
    def of_submissions(self, submission_ids: Sequence[str]) -> Mapping[str, Grade]: ...
    def last_at(self) -> datetime | None:
        """When the newest event was recorded; None while there is none."""


class Sessions(Protocol):
    """Sessions and the leases that they hold; a device has one open lease at most."""

    def plan_alone(self) -> None:
        """Wait until no other transaction plans a session; none can begin to until this one ends."""

    def add(self, session: SessionRecord) -> None: ...
    def find(self, session_id: str) -> SessionRecord | None: ...
    def open(self, person_id: str | None = None) -> Sequence[SessionRecord]: ...
    def recent(self, limit: int = 50) -> Sequence[SessionRecord]: ...
    def set_state(
        self, session_id: str, state: SessionState, reason: str = "", ended_at: datetime | None = None
    ) -> None: ...
    def add_lease(self, lease: Lease) -> None: ...
    def open_leases(self) -> Sequence[Lease]: ...
    def end_leases(self, session_id: str, at: datetime) -> None: ...


class Certificates(Protocol):
    """Issued certificates with their signed credentials (JSON text); a trainee has one a course at most."""

    def add(self, certificate: Certificate, credential: str) -> bool:
        """Whether it is new; False, changing nothing, where the trainee holds one of this course already."""

    def find(self, certificate_id: str) -> Certificate | None: ...
    def credential(self, certificate_id: str) -> str | None: ...
    def of_trainee(self, trainee_id: str) -> Sequence[Certificate]: ...
    def of_course(self, course_id: str) -> Sequence[Certificate]: ...
    def next_status_index(self) -> int:
        """A place in the status list that no other certificate has, from 0."""

    def revoked_indices(self) -> frozenset[int]: ...
    def revoke(self, certificate_id: str, at: datetime) -> None: ...


class Repositories(Protocol):
    """All repositories of one transaction."""

    @property
    def people(self) -> People: ...
    @property
    def factories(self) -> Factories: ...
    @property
    def courses(self) -> Courses: ...
    @property
    def enrolments(self) -> Enrolments: ...
    @property
    def submissions(self) -> Submissions: ...
    @property
    def queue(self) -> Queue: ...
    @property
    def grading_workers(self) -> GradingWorkers: ...
    @property
    def grades(self) -> Grades: ...
    @property
    def regrades(self) -> Regrades: ...
    @property
    def kept_scores(self) -> KeptScores: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def certificates(self) -> Certificates: ...
    @property
    def marks(self) -> Marks: ...
    @property
    def rubrics(self) -> Rubrics: ...
    @property
    def appeals(self) -> Appeals: ...
    @property
    def deadlines(self) -> Deadlines: ...


class Records(Protocol):
    """The memory of the academy."""

    def transaction(self) -> AbstractContextManager[Repositories]: ...
    def reading(self) -> AbstractContextManager[Repositories]:
        """Repositories that must not be written to, all showing one moment."""


class Blobs(Protocol):
    """Bytes by their sha256; writing the same bytes twice is no error."""

    def put(self, data: bytes) -> str: ...
    def get(self, sha256: str) -> bytes: ...


class Autograder(Protocol):
    """Runs handed-in work in a sandbox and lets the judge decide. Never raises because of what is in the work.

    Raises:
        InfrastructureFault: the fault is ours; try again later.
        CannotIsolate: this machine cannot give the work a sandbox.
    """

    def grade(
        self, bundle: AssignmentBundle, archive: bytes, seed: int, only: frozenset[str] | None = None
    ) -> GradingOutcome:
        """With ``only``, just these tasks are tried and scored, with the cells and tests they stand on."""

    def record_contract(self, bundle: AssignmentBundle) -> AssignmentBundle:
        """The same bundle, hardened: with the contract of its own reference solution.

        Raises:
            BadCourse: the reference solution does not earn every automatic point; the message says which.
        """


class Intake(Protocol):
    """Looks at an archive before it is kept.

    Raises:
        BadArchive: it is broken, or names a path, link or device it must not name.
        TooLarge: more bytes or files than allowed.
    """

    def __call__(self, archive: bytes) -> None: ...


class Inventory(Protocol):
    """The devices of this machine. ``note`` says in a sentence why there are none, else it is empty."""

    def devices(self) -> Sequence[Device]: ...
    @property
    def note(self) -> str: ...


class Profiles(Protocol):
    """The profiles on offer, the default first."""

    def all(self) -> Sequence[Profile]: ...
    def find(self, profile_id: str) -> Profile | None: ...


class Passwords(Protocol):
    """Hashes passwords and checks them."""

    def hash(self, password: str) -> str: ...
    def matches(self, password_hash: str, password: str) -> bool: ...


class Issuer(Protocol):
    """Signs certificates as credentials (JSON text)."""

    def sign(self, certificate: Certificate) -> str: ...
