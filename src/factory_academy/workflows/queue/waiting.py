"""When a submission may expect its verdict."""

from __future__ import annotations

from datetime import datetime, timedelta

from factory_academy.domain.submission import Submission, SubmissionState
from factory_academy.domain.waiting import Wait, wait_until_verdict
from factory_academy.workflows.ports import Repositories

ALIVE = timedelta(seconds=30)
"""A worker that was not heard of for so long does not count."""


def wait_of(repositories: Repositories, submission: Submission, at: datetime) -> Wait | None:
    """How long until the verdict, from ``at``; None where there is nothing to wait for."""
    if submission.state.is_terminal:
        return None
    if repositories.queue.paused_at() and submission.state is SubmissionState.QUEUED:
        return Wait(unknown_because="grading is paused for maintenance, and nothing is lost")
    return wait_until_verdict(
        repositories.queue.position(submission.id) or 0,
        len(repositories.grading_workers.since(at - ALIVE)),
        repositories.grading_workers.recent_seconds(submission.course_id, submission.assignment_name),
        is_held=submission.state is SubmissionState.RUNNING,
    )
