"""What marking asks of the records and of grading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from factory_academy.domain.appeal import Appeal, AppealAnswer
from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.marking import Claim, Mark, MarkingPolicy, Remark, Snippet
from factory_academy.domain.rubric import Rubric


class Marks(Protocol):
    """Append-only marks and remarks, in the order in which they were given, and who is marking what just now."""

    def decide_alone(self, submission_id: str) -> None:
        """Wait until no other transaction decides about this submission; none can begin to until this one ends."""

    def add(self, mark: Mark) -> None: ...
    def of_submissions(self, submission_ids: Sequence[str]) -> Mapping[str, Sequence[Mark]]:
        """The marks of those that have any, in one query."""

    def is_used(self, assignment_version: str, task_id: str) -> bool:
        """Whether anybody marked this task of this version."""

    def claim(self, claim: Claim, now: datetime) -> bool:
        """Whether the marker now holds the task: it was free, or theirs, or another's claim had run out."""

    def give_back(self, submission_id: str, task_id: str, marker_id: str) -> None:
        """End this marker's claim; another's stays."""

    def claims(self, submission_ids: Sequence[str], now: datetime) -> Sequence[Claim]:
        """The claims on these submissions that have not run out."""

    def add_remark(self, remark: Remark) -> None: ...
    def remarks(self, submission_id: str) -> Sequence[Remark]: ...


class Rubrics(Protocol):
    """Rubrics, which tasks they belong to, how each section marks, and what instructors keep to say again."""

    def add(self, rubric: Rubric, made_by: str, at: datetime) -> None:
        """Keep a rubric; the same content is the same rubric."""

    def attach(self, assignment_version: str, task_id: str, rubric_version: str) -> None: ...
    def detach(self, assignment_version: str, task_id: str) -> None: ...
    def of_version(self, assignment_version: str) -> Mapping[str, Rubric]:
        """The rubric of each task that has one."""

    def policy(self, section_id: str, assignment_name: str) -> MarkingPolicy | None: ...
    def policies(self, section_ids: Sequence[str], assignment_name: str) -> Mapping[str, MarkingPolicy]: ...
    def set_policy(self, section_id: str, assignment_name: str, policy: MarkingPolicy) -> None: ...
    def add_snippet(self, snippet: Snippet) -> None: ...
    def snippets(self, owner_id: str, course_id: str) -> Sequence[Snippet]: ...
    def remove_snippet(self, snippet_id: str, owner_id: str) -> bool: ...


class Appeals(Protocol):
    """Appeals; a task of a submission has one at most, and an answer stays as it is."""

    def add(self, appeal: Appeal) -> bool:
        """Whether it is new; False, changing nothing, where this task has one."""

    def find(self, appeal_id: str) -> Appeal | None: ...
    def of_submission(self, submission_id: str) -> Sequence[Appeal]: ...
    def of_course(self, course_id: str, open_only: bool = True) -> Sequence[Appeal]: ...
    def answer(self, appeal_id: str, answer: AppealAnswer) -> bool:
        """Whether it was open; if so it is answered now."""


class Answers(Protocol):
    """Reads what was handed in for the eyes of a marker. Runs nothing.

    Raises:
        BadArchive, BadNotebook, TooLarge: it cannot be read.
    """

    def __call__(self, bundle: AssignmentBundle, archive: bytes) -> Mapping[str, str]:
        """By task, the text of the cells that answer it; tasks with nothing are absent."""
