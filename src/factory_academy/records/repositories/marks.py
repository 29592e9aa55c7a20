"""Marks, claims and remarks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import CursorResult, delete, or_, select, update
from sqlalchemy.orm import Session

from factory_academy.domain.marking import Claim, Mark, MarkKind, Remark
from factory_academy.records.repositories.statements import in_parts, insert_new
from factory_academy.records.repositories.texts import pairs_from_text, pairs_to_text
from factory_academy.records.rows.grading import SubmissionRow
from factory_academy.records.rows.marking import MarkingClaimRow, MarkRow, RemarkRow


class MarkRepository:
    """Marks by submission, in the order in which they were given."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def decide_alone(self, submission_id: str) -> None:
        """Lock the submission, and read it anew, until the transaction ends."""
        query = select(SubmissionRow).where(SubmissionRow.id == submission_id).with_for_update()
        self._db.scalar(query, execution_options={"populate_existing": True})

    def add(self, mark: Mark) -> None:
        """Keep a mark for ever.

        Raises:
            Conflict: there is no such submission or marker.
        """
        self._db.add(
            MarkRow(
                submission_id=mark.submission_id,
                task_id=mark.task_id,
                marker_id=mark.marker_id,
                kind=mark.kind,
                earned=mark.earned,
                possible=mark.possible,
                at=mark.at,
                comment=mark.comment,
                levels=pairs_to_text(mark.levels),
                rubric_version=mark.rubric_version,
            )
        )
        self._db.flush()

    def of_submissions(self, submission_ids: Sequence[str]) -> Mapping[str, Sequence[Mark]]:
        """The marks of those that have any."""
        found: dict[str, list[Mark]] = {}
        for part in in_parts(submission_ids):
            query = select(MarkRow).where(MarkRow.submission_id.in_(part)).order_by(MarkRow.id)
            for row in self._db.scalars(query):
                found.setdefault(row.submission_id, []).append(_mark(row))
        return found

    def is_used(self, assignment_version: str, task_id: str) -> bool:
        """Whether anybody marked this task of this version."""
        same = (SubmissionRow.id == MarkRow.submission_id) & (SubmissionRow.assignment_version == assignment_version)
        query = select(MarkRow.id).join(SubmissionRow, same).where(MarkRow.task_id == task_id).limit(1)
        return self._db.scalar(query) is not None

    def claim(self, claim: Claim, now: datetime) -> bool:
        """Whether the marker now holds the task.

        Raises:
            Conflict: there is no such submission or marker.
        """
        key = {"submission_id": claim.submission_id, "task_id": claim.task_id}
        values = {"marker_id": claim.marker_id, "until": claim.until}
        if insert_new(self._db, MarkingClaimRow, {**key, **values}):
            return True
        free = or_(MarkingClaimRow.marker_id == claim.marker_id, MarkingClaimRow.until <= now)
        result = self._db.execute(update(MarkingClaimRow).filter_by(**key).where(free).values(**values))
        return isinstance(result, CursorResult) and result.rowcount == 1

    def give_back(self, submission_id: str, task_id: str, marker_id: str) -> None:
        """End this marker's claim; another's stays."""
        key = {"submission_id": submission_id, "task_id": task_id, "marker_id": marker_id}
        self._db.execute(delete(MarkingClaimRow).filter_by(**key))

    def claims(self, submission_ids: Sequence[str], now: datetime) -> Sequence[Claim]:
        """The claims on these submissions that have not run out."""
        found: list[Claim] = []
        for part in in_parts(submission_ids):
            query = select(MarkingClaimRow).where(MarkingClaimRow.submission_id.in_(part), MarkingClaimRow.until > now)
            query = query.order_by(MarkingClaimRow.submission_id, MarkingClaimRow.task_id)
            found += [Claim(r.submission_id, r.task_id, r.marker_id, r.until) for r in self._db.scalars(query)]
        return found

    def add_remark(self, remark: Remark) -> None:
        """Keep a general comment.

        Raises:
            Conflict: there is no such submission or person.
        """
        fields = {"submission_id": remark.submission_id, "person_id": remark.person_id}
        self._db.add(RemarkRow(**fields, at=remark.at, text=remark.text))
        self._db.flush()

    def remarks(self, submission_id: str) -> Sequence[Remark]:
        """All general comments on a submission, the first first."""
        query = select(RemarkRow).where(RemarkRow.submission_id == submission_id).order_by(RemarkRow.id)
        return [Remark(r.submission_id, r.person_id, r.at, r.text) for r in self._db.scalars(query)]


def _mark(row: MarkRow) -> Mark:
    return Mark(
        submission_id=row.submission_id,
        task_id=row.task_id,
        marker_id=row.marker_id,
        kind=MarkKind(row.kind),
        earned=row.earned,
        possible=row.possible,
        at=row.at,
        comment=row.comment,
        levels=pairs_from_text(row.levels),
        rubric_version=row.rubric_version,
    )
