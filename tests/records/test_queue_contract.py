"""Whose turn it is, in the fake and in each database: courses in turn, and within a course trainees in turn."""

import threading
from collections import Counter, defaultdict
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.records import DP4, NOON, FakeRecords, stocked
from tests.support.work import submission

from factory_academy.domain.course import Assignment, Course
from factory_academy.domain.person import Person, Role
from factory_academy.domain.submission import SubmissionState
from factory_academy.domain.waiting import CourseQueue

SECOND = timedelta(seconds=1)
LEASE = timedelta(seconds=30)
LATER = NOON + timedelta(hours=1)
COURSES = ("pipelines", "course-b", "course-c")
TRAINEES = ("t0", "t1", "t2")
VERSIONS = {course: DP4.version if course == "pipelines" else course.rjust(64, "0") for course in COURSES}


def more_courses(records) -> None:
    with records.transaction() as repositories:
        for course in COURSES[1:]:
            repositories.courses.ensure(Course(course, course))
            repositories.courses.release(
                Assignment(course, "work", "Work", (), VERSIONS[course], source_version=VERSIONS[course]),
                "b" * 64,
                NOON,
            )
        for trainee in TRAINEES:
            repositories.people.add(Person(trainee, trainee, Role.TRAINEE))


def add(repositories, i: str, course: str, trainee: str, at=NOON, priority: int = 0) -> None:
    new = submission(i, trainee, at)
    name = "dp4" if course == "pipelines" else "work"
    repositories.submissions.add(type(new)(i, trainee, course, name, VERSIONS[course], new.content, 3, received_at=at))
    repositories.queue.add(i, at, priority)


def serve(repositories, count: int, worker: str = "w") -> list[str]:
    """Take and finish so many, one after the other."""
    served = []
    for _ in range(count):
        job = repositories.queue.lease(worker, LATER, LEASE)
        repositories.queue.finish(job)
        served.append(job.submission_id)
    return served


def test_a_course_with_a_hundred_submissions_does_not_keep_another_waiting(records):
    more_courses(records)
    with records.transaction() as repositories:
        for n in range(10):
            add(repositories, f"a{n}", "pipelines", "mira", NOON + n * SECOND)
        for n in range(2):
            add(repositories, f"b{n}", "course-b", "jun", NOON + (20 + n) * SECOND)
    with records.transaction() as repositories:
        assert serve(repositories, 6) == ["a0", "b0", "a1", "b1", "a2", "a3"]


def test_within_a_course_every_trainee_has_a_turn_before_anyone_has_a_second(records):
    more_courses(records)
    with records.transaction() as repositories:
        for n in range(5):
            add(repositories, f"m{n}", "pipelines", "mira", NOON + n * SECOND)
        add(repositories, "j0", "pipelines", "jun", NOON + 9 * SECOND)
        for n in range(3):
            add(repositories, f"b{n}", "course-b", "t0", NOON + (10 + n) * SECOND)
    with records.transaction() as repositories:
        assert serve(repositories, 6) == ["m0", "b0", "j0", "b1", "m1", "b2"]


def test_a_course_that_comes_late_begins_with_the_round_that_is_served_and_not_before(records):
    more_courses(records)
    with records.transaction() as repositories:
        for n in range(20):
            add(repositories, f"a{n:02}", "pipelines", "mira", NOON + n * SECOND)
    with records.transaction() as repositories:
        slow = repositories.queue.lease("slow", LATER, LEASE)
        serve(repositories, 10)
        assert slow.submission_id == "a00"
        taken = repositories.queue.lease("w2", LATER, LEASE)
        for n in range(5):
            add(repositories, f"b{n}", "course-b", "jun", LATER)
        repositories.queue.finish(taken)
        served = serve(repositories, 6)
    assert [i[0] for i in served].count("a") in (2, 3)


def test_what_people_wait_for_comes_first_in_every_course(records):
    more_courses(records)
    with records.transaction() as repositories:
        for n in range(3):
            add(repositories, f"old{n}", "course-b", "jun", NOON, priority=-1)
        add(repositories, "new", "pipelines", "mira", NOON + SECOND)
        assert repositories.queue.position("old0") == 1
        assert serve(repositories, 2) == ["new", "old0"]


ARRIVALS = st.lists(
    st.tuples(st.sampled_from(COURSES), st.sampled_from(TRAINEES), st.integers(0, 3), st.sampled_from((0, 0, -1))),
    min_size=1,
    max_size=25,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arrivals=ARRIVALS)
def test_the_position_says_how_many_are_served_before(records, arrivals):
    with _anew(records), records.transaction() as repositories:
        taken = 0
        for n, (course, trainee, served_meanwhile, priority) in enumerate(arrivals):
            add(repositories, f"s{n}", course, trainee, NOON + n * SECOND, priority)
            for _ in range(min(served_meanwhile, n + 1 - taken)):
                serve(repositories, 1)
                taken += 1
        waiting = [f"s{n}" for n in range(len(arrivals)) if repositories.queue.position(f"s{n}") is not None]
        positions = {i: repositories.queue.position(i) for i in waiting}
        served = serve(repositories, len(waiting))
        assert served == sorted(waiting, key=positions.__getitem__)
        assert sorted(positions.values()) == list(range(len(waiting)))
        raise _Undo


@settings(max_examples=60, deadline=None)
@given(arrivals=ARRIVALS)
def test_no_course_and_no_trainee_is_served_twice_while_another_waits_for_the_first_time(arrivals):
    records = FakeRecords()
    stocked(records)
    more_courses(records)
    with records.transaction() as repositories:
        for n, (course, trainee, _, _) in enumerate(arrivals):
            add(repositories, f"s{n}", course, trainee, NOON + n * SECOND)
        served = [int(i[1:]) for i in serve(repositories, len(arrivals))]
    left = Counter(course for course, *_ in arrivals)
    got: Counter[str] = Counter()
    got_in_course: dict[str, Counter[str]] = defaultdict(Counter)
    left_in_course = {c: Counter(t for course, t, *_ in arrivals if course == c) for c in COURSES}
    for course, trainee, *_ in (arrivals[n] for n in served):
        got[course] += 1
        left[course] -= 1
        got_in_course[course][trainee] += 1
        left_in_course[course][trainee] -= 1
        assert all(got[course] <= got[other] + 1 for other in COURSES if left[other])
        mine = got_in_course[course]
        assert all(mine[trainee] <= mine[other] + 1 for other in TRAINEES if left_in_course[course][other])


def test_workers_that_lease_at_once_serve_all_courses_evenly_and_nothing_twice(store):
    more_courses(store)
    with store.transaction() as repositories:
        for n in range(24):
            for course, trainee in zip(COURSES, TRAINEES, strict=True):
                add(repositories, f"{course}-{n:02}", course, trainee, NOON + n * SECOND)
    served, lock = [], threading.Lock()

    def work(worker: str) -> None:
        for _ in range(9):
            with store.transaction() as repositories:
                job = repositories.queue.lease(worker, LATER, LEASE)
            with lock:
                served.append(job.submission_id)
            with store.transaction() as repositories:
                assert repositories.queue.finish(job)

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(served)) == 36
    by_course = Counter(i.rsplit("-", 1)[0] for i in served)
    assert max(by_course.values()) - min(by_course.values()) <= 6


def test_a_paused_queue_gives_out_nothing_and_keeps_what_is_held(records):
    more_courses(records)
    with records.transaction() as repositories:
        add(repositories, "s1", "pipelines", "mira")
        add(repositories, "s2", "pipelines", "mira")
        held = repositories.queue.lease("w1", LATER, LEASE)
        repositories.queue.pause(LATER, "ops")
        repositories.queue.pause(LATER + SECOND, "ops")
        assert repositories.queue.paused_at() == LATER
        assert repositories.queue.lease("w2", LATER, LEASE) is None
        assert repositories.queue.due(LATER) == 0
        assert repositories.queue.extend(held, LATER, LEASE)
        assert repositories.queue.finish(held)
        repositories.queue.resume()
        assert repositories.queue.paused_at() is None
        assert repositories.queue.lease("w2", LATER, LEASE).submission_id == "s2"


def test_a_loss_counts_when_another_takes_over_and_a_fault_when_a_worker_gives_back(records):
    more_courses(records)
    with records.transaction() as repositories:
        add(repositories, "s1", "pipelines", "mira")
        first = repositories.queue.lease("w1", NOON, LEASE)
        again = repositories.queue.lease("w1", NOON + LEASE, LEASE)
        other = repositories.queue.lease("w2", NOON + 2 * LEASE, LEASE)
        repositories.queue.release(other, LATER)
        last = repositories.queue.lease("w3", LATER, LEASE)
    assert [(j.attempt, j.losses, j.faults) for j in (first, again, other, last)] == [
        (1, 0, 0),
        (2, 0, 0),
        (3, 1, 0),
        (4, 1, 1),
    ]


def test_what_a_vanished_worker_held_is_free_at_once(records):
    more_courses(records)
    with records.transaction() as repositories:
        add(repositories, "s1", "pipelines", "mira")
        add(repositories, "s2", "pipelines", "jun")
        lost = repositories.queue.lease("w1", NOON, LEASE)
        kept = repositories.queue.lease("w2", NOON, LEASE)
        assert repositories.queue.abandon(["w1", "w9"], NOON + SECOND) == 1
        taken = repositories.queue.lease("w3", NOON + SECOND, LEASE)
        assert (taken.submission_id, taken.losses) == (lost.submission_id, 1)
        assert not repositories.queue.finish(lost)
        assert repositories.queue.finish(kept)


def test_the_queue_is_told_course_by_course(records):
    more_courses(records)
    with records.transaction() as repositories:
        add(repositories, "s1", "pipelines", "mira")
        repositories.queue.lease("w1", NOON, LEASE)
        add(repositories, "s2", "pipelines", "mira", NOON + SECOND)
        add(repositories, "s3", "course-b", "jun", NOON + 2 * SECOND)
        assert dict(repositories.queue.by_course()) == {
            "pipelines": CourseQueue(1, 1, NOON + SECOND),
            "course-b": CourseQueue(1, 0, NOON + 2 * SECOND),
        }


def test_workers_are_known_while_they_live_with_what_they_hold(records):
    more_courses(records)
    with records.transaction() as repositories:
        add(repositories, "s1", "pipelines", "mira")
        repositories.queue.lease("w1", NOON, LEASE)
        repositories.grading_workers.seen("w1", NOON)
        repositories.grading_workers.seen("w2", NOON)
        repositories.grading_workers.seen("w2", NOON + 20 * SECOND)
        alive = repositories.grading_workers.since(NOON)
        assert [(w.id, w.begun_at, w.submission_id) for w in alive] == [("w1", NOON, "s1"), ("w2", NOON, None)]
        assert [w.id for w in repositories.grading_workers.since(NOON + 10 * SECOND)] == ["w2"]
        repositories.grading_workers.gone(["w2"])
        assert repositories.grading_workers.since(NOON + 10 * SECOND) == ()


def test_the_last_durations_of_an_assignment_are_remembered(records):
    with records.transaction() as repositories:
        for seconds in (1.0, 2.0, 3.0):
            repositories.grading_workers.took("pipelines", "dp4", seconds)
        repositories.grading_workers.took("pipelines", "dp5", 9.0)
        assert tuple(repositories.grading_workers.recent_seconds("pipelines", "dp4", limit=2)) == (3.0, 2.0)
        assert tuple(repositories.grading_workers.recent_seconds("pipelines")) == (9.0, 3.0, 2.0, 1.0)
        assert tuple(repositories.grading_workers.recent_seconds("course-b")) == ()


def test_attempts_are_counted_since_a_moment_and_our_own_faults_are_not(records):
    with records.transaction() as repositories:
        for n in range(4):
            repositories.submissions.add(submission(f"s{n}", "mira", NOON + n * SECOND))
        repositories.submissions.add(submission("other", "jun", NOON + 2 * SECOND))
        repositories.submissions.set_state("s2", SubmissionState.INFRASTRUCTURE_FAILED, "the disk was full")
    with records.transaction() as repositories:
        counted = repositories.submissions.attempts_since("mira", "pipelines", "dp4", NOON)
        assert list(counted) == [NOON + SECOND, NOON + 3 * SECOND]


class _Undo(Exception):
    """Ends a transaction without keeping it."""


def _anew(records):
    """For a property: the same records each time."""
    with records.reading() as repositories:
        if repositories.courses.find("course-b"):
            return pytest.raises(_Undo)
    more_courses(records)
    return pytest.raises(_Undo)
