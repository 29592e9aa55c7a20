"""What keeping a gradebook in step asks of grading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from factory_academy.domain.gradebook import FormgraderMark, GradedAssignment


class Gradebook(Protocol):
    """nbgrader's gradebook of one course, in a folder that can be deleted and written again."""

    def marks(self) -> Sequence[FormgraderMark]:
        """What people wrote in formgrader since the gradebook was last written; nothing where there is none yet."""

    def write(self, assignments: Sequence[GradedAssignment]) -> None:
        """Bring it to what the records say. What people wrote in it since is overwritten: read it first."""
