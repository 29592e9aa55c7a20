"""From submissions and their standings to what must be tried, once for all who gave the same answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.course import Task
from factory_academy.domain.grade import TaskScore
from factory_academy.domain.regrade import RegradeItem, RegradeUnit, Standing, cache_key, to_try
from factory_academy.domain.submission import Submission
from factory_academy.workflows.ports import Blobs
from factory_academy.workflows.regrading.ports import Fingerprints


@dataclass(frozen=True, slots=True)
class Graded:
    """A submission that has a grade."""

    submission: Submission
    standing: Standing


@dataclass(slots=True)
class Versions:
    """The bundles of versions, and what decided about each task when it was judged; each is read once."""

    blobs: Blobs
    fingerprints: Fingerprints
    places: Mapping[str, str]
    _bundles: dict[str, AssignmentBundle] = field(default_factory=dict)
    _hashes: dict[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)

    def bundle(self, version: str) -> AssignmentBundle | None:
        """The bundle of a version; None where it was never released."""
        if version not in self._bundles and version in self.places:
            self._bundles[version] = AssignmentBundle.from_bytes(self.blobs.get(self.places[version]))
        return self._bundles.get(version)

    def hashes(self, version: str, environment: str) -> Mapping[str, str]:
        """What decided about each task; nothing where the version is not on record."""
        bundle = self.bundle(version)
        if bundle is None:
            return {}
        if (version, environment) not in self._hashes:
            self._hashes[version, environment] = self.fingerprints.tasks(bundle, environment)
        return self._hashes[version, environment]


@dataclass(frozen=True, slots=True)
class Touched:
    """A submission for which something must be tried or counted anew."""

    graded: Graded
    tasks: frozenset[str]
    answers: str


def touched(
    handed_in: Sequence[Graded], versions: Versions, version: str, tasks: Sequence[Task], whole: bool
) -> tuple[Touched, ...]:
    """Those for which this version of the assignment makes a difference; all of them where ``whole`` is asked for."""
    bundle = versions.bundle(version)
    if bundle is None:
        return ()
    new = versions.hashes(version, versions.fingerprints.environment)
    found = []
    for graded in handed_in:
        standing = graded.standing
        old = {} if whole else versions.hashes(standing.assignment_version, standing.environment)
        wanted = to_try(standing, graded.submission.state, tasks, old, new)
        if wanted or not _same_tasks(standing, tasks):
            archive = versions.blobs.get(graded.submission.content)
            found.append(Touched(graded, wanted, versions.fingerprints.answers(bundle, archive)))
    return tuple(found)


def keys_of(one: Touched, hashes: Mapping[str, str]) -> dict[str, str]:
    """Where the scores of what must be tried would be kept, by task."""
    return {task: cache_key(hashes[task], one.answers) for task in sorted(one.tasks) if task in hashes}


def drafted(
    those: Sequence[Touched], hashes: Mapping[str, str], kept: Mapping[str, TaskScore]
) -> tuple[tuple[RegradeUnit, ...], tuple[RegradeItem, ...]]:
    """Units and items: whoever gave the same answers shares a unit. ``kept`` are scores by key."""
    units: dict[tuple[str, frozenset[str]], RegradeUnit] = {}
    items = []
    for one in those:
        unit = units.get((one.answers, one.tasks))
        if unit is None:
            known = {task: kept[key] for task, key in keys_of(one, hashes).items() if key in kept}
            left = tuple(sorted(one.tasks - known.keys()))
            content = one.graded.submission.content
            unit = RegradeUnit(len(units), content, one.answers, left, tuple(known.values()))
            units[one.answers, one.tasks] = unit
        submission = one.graded.submission
        number = one.graded.standing.event_number
        items.append(RegradeItem(submission.id, submission.trainee_id, number, unit.number))
    return tuple(units.values()), tuple(items)


def _same_tasks(standing: Standing, tasks: Sequence[Task]) -> bool:
    before = {(score.task_id, score.possible, score.protected) for score in standing.tasks}
    return before == {(task.id, task.points, task.protected) for task in tasks}
