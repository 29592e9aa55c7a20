"""What regrading asks of records and grading, beside what all workflows ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.grade import GradingOutcome, TaskScore
from factory_academy.domain.regrade import (
    Decision,
    Regrade,
    RegradeItem,
    RegradeProgress,
    RegradeState,
    RegradeUnit,
    Standing,
    UnitClaim,
    UnitResult,
)


class Regrades(Protocol):
    """Regrades with their units (what is tried) and items (for whom); an assignment has one open one at most."""

    def standings(self, submission_ids: Sequence[str]) -> Mapping[str, Standing]:
        """The present standing of those that have a grade, by submission."""

    def standings_at(self, event_numbers: Sequence[int]) -> Mapping[int, Standing]:
        """The standings as they were with these events, by event."""

    def add(self, regrade: Regrade, units: Sequence[RegradeUnit], items: Sequence[RegradeItem]) -> None:
        """Units without tasks are done: all that they need is known.

        Raises:
            Conflict: another regrade of the assignment is open.
        """

    def find(self, regrade_id: str) -> Regrade | None: ...
    def find_alone(self, regrade_id: str) -> Regrade | None:
        """As ``find``; no other transaction that asks so goes on until this one ends."""

    def of_assignment(self, course_id: str, assignment_name: str) -> Sequence[Regrade]:
        """The newest first."""

    def start(self, regrade_id: str, by: str, at: datetime) -> None:
        """Let workers take its units, if it is planned."""

    def decide(self, regrade_id: str, state: RegradeState, by: str, at: datetime) -> None: ...
    def progress(self, regrade_id: str) -> RegradeProgress: ...
    def is_due(self, now: datetime) -> bool:
        """Whether a worker could take a unit now."""

    def lease(self, worker_id: str, now: datetime, lasting: timedelta, limit: int) -> Sequence[UnitClaim]:
        """Units of running regrades that wait or whose worker was lost, the oldest regrade's first."""

    def extend(self, claims: Sequence[UnitClaim], now: datetime, lasting: timedelta) -> bool:
        """Whether this worker still holds any; if so those leases now last longer."""

    def finish(self, claim: UnitClaim, outcome: GradingOutcome) -> bool:
        """Whether this worker still held the unit; if so this is its outcome."""

    def fail(self, claim: UnitClaim, problem: str) -> bool:
        """Whether this worker still held the unit; if so nothing can be said about it."""

    def release(self, claim: UnitClaim, retry_at: datetime, was_tried: bool) -> bool:
        """Whether this worker still held the unit; if so it waits again. One that was not tried loses no attempt."""

    def items(self, regrade_id: str) -> Sequence[RegradeItem]:
        """By submission."""

    def results(self, regrade_id: str, numbers: Sequence[int] | None = None) -> Mapping[int, UnitResult]:
        """What became of its units, by number. Of all of them without the cells' output; of some with it."""

    def decide_item(self, regrade_id: str, submission_id: str, decision: Decision) -> None: ...


class KeptScores(Protocol):
    """Scores by what decides about them; see ``cache_key``."""

    def find(self, keys: Sequence[str]) -> Mapping[str, TaskScore]: ...
    def keep(self, scores: Mapping[str, TaskScore], at: datetime) -> None:
        """Those that are kept already stay as they are."""


class Fingerprints(Protocol):
    """What decides about each task of a version, and what a submission answers, as hashes."""

    @property
    def environment(self) -> str:
        """The digest of what is installed here."""

    def tasks(self, bundle: AssignmentBundle, environment: str) -> Mapping[str, str]:
        """By task id, the hash of all that can decide about it."""

    def answers(self, bundle: AssignmentBundle, archive: bytes) -> str:
        """The hash of what is run of it; outputs do not count."""
