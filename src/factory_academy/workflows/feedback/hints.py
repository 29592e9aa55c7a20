"""The hints that a trainee may read about a submission."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.hints import HintLadder, hint_ladders
from factory_academy.domain.person import Person
from factory_academy.errors import InfrastructureFault, NotFound
from factory_academy.workflows.ports import Blobs, Records

log = logging.getLogger("factory_academy.portal")


@dataclass(frozen=True, slots=True)
class OpenHints:
    """Hints by misconception code, as far as the trainee's tries have opened them."""

    records: Records
    blobs: Blobs

    def __call__(self, trainee: Person, submission_id: str) -> Mapping[str, HintLadder]:
        """The ladders for this submission; empty where nothing went wrong in a known way.

        Raises:
            NotFound: there is no such submission, or it is someone else's.
        """
        with self.records.reading() as repositories:
            submission = repositories.submissions.find(submission_id)
            if submission is None or submission.trainee_id != trainee.id:
                raise NotFound("There is no such submission.", "Your own submissions are on your home page.")
            grade = repositories.grades.find(submission_id)
            if grade is None or not any(task.code for task in grade.tasks):
                return {}
            mine = repositories.submissions.of_trainee(trainee.id, submission.course_id)
            tries = [s for s in mine if s.assignment_name == submission.assignment_name]
            until = [s for s in tries if (s.received_at, s.id) <= (submission.received_at, submission.id)]
            grades = repositories.grades.of_submissions([s.id for s in until])
            blob = repositories.courses.version_blob(submission.assignment_version)
        in_order = sorted(until, key=lambda s: (s.received_at, s.id))
        levels = self._levels(blob) if blob else {}
        return hint_ladders(levels, [grades[s.id] for s in in_order if s.id in grades])

    def _levels(self, blob: str) -> Mapping[str, list[str]]:
        try:
            bundle = AssignmentBundle.from_bytes(self.blobs.get(blob))
        except InfrastructureFault:
            log.exception("hints cannot be read; the verdict is shown without them")
            return {}
        levels: Mapping[str, list[str]] = json.loads(bundle.files.get("hints.json", b"{}"))
        return levels
