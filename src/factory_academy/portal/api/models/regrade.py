"""The shapes of regrades in the REST API."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from factory_academy.domain.grade import TaskScore
from factory_academy.domain.regrade import Decision, Direction, Regrade, TaskChange
from factory_academy.portal.api.models.common import Model, PageOut
from factory_academy.workflows.paging import Paging
from factory_academy.workflows.regrading.plan import LONGEST_REASON, REASON, Wanted
from factory_academy.workflows.regrading.report import RegradeReport, ReportLine


class RegradeIn(Model):
    """What is asked for. ``reason`` says what was corrected; trainees read it. ``whole`` tries every task."""

    reason: str = Field(default=REASON, max_length=LONGEST_REASON)
    latest_only: bool = False
    whole: bool = False

    def wanted(self) -> Wanted:
        """For the workflow."""
        return Wanted(self.reason, self.latest_only, self.whole)


class RegradeOut(Model):
    """A regrade and who had a hand in it. ``changed`` are the tasks that differ; ``cached`` counts known scores."""

    id: str
    course_id: str
    assignment: str
    version: str
    state: str
    policy: str
    reason: str
    changed: tuple[str, ...]
    untouched: int
    cached: int
    planned_by: str
    planned_at: datetime
    started_by: str
    started_at: datetime | None
    decided_by: str
    decided_at: datetime | None

    @classmethod
    def of(cls, regrade: Regrade) -> RegradeOut:
        """From the domain."""
        return cls(
            id=regrade.id,
            course_id=regrade.course_id,
            assignment=regrade.assignment_name,
            version=regrade.version,
            state=regrade.state.value,
            policy=regrade.policy.value,
            reason=regrade.reason,
            changed=regrade.changed,
            untouched=regrade.untouched,
            cached=regrade.cached,
            planned_by=regrade.planned_by,
            planned_at=regrade.planned_at,
            started_by=regrade.started_by,
            started_at=regrade.started_at,
            decided_by=regrade.decided_by,
            decided_at=regrade.decided_at,
        )


class RegradedTaskOut(Model):
    """One task before and after; absent where that version has no such task."""

    task_id: str
    title: str
    old_earned: float | None
    old_verdict: str | None
    new_earned: float | None
    new_verdict: str | None

    @classmethod
    def of(cls, change: TaskChange) -> RegradedTaskOut:
        """From the domain."""
        (old_earned, old_verdict), (new_earned, new_verdict) = _shown(change.old), _shown(change.new)
        return cls(
            task_id=change.task_id,
            title=change.title,
            old_earned=old_earned,
            old_verdict=old_verdict,
            new_earned=new_earned,
            new_verdict=new_verdict,
        )


class RegradedOut(Model):
    """One submission: points before and after, and what publishing does, or did, with it.

    ``crossing`` says whether it comes to pass (up) or no longer would (down). ``refused`` tasks wait for a person.
    ``problem`` says why nothing can be said. Points after are absent while it waits to be tried.
    """

    submission_id: str
    trainee_id: str
    decision: Decision
    direction: Direction | None = None
    crossing: Direction | None = None
    old_earned: float | None = None
    old_possible: float | None = None
    new_earned: float | None = None
    new_possible: float | None = None
    tasks: tuple[RegradedTaskOut, ...] = ()
    refused: tuple[str, ...] = ()
    problem: str = ""

    @classmethod
    def of(cls, line: ReportLine) -> RegradedOut:
        """From a workflow's answer."""
        item, change = line.item, line.change
        if change is None:
            return cls(
                submission_id=item.submission_id,
                trainee_id=item.trainee_id,
                decision=line.decision,
                problem=line.problem,
            )
        return cls(
            submission_id=item.submission_id,
            trainee_id=item.trainee_id,
            decision=line.decision,
            direction=change.direction,
            crossing=change.crossing,
            old_earned=change.old.earned,
            old_possible=change.old.possible,
            new_earned=change.new.earned,
            new_possible=change.new.possible,
            tasks=tuple(RegradedTaskOut.of(task) for task in change.tasks),
            refused=change.refused,
        )


class RunsOut(Model):
    """How many runs a regrade needs, and how many tasks they try in all."""

    runs: int
    done: int
    failed: int
    tasks: int
    seconds_left: float


class RegradeReportOut(Model):
    """What a regrade changes: counts over all its submissions, and a page of them, those that lose first.

    ``keeps_certificate`` are trainees who would no longer earn the certificate that they keep.
    """

    regrade: RegradeOut
    progress: RunsOut
    directions: dict[Direction, int]
    crossings: dict[Direction, int]
    decisions: dict[Decision, int]
    refused: int
    keeps_certificate: tuple[str, ...]
    page: PageOut
    submissions: tuple[RegradedOut, ...]

    @classmethod
    def of(cls, report: RegradeReport, number: int = 1, size: int = 100) -> RegradeReportOut:
        """From a workflow's answer: this page of its lines."""
        paging = Paging(len(report.lines), size, number)
        lines = sorted(report.lines, key=_losing_first)[paging.offset : paging.offset + paging.size]
        progress = report.progress
        return cls(
            regrade=RegradeOut.of(report.regrade),
            progress=RunsOut(
                runs=progress.units,
                done=progress.done,
                failed=progress.failed,
                tasks=progress.tasks_to_try,
                seconds_left=report.time_left.total_seconds(),
            ),
            directions=dict(report.directions),
            crossings=dict(report.crossings),
            decisions=dict(report.decisions),
            refused=report.refused,
            keeps_certificate=report.keeps_certificate,
            page=PageOut(number=paging.number, pages=paging.pages, total=paging.total),
            submissions=tuple(RegradedOut.of(line) for line in lines),
        )


_ORDER = {Direction.DOWN: 0, Direction.UP: 2, Direction.SAME: 3}


def _losing_first(line: ReportLine) -> tuple[int, str]:
    return (_ORDER[line.change.direction] if line.change else 1), line.item.submission_id


def _shown(score: TaskScore | None) -> tuple[float | None, str | None]:
    return (None, None) if score is None else (score.earned, score.verdict.value)
