"""The shapes that the API of appeals takes and gives."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from factory_academy.domain.appeal import Appeal
from factory_academy.portal.api.models.common import Model
from factory_academy.portal.api.models.marking import Text
from factory_academy.workflows.marking.appeals import AppealToAnswer
from factory_academy.workflows.marking.my_marking import MyMarking, ToldEvent


class AppealIn(Model):
    """Which task should be looked at again, and why."""

    task_id: str
    reason: Text


class AppealOut(Model):
    """An appeal: open, upheld (the score stands) or changed; ``answer`` is what a person said."""

    id: str
    submission_id: str
    task_id: str
    state: str
    reason: str
    opened_at: datetime
    answer_by: datetime
    answer: str
    answered_at: datetime | None

    @classmethod
    def of(cls, appeal: Appeal) -> AppealOut:
        """From the domain; who answered is not said."""
        return cls(
            id=appeal.id,
            submission_id=appeal.submission_id,
            task_id=appeal.task_id,
            state=appeal.state.value,
            reason=appeal.reason,
            opened_at=appeal.opened_at,
            answer_by=appeal.answer_by,
            answer=appeal.answer.reason if appeal.answer else "",
            answered_at=appeal.answer.at if appeal.answer else None,
        )


class AppealToAnswerOut(Model):
    """An appeal of a trainee of yours. ``may_answer`` is false for whoever gave the mark, where others can answer."""

    appeal: AppealOut
    trainee_name: str
    task_title: str
    earned: float
    possible: float
    may_answer: bool

    @classmethod
    def of(cls, found: AppealToAnswer) -> AppealToAnswerOut:
        """From a workflow's answer."""
        return cls(
            appeal=AppealOut.of(found.appeal),
            trainee_name=found.trainee.full_name if found.trainee else found.submission.trainee_id,
            task_title=found.task.title or found.task.task_id,
            earned=found.task.earned,
            possible=found.task.possible,
            may_answer=found.may_answer,
        )


class AnswerIn(Model):
    """The answer to an appeal: more points, or none to uphold the score; the trainee reads the reason."""

    points: Annotated[float | None, Field(ge=0, allow_inf_nan=False)] = None
    reason: Text


class ToldEventOut(Model):
    """One line of a grade's history as its trainee reads it."""

    who: str
    at: datetime
    reason: str
    old_earned: float | None
    new_earned: float
    possible: float

    @classmethod
    def of(cls, event: ToldEvent) -> ToldEventOut:
        """From a workflow's answer."""
        return cls(
            who=event.who,
            at=event.at,
            reason=event.reason,
            old_earned=event.old_earned,
            new_earned=event.new_earned,
            possible=event.possible,
        )


class MyMarkingOut(Model):
    """How a submission was judged: its history, general comments, appeals, and which tasks can have one until when."""

    history: tuple[ToldEventOut, ...]
    comments: tuple[str, ...]
    appeals: tuple[AppealOut, ...]
    appeal_until: datetime | None
    can_appeal: tuple[str, ...]

    @classmethod
    def of(cls, mine: MyMarking) -> MyMarkingOut:
        """From a workflow's answer."""
        return cls(
            history=tuple(ToldEventOut.of(event) for event in mine.history),
            comments=mine.comments,
            appeals=tuple(AppealOut.of(appeal) for appeal in mine.appeals),
            appeal_until=mine.appeal_until,
            can_appeal=mine.can_appeal,
        )
