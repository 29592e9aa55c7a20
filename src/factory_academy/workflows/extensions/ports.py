"""What deadlines and extensions ask of the records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from factory_academy.domain.lateness import DeadlineRule, Extension


class Deadlines(Protocol):
    """Rules and extensions, each kept for the record; of one scope the last counts."""

    def add(self, rule: DeadlineRule) -> None: ...
    def of_assignment(self, course_id: str, assignment_name: str) -> Sequence[DeadlineRule]:
        """Every rule ever set, the first first."""

    def of_course(self, course_id: str) -> Sequence[DeadlineRule]: ...
    def extend(self, extension: Extension) -> None: ...
    def extensions(self, course_id: str, assignment_name: str) -> Sequence[Extension]:
        """Every extension ever given for an assignment, the first first."""

    def extra(self, trainee_id: str, course_id: str) -> Mapping[str, timedelta]:
        """The time a trainee was given in a course, by assignment; assignments without are absent."""
