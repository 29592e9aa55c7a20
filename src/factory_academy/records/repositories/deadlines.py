"""Deadlines, late policies and extensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from factory_academy.domain.lateness import DeadlineRule, Extension
from factory_academy.records.repositories.marking_texts import late_policy_from_text, policy_to_text
from factory_academy.records.rows.marking import DeadlineRow, ExtensionRow


class DeadlineRepository:
    """Rules and extensions, in the order in which they were set."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def add(self, rule: DeadlineRule) -> None:
        """Set a rule; earlier ones stay on record.

        Raises:
            Conflict: there is no such course, section or person.
        """
        self._db.add(
            DeadlineRow(
                course_id=rule.course_id,
                assignment_name=rule.assignment_name,
                section_id=rule.section_id,
                due_at=rule.due_at,
                policy=policy_to_text(rule.policy) if rule.policy else None,
                set_by=rule.set_by,
                set_at=rule.set_at,
            )
        )
        self._db.flush()

    def of_assignment(self, course_id: str, assignment_name: str) -> Sequence[DeadlineRule]:
        """Every rule ever set for an assignment."""
        return [rule for rule in self.of_course(course_id) if rule.assignment_name == assignment_name]

    def of_course(self, course_id: str) -> Sequence[DeadlineRule]:
        """Every rule ever set in a course."""
        query = select(DeadlineRow).where(DeadlineRow.course_id == course_id).order_by(DeadlineRow.id)
        return [_rule(row) for row in self._db.scalars(query)]

    def extend(self, extension: Extension) -> None:
        """Give a trainee more time; earlier extensions stay on record.

        Raises:
            Conflict: there is no such course or person.
        """
        self._db.add(
            ExtensionRow(
                course_id=extension.course_id,
                assignment_name=extension.assignment_name,
                trainee_id=extension.trainee_id,
                extra_seconds=extension.extra // timedelta(seconds=1),
                reason=extension.reason,
                given_by=extension.given_by,
                given_at=extension.given_at,
            )
        )
        self._db.flush()

    def extensions(self, course_id: str, assignment_name: str) -> Sequence[Extension]:
        """Every extension ever given for an assignment."""
        query = select(ExtensionRow).filter_by(course_id=course_id, assignment_name=assignment_name)
        return [_extension(row) for row in self._db.scalars(query.order_by(ExtensionRow.id))]

    def extra(self, trainee_id: str, course_id: str) -> Mapping[str, timedelta]:
        """The time a trainee was given in a course, by assignment."""
        query = select(ExtensionRow).filter_by(course_id=course_id, trainee_id=trainee_id).order_by(ExtensionRow.id)
        last = {row.assignment_name: timedelta(seconds=row.extra_seconds) for row in self._db.scalars(query)}
        return {name: extra for name, extra in last.items() if extra}


def _rule(row: DeadlineRow) -> DeadlineRule:
    policy = late_policy_from_text(row.policy) if row.policy else None
    return DeadlineRule(
        row.course_id, row.assignment_name, row.section_id, row.due_at, policy, row.set_at, set_by=row.set_by
    )


def _extension(row: ExtensionRow) -> Extension:
    extra = timedelta(seconds=row.extra_seconds)
    return Extension(row.course_id, row.assignment_name, row.trainee_id, extra, row.reason, row.given_by, row.given_at)
