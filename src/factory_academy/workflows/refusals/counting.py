"""Refusals, counted for each version of an assignment and each test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from factory_academy.domain.course import TaskKind
from factory_academy.domain.grade import Cause, Grade, TaskScore, Verdict
from factory_academy.domain.submission import Submission

SHOWN = 20
NEXT_STEPS = {
    Cause.CONTRACT: "Look at these submissions. Where they are right, add such a solution as reference2.py, or allow "
    "what they do with [[allow]] in assignment.toml; then release and regrade.",
    Cause.NONE: "The test's last expression is no score, or a bare value of the trainee's. Let the test compute a "
    "number from 0 to its points, or end it in an assertion; then release and regrade.",
}
DONE = "A person decided these. Where that happens often, mend the test or add a reference solution."


@dataclass(frozen=True, slots=True)
class Refusals:
    """One test of one version. ``submissions`` are ids of those refused, newest first, at most twenty.

    ``tried`` counts verdicts of the machine and refusals; ``decided`` the refusals that a person has settled since.
    """

    assignment_name: str
    version: str
    task_id: str
    title: str = ""
    tried: int = 0
    causes: Mapping[Cause, int] = field(default_factory=dict)
    decided: int = 0
    submissions: tuple[str, ...] = ()

    @property
    def refused(self) -> int:
        """How often no verdict was formed."""
        return sum(self.causes.values()) + self.decided

    @property
    def rate(self) -> float:
        """Share of those tried that was refused, 0–1."""
        return self.refused / self.tried if self.tried else 0.0

    @property
    def next_step(self) -> str:
        """What its author can do."""
        if not self.causes:
            return DONE if self.decided else ""
        most = max(sorted(self.causes), key=lambda cause: self.causes[cause])
        return NEXT_STEPS.get(most, NEXT_STEPS[Cause.CONTRACT])


def refusals_of(graded: Iterable[tuple[Submission, Grade]]) -> tuple[Refusals, ...]:
    """One line for each version and test, the most refusing first; ``graded`` is newest first."""
    scores: dict[tuple[str, str, str], list[tuple[str, TaskScore]]] = {}
    for submission, grade in graded:
        for score in grade.tasks:
            if score.kind is not TaskKind.MANUAL and score.verdict is not Verdict.NOT_RUN:
                key = (submission.assignment_name, submission.assignment_version, score.task_id)
                scores.setdefault(key, []).append((submission.id, score))
    lines = [_line(key, found) for key, found in scores.items()]
    return tuple(sorted(lines, key=lambda line: (-line.rate, line.assignment_name, line.task_id, line.version)))


def _line(key: tuple[str, str, str], found: list[tuple[str, TaskScore]]) -> Refusals:
    refused = [(who, score) for who, score in found if score.verdict is Verdict.NOT_JUDGED or score.by_hand]
    return Refusals(
        *key,
        title=found[0][1].title,
        tried=len(found),
        causes=dict(Counter(score.cause for _, score in refused if not score.by_hand)),
        decided=sum(score.by_hand for _, score in refused),
        submissions=tuple(who for who, _ in refused[:SHOWN]),
    )
