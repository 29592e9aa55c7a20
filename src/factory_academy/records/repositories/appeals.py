"""Appeals and their answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CursorResult, Select, select, update
from sqlalchemy.orm import Session

from factory_academy.domain.appeal import Appeal, AppealAnswer, AppealState
from factory_academy.records.repositories.statements import insert_new
from factory_academy.records.rows.grading import SubmissionRow
from factory_academy.records.rows.marking import AppealRow


class AppealRepository:
    """Appeals by id; lists are in the order in which they were opened."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def add(self, appeal: Appeal) -> bool:
        """Whether it is new; False where this task of this submission has one.

        Raises:
            Conflict: there is no such submission.
        """
        values = {
            "id": appeal.id,
            "submission_id": appeal.submission_id,
            "task_id": appeal.task_id,
            "reason": appeal.reason,
            "opened_at": appeal.opened_at,
            "answer_by": appeal.answer_by,
            "state": AppealState.OPEN,
            "answer": "",
        }
        return insert_new(self._db, AppealRow, values)

    def find(self, appeal_id: str) -> Appeal | None:
        """The appeal, or None."""
        row = self._db.get(AppealRow, appeal_id, populate_existing=True)
        return _appeal(row) if row else None

    def of_submission(self, submission_id: str) -> Sequence[Appeal]:
        """All appeals about a submission."""
        return self._found(select(AppealRow).where(AppealRow.submission_id == submission_id))

    def of_course(self, course_id: str, open_only: bool = True) -> Sequence[Appeal]:
        """All appeals in a course, or those that wait for an answer."""
        query = select(AppealRow).join(SubmissionRow, SubmissionRow.id == AppealRow.submission_id)
        query = query.where(SubmissionRow.course_id == course_id)
        return self._found(query.where(AppealRow.state == AppealState.OPEN) if open_only else query)

    def answer(self, appeal_id: str, answer: AppealAnswer) -> bool:
        """Whether it was open; if so it is answered now.

        Raises:
            Conflict: there is no such person.
        """
        still_open = update(AppealRow).where(AppealRow.id == appeal_id, AppealRow.state == AppealState.OPEN)
        values = {"state": answer.state, "answered_by": answer.by, "answered_at": answer.at, "answer": answer.reason}
        result = self._db.execute(still_open.values(**values))
        return isinstance(result, CursorResult) and result.rowcount == 1

    def _found(self, query: Select[Any]) -> list[Appeal]:
        return [_appeal(row) for row in self._db.scalars(query.order_by(AppealRow.opened_at, AppealRow.id))]


def _appeal(row: AppealRow) -> Appeal:
    answer = None
    if row.answered_by is not None and row.answered_at is not None:
        answer = AppealAnswer(AppealState(row.state), row.answered_by, row.answered_at, row.answer)
    return Appeal(row.id, row.submission_id, row.task_id, row.reason, row.opened_at, row.answer_by, answer)
