"""Append-only grade events; the present grade is that of the last one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from factory_academy.domain.grade import Grade, GradeEvent, GradingOutcome
from factory_academy.records.repositories.statements import in_parts
from factory_academy.records.repositories.texts import outcome_from_texts, run_to_text, scores_from_text, scores_to_text
from factory_academy.records.rows.grading import GradeEventRow


class GradeRepository:
    """Grade events by submission, in the order in which they were recorded."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def add(self, event: GradeEvent, outcome: GradingOutcome) -> None:
        """Add a line to the history, with the outcome it stands for. No line ever changes.

        Raises:
            Conflict: there is no such submission.
        """
        self._db.add(
            GradeEventRow(
                submission_id=event.submission_id,
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
                tasks=scores_to_text(outcome.tasks),
                run=run_to_text(outcome),
            )
        )
        self._db.flush()

    def find(self, submission_id: str) -> Grade | None:
        """The present grade, or None where there is no event yet."""
        return self.of_submissions([submission_id]).get(submission_id)

    def outcome(self, submission_id: str) -> GradingOutcome | None:
        """What the last event's run said, or None where there is no event yet."""
        query = select(GradeEventRow).where(GradeEventRow.submission_id == submission_id)
        query = query.order_by(GradeEventRow.id.desc()).limit(1).options(undefer(GradeEventRow.run))
        row = self._db.scalar(query)
        return outcome_from_texts(row.tasks, row.run) if row else None

    def history(self, submission_id: str) -> Sequence[GradeEvent]:
        """Every event, the first first."""
        query = select(GradeEventRow).where(GradeEventRow.submission_id == submission_id).order_by(GradeEventRow.id)
        return [_event(row) for row in self._db.scalars(query)]

    def of_submissions(self, submission_ids: Sequence[str]) -> Mapping[str, Grade]:
        """The present grades of those that have one, in one query for each 10,000 submissions."""
        found: dict[str, Grade] = {}
        for part in in_parts(submission_ids):
            last = select(func.max(GradeEventRow.id)).where(GradeEventRow.submission_id.in_(part))
            columns = (GradeEventRow.submission_id, GradeEventRow.new_earned, GradeEventRow.possible)
            query = select(*columns, GradeEventRow.tasks, GradeEventRow.assignment_version)
            query = query.where(GradeEventRow.id.in_(last.group_by(GradeEventRow.submission_id)))
            for submission_id, earned, possible, tasks, version in self._db.execute(query):
                found[submission_id] = Grade(submission_id, earned, possible, scores_from_text(tasks), version)
        return found

    def last_at(self) -> datetime | None:
        """When the newest event was recorded; None while there is none."""
        return self._db.scalar(select(func.max(GradeEventRow.at)))


def _event(row: GradeEventRow) -> GradeEvent:
    return GradeEvent(
        submission_id=row.submission_id,
        actor=row.actor,
        at=row.at,
        reason=row.reason,
        old_earned=row.old_earned,
        new_earned=row.new_earned,
        possible=row.possible,
        assignment_version=row.assignment_version,
        environment=row.environment,
        seed=row.seed,
        asked_by=row.asked_by,
    )
