"""What a regrade changes, before and after it is published: for whom, which task, how many points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from factory_academy.domain.course import Task
from factory_academy.domain.grade import GradingOutcome
from factory_academy.domain.person import Person
from factory_academy.domain.regrade import (
    Decision,
    Direction,
    Regrade,
    RegradeItem,
    RegradeProgress,
    ScoreChange,
    Standing,
    as_grade,
    decision_on,
    merged,
    tally,
)
from factory_academy.workflows.ports import Records, Repositories
from factory_academy.workflows.regrading.access import permitted, trainees_of


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One submission: its change once it is known, and what publishing does, or did, with it.

    ``problem`` says why nothing can be said about it. Without either it still waits to be tried.
    """

    item: RegradeItem
    decision: Decision
    change: ScoreChange | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RegradeReport:
    """A regrade with all its lines. ``keeps_certificate`` are trainees who would no longer earn what they hold."""

    regrade: Regrade
    progress: RegradeProgress
    lines: tuple[ReportLine, ...]
    keeps_certificate: tuple[str, ...] = ()

    @property
    def directions(self) -> Mapping[Direction, int]:
        """How many totals go up, go down and stay."""
        return tally(line.change.direction for line in self.lines if line.change)

    @property
    def crossings(self) -> Mapping[Direction, int]:
        """How many come to pass (up), and how many no longer would (down)."""
        return tally(line.change.crossing for line in self.lines if line.change)

    @property
    def decisions(self) -> Mapping[Decision, int]:
        """How many submissions publishing does, or did, each thing with."""
        return {decision: sum(line.decision is decision for line in self.lines) for decision in Decision}

    @property
    def refused(self) -> int:
        """How many submissions have a task that could be judged before and now waits for a person."""
        return sum(bool(line.change and line.change.refused) for line in self.lines)

    @property
    def time_left(self) -> timedelta:
        """About how long one worker needs for what is left; zero where no earlier run says so."""
        left = self.progress.units - self.progress.done - self.progress.failed
        return timedelta(seconds=round(left * self.regrade.seconds_each, 1))


@dataclass(frozen=True, slots=True)
class ViewRegrade:
    """Look at a regrade."""

    records: Records

    def __call__(self, regrade_id: str, by: Person) -> RegradeReport:
        """The report, whatever state the regrade is in.

        Raises:
            NotFound: there is none among those of the person's trainees.
        """
        with self.records.reading() as repositories:
            return report_of(repositories, permitted(repositories, by, repositories.regrades.find(regrade_id)))


@dataclass(frozen=True, slots=True)
class ListRegrades:
    """The regrades of an assignment."""

    records: Records

    def __call__(self, course_id: str, assignment_name: str, by: Person) -> tuple[Regrade, ...]:
        """The newest first; those about other people's trainees are left out.

        Raises:
            NotFound: the person teaches no section of such a course.
        """
        with self.records.reading() as repositories:
            mine = trainees_of(repositories, by, course_id)
            found = repositories.regrades.of_assignment(course_id, assignment_name)
            return tuple(
                one
                for one in found
                if mine is None or {item.trainee_id for item in repositories.regrades.items(one.id)} <= mine
            )


def report_of(repositories: Repositories, regrade: Regrade) -> RegradeReport:
    """The report of a regrade, in a fixed number of queries."""
    items = repositories.regrades.items(regrade.id)
    lines = lines_of(repositories, regrade, items)
    crossed = {line.item.trainee_id for line in lines if line.change and line.change.crossing is Direction.DOWN}
    held = {c.trainee_id for c in repositories.certificates.of_course(regrade.course_id) if c.revoked_at is None}
    return RegradeReport(regrade, repositories.regrades.progress(regrade.id), lines, tuple(sorted(crossed & held)))


def lines_of(repositories: Repositories, regrade: Regrade, items: Sequence[RegradeItem]) -> tuple[ReportLine, ...]:
    """A line for each of these submissions."""
    assignment = repositories.courses.assignment_of_version(regrade.version)
    course = repositories.courses.find(regrade.course_id)
    rule = course.certificate if course else None
    counts = rule is not None and (not rule.assignments or regrade.assignment_name in rule.assignments)
    before = repositories.regrades.standings_at([item.event_number for item in items])
    present = repositories.regrades.standings([item.submission_id for item in items])
    results = repositories.regrades.results(regrade.id)
    lines = []
    for item in items:
        result, old = results[item.unit], before[item.event_number]
        is_old = present[item.submission_id].event_number != item.event_number
        change = None
        if result.outcome is not None and assignment is not None:
            fraction = rule.pass_fraction if rule is not None and counts else None
            change = change_of(item, old, result.outcome, assignment.tasks, fraction)
        lines.append(ReportLine(item, _decision(item, change, regrade, result.problem, is_old), change, result.problem))
    return tuple(lines)


def change_of(
    item: RegradeItem, old: Standing, tried: GradingOutcome, tasks: Sequence[Task], pass_fraction: float | None
) -> ScoreChange:
    """One submission before and after."""
    new = merged(old, tried, tasks).tasks
    before, after = as_grade(item.submission_id, old.tasks), as_grade(item.submission_id, new)
    return ScoreChange(item.submission_id, item.trainee_id, before, after, pass_fraction)


def _decision(item: RegradeItem, change: ScoreChange | None, regrade: Regrade, problem: str, is_old: bool) -> Decision:
    if item.decision is not Decision.PENDING or not regrade.state.is_open:
        return item.decision
    if is_old:
        return Decision.OUTDATED
    if problem:
        return Decision.FAILED
    return decision_on(change, regrade.policy) if change else Decision.PENDING
