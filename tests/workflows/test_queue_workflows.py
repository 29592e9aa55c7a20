"""The queue as people meet it: waits, dead letters, attempts, and workers that come, go and pause."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.autograder import outcome_of
from tests.support.records import DP4, IVO, JUN, MIRA, NOON

from factory_academy.domain.person import Person, Role
from factory_academy.domain.submission import SubmissionState
from factory_academy.errors import Conflict, InfrastructureFault, NotFound, TooManyAttempts
from factory_academy.workflows.course_view import ViewSubmission
from factory_academy.workflows.grade import LEASE, MAX_FAULTS, RETRY_AFTER
from factory_academy.workflows.my_submissions import MySubmissions
from factory_academy.workflows.queue.dead_letters import DeadLetters, Requeue
from factory_academy.workflows.queue.drain import Drain
from factory_academy.workflows.queue.status import ViewQueue
from factory_academy.workflows.queue.workers import WorkerComes, WorkerGoes

SECOND = timedelta(seconds=1)
OTTO = Person("otto", "Otto Operator", Role.OPERATOR)
STRANGER = Person("isa", "Isa Instructor", Role.INSTRUCTOR, "lumi")


def wait_of(hall, submission, person=MIRA):
    return ViewSubmission(hall.records, hall.clock)(person, submission.id).wait


def graded_in(hall, *seconds: float) -> None:
    with hall.records.transaction() as repositories:
        repositories.grading_workers.seen("w1", hall.clock())
        for one in seconds:
            repositories.grading_workers.took("pipelines", "dp4", one)


def hand_in_one_after_the_other(hall):
    first = hall.hand_in(b"a")
    hall.clock.advance(SECOND)
    return first, hall.hand_in(b"b", "jun")


def fail(hall, submission) -> None:
    hall.autograder.faults = [InfrastructureFault("the disk is full")] * MAX_FAULTS
    for _ in range(MAX_FAULTS):
        hall.grade_next("w1")
        hall.clock.advance(RETRY_AFTER)
    assert hall.find(submission.id).state is SubmissionState.INFRASTRUCTURE_FAILED


def limit(hall, per_hour: int) -> None:
    with hall.records.transaction() as repositories:
        blob = repositories.courses.version_blob(DP4.version)
        repositories.courses.release(replace(DP4, version="99" * 32, attempts_per_hour=per_hour), blob, NOON)


def test_at_first_nobody_knows_how_long_it_takes_and_the_page_says_so(hall):
    submission = hall.hand_in()
    assert "no grading worker" in wait_of(hall, submission).unknown_because
    graded_in(hall, 1.0)
    assert "too few" in wait_of(hall, submission).unknown_because


def test_a_wait_is_told_from_recent_gradings_and_from_how_many_are_before(hall):
    graded_in(hall, 2.0, 2.0, 4.0)
    first, second = hand_in_one_after_the_other(hall)
    assert (wait_of(hall, first).low_seconds, wait_of(hall, first).high_seconds) == (2.0, 8.0)
    assert wait_of(hall, second, JUN).low_seconds == 4.0
    position, wait = MySubmissions(hall.records, hall.clock).place(second)
    assert (position, wait.high_seconds) == (1, 12.0)


def test_nothing_is_waited_for_once_there_is_a_verdict(hall):
    submission = hall.hand_in()
    graded = hall.grade_next("w1")
    assert wait_of(hall, submission) is None
    assert MySubmissions(hall.records, hall.clock).place(graded) == (None, None)


def test_workers_that_fell_silent_do_not_shorten_the_wait(hall):
    graded_in(hall, 2.0, 2.0, 2.0)
    submission = hall.hand_in()
    hall.clock.advance(timedelta(minutes=2))
    assert "no grading worker" in wait_of(hall, submission).unknown_because


def test_a_drained_queue_finishes_what_is_held_takes_nothing_new_and_goes_on_after(hall):
    drain = Drain(hall.records, hall.clock)
    _, waiting = hand_in_one_after_the_other(hall)

    def drain_meanwhile(bundle, archive, seed):
        assert drain("otto") == 1
        return outcome_of(bundle.tasks)

    hall.autograder.does = drain_meanwhile
    assert hall.grade_next("w1").state is SubmissionState.GRADED
    hall.autograder.does = None
    assert hall.grade_next("w1") is None
    assert "paused" in wait_of(hall, waiting, JUN).unknown_because
    assert drain.resume() == 1
    assert hall.grade_next("w1").id == waiting.id


def test_the_status_says_what_waits_where_who_works_and_what_is_dead(hall):
    fail(hall, hall.hand_in(b"dead"))
    graded_in(hall, 2.0, 2.0, 2.0)
    hall.hand_in(b"a", "jun")
    hall.clock.advance(10 * SECOND)
    hall.hand_in(b"b")
    status = ViewQueue(hall.records, hall.clock)()
    assert (status.waiting, status.held, status.dead_letters, status.paused_at) == (2, 0, 1, None)
    assert status.oldest_age == 10 * SECOND
    assert [(w.id, w.submission_id) for w in status.workers] == [("w1", None)]
    assert (status.until_empty.low_seconds, status.until_empty.high_seconds) == (4.0, 6.0)
    assert dict(status.courses).keys() == {"pipelines"}


def test_an_empty_queue_has_nothing_to_wait_for(hall):
    status = ViewQueue(hall.records, hall.clock)()
    assert (status.waiting, status.oldest_age, status.until_empty, status.workers) == (0, None, None, ())


def test_a_dead_letter_is_seen_by_its_trainee_their_instructor_and_the_operator_only(hall):
    submission = hall.hand_in()
    fail(hall, submission)
    seen = DeadLetters(hall.records)
    for person in (MIRA, IVO, OTTO, None):
        assert [s.id for s in seen(person)] == [submission.id]
        assert "the disk is full" in seen(person)[0].reason
    for person in (JUN, STRANGER):
        assert seen(person) == ()
        with pytest.raises(NotFound):
            Requeue(hall.records, hall.clock)(submission.id, person)


@pytest.mark.parametrize("person", [MIRA, IVO, OTTO, None])
def test_a_dead_letter_can_be_tried_again_with_all_its_tries(hall, person):
    submission = hall.hand_in()
    fail(hall, submission)
    again = Requeue(hall.records, hall.clock)(submission.id, person)
    assert again.state is SubmissionState.QUEUED
    assert Requeue(hall.records, hall.clock)(submission.id, person).state is SubmissionState.QUEUED
    hall.autograder.faults = [InfrastructureFault("once more")]
    hall.grade_next("w1")
    hall.clock.advance(RETRY_AFTER)
    assert hall.grade_next("w1").state is SubmissionState.GRADED
    assert len(hall.history(submission.id)) == 1


def test_what_has_its_verdict_is_not_requeued(hall):
    submission = hall.hand_in()
    hall.grade_next("w1")
    with pytest.raises(Conflict):
        Requeue(hall.records, hall.clock)(submission.id, MIRA)


def test_a_loop_of_guesses_ends_with_the_moment_when_the_next_may_come(hall):
    limit(hall, 3)
    for guess in (b"1", b"2", b"3"):
        hall.hand_in(guess)
        hall.clock.advance(60 * SECOND)
    with pytest.raises(TooManyAttempts) as refused:
        hall.hand_in(b"4")
    assert refused.value.next_at == NOON + timedelta(hours=1)
    assert "3 times an hour" in str(refused.value)
    assert "from 13:00:00 UTC on, in 57 min" in refused.value.next_step
    hall.hand_in(b"4", "jun")
    hall.clock.now = refused.value.next_at
    hall.hand_in(b"4")


def test_a_retry_and_what_ended_as_our_fault_are_no_attempts(hall):
    limit(hall, 1)
    first = hall.hand_in(b"1")
    assert hall.hand_in(b"1").id == first.id
    fail(hall, first)
    assert hall.hand_in(b"2").id != first.id
    with pytest.raises(TooManyAttempts):
        hall.hand_in(b"3")


def test_a_worker_that_comes_frees_what_a_vanished_one_held_and_is_known_until_it_goes(hall):
    submission = hall.hand_in()
    with hall.records.transaction() as repositories:
        repositories.grading_workers.seen("killed", hall.clock())
        repositories.grading_workers.seen("elsewhere", hall.clock())
        repositories.queue.lease("killed", hall.clock(), LEASE)
    comes = WorkerComes(hall.records, hall.clock, lambda names: [name for name in names if name == "killed"])
    assert comes("new") == 1
    assert [w.id for w in ViewQueue(hall.records, hall.clock)().workers] == ["elsewhere", "new"]
    assert hall.grade_next("new").id == submission.id
    WorkerGoes(hall.records)("new")
    assert [w.id for w in ViewQueue(hall.records, hall.clock)().workers] == ["elsewhere"]
