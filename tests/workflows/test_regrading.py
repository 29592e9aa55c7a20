import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.autograder import FixedAutograder, outcome_of
from tests.support.records import DP4, IVO, PIPELINES, TASKS
from tests.support.regrade_repositories import FakeFingerprints
from tests.support.work import dp4_bundle

from factory_academy.domain.course import RegradePolicy
from factory_academy.domain.enrolment import Enrolment
from factory_academy.domain.grade import GradingOutcome
from factory_academy.domain.person import Person, Role
from factory_academy.domain.regrade import Decision, Direction, RegradeState
from factory_academy.domain.submission import SubmissionState
from factory_academy.errors import BadInput, CannotIsolate, Conflict, InfrastructureFault, NotFound
from factory_academy.workflows.grade import GradeNext
from factory_academy.workflows.regrading import run
from factory_academy.workflows.regrading.decide import DropRegrade, PublishRegrade
from factory_academy.workflows.regrading.keeping import Keeper
from factory_academy.workflows.regrading.plan import PlanRegrade, Wanted
from factory_academy.workflows.regrading.report import ListRegrades, ViewRegrade
from factory_academy.workflows.regrading.run import MAX_ATTEMPTS, RETRY_AFTER, RegradeNext, StartRegrade

SECOND = timedelta(seconds=1)
OTTO = Person("otto", "Otto Operator", Role.OPERATOR)
V2 = "e2" * 32


class Office:
    """The workflows of a regrade, over the same fakes as the hall."""

    def __init__(self, hall) -> None:
        self.hall = hall
        self.fingerprints = FakeFingerprints()
        self.plan = PlanRegrade(hall.records, hall.blobs, self.fingerprints, hall.clock)
        self.start = StartRegrade(hall.records, hall.clock)
        self.view = ViewRegrade(hall.records)
        self.list = ListRegrades(hall.records)
        self.publish = PublishRegrade(hall.records, hall.certify, hall.clock)
        self.drop = DropRegrade(hall.records, hall.clock)

    def worker(self, autograder=None) -> RegradeNext:
        hall = self.hall
        return RegradeNext(
            hall.records, hall.blobs, autograder or hall.autograder, Keeper(self.fingerprints), hall.clock
        )

    def correct(self, version: str = V2, tests: bytes = b"t2=new", tasks=TASKS) -> None:
        """Release a version in which the tests of these tasks are others."""
        bundle = replace(dp4_bundle(), tasks=tasks)
        blob = self.hall.blobs.put(replace(bundle, files={**bundle.files, "tests.json": tests}).to_bytes())
        with self.hall.records.transaction() as repositories:
            repositories.courses.release(replace(DP4, version=version, tasks=tasks), blob, self.hall.clock())

    def planned(self, by=IVO, **wanted):
        return self.plan("pipelines", "dp4", by, Wanted(**wanted))

    def run(self, regrade, fraction: float = 1.0) -> list[frozenset[str] | None]:
        """Start it, and try everything with a worker; gives which tasks were tried for whom, references aside."""
        self.start(regrade.id, IVO)
        autograder = FixedAutograder(fraction)
        worker = self.worker(autograder)
        while worker("w1"):
            pass
        mine = [n for n, archive in enumerate(autograder.graded) if not archive.startswith(b"PK")]
        return [autograder.tried[n] for n in mine]


def grade_each(hall, *works: bytes, fraction: float = 0.5, trainee: str = "mira"):
    hall.autograder.fraction = fraction
    found = []
    for work in works:
        found.append(hall.hand_in(work, trainee))
        hall.clock.advance(SECOND)
    while hall.grade_next("w0"):
        pass
    return found


@pytest.fixture
def office(hall) -> Office:
    return Office(hall)


def earned(hall, submission) -> float:
    with hall.records.reading() as repositories:
        return repositories.grades.find(submission.id).earned


def test_only_what_changed_is_tried_and_everyone_with_the_same_answers_shares_it(hall, office):
    grade_each(hall, b"one", b"two")
    grade_each(hall, b"one#with other outputs", trainee="jun")
    office.correct()
    regrade = office.planned()
    assert (regrade.changed, regrade.untouched, regrade.cached) == (("t2",), 0, 0)
    assert office.run(regrade) == [frozenset({"t2"})] * 2
    report = office.view(regrade.id, IVO)
    assert report.progress.tasks_to_try == 2
    assert report.directions == {Direction.UP: 3, Direction.DOWN: 0, Direction.SAME: 0}
    assert [line.change.new.earned for line in report.lines] == [7.0] * 3


def test_nothing_counts_before_it_is_published(hall, office):
    (submission,) = grade_each(hall, b"one")
    office.correct()
    regrade = office.planned()
    office.run(regrade)
    assert earned(hall, submission) == 5.0
    assert hall.find(submission.id).state is SubmissionState.GRADED
    report = office.publish(regrade.id, IVO)
    assert report.regrade.state is RegradeState.PUBLISHED
    assert earned(hall, submission) == 7.0


def test_an_event_says_why_what_judged_and_who_published_but_no_name_to_trainees(hall, office):
    (submission,) = grade_each(hall, b"one")
    office.correct()
    regrade = office.planned(reason="The join test counted twice.")
    office.run(regrade)
    office.publish(regrade.id, IVO)
    first, second = hall.history(submission.id)
    assert (second.old_earned, second.new_earned, second.assignment_version) == (5.0, 7.0, V2)
    assert (second.actor, second.asked_by) == ("autograder", "ivo")
    assert "The join test counted twice." in second.reason
    for text in (second.reason, hall.find(submission.id).reason):
        assert "ivo" not in text
    assert hall.find(submission.id).assignment_version == first.assignment_version == DP4.version
    audit = office.view(regrade.id, IVO).regrade
    assert (audit.planned_by, audit.started_by, audit.decided_by) == ("ivo", "ivo", "ivo")


def test_publishing_twice_does_nothing(hall, office):
    (submission,) = grade_each(hall, b"one")
    office.correct()
    regrade = office.planned()
    office.run(regrade)
    once = office.publish(regrade.id, IVO)
    again = office.publish(regrade.id, IVO)
    assert len(hall.history(submission.id)) == 2
    assert once == again


def test_after_publishing_a_second_plan_finds_nothing_to_do(hall, office):
    grade_each(hall, b"one")
    office.correct()
    office.run(regrade := office.planned())
    office.publish(regrade.id, IVO)
    again = office.planned()
    assert (again.state, again.untouched, again.changed) == (RegradeState.DROPPED, 1, ())


def test_dropping_changes_nothing_and_what_was_tried_stays_known(hall, office):
    (submission,) = grade_each(hall, b"one")
    office.correct()
    office.run(regrade := office.planned())
    assert office.drop(regrade.id, IVO).state is RegradeState.DROPPED
    assert office.drop(regrade.id, IVO).decided_by == "ivo"
    assert len(hall.history(submission.id)) == 1
    again = office.planned()
    assert again.cached == 1
    assert office.run(again) == []
    office.publish(again.id, IVO)
    assert (earned(hall, submission), hall.history(submission.id)[-1].environment) == (7.0, "fake")


def test_by_default_no_grade_falls(hall, office):
    (good,) = grade_each(hall, b"good", fraction=1.0)
    office.correct()
    office.run(regrade := office.planned(), fraction=0.0)
    before = office.view(regrade.id, IVO)
    assert (before.directions[Direction.DOWN], before.decisions[Decision.KEPT]) == (1, 1)
    report = office.publish(regrade.id, IVO)
    assert [line.decision for line in report.lines] == [Decision.KEPT]
    assert len(hall.history(good.id)) == 1


def test_a_course_may_have_new_results_count_even_if_they_are_lower(hall, office):
    with hall.records.transaction() as repositories:
        repositories.courses.ensure(replace(PIPELINES, regrade_policy=RegradePolicy.REPLACE))
    (good,) = grade_each(hall, b"good", fraction=1.0)
    office.correct()
    office.run(regrade := office.planned(), fraction=0.0)
    report = office.publish(regrade.id, IVO)
    assert report.crossings[Direction.DOWN] == 1
    assert earned(hall, good) == 6.0


def test_a_certificate_that_is_newly_due_is_issued_and_none_is_revoked(hall, office):
    with hall.records.transaction() as repositories:
        repositories.courses.ensure(replace(PIPELINES, regrade_policy=RegradePolicy.REPLACE))
    grade_each(hall, b"half")
    grade_each(hall, b"all of it", fraction=1.0, trainee="jun")
    held = hall.certify("jun", "pipelines")
    assert hall.certify("mira", "pipelines") is None
    office.correct()
    regrade = office.planned()
    office.start(regrade.id, IVO)
    worker = FixedAutograder(does=lambda b, archive, s: outcome_of(b.tasks, 0.0 if archive == b"all of it" else 1.0))
    while office.worker(worker)("w1"):
        pass
    report = office.publish(regrade.id, IVO)
    assert report.crossings == {Direction.UP: 1, Direction.DOWN: 1, Direction.SAME: 0}
    assert report.keeps_certificate == ("jun",)
    with hall.records.reading() as repositories:
        (issued,) = repositories.certificates.of_trainee("mira")
        assert issued.evidence == ((DP4.id, V2),)
        assert repositories.certificates.of_trainee("jun")[0] == held


def test_ordinary_grading_fills_the_cache_and_draws_its_luck_from_the_answers(hall, office):
    (old,) = grade_each(hall, b"one#with other outputs", trainee="jun")
    office.correct()
    hall.autograder.fraction = 1.0
    keeping = GradeNext(hall.records, hall.blobs, hall.autograder, hall.clock, keeper=Keeper(office.fingerprints))
    new = hall.hand_in(b"one")
    keeping("w0")
    assert hall.history(new.id)[0].seed == int(b"one".hex().ljust(8, "0"), 16)
    regrade = office.planned()
    assert (regrade.changed, regrade.cached, regrade.untouched) == (("t2",), 1, 1)
    assert office.run(regrade) == []
    office.publish(regrade.id, IVO)
    assert earned(hall, old) == 7.0


def test_grading_one_again_uses_the_version_that_judged_it_last(hall, office):
    (submission,) = grade_each(hall, b"one")
    office.correct()
    office.run(regrade := office.planned())
    office.publish(regrade.id, IVO)
    hall.regrade(submission.id, "ivo")
    hall.grade_next("w0")
    assert [e.assignment_version for e in hall.history(submission.id)] == [DP4.version, V2, V2]


def test_what_was_graded_since_the_plan_is_left_alone(hall, office):
    graded_again, waiting, untouched = grade_each(hall, b"one", b"two", b"three")
    office.correct()
    regrade = office.planned()
    newer = hall.hand_in(b"handed in meanwhile")
    hall.regrade(graded_again.id, "ivo")
    hall.autograder.fraction = 1.0
    while hall.grade_next("w0"):
        pass
    office.run(regrade)
    hall.regrade(waiting.id, "ivo")
    report = office.publish(regrade.id, IVO)
    decisions = {line.item.submission_id: line.decision for line in report.lines}
    assert decisions == {
        graded_again.id: Decision.OUTDATED,
        waiting.id: Decision.OUTDATED,
        untouched.id: Decision.PUBLISHED,
    }
    assert [len(hall.history(s.id)) for s in (graded_again, waiting, untouched, newer)] == [2, 1, 2, 1]


def test_publishing_waits_until_everything_was_tried(hall, office):
    grade_each(hall, b"one")
    office.correct()
    regrade = office.planned()
    with pytest.raises(Conflict, match="still to be done"):
        office.publish(regrade.id, IVO)
    office.start(regrade.id, IVO)
    with pytest.raises(Conflict, match="1 of 1"):
        office.publish(regrade.id, IVO)
    office.drop(regrade.id, IVO)
    with pytest.raises(Conflict, match="dropped"):
        office.publish(regrade.id, IVO)
    assert office.worker()("w1") == 0


def test_an_assignment_has_one_open_regrade_and_published_ones_cannot_be_dropped(hall, office):
    grade_each(hall, b"one")
    office.correct()
    regrade = office.planned()
    with pytest.raises(Conflict, match="is open"):
        office.planned()
    office.run(regrade)
    office.publish(regrade.id, IVO)
    with pytest.raises(Conflict, match="counts already"):
        office.drop(regrade.id, IVO)
    assert [r.id for r in office.list("pipelines", "dp4", IVO)] == [regrade.id]


def test_a_killed_workers_units_are_tried_by_another_and_nothing_twice(hall, office):
    grade_each(hall, b"one", b"two")
    office.correct()
    regrade = office.planned()
    office.start(regrade.id, IVO)
    with hall.records.transaction() as repositories:
        (killed, _) = repositories.regrades.lease("killed", hall.clock(), run.LEASE, 9)
    assert office.worker()("w2") == 0
    hall.clock.advance(run.LEASE)
    assert office.worker()("w2") == 2
    with hall.records.transaction() as repositories:
        assert not repositories.regrades.finish(killed, outcome_of(TASKS, 0.0))
    assert office.view(regrade.id, IVO).progress.is_over


def test_two_workers_share_a_regrade(hall, office):
    grade_each(hall, *(str(n).encode() for n in range(40)))
    office.correct()
    regrade = office.planned()
    office.start(regrade.id, IVO)
    autograder = FixedAutograder(1.0)

    def work(name: str) -> None:
        worker = office.worker(autograder)
        while worker(name):
            pass

    workers = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    while office.worker(autograder)("last"):
        pass
    tried = [archive for archive in autograder.graded if not archive.startswith(b"PK")]
    assert sorted(tried) == sorted(str(n).encode() for n in range(40))
    assert office.view(regrade.id, IVO).progress.done == 40


def test_a_worker_turns_to_people_who_wait(hall, office):
    grade_each(hall, *(str(n).encode() for n in range(5)))
    office.correct()
    office.start(office.planned().id, IVO)

    def someone_hands_in(bundle, archive, seed) -> GradingOutcome:
        hall.hand_in(b"now please", "jun")
        return outcome_of(bundle.tasks)

    worker = office.worker(FixedAutograder(does=someone_hands_in))
    assert worker("w1") == 1
    hall.grade_next("w1")
    hall.autograder.fraction = 1.0
    assert office.worker()("w1") == 4


def test_faults_of_ours_are_tried_again_and_then_leave_the_old_grade(hall, office):
    (submission,) = grade_each(hall, b"one")
    office.correct()
    regrade = office.planned()
    office.start(regrade.id, IVO)
    worker = office.worker(FixedAutograder(does=_no_disk))
    for _ in range(MAX_ATTEMPTS):
        assert worker("w1") == 1
        assert worker("w1") == 0
        hall.clock.advance(RETRY_AFTER)
    report = office.publish(regrade.id, IVO)
    assert [(line.decision, line.problem) for line in report.lines] == [(Decision.FAILED, "no disk")]
    assert len(hall.history(submission.id)) == 1


def _no_disk(bundle, archive, seed) -> GradingOutcome:
    raise InfrastructureFault("no disk")


def test_where_nothing_can_be_isolated_a_unit_fails_at_once(hall, office):
    grade_each(hall, b"one")
    office.correct()
    regrade = office.planned()
    office.start(regrade.id, IVO)
    office.worker(FixedAutograder(faults=[CannotIsolate("no sandbox")] * 3))("w1")
    assert office.view(regrade.id, IVO).progress.failed == 1


def test_a_test_that_stands_on_others_unseen_has_all_of_them_tried(hall, office):
    grade_each(hall, b"one")
    office.correct()
    regrade = office.planned()
    office.start(regrade.id, IVO)
    seen = []

    class Dependent(FixedAutograder):
        def grade(self, bundle, archive, seed, only=None):
            self.fraction = 0.0 if only else 1.0
            seen.append((archive == b"one", only))
            return super().grade(bundle, archive, seed, only)

    office.worker(Dependent())("w1")
    assert seen[-1] == (True, None)
    assert office.view(regrade.id, IVO).lines[0].change.new.earned == 3.0 + 4.0


def test_a_run_that_broke_off_is_repeated_whole(hall, office):
    hall.autograder.does = lambda b, a, s: GradingOutcome(SubmissionState.TIMEOUT, "slow", outcome_of(b.tasks).tasks)
    submission = hall.hand_in(b"slow")
    hall.grade_next("w0")
    office.correct()
    assert office.run(office.planned()) == [None]
    assert hall.find(submission.id).state is SubmissionState.TIMEOUT


def test_a_version_with_other_points_counts_them_without_trying_what_stands(hall, office):
    grade_each(hall, b"one", fraction=1.0)
    office.correct(tasks=TASKS[:1], tests=b"")
    regrade = office.planned()
    assert office.run(regrade) == []
    (line,) = office.publish(regrade.id, IVO).lines
    assert (line.change.old.possible, line.change.new.possible, line.change.direction) == (10.0, 6.0, Direction.SAME)


def test_the_latest_of_each_trainee_can_be_asked_for_and_everything_too(hall, office):
    first, latest = grade_each(hall, b"one", b"two")
    assert office.planned().state is RegradeState.DROPPED
    regrade = office.planned(latest_only=True, whole=True)
    assert regrade.changed == ("t1", "t2")
    assert [line.item.submission_id for line in office.view(regrade.id, IVO).lines] == [latest.id]
    assert first.id != latest.id


def test_a_reason_is_for_trainees_and_names_nobody(office):
    with pytest.raises(BadInput, match="sign-in name"):
        office.planned(reason="Ivo made a mistake")
    with pytest.raises(BadInput, match="1 to 500"):
        office.planned(reason=" ")


def test_what_does_not_exist_cannot_be_planned(office):
    with pytest.raises(NotFound):
        office.plan("pipelines", "dp9", IVO)
    with pytest.raises(NotFound):
        office.plan("elsewhere", "dp4", IVO)


def test_a_regrade_of_other_peoples_trainees_is_nobody_elses(hall, office):
    with hall.records.transaction() as repositories:
        repositories.people.add(Person("kim", "Kim", Role.TRAINEE))
        repositories.enrolments.add(Enrolment("kim", "pipelines-spring", hall.clock()))
    grade_each(hall, b"kims", trainee="kim")
    with hall.records.transaction() as repositories:
        repositories.enrolments.withdraw("kim", "pipelines-spring", hall.clock())
    office.correct()
    regrade = office.planned(by=OTTO)
    for act in (office.view, office.start, office.publish, office.drop):
        with pytest.raises(NotFound):
            act(regrade.id, IVO)
    assert office.list("pipelines", "dp4", IVO) == ()
    assert office.view(regrade.id, OTTO).regrade.planned_by == "otto"
    with pytest.raises(NotFound):
        office.view("no such", OTTO)


def test_a_kill_between_two_batches_of_publishing_loses_and_repeats_nothing(hall, office):
    grade_each(hall, b"one", b"two", b"three")
    office.correct()
    office.run(regrade := office.planned())
    with hall.records.transaction() as repositories:
        first = repositories.regrades.items(regrade.id)[0]
        repositories.regrades.decide_item(regrade.id, first.submission_id, Decision.PUBLISHED)
    with pytest.raises(Conflict, match="in part"):
        office.drop(regrade.id, IVO)
    office.publish(regrade.id, IVO)
    with hall.records.reading() as repositories:
        counts = [len(repositories.grades.history(i.submission_id)) for i in repositories.regrades.items(regrade.id)]
    assert counts == [1, 2, 2]
