"""From marks to grade events: what a decision changes, and who hears of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from factory_academy.domain.grade import GradeEvent, GradingOutcome, TaskScore
from factory_academy.domain.marking import Decision, MarkKind, marked, with_scores
from factory_academy.domain.rubric import Rubric
from factory_academy.domain.submission import Submission
from factory_academy.workflows.ports import Repositories

Certifying = Callable[[str, str], object]
"""Issues what a trainee has earned in a course."""

_HOW = {
    MarkKind.INDEPENDENT: "Marked by a person",
    MarkKind.MODERATION: "Two marks differed and a third decided",
    MarkKind.APPEAL: "Changed on appeal",
}


def decide(
    repositories: Repositories,
    submission: Submission,
    decisions: Mapping[str, Decision],
    rubrics: Mapping[str, Rubric],
    at: datetime,
) -> GradingOutcome:
    """Record a grade event for each task decided, and where the submission is now.

    Whoever calls holds the submission alone. The scores of all other tasks stay as they are.
    """
    outcome = repositories.grades.outcome(submission.id)
    if outcome is None:
        raise LookupError(f"{submission.id} has no outcome that could be changed")
    for task_id, decision in decisions.items():
        before = next(task for task in outcome.tasks if task.task_id == task_id)
        after = marked(before, decision, rubrics.get(task_id))
        changed = with_scores(outcome, {task_id: after})
        record(repositories, submission, outcome, changed, actor=decision.actor, reason=_reason(after, decision), at=at)
        outcome = changed
    return outcome


def record(
    repositories: Repositories,
    submission: Submission,
    before: GradingOutcome,
    after: GradingOutcome,
    *,
    actor: str,
    reason: str,
    at: datetime,
) -> None:
    """Add a person's line to the history; ``reason`` is for the trainee and names nobody."""
    event = GradeEvent(
        submission_id=submission.id,
        actor=actor,
        at=at,
        reason=reason,
        old_earned=before.earned,
        new_earned=after.earned,
        possible=after.possible,
        assignment_version=submission.assignment_version,
        environment=after.environment,
        seed=after.seed,
    )
    repositories.grades.add(event, after)
    repositories.submissions.set_state(submission.id, after.state, after.reason)


def _reason(score: TaskScore, decision: Decision) -> str:
    how = "Marked by two people" if len(decision.marks) == 2 else _HOW[decision.marks[-1].kind]
    return f"{how}: {score.title or score.task_id}, {score.earned:g} of {score.possible:g}."
