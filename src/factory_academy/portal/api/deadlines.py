"""The API of deadlines: when work is due, what lateness costs, who has more time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, Field

from factory_academy.domain.lateness import Deadline, DeadlineRule, Extension, LatePolicy
from factory_academy.errors import BadInput
from factory_academy.portal.api.models.common import Model
from factory_academy.portal.api.trainee import AssignmentName, CourseId
from factory_academy.portal.deps import Instructor, SignedIn, TheAcademy

trainee_router = APIRouter(tags=["trainee"])
instructor_router = APIRouter(prefix="/teaching/courses/{course_id}/assignments/{name}", tags=["instructor"])
Share = Annotated[float, Field(ge=0, le=1)]
Hours = Annotated[float, Field(ge=0, le=24 * 366)]
HOUR = timedelta(hours=1)


class LatePolicyModel(Model):
    """What late work loses; shares are of the points, 0–1."""

    per_day: Annotated[Share, Field(description="Lost with each day begun after the deadline.")] = 0.0
    fixed: Annotated[Share, Field(description="Lost as soon as work is late.")] = 0.0
    floor: Annotated[Share, Field(description="What late work keeps at least, until the cut-off.")] = 0.0
    grace_hours: Annotated[Hours, Field(description="How late costs nothing.")] = 0.0
    cut_off_hours: Annotated[Hours | None, Field(description="Later than this earns nothing; none: never.")] = None

    @classmethod
    def of(cls, policy: LatePolicy) -> LatePolicyModel:
        """From the domain."""
        return cls(
            per_day=policy.per_day_fraction,
            fixed=policy.fixed_fraction,
            floor=policy.floor_fraction,
            grace_hours=policy.grace / HOUR,
            cut_off_hours=None if policy.cut_off is None else policy.cut_off / HOUR,
        )

    def policy(self) -> LatePolicy:
        """As the domain has it.

        Raises:
            BadInput: the cut-off comes before the grace period ends.
        """
        cut_off = None if self.cut_off_hours is None else self.cut_off_hours * HOUR
        try:
            return LatePolicy(self.per_day, self.fixed, self.floor, self.grace_hours * HOUR, cut_off)
        except ValueError as error:
            raise BadInput(f"The policy cannot be used: {error}.", "Mend it and send it again.") from error


class DeadlineOut(Model):
    """A deadline. ``effective_at`` is ``due_at`` with the trainee's extension; none: work is never late."""

    due_at: datetime | None
    effective_at: datetime | None
    extension_hours: float
    policy: LatePolicyModel
    policy_version: str
    words: str

    @classmethod
    def of(cls, deadline: Deadline) -> DeadlineOut:
        """From the domain."""
        return cls(
            due_at=deadline.due_at,
            effective_at=deadline.effective_at,
            extension_hours=deadline.extension / HOUR,
            policy=LatePolicyModel.of(deadline.policy),
            policy_version=deadline.policy.version,
            words=deadline.policy.words,
        )


class DeadlineIn(Model):
    """A deadline for one section, or for all that you teach. What is none stays as the course has it."""

    section_id: str | None = None
    due_at: AwareDatetime | None = None
    policy: LatePolicyModel | None = None


class RuleOut(Model):
    """One setting of a deadline; without a section it is the course's own."""

    section_id: str | None
    due_at: datetime | None
    policy: LatePolicyModel | None
    set_at: datetime
    set_by: str | None

    @classmethod
    def of(cls, rule: DeadlineRule) -> RuleOut:
        """From the domain."""
        policy = LatePolicyModel.of(rule.policy) if rule.policy else None
        return cls(
            section_id=rule.section_id, due_at=rule.due_at, policy=policy, set_at=rule.set_at, set_by=rule.set_by
        )


class ExtensionIn(Model):
    """More time; none at all takes an extension back."""

    hours: Hours
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class ExtensionOut(Model):
    """An extension that was given; of a trainee's several the last counts."""

    trainee_id: str
    hours: float
    reason: str
    given_at: datetime
    given_by: str

    @classmethod
    def of(cls, extension: Extension) -> ExtensionOut:
        """From the domain."""
        return cls(
            trainee_id=extension.trainee_id,
            hours=extension.extra / HOUR,
            reason=extension.reason,
            given_at=extension.given_at,
            given_by=extension.given_by,
        )


class DeadlineBookOut(Model):
    """What holds now in each section that you teach, and all that was ever set."""

    sections: dict[str, DeadlineOut]
    rules: tuple[RuleOut, ...]
    extensions: tuple[ExtensionOut, ...]


@trainee_router.get("/courses/{course_id}/assignments/{name}/deadline")
def my_deadline(course_id: CourseId, name: AssignmentName, person: SignedIn, academy: TheAcademy) -> DeadlineOut:
    """When your work is due, with any extension of yours, and what lateness costs."""
    return DeadlineOut.of(academy.deadlines.mine(person, course_id, name))


@instructor_router.get("/deadlines")
def deadlines(
    course_id: CourseId, name: AssignmentName, instructor: Instructor, academy: TheAcademy
) -> DeadlineBookOut:
    """The deadline in each section that you teach, and the history of rules and extensions."""
    book = academy.deadlines.view(instructor, course_id, name)
    return DeadlineBookOut(
        sections={section: DeadlineOut.of(deadline) for section, deadline in book.deadlines.items()},
        rules=tuple(RuleOut.of(rule) for rule in book.rules),
        extensions=tuple(ExtensionOut.of(extension) for extension in book.extensions),
    )


@instructor_router.put("/deadlines")
def set_deadline(
    course_id: CourseId, name: AssignmentName, instructor: Instructor, academy: TheAcademy, chosen: DeadlineIn
) -> tuple[str, ...]:
    """Set when work is due and what lateness costs; gives the sections it holds for. Grades follow at once."""
    due_at = chosen.due_at.astimezone(UTC) if chosen.due_at else None
    policy = chosen.policy.policy() if chosen.policy else None
    return academy.deadlines.set(
        instructor, course_id, name, due_at=due_at, policy=policy, section_id=chosen.section_id
    )


@instructor_router.put("/extensions/{trainee_id}")
def give_extension(
    course_id: CourseId,
    name: AssignmentName,
    trainee_id: Annotated[str, Path(description="A trainee's sign-in name.")],
    instructor: Instructor,
    academy: TheAcademy,
    given: ExtensionIn,
) -> DeadlineOut:
    """Give a trainee of yours more time after the section's deadline; gives their deadline from now on."""
    extra = timedelta(seconds=round(given.hours * 3600))
    return DeadlineOut.of(academy.deadlines.extend(instructor, course_id, name, trainee_id, extra, given.reason))
