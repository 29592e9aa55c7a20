"""The hashes by which scores are kept and regrades planned, as this machine computes them."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.grading.trials.zygotes import environment_digest
from factory_academy.grading.work.fingerprints import answers_hash, task_hashes


class ContentFingerprints:
    """Implements the port of that name over what is installed here.

    ``key`` is a secret of the installation. What answers hash to decides the luck that they draw; with a key nobody
    can look for answers that will be lucky.
    """

    def __init__(self, key: bytes = b"") -> None:
        self._key = key

    @property
    def environment(self) -> str:
        """The digest of the interpreter and every installed package."""
        return environment_digest()

    def tasks(self, bundle: AssignmentBundle, environment: str) -> Mapping[str, str]:
        """By task id, the hash of all that can decide about it."""
        return task_hashes(bundle, environment)

    def answers(self, bundle: AssignmentBundle, archive: bytes) -> str:
        """The hash of what is run of it; outputs do not count."""
        return hmac.digest(self._key, answers_hash(bundle, archive).encode(), "sha256").hex()
