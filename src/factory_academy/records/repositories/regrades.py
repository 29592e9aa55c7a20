"""Regrades: who asked for what, what is tried for it, and what publishing did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy import insert as insert_many
from sqlalchemy.orm import Session

from factory_academy.domain.course import RegradePolicy
from factory_academy.domain.regrade import (
    Decision,
    Regrade,
    RegradeItem,
    RegradeProgress,
    RegradeState,
    RegradeUnit,
    Standing,
    UnitResult,
)
from factory_academy.domain.submission import SubmissionState
from factory_academy.records.repositories.regrade_units import RegradeUnits
from factory_academy.records.repositories.statements import in_parts
from factory_academy.records.repositories.texts import names_from_text, names_to_text, scores_from_text, scores_to_text
from factory_academy.records.rows.grading import GradeEventRow
from factory_academy.records.rows.regrades import RegradeItemRow, RegradeRow, RegradeUnitRow


class RegradeRepository(RegradeUnits):
    """Regrades by id; their units by number, their items by submission."""

    def __init__(self, db: Session) -> None:
        super().__init__(db)

    def standings(self, submission_ids: Sequence[str]) -> Mapping[str, Standing]:
        """The present standing of those that have a grade, by submission."""
        found: dict[str, Standing] = {}
        for part in in_parts(submission_ids):
            last = select(func.max(GradeEventRow.id)).where(GradeEventRow.submission_id.in_(part))
            query = select(GradeEventRow).where(GradeEventRow.id.in_(last.group_by(GradeEventRow.submission_id)))
            found |= {row.submission_id: _standing(row) for row in self._db.scalars(query)}
        return found

    def standings_at(self, event_numbers: Sequence[int]) -> Mapping[int, Standing]:
        """The standings as they were with these events, by event."""
        found: dict[int, Standing] = {}
        for part in in_parts(event_numbers):
            query = select(GradeEventRow).where(GradeEventRow.id.in_(part))
            found |= {row.id: _standing(row) for row in self._db.scalars(query)}
        return found

    def add(self, regrade: Regrade, units: Sequence[RegradeUnit], items: Sequence[RegradeItem]) -> None:
        """Record a plan. Units without tasks are done: all that they need is known.

        Raises:
            Conflict: another regrade of the assignment is open, or a submission is not on record.
        """
        self._db.add(RegradeRow(**_values(regrade)))
        self._db.flush()
        rows = [_unit_values(regrade, unit) for unit in units]
        if rows:
            self._db.execute(insert_many(RegradeUnitRow), rows)
        people = [
            {
                "regrade_id": regrade.id,
                "submission_id": item.submission_id,
                "trainee_id": item.trainee_id,
                "event_number": item.event_number,
                "unit": item.unit,
                "decision": item.decision,
            }
            for item in items
        ]
        if people:
            self._db.execute(insert_many(RegradeItemRow), people)

    def find(self, regrade_id: str) -> Regrade | None:
        """The regrade, or None."""
        row = self._db.get(RegradeRow, regrade_id)
        return _regrade(row) if row else None

    def find_alone(self, regrade_id: str) -> Regrade | None:
        """As ``find``; no other transaction that asks so goes on until this one ends."""
        row = self._db.scalar(select(RegradeRow).where(RegradeRow.id == regrade_id).with_for_update())
        return _regrade(row) if row else None

    def of_assignment(self, course_id: str, assignment_name: str) -> Sequence[Regrade]:
        """Every regrade of an assignment, the newest first."""
        query = select(RegradeRow).where(
            RegradeRow.course_id == course_id, RegradeRow.assignment_name == assignment_name
        )
        return [_regrade(r) for r in self._db.scalars(query.order_by(RegradeRow.planned_at.desc(), RegradeRow.id))]

    def start(self, regrade_id: str, by: str, at: datetime) -> None:
        """Let workers take its units, if it is planned."""
        this = update(RegradeRow).where(RegradeRow.id == regrade_id, RegradeRow.state == RegradeState.PLANNED)
        self._db.execute(this.values(state=RegradeState.RUNNING, started_by=by, started_at=at))

    def decide(self, regrade_id: str, state: RegradeState, by: str, at: datetime) -> None:
        """Note that it was published or dropped, if it is open."""
        this = update(RegradeRow).where(
            RegradeRow.id == regrade_id, RegradeRow.state.in_([s for s in RegradeState if s.is_open])
        )
        self._db.execute(this.values(state=state, decided_by=by, decided_at=at))

    def progress(self, regrade_id: str) -> RegradeProgress:
        """How far it is."""
        query = select(RegradeUnitRow.state, RegradeUnitRow.tasks, func.count())
        query = query.where(RegradeUnitRow.regrade_id == regrade_id).group_by(
            RegradeUnitRow.state, RegradeUnitRow.tasks
        )
        lines = [(state, len(names_from_text(tasks)), count) for state, tasks, count in self._db.execute(query)]
        return RegradeProgress(
            units=sum(count for _, _, count in lines),
            done=sum(count for state, _, count in lines if state == "done"),
            failed=sum(count for state, _, count in lines if state == "failed"),
            tasks_to_try=sum(tasks * count for _, tasks, count in lines),
        )

    def items(self, regrade_id: str) -> Sequence[RegradeItem]:
        """Its submissions, in the order of their ids."""
        query = select(RegradeItemRow).where(RegradeItemRow.regrade_id == regrade_id)
        return [
            RegradeItem(row.submission_id, row.trainee_id, row.event_number, row.unit, Decision(row.decision))
            for row in self._db.scalars(query.order_by(RegradeItemRow.submission_id))
        ]

    def results(self, regrade_id: str, numbers: Sequence[int] | None = None) -> Mapping[int, UnitResult]:
        """What became of its units, by number. Of all of them without the cells' output; of some with it."""
        return self._results(regrade_id, numbers)

    def decide_item(self, regrade_id: str, submission_id: str, decision: Decision) -> None:
        """Note what publishing did with one submission."""
        this = update(RegradeItemRow).where(
            RegradeItemRow.regrade_id == regrade_id, RegradeItemRow.submission_id == submission_id
        )
        self._db.execute(this.values(decision=decision))


def _standing(row: GradeEventRow) -> Standing:
    return Standing(row.submission_id, row.id, row.assignment_version, row.environment, scores_from_text(row.tasks))


def _values(regrade: Regrade) -> dict[str, object]:
    return {
        "id": regrade.id,
        "course_id": regrade.course_id,
        "assignment_name": regrade.assignment_name,
        "version": regrade.version,
        "environment": regrade.environment,
        "policy": regrade.policy,
        "reason": regrade.reason,
        "planned_by": regrade.planned_by,
        "planned_at": regrade.planned_at,
        "state": regrade.state,
        "changed": names_to_text(regrade.changed),
        "untouched": regrade.untouched,
        "cached": regrade.cached,
        "seconds_each": regrade.seconds_each,
        "started_by": regrade.started_by,
        "started_at": regrade.started_at,
        "decided_by": regrade.decided_by,
        "decided_at": regrade.decided_at,
    }


def _regrade(row: RegradeRow) -> Regrade:
    return Regrade(
        id=row.id,
        course_id=row.course_id,
        assignment_name=row.assignment_name,
        version=row.version,
        environment=row.environment,
        policy=RegradePolicy(row.policy),
        reason=row.reason,
        planned_by=row.planned_by,
        planned_at=row.planned_at,
        state=RegradeState(row.state),
        changed=names_from_text(row.changed),
        untouched=row.untouched,
        cached=row.cached,
        seconds_each=row.seconds_each,
        started_by=row.started_by,
        started_at=row.started_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )


def _unit_values(regrade: Regrade, unit: RegradeUnit) -> dict[str, object]:
    known = scores_to_text(unit.known)
    return {
        "regrade_id": regrade.id,
        "number": unit.number,
        "content": unit.content,
        "answers": unit.answers,
        "tasks": names_to_text(unit.tasks),
        "known": known,
        "state": "waiting" if unit.tasks else "done",
        "free_at": regrade.planned_at,
        "worker_id": None,
        "attempt": 0,
        "problem": "",
        "outcome_state": "" if unit.tasks else SubmissionState.GRADED,
        "outcome_reason": "",
        "scores": "[]" if unit.tasks else known,
        "run": "",
    }
