"""What holds for submissions, the queue and grades, in the fake and in each database."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.support.autograder import outcome_of
from tests.support.records import NOON, TASKS
from tests.support.work import event_of, submission

from factory_academy.domain.course import TaskKind
from factory_academy.domain.grade import Cause, CellRun, Grade, GradingOutcome, TaskScore, Verdict
from factory_academy.domain.submission import SubmissionState
from factory_academy.errors import Conflict
from factory_academy.workflows.ports import SubmissionFilter

SECOND = timedelta(seconds=1)
LEASE = timedelta(seconds=30)


def hand_in(records, *ids: str, trainee: str = "mira", priority: int = 0, at: datetime = NOON) -> None:
    with records.transaction() as repositories:
        for n, i in enumerate(ids):
            repositories.submissions.add(submission(i, trainee, at + n * SECOND))
            repositories.queue.add(i, at + n * SECOND, priority)


def test_a_submission_is_found_as_it_was_handed_in(records):
    handed_in = submission("s1", size_bytes=5_000_000_000)
    with records.transaction() as repositories:
        assert repositories.submissions.add(handed_in)
    with records.transaction() as repositories:
        assert repositories.submissions.find("s1") == handed_in
        assert repositories.submissions.find("no-such") is None
        same = repositories.submissions.find_same("mira", handed_in.assignment_version, handed_in.content)
        assert same == handed_in
        assert repositories.submissions.find_same("jun", handed_in.assignment_version, handed_in.content) is None


def test_the_same_bytes_for_the_same_version_are_one_submission(records):
    with records.transaction() as repositories:
        repositories.submissions.add(submission("s1"))
        assert not repositories.submissions.add(replace(submission("s1"), id="s2"))
        assert repositories.submissions.add(replace(submission("s1"), id="s3", trainee_id="jun"))
        assert repositories.submissions.find("s2") is None


def test_one_id_is_never_two_submissions(records):
    with records.transaction() as repositories:
        repositories.submissions.add(submission("s1"))
    with pytest.raises(Conflict), records.transaction() as repositories:
        repositories.submissions.add(submission("s1", content="0" * 64))
    with records.transaction() as repositories:
        assert repositories.submissions.find("s1") == submission("s1")


def test_a_submission_needs_a_version_that_was_released(records):
    with pytest.raises(Conflict), records.transaction() as repositories:
        repositories.submissions.add(replace(submission(), assignment_version="0" * 64))


def test_lists_of_submissions_are_newest_first_and_paged(records):
    with records.transaction() as repositories:
        for n in range(5):
            repositories.submissions.add(submission(f"s{n}", "mira" if n % 2 else "jun", NOON + n // 2 * SECOND))
        found = repositories.submissions
        assert [s.id for s in found.of_trainee("mira")] == ["s3", "s1"]
        assert [s.id for s in found.of_trainee("mira", "pipelines")] == ["s3", "s1"]
        assert list(found.of_trainee("mira", "other")) == []
        assert [s.id for s in found.of_assignment("pipelines")] == ["s4", "s3", "s2", "s1", "s0"]
        assert [s.id for s in found.of_assignment("pipelines", "dp4", limit=2, offset=1)] == ["s3", "s2"]
        assert list(found.of_assignment("pipelines", "dp5")) == []


def test_a_list_shows_what_its_filter_asks_for(records):
    with records.transaction() as repositories:
        for n in range(4):
            repositories.submissions.add(submission(f"s{n}", "mira" if n % 2 else "jun", NOON + n * SECOND))
        repositories.submissions.set_state("s1", SubmissionState.GRADED, "done")
        repositories.submissions.set_state("s2", SubmissionState.TIMEOUT, "slow")
        found = repositories.submissions
        finished = SubmissionFilter(states=frozenset({SubmissionState.GRADED, SubmissionState.TIMEOUT}))
        assert [s.id for s in found.matching(finished)] == ["s2", "s1"]
        assert [s.id for s in found.matching(SubmissionFilter(), limit=2, offset=1)] == ["s2", "s1"]
        assert [s.id for s in found.matching(SubmissionFilter(), offset=3)] == ["s0"]
        assert [s.id for s in found.matching(SubmissionFilter(trainee_ids=frozenset({"mira"})))] == ["s3", "s1"]
        assert list(found.matching(SubmissionFilter(trainee_ids=frozenset()))) == []
        assert list(found.matching(SubmissionFilter("other"))) == []
        assert found.ids_matching(finished) == [s.id for s in found.matching(finished)]
        assert found.count_matching(finished) == 2
        assert found.count_matching(SubmissionFilter("pipelines", "dp4")) == 4
        assert found.count_matching(SubmissionFilter(trainee_ids=frozenset())) == 0


def test_states_change_with_their_reason_and_are_counted(records):
    with records.transaction() as repositories:
        for i in ("s1", "s2", "s3"):
            repositories.submissions.add(submission(i))
        repositories.submissions.set_state("s2", SubmissionState.CRASHED, "It fell over.")
    with records.transaction() as repositories:
        fallen = repositories.submissions.find("s2")
        assert (fallen.state, fallen.reason) == (SubmissionState.CRASHED, "It fell over.")
        counts = repositories.submissions.count_by_state()
        assert counts == {SubmissionState.QUEUED: 2, SubmissionState.CRASHED: 1}


def test_a_reason_may_hold_any_bytes_a_trainee_printed(records):
    with records.transaction() as repositories:
        repositories.submissions.add(submission())
        repositories.submissions.set_state("s1", SubmissionState.CRASHED, "nul \0 and half \ud800 a character, ü 🎓")
    with records.transaction() as repositories:
        assert repositories.submissions.find("s1").reason.endswith("a character, ü 🎓")


def test_the_first_in_the_queue_is_leased_first_and_only_once(records):
    hand_in(records, "s1", "s2")
    with records.transaction() as repositories:
        first = repositories.queue.lease("w1", NOON + LEASE, LEASE)
        second = repositories.queue.lease("w2", NOON + LEASE, LEASE)
        third = repositories.queue.lease("w3", NOON + LEASE, LEASE)
    assert (first.submission_id, first.attempt, first.leased_until) == ("s1", 1, NOON + 2 * LEASE)
    assert (second.submission_id, third) == ("s2", None)


def test_a_lease_that_ran_out_goes_to_another_and_the_first_claim_is_void(records):
    hand_in(records, "s1")
    with records.transaction() as repositories:
        lost = repositories.queue.lease("w1", NOON, LEASE)
        assert repositories.queue.lease("w2", NOON + LEASE - SECOND, LEASE) is None
        taken = repositories.queue.lease("w2", NOON + LEASE, LEASE)
        assert (taken.submission_id, taken.attempt) == ("s1", 2)
        assert not repositories.queue.extend(lost, NOON + LEASE, LEASE)
        assert not repositories.queue.release(lost, NOON + LEASE)
        assert not repositories.queue.finish(lost)
        assert repositories.queue.finish(taken)
        assert not repositories.queue.finish(taken)
        assert repositories.queue.lease("w1", NOON + 9 * LEASE, LEASE) is None


def test_a_worker_that_got_its_own_job_again_cannot_finish_it_with_the_old_claim(records):
    hand_in(records, "s1")
    with records.transaction() as repositories:
        old = repositories.queue.lease("w1", NOON, LEASE)
        new = repositories.queue.lease("w1", NOON + LEASE, LEASE)
        assert not repositories.queue.finish(old)
        assert repositories.queue.finish(new)


def test_a_heartbeat_keeps_a_job(records):
    hand_in(records, "s1")
    with records.transaction() as repositories:
        job = repositories.queue.lease("w1", NOON, LEASE)
        assert repositories.queue.extend(job, NOON + LEASE - SECOND, LEASE)
        assert repositories.queue.lease("w2", NOON + LEASE, LEASE) is None
        assert repositories.queue.lease("w2", NOON + 2 * LEASE, LEASE).attempt == 2


def test_a_released_job_waits_until_it_may_be_tried_again(records):
    hand_in(records, "s1")
    with records.transaction() as repositories:
        job = repositories.queue.lease("w1", NOON, LEASE)
        assert repositories.queue.release(job, NOON + 5 * SECOND)
        assert not repositories.queue.finish(job)
        assert repositories.queue.lease("w1", NOON + 4 * SECOND, LEASE) is None
        assert repositories.queue.lease("w1", NOON + 5 * SECOND, LEASE).attempt == 2


def test_what_people_wait_for_comes_before_regrades(records):
    hand_in(records, "old", priority=-1)
    hand_in(records, "new")
    with records.transaction() as repositories:
        assert [repositories.queue.position(i) for i in ("old", "new", "no-such")] == [1, 0, None]
        assert repositories.queue.lease("w1", NOON + LEASE, LEASE).submission_id == "new"


def test_one_trainees_many_submissions_do_not_keep_another_waiting(records):
    hand_in(records, "m1", "m2", "m3", "m4", trainee="mira")
    with records.transaction() as repositories:
        assert repositories.queue.lease("w1", NOON + LEASE, LEASE).submission_id == "m1"
    hand_in(records, "j1", "j2", trainee="jun", at=NOON + 9 * SECOND)
    with records.transaction() as repositories:
        served = [repositories.queue.lease("w1", NOON + LEASE, LEASE).submission_id for _ in range(5)]
    assert served == ["j1", "m2", "j2", "m3", "m4"]


def test_the_queue_says_how_long_it_is_and_who_is_where(records):
    hand_in(records, "s1", "s2", "s3")
    with records.transaction() as repositories:
        assert (repositories.queue.waiting(), repositories.queue.held()) == (3, 0)
        repositories.queue.lease("w1", NOON, LEASE)
        assert (repositories.queue.waiting(), repositories.queue.held()) == (2, 1)
        assert (repositories.queue.due(NOON + 9 * SECOND), repositories.queue.due(NOON + LEASE)) == (2, 3)
        assert [repositories.queue.position(i) for i in ("s1", "s2", "s3")] == [0, 0, 1]


def test_queueing_twice_changes_nothing(records):
    hand_in(records, "s1")
    with records.transaction() as repositories:
        job = repositories.queue.lease("w1", NOON, LEASE)
        repositories.queue.add("s1", NOON, priority=5, asked_by="ivo")
        assert repositories.queue.finish(job)
        assert (repositories.queue.waiting(), repositories.queue.held()) == (0, 0)


def test_a_regrade_remembers_who_asked(records):
    hand_in(records, "s1")
    with records.transaction() as repositories:
        repositories.queue.finish(repositories.queue.lease("w1", NOON, LEASE))
        repositories.queue.add("s1", NOON, priority=-1, asked_by="ivo")
        job = repositories.queue.lease("w1", NOON, LEASE)
    assert (job.asked_by, job.attempt) == ("ivo", 1)


def test_only_what_was_handed_in_is_queued(records):
    with pytest.raises(Conflict), records.transaction() as repositories:
        repositories.queue.add("no-such", NOON)


def test_an_outcome_comes_back_as_it_was_recorded(records):
    score = TaskScore(
        "nb/t1",
        1 / 3,
        2.5,
        TaskKind.HIDDEN,
        Verdict.PARTLY,
        Cause.ASSERTION,
        "Load",
        "m",
        "e\0",
        "g \ud800 ü",
        "n",
        "C7",
    )
    cell = CellRun("cell 1", 0.25, "out\0put", "ValueError: 🎓")
    outcome = GradingOutcome(
        SubmissionState.TIMEOUT, "Too slow.", (score,), (cell,), ("a note",), "sha256:abc", 2**32 - 1, 12.5
    )
    with records.transaction() as repositories:
        repositories.submissions.add(submission())
        repositories.grades.add(event_of("s1", outcome), outcome)
    with records.transaction() as repositories:
        assert repositories.grades.outcome("s1") == outcome
        assert repositories.grades.history("s1") == [event_of("s1", outcome)]
        assert repositories.grades.outcome("no-such") is None


def test_the_present_grade_is_that_of_the_last_event(records):
    bad, good = outcome_of(TASKS, 0.5), outcome_of(TASKS, 1.0)
    with records.transaction() as repositories:
        for i in ("s1", "s2", "s3"):
            repositories.submissions.add(submission(i))
        assert repositories.grades.last_at() is None
        repositories.grades.add(event_of("s1", good), good)
        repositories.grades.add(event_of("s2", bad), bad)
        repositories.grades.add(event_of("s1", bad, old=10.0, at=NOON + SECOND), bad)
    with records.transaction() as repositories:
        assert repositories.grades.find("s1") == Grade("s1", 5.0, 10.0, bad.tasks)
        assert [(e.old_earned, e.new_earned) for e in repositories.grades.history("s1")] == [(None, 10.0), (10.0, 5.0)]
        grades = repositories.grades.of_submissions(["s1", "s2", "s3", "no-such"])
        assert {i: g.earned for i, g in grades.items()} == {"s1": 5.0, "s2": 5.0}
        assert repositories.grades.find("s3") is None
        assert repositories.grades.of_submissions([]) == {}
        assert repositories.grades.last_at() == NOON + SECOND


def test_a_grade_needs_its_submission(records):
    with pytest.raises(Conflict), records.transaction() as repositories:
        repositories.grades.add(event_of("no-such", outcome_of(TASKS)), outcome_of(TASKS))
