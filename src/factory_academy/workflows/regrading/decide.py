"""Let the results of a regrade count, or drop them."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from factory_academy.domain.course import Task
from factory_academy.domain.grade import GradeEvent, GradingOutcome
from factory_academy.domain.person import Person
from factory_academy.domain.regrade import (
    Decision,
    Regrade,
    RegradeItem,
    RegradeState,
    Standing,
    UnitResult,
    as_grade,
    decision_on,
    merged,
)
from factory_academy.errors import AcademyError, Conflict
from factory_academy.workflows.certify import Certify
from factory_academy.workflows.ports import Clock, Records, Repositories
from factory_academy.workflows.regrading.access import permitted
from factory_academy.workflows.regrading.report import RegradeReport, change_of, report_of

log = logging.getLogger("factory_academy.grader")
BATCH = 200


@dataclass(frozen=True, slots=True)
class PublishRegrade:
    """Make each new result a grade event, in transactions of ``BATCH`` submissions, then issue what is newly earned.

    It may be killed at any moment and asked again: a submission is decided once. A grade that changed since the plan
    is left alone, and so is a submission that is being graded. No certificate is revoked.
    """

    records: Records
    certify: Certify
    clock: Clock

    def __call__(self, regrade_id: str, by: Person) -> RegradeReport:
        """What it did. Publishing again does nothing.

        Raises:
            NotFound: there is none among those of the person's trainees.
            Conflict: something is still to be tried, or it was dropped.
        """
        changed: set[str] = set()
        while (batch := self._batch(regrade_id, by)) is not None:
            changed |= batch
        with self.records.reading() as repositories:
            regrade = permitted(repositories, by, repositories.regrades.find(regrade_id))
            report = report_of(repositories, regrade)
        self._certify(changed, regrade.course_id)
        return report

    def _batch(self, regrade_id: str, by: Person) -> set[str] | None:
        with self.records.transaction() as repositories:
            regrade = permitted(repositories, by, repositories.regrades.find_alone(regrade_id))
            if regrade.state is RegradeState.PUBLISHED:
                return None
            _refuse_unready(repositories, regrade)
            items = [i for i in repositories.regrades.items(regrade.id) if i.decision is Decision.PENDING][:BATCH]
            if not items:
                repositories.regrades.decide(regrade.id, RegradeState.PUBLISHED, by.id, self.clock())
                return None
            return set(_Batch(repositories, regrade, by, self.clock).publish(items))

    def _certify(self, trainees: set[str], course_id: str) -> None:
        for trainee_id in sorted(trainees):
            try:
                self.certify(trainee_id, course_id)
            except AcademyError as error:
                log.warning(
                    "could not certify %s in %s: %s; a grader's next start tries again", trainee_id, course_id, error
                )


@dataclass(frozen=True, slots=True)
class DropRegrade:
    """Let nothing of a regrade count. What was tried stays known, so planning again costs little."""

    records: Records
    clock: Clock

    def __call__(self, regrade_id: str, by: Person) -> Regrade:
        """The regrade, dropped; one that was dropped before is left alone.

        Raises:
            NotFound: there is none among those of the person's trainees.
            Conflict: some of it counts already.
        """
        with self.records.transaction() as repositories:
            regrade = permitted(repositories, by, repositories.regrades.find_alone(regrade_id))
            decided = any(i.decision is not Decision.PENDING for i in repositories.regrades.items(regrade.id))
            if regrade.state is RegradeState.PUBLISHED or decided:
                raise Conflict("This regrade counts already, wholly or in part.", "Plan another to change it again.")
            repositories.regrades.decide(regrade.id, RegradeState.DROPPED, by.id, self.clock())
            return permitted(repositories, by, repositories.regrades.find(regrade_id))


@dataclass(frozen=True, slots=True)
class _Batch:
    repositories: Repositories
    regrade: Regrade
    by: Person
    clock: Clock

    def publish(self, items: Sequence[RegradeItem]) -> Iterator[str]:
        """Decide each; gives the trainees whose grade changed."""
        regrades = self.repositories.regrades
        assignment = self.repositories.courses.assignment_of_version(self.regrade.version)
        tasks = assignment.tasks if assignment else ()
        results = regrades.results(self.regrade.id, sorted({item.unit for item in items}))
        for item in items:
            self.repositories.marks.decide_alone(item.submission_id)
        present = regrades.standings([item.submission_id for item in items])
        for item in items:
            decision = self._decided(item, present[item.submission_id], results[item.unit], tasks)
            regrades.decide_item(self.regrade.id, item.submission_id, decision)
            if decision is Decision.PUBLISHED:
                yield item.trainee_id

    def _decided(self, item: RegradeItem, standing: Standing, result: UnitResult, tasks: Sequence[Task]) -> Decision:
        is_waiting = self.repositories.queue.position(item.submission_id) is not None
        if standing.event_number != item.event_number or is_waiting:
            return Decision.OUTDATED
        if result.outcome is None:
            return Decision.FAILED
        decision = decision_on(change_of(item, standing, result.outcome, tasks, None), self.regrade.policy)
        if decision is Decision.PUBLISHED:
            self._publish(item, standing, merged(standing, result.outcome, tasks))
        return decision

    def _publish(self, item: RegradeItem, standing: Standing, whole: GradingOutcome) -> None:
        reason = f"Graded again: {self.regrade.reason} {whole.reason}".strip()
        whole = replace(whole, reason=reason, environment=whole.environment or self.regrade.environment)
        event = GradeEvent(
            submission_id=item.submission_id,
            actor="autograder",
            at=self.clock(),
            reason=reason,
            old_earned=as_grade(item.submission_id, standing.tasks).earned,
            new_earned=whole.earned,
            possible=whole.possible,
            assignment_version=self.regrade.version,
            environment=whole.environment,
            seed=whole.seed,
            asked_by=self.by.id,
        )
        self.repositories.grades.add(event, whole)
        self.repositories.submissions.set_state(item.submission_id, whole.state, reason)


def _refuse_unready(repositories: Repositories, regrade: Regrade) -> None:
    if regrade.state is RegradeState.DROPPED:
        raise Conflict("This regrade was dropped.", "Plan another.")
    progress = repositories.regrades.progress(regrade.id)
    if not progress.is_over:
        left = progress.units - progress.done - progress.failed
        step = "Start it first." if regrade.state is RegradeState.PLANNED else "Wait until the workers are done."
        raise Conflict(f"{left} of {progress.units} runs of this regrade are still to be done.", step)
