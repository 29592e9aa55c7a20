"""The fake queue and its workers: the same promises as the tables', by looking at everything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from factory_academy.domain.submission import Job
from factory_academy.domain.waiting import CourseQueue, Worker
from tests.support.fake_state import Fake, FakeJob, refuse


class FakeQueue(Fake):
    def add(self, submission_id: str, at: datetime, priority: int = 0, asked_by: str = "") -> None:
        submission = self._state.submissions.get(submission_id)
        refuse(submission is None, "no such submission")
        if submission is None or submission_id in self._state.jobs:
            return
        alike = [j for j in self._state.jobs.values() if j.priority == priority]
        in_course = [j for j in alike if j.course_id == submission.course_id]
        theirs = [j for j in in_course if j.trainee_id == submission.trainee_id]
        self._put(
            FakeJob(
                submission_id,
                priority,
                _next_turn(lambda j: j.turn, in_course, theirs),
                at,
                at,
                asked_by,
                trainee_id=submission.trainee_id,
                course_id=submission.course_id,
                course_turn=_next_turn(lambda j: j.course_turn, alike, in_course),
            )
        )

    def _put(self, *jobs: FakeJob) -> None:
        self._state.jobs.update({job.submission_id: job for job in jobs})

    def lease(self, worker_id: str, now: datetime, lasting: timedelta) -> Job | None:
        free = [j for j in self._state.jobs.values() if (j.leased_until or j.free_at) <= now]
        if not free or self.paused_at():
            return None
        slot = min(free, key=lambda j: j.by_slot)
        job = min((j for j in free if j.is_alike(slot)), key=lambda j: j.by_turn)
        until, attempt = now + lasting, job.attempt + 1
        losses = job.losses + (job.worker_id not in (None, worker_id))
        self._put(replace(slot, course_turn=job.course_turn))
        self._put(
            replace(
                job,
                course_turn=slot.course_turn,
                worker_id=worker_id,
                attempt=attempt,
                leased_until=until,
                losses=losses,
            )
        )
        return Job(job.submission_id, worker_id, attempt, until, job.asked_by, losses, job.faults)

    def _held(self, job: Job) -> FakeJob | None:
        found = self._state.jobs.get(job.submission_id)
        same = found is not None and (found.worker_id, found.attempt) == (job.worker_id, job.attempt)
        return found if same else None

    def extend(self, job: Job, now: datetime, lasting: timedelta) -> bool:
        held = self._held(job)
        if held is not None:
            self._put(replace(held, leased_until=now + lasting))
        return held is not None

    def finish(self, job: Job) -> bool:
        held = self._held(job)
        if held is not None:
            del self._state.jobs[job.submission_id]
        return held is not None

    def release(self, job: Job, retry_at: datetime) -> bool:
        held = self._held(job)
        if held is not None:
            self._put(replace(held, worker_id=None, leased_until=None, free_at=retry_at, faults=held.faults + 1))
        return held is not None

    def abandon(self, worker_ids: Sequence[str], at: datetime) -> int:
        theirs = [j for j in self._state.jobs.values() if j.worker_id in worker_ids and (j.leased_until or at) > at]
        self._put(*(replace(j, leased_until=at) for j in theirs))
        return len(theirs)

    def position(self, submission_id: str) -> int | None:
        job = self._state.jobs.get(submission_id)
        if job is None or job.worker_id:
            return None if job is None else 0
        waiting, order = [j for j in self._state.jobs.values() if j.worker_id is None], []
        while waiting:
            slot = min(waiting, key=lambda j: j.by_slot)
            served = min((j for j in waiting if j.is_alike(slot)), key=lambda j: j.by_turn)
            order.append(served.submission_id)
            swapped = replace(slot, course_turn=served.course_turn)
            waiting = [swapped if j is slot else j for j in waiting if j is not served]
        return order.index(submission_id)

    def waiting(self) -> int:
        return sum(j.worker_id is None for j in self._state.jobs.values())

    def due(self, now: datetime) -> int:
        return 0 if self.paused_at() else sum((j.leased_until or j.free_at) <= now for j in self._state.jobs.values())

    def held(self) -> int:
        return len(self._state.jobs) - self.waiting()

    def by_course(self) -> Mapping[str, CourseQueue]:
        jobs = self._state.jobs.values()
        return {course: _queue_of(j for j in jobs if j.course_id == course) for course in {j.course_id for j in jobs}}

    def pause(self, at: datetime, asked_by: str) -> None:
        self._state.pause.setdefault("since", at)

    def resume(self) -> None:
        self._state.pause.clear()

    def paused_at(self) -> datetime | None:
        return self._state.pause.get("since")


class FakeGradingWorkers(Fake):
    def seen(self, worker_id: str, at: datetime) -> None:
        known = self._state.workers.get(worker_id)
        self._state.workers[worker_id] = Worker(worker_id, known.begun_at if known else at, at)

    def gone(self, worker_ids: Sequence[str]) -> None:
        for worker_id in worker_ids:
            self._state.workers.pop(worker_id, None)

    def since(self, at: datetime) -> Sequence[Worker]:
        held = {j.worker_id: j.submission_id for j in self._state.jobs.values() if j.worker_id}
        alive = [w for w in self._state.workers.values() if w.seen_at >= at]
        return tuple(replace(w, submission_id=held.get(w.id)) for w in sorted(alive, key=lambda w: w.id))

    def took(self, course_id: str, assignment_name: str, seconds: float) -> None:
        self._state.durations[len(self._state.durations)] = (course_id, assignment_name, seconds)

    def recent_seconds(self, course_id: str, assignment_name: str | None = None, limit: int = 20) -> Sequence[float]:
        newest_first = reversed(self._state.durations.values())
        fits = [s for course, name, s in newest_first if course == course_id and assignment_name in (None, name)]
        return tuple(fits[:limit])


def _next_turn(turn: Callable[[FakeJob], int], among: list[FakeJob], theirs: list[FakeJob]) -> int:
    taken = [turn(j) for j in among if j.worker_id]
    now_served = max(taken) if taken else min(map(turn, among), default=0)
    return max(now_served, max(map(turn, theirs), default=-1) + 1)


def _queue_of(jobs: Iterable[FakeJob]) -> CourseQueue:
    all_ = list(jobs)
    since = [j.added_at for j in all_ if j.worker_id is None]
    return CourseQueue(len(since), len(all_) - len(since), min(since, default=None))
