"""Everything ever handed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from factory_academy.domain.submission import Submission, SubmissionState
from factory_academy.errors import Conflict
from factory_academy.records.repositories.statements import insert_new
from factory_academy.records.rows.grading import SubmissionRow
from factory_academy.records.rows.people import PersonRow


class Wanted(Protocol):
    """Which submissions a list shows; None, or no ``states``, leaves that side open."""

    @property
    def course_id(self) -> str | None:
        """Only of this course."""

    @property
    def assignment_name(self) -> str | None:
        """Only for this assignment."""

    @property
    def states(self) -> frozenset[SubmissionState]:
        """Only in one of these states."""

    @property
    def trainee_ids(self) -> frozenset[str] | None:
        """Only by these people."""


class SubmissionRepository:
    """Submissions by id; lists are newest first, the id decides between equals."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def add(self, submission: Submission) -> bool:
        """Whether it is new; False where the same bytes were handed in for the same version.

        Raises:
            Conflict: the id is taken, or there is no such trainee, course or assignment version.
        """
        values = {
            "id": submission.id,
            "trainee_id": submission.trainee_id,
            "course_id": submission.course_id,
            "assignment_name": submission.assignment_name,
            "assignment_version": submission.assignment_version,
            "content": submission.content,
            "size_bytes": submission.size_bytes,
            "received_at": submission.received_at,
            "state": submission.state,
            "reason": submission.reason,
        }
        if insert_new(self._db, SubmissionRow, values):
            return True
        if self.find_same(submission.trainee_id, submission.assignment_version, submission.content) is None:
            raise Conflict(f"The id {submission.id!r} of a new submission is taken.")
        return False

    def find(self, submission_id: str) -> Submission | None:
        """The submission, or None."""
        row = self._db.get(SubmissionRow, submission_id)
        return _submission(row) if row else None

    def find_same(self, trainee_id: str, assignment_version: str, content: str) -> Submission | None:
        """What this trainee handed in for this version with the same bytes, or None."""
        query = select(SubmissionRow).where(
            SubmissionRow.trainee_id == trainee_id,
            SubmissionRow.assignment_version == assignment_version,
            SubmissionRow.content == content,
        )
        row = self._db.scalar(query)
        return _submission(row) if row else None

    def attempts_since(
        self, trainee_id: str, course_id: str, assignment_name: str, since: datetime
    ) -> Sequence[datetime]:
        """When this trainee handed in for an assignment after ``since``, oldest first; our own faults do not count.

        Until the transaction ends no other can count this trainee's attempts: two at once cannot both be the last.
        """
        trainee = select(PersonRow.id).where(PersonRow.id == trainee_id)
        self._db.execute(trainee.with_for_update(key_share=True))
        query = select(SubmissionRow.received_at).where(
            SubmissionRow.trainee_id == trainee_id,
            SubmissionRow.course_id == course_id,
            SubmissionRow.assignment_name == assignment_name,
            SubmissionRow.received_at > since,
            SubmissionRow.state != SubmissionState.INFRASTRUCTURE_FAILED,
        )
        return tuple(self._db.scalars(query.order_by(SubmissionRow.received_at)))

    def of_trainee(self, trainee_id: str, course_id: str | None = None) -> Sequence[Submission]:
        """All that a trainee handed in, in one course or in all."""
        conditions = [SubmissionRow.trainee_id == trainee_id]
        if course_id is not None:
            conditions.append(SubmissionRow.course_id == course_id)
        return self._page(conditions, None, 0)

    def of_assignment(
        self, course_id: str, assignment_name: str | None = None, limit: int = 100, offset: int = 0
    ) -> Sequence[Submission]:
        """One page of what was handed in for an assignment, or for a whole course."""
        conditions = [SubmissionRow.course_id == course_id]
        if assignment_name is not None:
            conditions.append(SubmissionRow.assignment_name == assignment_name)
        return self._page(conditions, limit, offset)

    def matching(self, wanted: Wanted, limit: int | None = None, offset: int = 0) -> Sequence[Submission]:
        """One page of the submissions that fit."""
        return self._page(_conditions(wanted), limit, offset)

    def ids_matching(self, wanted: Wanted) -> Sequence[str]:
        """The ids of all that fit, and nothing else of them."""
        query = select(SubmissionRow.id).where(*_conditions(wanted))
        return self._db.scalars(query.order_by(SubmissionRow.received_at.desc(), SubmissionRow.id.desc())).all()

    def count_matching(self, wanted: Wanted) -> int:
        """How many submissions fit."""
        query = select(func.count()).select_from(SubmissionRow).where(*_conditions(wanted))
        return self._db.scalar(query) or 0

    def set_state(self, submission_id: str, state: SubmissionState, reason: str) -> None:
        """Note where the submission is, and why, in words for its trainee."""
        this = update(SubmissionRow).where(SubmissionRow.id == submission_id)
        self._db.execute(this.values(state=state, reason=reason))

    def count_by_state(self) -> Mapping[SubmissionState, int]:
        """How many submissions are in each state; states with none are absent."""
        query = select(SubmissionRow.state, func.count()).group_by(SubmissionRow.state)
        return {SubmissionState(state): count for state, count in self._db.execute(query)}

    def _page(self, conditions: Sequence[ColumnElement[bool]], limit: int | None, offset: int) -> list[Submission]:
        query = select(SubmissionRow).where(*conditions)
        query = query.order_by(SubmissionRow.received_at.desc(), SubmissionRow.id.desc())
        query = query.limit(limit).offset(offset or None)
        return [_submission(row) for row in self._db.scalars(query)]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = []
    if wanted.course_id is not None:
        conditions.append(SubmissionRow.course_id == wanted.course_id)
    if wanted.assignment_name is not None:
        conditions.append(SubmissionRow.assignment_name == wanted.assignment_name)
    if wanted.states:
        conditions.append(SubmissionRow.state.in_(sorted(wanted.states)))
    if wanted.trainee_ids is not None:
        conditions.append(SubmissionRow.trainee_id.in_(sorted(wanted.trainee_ids)))
    return conditions


def _submission(row: SubmissionRow) -> Submission:
    return Submission(
        id=row.id,
        trainee_id=row.trainee_id,
        course_id=row.course_id,
        assignment_name=row.assignment_name,
        assignment_version=row.assignment_version,
        content=row.content,
        size_bytes=row.size_bytes,
        received_at=row.received_at,
        state=SubmissionState(row.state),
        reason=row.reason,
    )
