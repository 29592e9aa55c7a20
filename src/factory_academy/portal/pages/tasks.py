"""Graded cells put together as people see them: one task, however many tests decide about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from factory_academy.domain.course import Task, TaskKind
from factory_academy.domain.grade import TaskScore, Verdict, total_earned
from factory_academy.portal.pages.words import KIND, TEST, VERDICT, Words, why


@dataclass(frozen=True, slots=True)
class Explanation:
    """What to tell about the tests of a task that did not pass; ``tests`` names them if there are others."""

    tests: str
    reason: str
    score: TaskScore


@dataclass(frozen=True, slots=True)
class TaskResult:
    """One task with the scores of all its tests."""

    title: str
    scores: tuple[TaskScore, ...]

    @property
    def earned(self) -> float:
        """Points earned over its tests."""
        return total_earned(self.scores)

    @property
    def possible(self) -> float:
        """Points to be had over its tests."""
        return sum(score.possible for score in self.scores)

    @property
    def is_protected(self) -> bool:
        """Whether the trainee's code can have no part in any of its verdicts; else its points do not certify."""
        return all(score.protected or score.kind is TaskKind.MANUAL for score in self.scores)

    @property
    def words(self) -> Words:
        """Its verdict: that of its tests if they agree, else whether anything was earned."""
        verdicts = {score.verdict for score in self.scores}
        if len(verdicts) == 1:
            return VERDICT[verdicts.pop()]
        return VERDICT[Verdict.PARTLY if self.earned else Verdict.FAILED]

    @property
    def by_test(self) -> tuple[tuple[str, TaskScore], ...]:
        """Each test with its name, where there are several."""
        return tuple((TEST[s.kind], s) for s in self.scores) if len(self.scores) > 1 else ()

    @property
    def explanations(self) -> tuple[Explanation, ...]:
        """What tests that did not pass have to say, each thing once."""
        said: dict[tuple[str, ...], list[TaskScore]] = {}
        for score in self.scores:
            if score.verdict is not Verdict.PASSED:
                key = (why(score), score.expected, score.got, score.next_step, score.code)
                said.setdefault(key, []).append(score)
        several = len(said) > 1
        return tuple(
            Explanation(" and ".join(TEST[s.kind] for s in same) if several else "", key[0], same[0])
            for key, same in said.items()
            if any(key)
        )


@dataclass(frozen=True, slots=True)
class TaskOffer:
    """One task of an assignment, and how its points are earned."""

    title: str
    points: float
    graded: str


def results_of(scores: Sequence[TaskScore]) -> tuple[TaskResult, ...]:
    """The scores task by task: neighbours with one title are one task."""
    groups = groupby(scores, key=lambda s: s.title or s.task_id)
    return tuple(TaskResult(title, tuple(group)) for title, group in groups)


def offers_of(tasks: Sequence[Task]) -> tuple[TaskOffer, ...]:
    """An assignment's tasks: neighbours with one title are one task."""
    offers = []
    for title, group in groupby(tasks, key=lambda t: t.title or t.id):
        cells = list(group)
        kinds = list(dict.fromkeys(cell.kind for cell in cells))
        offers.append(TaskOffer(title, sum(c.points for c in cells), " and ".join(KIND[kind] for kind in kinds)))
    return tuple(offers)
