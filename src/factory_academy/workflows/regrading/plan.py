"""Plan to grade an assignment's submissions again with its present version."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from factory_academy.domain.course import Assignment, Course
from factory_academy.domain.person import Person
from factory_academy.domain.regrade import Regrade, RegradeState
from factory_academy.domain.submission import Submission, SubmissionState
from factory_academy.errors import BadInput, Conflict, NotFound
from factory_academy.workflows.ports import Blobs, Clock, Records, Repositories, SubmissionFilter
from factory_academy.workflows.regrading.access import trainees_of
from factory_academy.workflows.regrading.draft import Graded, Touched, Versions, drafted, keys_of, touched
from factory_academy.workflows.regrading.ports import Fingerprints

REASON = "A test of this assignment was corrected."
LONGEST_REASON = 500
_SAMPLE = 10
_GRADED = frozenset(state for state in SubmissionState if state.is_terminal)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: all submissions or each trainee's latest only; and whether to try even what did not change."""

    reason: str = REASON
    latest_only: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class _Scope:
    course: Course
    assignment: Assignment
    graded: tuple[Graded, ...]
    places: dict[str, str]


@dataclass(frozen=True, slots=True)
class PlanRegrade:
    """Find what the present version of an assignment changes, for whom, and what of it is known already.

    Nothing runs and nothing counts yet. Where nothing is to be done the plan is recorded as dropped.
    """

    records: Records
    blobs: Blobs
    fingerprints: Fingerprints
    clock: Clock

    def __call__(self, course_id: str, assignment_name: str, by: Person, wanted: Wanted | None = None) -> Regrade:
        """The plan.

        Raises:
            NotFound: there is no such assignment among those that the person teaches.
            Conflict: another regrade of the assignment is open.
            BadInput: the reason is too long, or names the person: trainees read it.
        """
        wanted = wanted or Wanted()
        _check_reason(wanted.reason, by)
        with self.records.reading() as repositories:
            scope = _scope(repositories, course_id, assignment_name, by, wanted)
        versions = Versions(self.blobs, self.fingerprints, scope.places)
        version = scope.assignment.version
        those = touched(scope.graded, versions, version, scope.assignment.tasks, wanted.whole)
        hashes = versions.hashes(version, self.fingerprints.environment)
        keys = [key for one in those for key in keys_of(one, hashes).values()]
        with self.records.reading() as repositories:
            kept = {} if wanted.whole else repositories.kept_scores.find(sorted(set(keys)))
            seconds = _mean_seconds(repositories, those)
        units, items = drafted(those, hashes, kept)
        now = self.clock()
        regrade = Regrade(
            id=secrets.token_urlsafe(9),
            course_id=course_id,
            assignment_name=assignment_name,
            version=version,
            environment=self.fingerprints.environment,
            policy=scope.course.regrade_policy,
            reason=wanted.reason.strip(),
            planned_by=by.id,
            planned_at=now,
            changed=tuple(t.id for t in scope.assignment.tasks if any(t.id in one.tasks for one in those)),
            untouched=len(scope.graded) - len(those),
            cached=sum(key in kept for key in keys),
            seconds_each=seconds,
        )
        if not items:
            regrade = replace(regrade, state=RegradeState.DROPPED, decided_by=by.id, decided_at=now)
        with self.records.transaction() as repositories:
            _refuse_second(repositories, course_id, assignment_name)
            repositories.regrades.add(regrade, units, items)
        return regrade


def _check_reason(reason: str, by: Person) -> None:
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise BadInput(
            f"The reason must have 1 to {LONGEST_REASON} characters, got {len(reason.strip())}.",
            "Say in a sentence what was corrected: trainees read it.",
        )
    if re.search(rf"(?<!\w){re.escape(by.id)}(?!\w)", reason, re.IGNORECASE):
        raise BadInput("The reason holds your sign-in name, and trainees read it.", "Say what was corrected only.")


def _refuse_second(repositories: Repositories, course_id: str, assignment_name: str) -> None:
    others = repositories.regrades.of_assignment(course_id, assignment_name)
    if any(other.state.is_open for other in others):
        raise Conflict(f"A regrade of {course_id}/{assignment_name} is open.", "Publish or drop it first.")


def _scope(repositories: Repositories, course_id: str, name: str, by: Person, wanted: Wanted) -> _Scope:
    trainees = trainees_of(repositories, by, course_id)
    course = repositories.courses.find(course_id)
    assignment = course.assignment(name) if course else None
    if course is None or assignment is None:
        raise NotFound(f"There is no assignment {course_id}/{name}.", "Name one as course/assignment.")
    _refuse_second(repositories, course_id, name)
    found = repositories.submissions.matching(SubmissionFilter(course_id, name, _GRADED, trainees))
    if wanted.latest_only:
        found = _latest(found)
    standings = repositories.regrades.standings([submission.id for submission in found])
    graded = tuple(Graded(s, standings[s.id]) for s in found if s.id in standings)
    versions = {assignment.version, *(one.standing.assignment_version for one in graded)}
    blobs = {version: repositories.courses.version_blob(version) for version in versions}
    return _Scope(course, assignment, graded, {version: blob for version, blob in blobs.items() if blob})


def _latest(newest_first: Sequence[Submission]) -> list[Submission]:
    latest: dict[str, Submission] = {}
    for submission in newest_first:
        latest.setdefault(submission.trainee_id, submission)
    return list(latest.values())


def _mean_seconds(repositories: Repositories, those: Sequence[Touched]) -> float:
    """How long a whole run took in a few of them; a run of a few tasks takes less."""
    some = [repositories.grades.outcome(one.graded.submission.id) for one in those[:_SAMPLE]]
    took = [outcome.seconds for outcome in some if outcome is not None and outcome.seconds > 0]
    return round(sum(took) / len(took), 3) if took else 0.0
