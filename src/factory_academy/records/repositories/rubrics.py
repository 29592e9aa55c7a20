"""Rubrics, how sections mark, and comments kept to be used again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.orm import Session

from factory_academy.domain.marking import MarkingPolicy, Snippet
from factory_academy.domain.rubric import Rubric
from factory_academy.records.repositories.marking_texts import (
    marking_policy_from_text,
    policy_to_text,
    rubric_from_text,
    rubric_to_text,
)
from factory_academy.records.repositories.statements import upsert
from factory_academy.records.rows.marking import MarkingPolicyRow, RubricRow, SnippetRow, TaskRubricRow


class RubricRepository:
    """Rubrics by the sha256 of their content."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def add(self, rubric: Rubric, made_by: str, at: datetime) -> None:
        """Keep a rubric; the same content is the same rubric.

        Raises:
            Conflict: there is no such person.
        """
        if self._db.get(RubricRow, rubric.version) is None:
            row = RubricRow(version=rubric.version, body=rubric_to_text(rubric), made_by=made_by, made_at=at)
            self._db.add(row)
            self._db.flush()

    def attach(self, assignment_version: str, task_id: str, rubric_version: str) -> None:
        """Mark a task of a version by this rubric from now on.

        Raises:
            Conflict: there is no such version or rubric.
        """
        key = {"assignment_version": assignment_version, "task_id": task_id}
        upsert(self._db, TaskRubricRow, {**key, "rubric_version": rubric_version})

    def detach(self, assignment_version: str, task_id: str) -> None:
        """Mark a task of a version without a rubric from now on."""
        key = {"assignment_version": assignment_version, "task_id": task_id}
        self._db.execute(delete(TaskRubricRow).filter_by(**key))

    def of_version(self, assignment_version: str) -> Mapping[str, Rubric]:
        """The rubric of each task that has one."""
        query = select(TaskRubricRow.task_id, RubricRow.body).join(
            RubricRow, RubricRow.version == TaskRubricRow.rubric_version
        )
        found = self._db.execute(query.where(TaskRubricRow.assignment_version == assignment_version))
        return {task_id: rubric_from_text(body) for task_id, body in found}

    def policy(self, section_id: str, assignment_name: str) -> MarkingPolicy | None:
        """How this section marks this assignment, or None where nobody said."""
        return self.policies([section_id], assignment_name).get(section_id)

    def policies(self, section_ids: Sequence[str], assignment_name: str) -> Mapping[str, MarkingPolicy]:
        """How these sections mark this assignment; sections where nobody said are absent."""
        query = select(MarkingPolicyRow).where(
            MarkingPolicyRow.section_id.in_(section_ids), MarkingPolicyRow.assignment_name == assignment_name
        )
        return {row.section_id: marking_policy_from_text(row.body) for row in self._db.scalars(query)}

    def set_policy(self, section_id: str, assignment_name: str, policy: MarkingPolicy) -> None:
        """Mark this assignment so in this section.

        Raises:
            Conflict: there is no such section.
        """
        key = {"section_id": section_id, "assignment_name": assignment_name}
        upsert(self._db, MarkingPolicyRow, {**key, "body": policy_to_text(policy)})

    def add_snippet(self, snippet: Snippet) -> None:
        """Keep a comment to use again.

        Raises:
            Conflict: the id is taken, or there is no such person or course.
        """
        fields = {"id": snippet.id, "owner_id": snippet.owner_id, "course_id": snippet.course_id}
        self._db.add(SnippetRow(**fields, text=snippet.text, made_at=snippet.made_at))
        self._db.flush()

    def snippets(self, owner_id: str, course_id: str) -> Sequence[Snippet]:
        """The comments that a person keeps for a course, the oldest first."""
        query = select(SnippetRow).filter_by(owner_id=owner_id, course_id=course_id)
        query = query.order_by(SnippetRow.made_at, SnippetRow.id)
        return [Snippet(r.id, r.owner_id, r.course_id, r.text, r.made_at) for r in self._db.scalars(query)]

    def remove_snippet(self, snippet_id: str, owner_id: str) -> bool:
        """Whether this person had such a comment; if so it is gone."""
        result = self._db.execute(delete(SnippetRow).filter_by(id=snippet_id, owner_id=owner_id))
        return isinstance(result, CursorResult) and result.rowcount == 1
