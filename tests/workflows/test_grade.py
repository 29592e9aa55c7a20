import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.autograder import FixedAutograder, outcome_of
from tests.support.marking_work import ESSAY, for_people, mark
from tests.support.records import DP4, TASKS

from factory_academy.domain.grade import CellRun, GradingOutcome, Verdict
from factory_academy.domain.marking import Decision
from factory_academy.domain.submission import SubmissionState
from factory_academy.errors import CannotIsolate, Conflict, InfrastructureFault
from factory_academy.workflows.grade import LEASE, MAX_FAULTS, MAX_LOSSES, RETRY_AFTER, GradeNext
from factory_academy.workflows.heartbeat import LONGEST_RUN
from factory_academy.workflows.marking.deciding import decide
from factory_academy.workflows.queue.patience import LONGEST_PAUSE_SECONDS, Patience

SECOND = timedelta(seconds=1)
GRADED, FAILED, QUEUED = SubmissionState.GRADED, SubmissionState.INFRASTRUCTURE_FAILED, SubmissionState.QUEUED


def grade(hall, submission_id: str):
    with hall.records.reading() as repositories:
        return repositories.grades.find(submission_id)


def run_out(hall) -> None:
    hall.clock.advance(LEASE)


def test_a_queue_with_nothing_in_it_gives_nothing(hall):
    assert hall.grade_next("w1") is None


def test_a_submission_is_graded_once_and_its_event_says_everything(hall):
    submission = hall.hand_in(b"work")
    hall.autograder.fraction = 0.5
    graded = hall.grade_next("w1")
    assert (graded.id, graded.state) == (submission.id, GRADED)
    assert hall.grade_next("w1") is None
    assert hall.autograder.graded == [b"work"]
    (event,) = hall.history(submission.id)
    assert (event.actor, event.at) == ("autograder", hall.clock())
    assert (event.old_earned, event.new_earned, event.possible) == (None, 5.0, 10.0)
    assert (event.assignment_version, event.environment) == (DP4.version, "fake")
    assert event.seed == int(submission.content[:8], 16)


def test_two_workers_share_the_queue_and_grade_each_submission_once(hall):
    ids = {hall.hand_in(str(n).encode(), "mira" if n % 2 else "jun").id for n in range(20)}
    done = []

    def work(worker_id: str) -> None:
        while (submission := hall.grade_next(worker_id)) is not None:
            done.append(submission.id)

    workers = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(done) == sorted(ids)
    assert all(len(hall.history(i)) == 1 for i in ids)


def test_a_killed_workers_submission_is_graded_by_another_once_its_lease_ran_out(hall):
    submission = hall.hand_in()
    with hall.records.transaction() as repositories:
        repositories.queue.lease("killed", hall.clock(), LEASE)
    assert hall.grade_next("w2") is None
    run_out(hall)
    assert hall.grade_next("w2").state is GRADED
    assert len(hall.history(submission.id)) == 1
    assert hall.grade_next("w2") is None


def test_a_stale_workers_result_is_discarded(hall):
    submission = hall.hand_in()
    fast = GradeNext(hall.records, hall.blobs, FixedAutograder(1.0), hall.clock)

    def dawdle(bundle, archive, seed) -> GradingOutcome:
        run_out(hall)
        assert fast("fast").state is GRADED
        return outcome_of(bundle.tasks, 0.0, seed)

    hall.autograder.does = dawdle
    assert hall.grade_next("slow") is None
    (event,) = hall.history(submission.id)
    assert event.new_earned == 10.0
    assert hall.find(submission.id).state is GRADED


def test_a_stale_workers_fault_changes_nothing(hall):
    submission = hall.hand_in()
    fast = GradeNext(hall.records, hall.blobs, FixedAutograder(1.0), hall.clock)

    def dawdle(bundle, archive, seed) -> GradingOutcome:
        run_out(hall)
        fast("fast")
        raise InfrastructureFault("too late anyway")

    hall.autograder.does = dawdle
    assert hall.grade_next("slow") is None
    assert hall.find(submission.id).state is GRADED
    assert hall.grade_next("slow") is None


def test_a_fault_of_ours_is_tried_again_after_a_while(hall):
    submission = hall.hand_in()
    hall.autograder.faults = [InfrastructureFault("no space for a sandbox")]
    again = hall.grade_next("w1")
    assert (again.state, again.reason) == (QUEUED, "Trying again: no space for a sandbox")
    assert hall.grade_next("w1") is None
    hall.clock.advance(RETRY_AFTER)
    assert hall.grade_next("w1").state is GRADED
    assert len(hall.history(submission.id)) == 1


@pytest.mark.parametrize(
    "fault",
    [
        InfrastructureFault("the sandbox is away"),
        OSError("no more processes"),
        ValueError("a bug of ours"),
        Conflict("no"),
    ],
)
def test_faults_that_do_not_end_leave_the_submission_infrastructure_failed(hall, fault):
    submission = hall.hand_in()
    hall.autograder.faults = [fault] * MAX_FAULTS
    states = []
    for _ in range(MAX_FAULTS):
        states.append(hall.grade_next("w1").state)
        hall.clock.advance(RETRY_AFTER)
    assert states == [QUEUED, QUEUED, FAILED]
    assert hall.grade_next("w1") is None
    assert "costs you nothing" in hall.find(submission.id).reason
    assert hall.history(submission.id) == []


def vanish(hall, worker_id: str):
    """A worker takes the next submission and is never heard of again."""
    with hall.records.transaction() as repositories:
        job = repositories.queue.lease(worker_id, hall.clock(), LEASE)
    run_out(hall)
    return job


def test_what_takes_two_workers_down_ends_crashed_and_the_rest_is_unharmed(hall):
    bomb = hall.hand_in(b"bomb")
    hall.clock.advance(timedelta(seconds=1))
    fine = hall.hand_in(b"fine", "jun")
    for n in range(MAX_LOSSES):
        assert vanish(hall, f"killed-{n}").submission_id == bomb.id
    crashed = hall.grade_next("w9")
    assert (crashed.id, crashed.state) == (bomb.id, SubmissionState.CRASHED)
    assert "took the grading process down twice" in crashed.reason
    assert hall.grade_next("w9").id == fine.id
    assert hall.autograder.graded == [b"fine"]
    (event,) = hall.history(bomb.id)
    assert (event.new_earned, event.possible) == (0.0, 10.0)
    assert hall.grade_next("w9") is None


def test_a_worker_that_vanishes_once_costs_nothing(hall):
    submission = hall.hand_in()
    vanish(hall, "killed")
    assert hall.grade_next("w2").state is GRADED
    assert len(hall.history(submission.id)) == 1


def test_faults_that_a_living_worker_tells_of_and_workers_that_vanish_are_counted_apart(hall):
    hall.hand_in()
    vanish(hall, "killed")
    hall.autograder.faults = [InfrastructureFault("no disk")] * (MAX_FAULTS - 1)
    for _ in range(MAX_FAULTS - 1):
        assert hall.grade_next("w1").state is QUEUED
        hall.clock.advance(RETRY_AFTER)
    assert hall.grade_next("w1").state is GRADED


def test_a_regrade_that_takes_workers_down_takes_no_points(hall):
    submission = hall.hand_in()
    hall.grade_next("w1")
    hall.regrade(submission.id, "ivo")
    for n in range(MAX_LOSSES):
        vanish(hall, f"killed-{n}")
    after = hall.grade_next("w1")
    assert after.state is GRADED
    assert "this stands" in after.reason
    assert [e.new_earned for e in hall.history(submission.id)] == [10.0]


def test_one_trainees_broken_work_does_not_keep_the_others_from_being_graded(hall):
    broken = hall.hand_in(b"broken")
    hall.clock.advance(timedelta(seconds=1))
    fine = [hall.hand_in(b"fine", "jun").id]

    def judge(bundle, archive, seed) -> GradingOutcome:
        if archive == b"broken":
            raise RuntimeError("a bug of ours")
        return outcome_of(bundle.tasks)

    hall.autograder.does = judge
    for _ in range(8):
        hall.grade_next("w1")
        hall.clock.advance(RETRY_AFTER)
    assert hall.find(broken.id).state is FAILED
    assert [hall.find(i).state for i in fine] == [GRADED]


def test_a_blob_that_is_gone_is_our_fault(hall):
    submission = hall.hand_in()
    hall.blobs._kept.pop(submission.content)
    for _ in range(MAX_FAULTS):
        hall.grade_next("w1")
        hall.clock.advance(RETRY_AFTER)
    assert hall.find(submission.id).state is FAILED


def test_where_nothing_can_be_isolated_work_is_refused_and_not_run_again(hall):
    submission = hall.hand_in()
    hall.autograder.faults = [CannotIsolate("this machine has no sandbox")]
    refused = hall.grade_next("w1")
    assert (refused.state, refused.reason) == (SubmissionState.REFUSED, "this machine has no sandbox")
    assert hall.grade_next("w1") is None
    assert grade(hall, submission.id).earned == 0.0
    assert grade(hall, submission.id).possible == 10.0


def test_a_task_without_a_score_was_not_run_and_earns_nothing(hall):
    submission = hall.hand_in()

    def stop_early(bundle, archive, seed) -> GradingOutcome:
        first = outcome_of(bundle.tasks[:1])
        return GradingOutcome(SubmissionState.TIMEOUT, "Too slow.", first.tasks, (CellRun("1", 9.0),))

    hall.autograder.does = stop_early
    assert hall.grade_next("w1").state is SubmissionState.TIMEOUT
    found = grade(hall, submission.id)
    assert [(t.task_id, t.verdict) for t in found.tasks] == [("t1", Verdict.PASSED), ("t2", Verdict.NOT_RUN)]
    assert (found.earned, found.possible, found.automatic_fraction) == (6.0, 10.0, 0.6)


def test_an_unreadable_submission_earns_nothing_of_all_there_was(hall):
    submission = hall.hand_in()
    hall.autograder.does = lambda *_: GradingOutcome(SubmissionState.UNREADABLE, "Not a notebook.")
    assert hall.grade_next("w1").state is SubmissionState.UNREADABLE
    assert (grade(hall, submission.id).earned, grade(hall, submission.id).possible) == (0.0, 10.0)


def test_records_that_are_away_lose_nothing(hall):
    submission = hall.hand_in()
    hall.records.away = "the database restarts"
    with pytest.raises(InfrastructureFault):
        hall.grade_next("w1")
    hall.records.away = ""
    assert hall.grade_next("w1").id == submission.id


def leaving(hall):
    def leave(bundle, archive, seed) -> GradingOutcome:
        hall.records.away = "the database restarts"
        return outcome_of(bundle.tasks)

    return leave


def test_records_that_go_away_while_grading_are_waited_for_and_cost_no_second_run(hall):
    submission = hall.hand_in()
    pauses = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 8:
            hall.records.away = ""

    hall.autograder.does = leaving(hall)
    patient = GradeNext(hall.records, hall.blobs, hall.autograder, hall.clock, patience=Patience(sleep))
    assert patient("w1").state is GRADED
    assert len(hall.autograder.graded) == 1
    assert len(hall.history(submission.id)) == 1
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE_SECONDS


def test_records_that_do_not_come_back_in_time_cost_a_second_run_and_nothing_else(hall):
    submission = hall.hand_in()
    hall.autograder.does = leaving(hall)
    patience = Patience(lambda seconds: None, tries=3)
    with pytest.raises(InfrastructureFault):
        GradeNext(hall.records, hall.blobs, hall.autograder, hall.clock, patience=patience)("w1")
    hall.records.away, hall.autograder.does = "", None
    assert hall.grade_next("w1") is None
    run_out(hall)
    assert hall.grade_next("w1").state is GRADED
    assert len(hall.history(submission.id)) == 1


def test_how_long_a_grading_took_is_remembered(hall):
    hall.hand_in()

    def work(bundle, archive, seed) -> GradingOutcome:
        hall.clock.advance(7 * SECOND)
        return outcome_of(bundle.tasks)

    hall.autograder.does = work
    hall.grade_next("w1")
    with hall.records.reading() as repositories:
        assert tuple(repositories.grading_workers.recent_seconds("pipelines", "dp4")) == (7.0,)


def test_a_heartbeat_keeps_the_job_through_a_long_run_and_an_absence_of_the_records(hall):
    hall.hand_in()
    beats = threading.Semaphore(0)

    def clock():
        if threading.current_thread().name == "heartbeat":
            beats.release()
        return hall.clock.now

    def work_long(bundle, archive, seed) -> GradingOutcome:
        hall.records.away = "for one beat"
        assert beats.acquire(timeout=20)
        hall.records.away = ""
        hall.clock.advance(timedelta(seconds=0.15))
        for _ in range(6):
            assert beats.acquire(timeout=20)
        hall.clock.advance(timedelta(seconds=0.15))
        assert hall.grade_next("thief") is None
        return outcome_of(bundle.tasks)

    hall.autograder.does = work_long
    beating = GradeNext(hall.records, hall.blobs, hall.autograder, clock, lease=timedelta(seconds=0.2))
    assert beating("w1").state is GRADED
    assert len(hall.autograder.graded) == 1


def test_a_worker_that_hangs_does_not_keep_its_job_for_ever(hall):
    submission = hall.hand_in()
    other = GradeNext(hall.records, hall.blobs, FixedAutograder(), hall.clock)

    def hang(bundle, archive, seed) -> GradingOutcome:
        hall.clock.advance(LONGEST_RUN + SECOND)
        assert other("w2").state is GRADED
        return outcome_of(bundle.tasks, 0.0)

    hall.autograder.does = hang
    assert hall.grade_next("w1") is None
    assert [e.new_earned for e in hall.history(submission.id)] == [10.0]


def test_regrading_adds_an_event_that_says_who_asked_and_what_it_was_before(hall):
    submission = hall.hand_in()
    hall.autograder.fraction = 0.5
    hall.grade_next("w1")
    hall.autograder.fraction = 1.0
    assert hall.regrade(submission.id, "ivo").state is QUEUED
    hall.clock.advance(SECOND)
    assert hall.grade_next("w1").state is GRADED
    first, second = hall.history(submission.id)
    assert (first.old_earned, first.new_earned) == (None, 5.0)
    assert (second.old_earned, second.new_earned) == (5.0, 10.0)
    assert second.asked_by == "ivo"
    assert "ivo" not in second.reason + hall.find(submission.id).reason


def test_a_regrade_waits_for_what_people_wait_for(hall):
    old = hall.hand_in(b"old")
    hall.grade_next("w1")
    hall.regrade(old.id, "ivo")
    hall.clock.advance(SECOND)
    new = hall.hand_in(b"new")
    assert [hall.grade_next("w1").id, hall.grade_next("w1").id] == [new.id, old.id]


def test_a_submission_that_is_not_finished_is_not_queued_again(hall):
    submission = hall.hand_in()
    assert hall.regrade(submission.id, "ivo").reason == submission.reason
    hall.grade_next("w1")
    assert hall.grade_next("w1") is None


@pytest.mark.parametrize("fault", [CannotIsolate("no sandbox today"), InfrastructureFault("no disk today")])
def test_a_regrade_that_we_could_not_do_takes_nothing_away(hall, fault):
    submission = hall.hand_in()
    hall.grade_next("w1")
    hall.regrade(submission.id, "ivo")
    hall.autograder.faults = [fault] * MAX_FAULTS
    for _ in range(MAX_FAULTS):
        hall.grade_next("w1")
        hall.clock.advance(RETRY_AFTER)
    after = hall.find(submission.id)
    assert after.state is GRADED
    assert "this stands" in after.reason
    assert [e.new_earned for e in hall.history(submission.id)] == [10.0]
    assert grade(hall, submission.id).earned == 10.0


def test_the_outcome_names_the_tasks_of_the_version_that_was_handed_in(hall):
    submission = hall.hand_in()
    hall.grade_next("w1")
    with hall.records.reading() as repositories:
        assert [t.task_id for t in repositories.grades.outcome(submission.id).tasks] == [t.id for t in TASKS]


def test_a_regrade_keeps_what_people_marked(hall):
    submission = hall.hand_in()
    hall.autograder.does = lambda bundle, archive, seed: for_people(ESSAY, bundle.tasks[0])
    with hall.records.transaction() as repositories:
        blob = repositories.courses.version_blob(DP4.version)
        repositories.courses.release(replace(DP4, tasks=(ESSAY, TASKS[0])), blob, hall.clock())
    assert hall.grade_next("w1").state is SubmissionState.NEEDS_REVIEW
    with hall.records.transaction() as repositories:
        found = repositories.submissions.find(submission.id)
        decide(repositories, found, {ESSAY.id: Decision(3.0, (mark("ivo", 3.0),))}, {}, hall.clock())
    assert hall.find(submission.id).state is GRADED
    hall.regrade(submission.id, "ivo")
    assert hall.grade_next("w1").state is GRADED
    assert [event.new_earned for event in hall.history(submission.id)] == [6.0, 9.0, 9.0]
