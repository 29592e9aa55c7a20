"""What an operator wants to know about the queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from factory_academy.domain.submission import SubmissionState
from factory_academy.domain.waiting import CourseQueue, Wait, Worker, wait_until_verdict
from factory_academy.workflows.ports import Clock, Records, Repositories, SubmissionFilter
from factory_academy.workflows.queue.waiting import ALIVE

DEAD = SubmissionFilter(states=frozenset({SubmissionState.INFRASTRUCTURE_FAILED}))


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """The queue at ``at``. ``until_empty`` is the time until what waits now has its verdict."""

    at: datetime
    courses: Mapping[str, CourseQueue]
    workers: tuple[Worker, ...]
    dead_letters: int
    paused_at: datetime | None
    until_empty: Wait | None

    @property
    def waiting(self) -> int:
        """How many submissions no worker holds."""
        return sum(course.waiting for course in self.courses.values())

    @property
    def held(self) -> int:
        """How many submissions are being graded, or were when their worker was last heard of."""
        return sum(course.held for course in self.courses.values())

    @property
    def oldest_age(self) -> timedelta | None:
        """How long the oldest waiting submission has been waiting."""
        since = [course.oldest_at for course in self.courses.values() if course.oldest_at is not None]
        return self.at - min(since) if since else None


@dataclass(frozen=True, slots=True)
class ViewQueue:
    """The queue as it stands."""

    records: Records
    clock: Clock

    def __call__(self) -> QueueStatus:
        """One moment of it."""
        now = self.clock()
        with self.records.reading() as repositories:
            workers = tuple(repositories.grading_workers.since(now - ALIVE))
            courses = repositories.queue.by_course()
            return QueueStatus(
                at=now,
                courses=courses,
                workers=workers,
                dead_letters=repositories.submissions.count_matching(DEAD),
                paused_at=repositories.queue.paused_at(),
                until_empty=_until_empty(repositories, courses, len(workers)),
            )


def _until_empty(repositories: Repositories, courses: Mapping[str, CourseQueue], workers: int) -> Wait | None:
    waiting = sum(course.waiting for course in courses.values())
    if not waiting:
        return None
    if repositories.queue.paused_at():
        return Wait(unknown_because="grading is paused")
    recent = [seconds for course in courses for seconds in repositories.grading_workers.recent_seconds(course)]
    return wait_until_verdict(waiting - 1, workers, recent)
