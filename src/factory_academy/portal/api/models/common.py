"""The shapes that the REST API takes and gives: frozen, and closed to unknown fields."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from factory_academy.domain.certificate import Certificate
from factory_academy.domain.course import Assignment, Course
from factory_academy.domain.grade import CellRun, GradeEvent, TaskScore
from factory_academy.domain.lateness import Lateness
from factory_academy.domain.progress import Progress
from factory_academy.domain.submission import Submission
from factory_academy.domain.waiting import Wait
from factory_academy.workflows.course_view import SubmissionPage


class Model(BaseModel):
    """A frozen shape with no room for unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ProblemOut(Model):
    """Why something was refused, and what can be done now."""

    code: str
    message: str
    next_step: str


class AssignmentOut(Model):
    """A released assignment. ``version`` is the sha256 of what is graded; ``possible`` counts points."""

    id: str
    course_id: str
    name: str
    title: str
    version: str
    possible: float
    due_at: datetime | None

    @classmethod
    def of(cls, assignment: Assignment) -> AssignmentOut:
        """From the domain."""
        return cls(
            id=assignment.id,
            course_id=assignment.course_id,
            name=assignment.name,
            title=assignment.title,
            version=assignment.version,
            possible=assignment.possible,
            due_at=assignment.due_at,
        )


class CourseOut(Model):
    """A course and its released assignments, in order."""

    id: str
    title: str
    summary: str
    assignments: tuple[AssignmentOut, ...]

    @classmethod
    def of(cls, course: Course) -> CourseOut:
        """From the domain."""
        released = tuple(AssignmentOut.of(a) for a in course.assignments)
        return cls(id=course.id, title=course.title, summary=course.summary, assignments=released)


class WaitOut(Model):
    """How long until the verdict, as a range of seconds; both are null where ``unknown_because`` says why."""

    low_seconds: float | None
    high_seconds: float | None
    unknown_because: str

    @classmethod
    def of(cls, wait: Wait | None) -> WaitOut | None:
        """From the domain; None where there is nothing to wait for."""
        if wait is None:
            return None
        low, high = ((None if s is None else round(s, 1)) for s in (wait.low_seconds, wait.high_seconds))
        return cls(low_seconds=low, high_seconds=high, unknown_because=wait.unknown_because)


class ReceiptOut(Model):
    """The proof of a handing-in. ``content`` is the sha256 of what came; ``position`` counts those before it."""

    submission_id: str
    assignment_id: str
    content: str
    received_at: datetime
    state: str
    position: int | None
    wait: WaitOut | None = None


class TaskOut(Model):
    """What became of one task. ``expected``, ``got`` and ``next_step`` are plain text."""

    task_id: str
    title: str
    verdict: str
    cause: str
    earned: float
    possible: float
    message: str
    expected: str
    got: str
    next_step: str

    @classmethod
    def of(cls, task: TaskScore) -> TaskOut:
        """From the domain."""
        return cls(
            task_id=task.task_id,
            title=task.title,
            verdict=task.verdict.value,
            cause=task.cause.value,
            earned=task.earned,
            possible=task.possible,
            message=task.message,
            expected=task.expected,
            got=task.got,
            next_step=task.next_step,
        )


class SubmissionOut(Model):
    """One submission in a list; points are absent until it is graded."""

    submission_id: str
    trainee_id: str
    course_id: str
    assignment: str
    assignment_version: str
    content: str
    received_at: datetime
    state: str
    reason: str
    earned: float | None
    possible: float | None

    @classmethod
    def of(cls, submission: Submission, earned: float | None, possible: float | None) -> SubmissionOut:
        """From the domain."""
        return cls(
            submission_id=submission.id,
            trainee_id=submission.trainee_id,
            course_id=submission.course_id,
            assignment=submission.assignment_name,
            assignment_version=submission.assignment_version,
            content=submission.content,
            received_at=submission.received_at,
            state=submission.state.value,
            reason=submission.reason,
            earned=earned,
            possible=possible,
        )


class LatenessOut(Model):
    """What lateness leaves of the points: ``points`` of ``earned``, and why. Computed now, by this policy version."""

    due_at: datetime | None
    effective_at: datetime | None
    late_seconds: float
    kept_fraction: float
    earned: float | None
    points: float | None
    why: str
    policy_version: str

    @classmethod
    def of(cls, lateness: Lateness, earned: float | None) -> LatenessOut:
        """From the domain; ``earned`` is before lateness."""
        return cls(
            due_at=lateness.deadline.due_at,
            effective_at=lateness.deadline.effective_at,
            late_seconds=lateness.late_by.total_seconds(),
            kept_fraction=lateness.kept_fraction,
            earned=earned,
            points=None if earned is None else lateness.points(earned),
            why=lateness.why,
            policy_version=lateness.deadline.policy.version,
        )


class SubmissionDetailOut(Model):
    """One submission with the verdict of every task. ``position`` counts those before it in the queue."""

    submission: SubmissionOut
    position: int | None
    wait: WaitOut | None
    tasks: tuple[TaskOut, ...]
    notes: tuple[str, ...]
    lateness: LatenessOut | None

    @classmethod
    def of(cls, page: SubmissionPage) -> SubmissionDetailOut:
        """From a workflow's answer."""
        grade = page.grade
        return cls(
            submission=SubmissionOut.of(
                page.submission, grade.earned if grade else None, grade.possible if grade else None
            ),
            position=page.position,
            wait=WaitOut.of(page.wait),
            tasks=tuple(TaskOut.of(task) for task in (page.outcome.tasks if page.outcome else ())),
            notes=page.outcome.notes if page.outcome else (),
            lateness=LatenessOut.of(page.lateness, grade.earned if grade else None) if page.lateness else None,
        )


class CellOut(Model):
    """One cell as it ran: plain text, and pictures as PNG files in base64."""

    label: str
    seconds: float
    output: str
    error: str
    pictures: list[str]

    @classmethod
    def of(cls, cell: CellRun) -> CellOut:
        """From the domain."""
        return cls(
            label=cell.label, seconds=cell.seconds, output=cell.output, error=cell.error, pictures=list(cell.pictures)
        )


class GradeEventOut(Model):
    """One line of a grade's history."""

    actor: str
    at: datetime
    reason: str
    old_earned: float | None
    new_earned: float
    possible: float
    assignment_version: str
    environment: str
    seed: int
    asked_by: str

    @classmethod
    def of(cls, event: GradeEvent) -> GradeEventOut:
        """From the domain."""
        return cls(
            actor=event.actor,
            at=event.at,
            reason=event.reason,
            old_earned=event.old_earned,
            new_earned=event.new_earned,
            possible=event.possible,
            assignment_version=event.assignment_version,
            environment=event.environment,
            seed=event.seed,
            asked_by=event.asked_by,
        )


class RunOut(Model):
    """One submission as an instructor sees it: verdicts, the run's cells, the history of its grade."""

    detail: SubmissionDetailOut
    trainee_name: str
    cells: tuple[CellOut, ...]
    history: tuple[GradeEventOut, ...]

    @classmethod
    def of(cls, page: SubmissionPage) -> RunOut:
        """From a workflow's answer."""
        return cls(
            detail=SubmissionDetailOut.of(page),
            trainee_name=page.trainee.full_name if page.trainee else page.submission.trainee_id,
            cells=tuple(CellOut.of(cell) for cell in (page.outcome.cells if page.outcome else ())),
            history=tuple(GradeEventOut.of(event) for event in page.history),
        )


class AssignmentProgressOut(Model):
    """The standing in one assignment. ``fraction`` (0–1) is the best share of the automatic points."""

    assignment_id: str
    submissions: int
    fraction: float
    latest_at: datetime | None


class ProgressOut(Model):
    """The standing in one course. ``fraction`` (0–1) is the mean over its assignments."""

    trainee_id: str
    course_id: str
    fraction: float
    assignments: tuple[AssignmentProgressOut, ...]

    @classmethod
    def of(cls, progress: Progress) -> ProgressOut:
        """From the domain."""
        return cls(
            trainee_id=progress.trainee_id,
            course_id=progress.course.id,
            fraction=progress.fraction,
            assignments=tuple(
                AssignmentProgressOut(
                    assignment_id=a.assignment.id,
                    submissions=a.submissions,
                    fraction=a.fraction,
                    latest_at=a.latest_at,
                )
                for a in progress.assignments
            ),
        )


class CertificateOut(Model):
    """A certificate. Its public page is at ``verify_path`` on this server."""

    id: str
    course_id: str
    course_title: str
    factory_name: str
    trainee_name: str
    fraction: float
    issued_at: datetime
    revoked_at: datetime | None
    verify_path: str

    @classmethod
    def of(cls, certificate: Certificate, prefix: str) -> CertificateOut:
        """From the domain; ``prefix`` is where the portal is mounted."""
        return cls(
            id=certificate.id,
            course_id=certificate.course_id,
            course_title=certificate.course_title,
            factory_name=certificate.factory_name,
            trainee_name=certificate.trainee_name,
            fraction=certificate.fraction,
            issued_at=certificate.issued_at,
            revoked_at=certificate.revoked_at,
            verify_path=f"{prefix}/verify/{certificate.id}",
        )


class PageOut(Model):
    """Where a page stands in a list; pages count from 1."""

    number: int = Field(ge=1)
    pages: int = Field(ge=1)
    total: int = Field(ge=0)


class RosterLineOut(Model):
    """One trainee of a course."""

    trainee_id: str
    full_name: str
    section_id: str
    progress: ProgressOut
    certified: bool


class RosterOut(Model):
    """A page of the trainees of a course, by name."""

    page: PageOut
    trainees: tuple[RosterLineOut, ...]


class SubmissionsOut(Model):
    """A page of submissions, newest first."""

    page: PageOut
    submissions: tuple[SubmissionOut, ...]
