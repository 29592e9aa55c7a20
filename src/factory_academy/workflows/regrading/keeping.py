"""Which scores of a run are kept, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.grade import GradingOutcome, TaskScore
from factory_academy.domain.regrade import cache_key, keepable
from factory_academy.workflows.regrading.ports import Fingerprints

_REMEMBERED = 16


@dataclass(slots=True)
class Keeper:
    """Remembers what decides about the tasks of the last few versions that a worker met."""

    fingerprints: Fingerprints
    _hashes: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def kept(
        self, version: str, bundle: AssignmentBundle, answers: str, outcome: GradingOutcome
    ) -> Mapping[str, TaskScore]:
        """The scores that the same answers would earn again, by the key under which they are kept."""
        hashes = self._of(version, bundle)
        return {cache_key(hashes[s.task_id], answers): s for s in keepable(outcome) if s.task_id in hashes}

    def _of(self, version: str, bundle: AssignmentBundle) -> Mapping[str, str]:
        if version not in self._hashes:
            if len(self._hashes) >= _REMEMBERED:
                self._hashes.clear()
            self._hashes[version] = self.fingerprints.tasks(bundle, self.fingerprints.environment)
        return self._hashes[version]
