"""Try what a regrade needs, behind everything that people wait for."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from factory_academy.domain.bundle import AssignmentBundle, zip_bytes
from factory_academy.domain.grade import GradingOutcome, TaskScore
from factory_academy.domain.person import Person
from factory_academy.domain.regrade import Regrade, UnitClaim, seed_of
from factory_academy.errors import AcademyError, CannotIsolate, InfrastructureFault
from factory_academy.workflows.heartbeat import keeping_alive
from factory_academy.workflows.ports import Autograder, Blobs, Clock, Records, Repositories
from factory_academy.workflows.regrading.access import permitted
from factory_academy.workflows.regrading.keeping import Keeper

log = logging.getLogger("factory_academy.grader")
LEASE = timedelta(seconds=30)
RETRY_AFTER = timedelta(seconds=5)
MAX_ATTEMPTS = 3
BATCH = 16
TURN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class StartRegrade:
    """Let the workers try what a planned regrade needs."""

    records: Records
    clock: Clock

    def __call__(self, regrade_id: str, by: Person) -> Regrade:
        """The regrade, running now if it was planned.

        Raises:
            NotFound: there is none among those of the person's trainees.
        """
        with self.records.transaction() as repositories:
            permitted(repositories, by, repositories.regrades.find(regrade_id))
            repositories.regrades.start(regrade_id, by.id, self.clock())
            return permitted(repositories, by, repositories.regrades.find(regrade_id))


@dataclass(slots=True)
class _Memory:
    """What a worker remembers from one turn to the next about the version that it tries."""

    version: str = ""
    bundle: AssignmentBundle | None = None
    stands_alone: dict[frozenset[str], bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Tried:
    claim: UnitClaim
    outcome: GradingOutcome | None = None
    kept: Mapping[str, TaskScore] = field(default_factory=dict)
    why: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class RegradeNext:
    """One turn of a worker: units of a regrade for about a second, or one that takes longer.

    It may be killed at any moment: its leases run out and another worker starts again. A result counts only if the
    worker still holds the unit when it writes. Before a worker tries some tasks without the others, it sees whether
    the reference solution earns the same in both ways; if not, everything is tried.
    """

    records: Records
    blobs: Blobs
    autograder: Autograder
    keeper: Keeper
    clock: Clock
    lease: timedelta = LEASE
    _memory: _Memory = field(default_factory=_Memory)

    def __call__(self, worker_id: str) -> int:
        """How many units were tried; 0 where none waits.

        Raises:
            InfrastructureFault: the records are away. Nothing is lost; call again later.
        """
        with self.records.reading() as repositories:
            if repositories.queue.paused_at() or not repositories.regrades.is_due(self.clock()):
                return 0
        with self.records.transaction() as repositories:
            claims = repositories.regrades.lease(worker_id, self.clock(), self.lease, BATCH)
            blobs = {claim.version: repositories.courses.version_blob(claim.version) for claim in claims}
        tried: list[_Tried] = []
        with keeping_alive(self.records, self.clock, self.lease, partial(self._extend, claims)):
            until = time.monotonic() + TURN_SECONDS
            for claim in claims:
                if tried and (time.monotonic() > until or self._someone_waits()):
                    break
                tried.append(self._try(claim, blobs[claim.version]))
        with self.records.transaction() as repositories:
            for one in tried:
                self._record(repositories, one)
            for claim in claims[len(tried) :]:
                repositories.regrades.release(claim, self.clock(), was_tried=False)
        return len(tried)

    def _extend(self, claims: Sequence[UnitClaim], repositories: Repositories) -> bool:
        return repositories.regrades.extend(claims, self.clock(), self.lease)

    def _someone_waits(self) -> bool:
        with self.records.reading() as repositories:
            return repositories.queue.due(self.clock()) > 0

    def _try(self, claim: UnitClaim, blob: str | None) -> _Tried:
        if claim.attempt > MAX_ATTEMPTS:
            return _Tried(claim, why="its worker ended before it did, three times")
        try:
            return self._outcome(claim, self._bundle(claim.version, blob))
        except CannotIsolate as error:
            return _Tried(claim, why=str(error))
        except (AcademyError, OSError) as error:
            return _Tried(claim, why=str(error), again=True)
        except Exception as error:
            log.exception("trying unit %s of %s met a fault of ours", claim.unit.number, claim.regrade_id)
            return _Tried(claim, why=f"an unexpected {type(error).__name__}", again=True)

    def _bundle(self, version: str, blob: str | None) -> AssignmentBundle:
        memory = self._memory
        if memory.bundle is None or memory.version != version:
            if blob is None:
                raise InfrastructureFault("The version of the assignment is not on record.")
            memory.bundle = AssignmentBundle.from_bytes(self.blobs.get(blob))
            memory.version, memory.stands_alone = version, {}
        return memory.bundle

    def _outcome(self, claim: UnitClaim, bundle: AssignmentBundle) -> _Tried:
        unit = claim.unit
        only = frozenset(unit.tasks)
        alone = only if self._stand_alone(bundle, only) else None
        outcome = self.autograder.grade(bundle, self.blobs.get(unit.content), seed_of(unit.answers), alone)
        wanted = tuple(score for score in outcome.tasks if score.task_id in only)
        kept = self.keeper.kept(claim.version, bundle, unit.answers, outcome)
        return _Tried(claim, replace(outcome, tasks=(*unit.known, *wanted)), kept)

    def _stand_alone(self, bundle: AssignmentBundle, only: frozenset[str]) -> bool:
        known = self._memory.stands_alone
        if only not in known:
            known[only] = self._tries_alike(bundle, only)
        return known[only]

    def _tries_alike(self, bundle: AssignmentBundle, only: frozenset[str]) -> bool:
        if not only < {task.id for task in bundle.tasks}:
            return False
        sources = {name: bundle.files.get(f"source/{name}.ipynb", b"") for name in bundle.notebooks}
        reference = zip_bytes({f"{name}.ipynb": data for name, data in sources.items()})
        alone, among_all = (self.autograder.grade(bundle, reference, 0, these) for these in (only, None))
        return _verdicts(alone, only) == _verdicts(among_all, only)

    def _record(self, repositories: Repositories, one: _Tried) -> None:
        claim, now = one.claim, self.clock()
        if one.outcome is None:
            if one.again and claim.attempt < MAX_ATTEMPTS:
                repositories.regrades.release(claim, now + RETRY_AFTER, was_tried=True)
            else:
                repositories.regrades.fail(claim, one.why)
            return
        if repositories.regrades.finish(claim, one.outcome):
            repositories.kept_scores.keep(one.kept, now)


def _verdicts(outcome: GradingOutcome, only: frozenset[str]) -> dict[str, tuple[float, str]]:
    return {score.task_id: (score.earned, score.verdict) for score in outcome.tasks if score.task_id in only}
