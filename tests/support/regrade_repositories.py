"""In-memory regrades and kept scores, over the same State as the other fakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from factory_academy.domain.grade import GradingOutcome, TaskScore
from factory_academy.domain.regrade import (
    Decision,
    Regrade,
    RegradeItem,
    RegradeProgress,
    RegradeState,
    RegradeUnit,
    Standing,
    UnitClaim,
    UnitResult,
    seed_of,
)
from factory_academy.domain.submission import SubmissionState
from tests.support.fake_state import Fake, FakeRegradeUnit, refuse


class FakeRegrades(Fake):
    def standings(self, submission_ids: Sequence[str]) -> Mapping[str, Standing]:
        known = self.standings_at(list(self._state.events)).values()
        return {standing.submission_id: standing for standing in known if standing.submission_id in submission_ids}

    def standings_at(self, event_numbers: Sequence[int]) -> Mapping[int, Standing]:
        return {
            number: Standing(event.submission_id, number, event.assignment_version, event.environment, outcome.tasks)
            for number, (event, outcome) in self._state.events.items()
            if number in event_numbers
        }

    def add(self, regrade: Regrade, units: Sequence[RegradeUnit], items: Sequence[RegradeItem]) -> None:
        others = self.of_assignment(regrade.course_id, regrade.assignment_name)
        refuse(regrade.state.is_open and any(other.state.is_open for other in others), "another is open")
        self._state.regrades[regrade.id] = regrade
        for unit in units:
            known = GradingOutcome(SubmissionState.GRADED, "", unit.known, seed=seed_of(unit.answers))
            done = UnitResult() if unit.tasks else UnitResult(known)
            self._state.regrade_units[regrade.id, unit.number] = FakeRegradeUnit(unit, regrade.planned_at, done)
        for item in items:
            refuse(item.submission_id not in self._state.submissions, "no such submission")
            self._state.regrade_items[regrade.id, item.submission_id] = item

    def find(self, regrade_id: str) -> Regrade | None:
        return self._state.regrades.get(regrade_id)

    def find_alone(self, regrade_id: str) -> Regrade | None:
        return self.find(regrade_id)

    def of_assignment(self, course_id: str, assignment_name: str) -> Sequence[Regrade]:
        here = (course_id, assignment_name)
        found = [r for r in self._state.regrades.values() if (r.course_id, r.assignment_name) == here]
        return sorted(sorted(found, key=lambda r: r.id), key=lambda r: r.planned_at, reverse=True)

    def start(self, regrade_id: str, by: str, at: datetime) -> None:
        if (found := self.find(regrade_id)) and found.state is RegradeState.PLANNED:
            self._state.regrades[regrade_id] = replace(found, state=RegradeState.RUNNING, started_by=by, started_at=at)

    def decide(self, regrade_id: str, state: RegradeState, by: str, at: datetime) -> None:
        if (found := self.find(regrade_id)) and found.state.is_open:
            self._state.regrades[regrade_id] = replace(found, state=state, decided_by=by, decided_at=at)

    def progress(self, regrade_id: str) -> RegradeProgress:
        units = [unit for (i, _), unit in self._state.regrade_units.items() if i == regrade_id]
        return RegradeProgress(
            units=len(units),
            done=sum(unit.result.outcome is not None for unit in units),
            failed=sum(bool(unit.result.problem) for unit in units),
            tasks_to_try=sum(len(unit.unit.tasks) for unit in units),
        )

    def lease(self, worker_id: str, now: datetime, lasting: timedelta, limit: int) -> Sequence[UnitClaim]:
        def started(regrade_id: str) -> datetime:
            at = self._state.regrades[regrade_id].started_at
            assert at is not None
            return at

        claims = []
        for key in sorted(self._free(now), key=lambda key: (started(key[0]), *key))[:limit]:
            unit = self._state.regrade_units[key]
            held = replace(unit, worker_id=worker_id, attempt=unit.attempt + 1, free_at=now + lasting)
            self._state.regrade_units[key] = held
            version = self._state.regrades[key[0]].version
            claims.append(UnitClaim(key[0], version, unit.unit, worker_id, held.attempt))
        return claims

    def is_due(self, now: datetime) -> bool:
        return bool(self._free(now))

    def _free(self, now: datetime) -> list[tuple[str, int]]:
        running = {r.id for r in self._state.regrades.values() if r.state is RegradeState.RUNNING}
        units = self._state.regrade_units.items()
        return [key for key, unit in units if unit.is_waiting and unit.free_at <= now and key[0] in running]

    def extend(self, claims: Sequence[UnitClaim], now: datetime, lasting: timedelta) -> bool:
        return any([self._change(claim, free_at=now + lasting) for claim in claims])

    def finish(self, claim: UnitClaim, outcome: GradingOutcome) -> bool:
        return self._change(claim, result=UnitResult(outcome))

    def fail(self, claim: UnitClaim, problem: str) -> bool:
        return self._change(claim, result=UnitResult(problem=problem))

    def release(self, claim: UnitClaim, retry_at: datetime, was_tried: bool) -> bool:
        attempt = claim.attempt if was_tried else claim.attempt - 1
        return self._change(claim, free_at=retry_at, worker_id=None, attempt=attempt)

    def items(self, regrade_id: str) -> Sequence[RegradeItem]:
        found = [item for (i, _), item in self._state.regrade_items.items() if i == regrade_id]
        return sorted(found, key=lambda item: item.submission_id)

    def results(self, regrade_id: str, numbers: Sequence[int] | None = None) -> Mapping[int, UnitResult]:
        return {
            number: unit.result if numbers is not None else _without_run(unit.result)
            for (i, number), unit in self._state.regrade_units.items()
            if i == regrade_id and (numbers is None or number in numbers)
        }

    def decide_item(self, regrade_id: str, submission_id: str, decision: Decision) -> None:
        key = (regrade_id, submission_id)
        self._state.regrade_items[key] = replace(self._state.regrade_items[key], decision=decision)

    def _change(self, claim: UnitClaim, **fields: object) -> bool:
        key = (claim.regrade_id, claim.unit.number)
        unit = self._state.regrade_units[key]
        held = unit.is_waiting and (unit.worker_id, unit.attempt) == (claim.worker_id, claim.attempt)
        if held:
            self._state.regrade_units[key] = replace(unit, **fields)  # type: ignore[arg-type]
        return held


class FakeKeptScores(Fake):
    def find(self, keys: Sequence[str]) -> Mapping[str, TaskScore]:
        return {key: self._state.kept_scores[key] for key in keys if key in self._state.kept_scores}

    def keep(self, scores: Mapping[str, TaskScore], at: datetime) -> None:
        for key, score in scores.items():
            self._state.kept_scores.setdefault(key, score)


@dataclass(frozen=True)
class FakeFingerprints:
    """Implements ``Fingerprints``: a task's hash is said by ``versions``, an answer's is of the whole archive."""

    environment: str = "fake"

    def tasks(self, bundle, environment: str) -> Mapping[str, str]:
        tests = bundle.files.get("tests.json", b"").decode()
        said = dict(line.split("=", 1) for line in tests.splitlines())
        return {t.id: f"{environment} {t.id} {t.points} {said.get(t.id, '')}" for t in bundle.tasks}

    def answers(self, bundle, archive: bytes) -> str:
        return archive.partition(b"#")[0].hex().ljust(64, "0")[:64]


def _without_run(result: UnitResult) -> UnitResult:
    if result.outcome is None:
        return result
    return UnitResult(GradingOutcome(result.outcome.state, result.outcome.reason, result.outcome.tasks))
