"""A trainee's request that a person looks at one task again, and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class AppealState(StrEnum):
    """Where an appeal is: ``open``; ``upheld``: the score stands; ``changed``: there is another score."""

    OPEN = "open"
    UPHELD = "upheld"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class AppealAnswer:
    """What a person decided about an appeal. ``reason`` is for the trainee; ``by`` is not."""

    state: AppealState
    by: str
    at: datetime
    reason: str

    def __post_init__(self) -> None:
        if self.state is AppealState.OPEN:
            raise ValueError("an answer upholds the score or changes it")


@dataclass(frozen=True, slots=True)
class Appeal:
    """One appeal; a task of a submission has one at most. ``answer_by`` is when an answer is due."""

    id: str
    submission_id: str
    task_id: str
    reason: str
    opened_at: datetime
    answer_by: datetime
    answer: AppealAnswer | None = None

    @property
    def state(self) -> AppealState:
        """Open until it is answered."""
        return self.answer.state if self.answer else AppealState.OPEN

    def is_overdue(self, now: datetime) -> bool:
        """Whether it should have been answered by now."""
        return self.answer is None and now > self.answer_by


def may_appeal(verdict_at: datetime, now: datetime, appeal_time: timedelta) -> bool:
    """Whether there still is time to appeal against a verdict of that moment."""
    return now <= verdict_at + appeal_time
