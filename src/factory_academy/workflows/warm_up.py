"""Start what grading needs before the first submission asks for it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Protocol

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.errors import AcademyError
from factory_academy.workflows.ports import Blobs, Records, SubmissionFilter

log = logging.getLogger("factory_academy.grader")
MOST_BUNDLES = 24
_LOOKED_AT = 100


class Warms(Protocol):
    """Keeps processes warm."""

    def warm(self, bundle: AssignmentBundle) -> bool:
        """Start what this assignment's runs are forked from; False where no more is kept warm."""


@dataclass(frozen=True, slots=True)
class WarmUp:
    """Warm up for what was handed in last, then for what else is released, until nothing more is kept warm.

    Meant for a thread of its own while the worker already grades. What goes wrong only costs warmth.
    """

    records: Records
    blobs: Blobs
    autograder: Warms

    def __call__(self) -> int:
        """How many assignments were warmed up for."""
        warmed = 0
        try:
            for version in self._versions()[:MOST_BUNDLES]:
                if not self.autograder.warm(self._bundle(version)):
                    break
                warmed += 1
        except (AcademyError, OSError) as error:
            log.warning("could not warm up any further: %s", error)
        return warmed

    def _versions(self) -> list[str]:
        """Blobs of assignment versions, those handed in for last first."""
        with self.records.reading() as repositories:
            recent = repositories.submissions.matching(SubmissionFilter(), _LOOKED_AT)
            present = [assignment.version for course in repositories.courses.all() for assignment in course.assignments]
            versions = dict.fromkeys([*(submission.assignment_version for submission in recent), *present])
            blobs = [repositories.courses.version_blob(version) for version in versions]
        return [blob for blob in blobs if blob]

    def _bundle(self, blob: str) -> AssignmentBundle:
        return AssignmentBundle.from_bytes(self.blobs.get(blob))
