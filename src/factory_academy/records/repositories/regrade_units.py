"""The units of regrades: a durable queue of its own, which workers turn to when nobody waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, select, update
from sqlalchemy.orm import Session, undefer

from factory_academy.domain.grade import GradingOutcome
from factory_academy.domain.regrade import RegradeState, RegradeUnit, UnitClaim, UnitResult, seed_of
from factory_academy.domain.submission import SubmissionState
from factory_academy.records.repositories.statements import in_parts
from factory_academy.records.repositories.texts import (
    names_from_text,
    outcome_from_texts,
    run_to_text,
    scores_from_text,
    scores_to_text,
)
from factory_academy.records.rows.regrades import RegradeRow, RegradeUnitRow

_IS_FREE = RegradeUnitRow.state == "waiting"


class RegradeUnits:
    """Claims on units. A claim is a worker's name and an attempt; one that was lost cannot come back."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def is_due(self, now: datetime) -> bool:
        """Whether a worker could take a unit now."""
        query = select(RegradeUnitRow.number).join(RegradeRow).where(*_free(now)).limit(1)
        return self._db.execute(query).first() is not None

    def lease(self, worker_id: str, now: datetime, lasting: timedelta, limit: int) -> Sequence[UnitClaim]:
        """Units of running regrades that wait or whose worker was lost, the oldest regrade's first."""
        query = select(RegradeUnitRow, RegradeRow.version).join(RegradeRow)
        query = (
            query.where(*_free(now))
            .order_by(RegradeRow.started_at, RegradeUnitRow.regrade_id, RegradeUnitRow.number)
            .limit(limit)
        )
        claims = []
        for row, version in self._db.execute(query.with_for_update(skip_locked=True, of=RegradeUnitRow)).all():
            row.worker_id, row.attempt, row.free_at = worker_id, row.attempt + 1, now + lasting
            claims.append(UnitClaim(row.regrade_id, version, _unit(row), worker_id, row.attempt))
        self._db.flush()
        return claims

    def extend(self, claims: Sequence[UnitClaim], now: datetime, lasting: timedelta) -> bool:
        """Whether this worker still holds any; if so those leases last until ``now + lasting``."""
        held = [update(RegradeUnitRow).where(_is_held(claim)).values(free_at=now + lasting) for claim in claims]
        return any([self._changed(statement) for statement in held])

    def finish(self, claim: UnitClaim, outcome: GradingOutcome) -> bool:
        """Whether this claim still held; if so this is the unit's outcome."""
        values = {
            "state": "done",
            "outcome_state": outcome.state,
            "outcome_reason": outcome.reason,
            "scores": scores_to_text(outcome.tasks),
            "run": run_to_text(outcome),
        }
        return self._changed(update(RegradeUnitRow).where(_is_held(claim)).values(values))

    def fail(self, claim: UnitClaim, problem: str) -> bool:
        """Whether this claim still held; if so nothing can be said about the unit."""
        return self._changed(update(RegradeUnitRow).where(_is_held(claim)).values(state="failed", problem=problem))

    def release(self, claim: UnitClaim, retry_at: datetime, was_tried: bool) -> bool:
        """Whether this claim still held; if so the unit waits again. One that was not tried loses no attempt."""
        attempt = claim.attempt if was_tried else claim.attempt - 1
        values = {"free_at": retry_at, "worker_id": None, "attempt": attempt}
        return self._changed(update(RegradeUnitRow).where(_is_held(claim)).values(values))

    def _results(self, regrade_id: str, numbers: Sequence[int] | None) -> Mapping[int, UnitResult]:
        query = select(RegradeUnitRow).where(RegradeUnitRow.regrade_id == regrade_id)
        if numbers is None:
            return {row.number: _result(row, whole=False) for row in self._db.scalars(query)}
        found: dict[int, UnitResult] = {}
        for part in in_parts(numbers):
            some = query.where(RegradeUnitRow.number.in_(part)).options(undefer(RegradeUnitRow.run))
            found |= {row.number: _result(row, whole=True) for row in self._db.scalars(some)}
        return found

    def _changed(self, statement: Any) -> bool:
        result = self._db.execute(statement)
        return isinstance(result, CursorResult) and result.rowcount == 1


def _free(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return _IS_FREE, RegradeUnitRow.free_at <= now, RegradeRow.state == RegradeState.RUNNING


def _is_held(claim: UnitClaim) -> ColumnElement[bool]:
    this = (RegradeUnitRow.regrade_id == claim.regrade_id) & (RegradeUnitRow.number == claim.unit.number)
    same_claim = (RegradeUnitRow.worker_id == claim.worker_id) & (RegradeUnitRow.attempt == claim.attempt)
    return this & same_claim & _IS_FREE


def _unit(row: RegradeUnitRow) -> RegradeUnit:
    return RegradeUnit(row.number, row.content, row.answers, names_from_text(row.tasks), scores_from_text(row.known))


def _result(row: RegradeUnitRow, whole: bool) -> UnitResult:
    if row.state == "waiting":
        return UnitResult()
    if row.state == "failed":
        return UnitResult(problem=row.problem)
    if whole and row.run:
        return UnitResult(outcome_from_texts(row.scores, row.run))
    state = SubmissionState(row.outcome_state)
    scores = scores_from_text(row.scores)
    return UnitResult(GradingOutcome(state, row.outcome_reason, scores, seed=seed_of(row.answers)))
