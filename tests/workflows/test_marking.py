from dataclasses import replace

import pytest
from tests.support.marking_hall import ANN, BEN, ESSAYS, LEA, VERSION, WHERE, MarkingHall
from tests.support.marking_work import ESSAY, LOAD, ODD, PLAN, RUBRIC
from tests.support.records import IVO, JUN, MIRA

from factory_academy.domain.grade import Verdict
from factory_academy.domain.marking import MarkingPolicy, Stage
from factory_academy.domain.submission import SubmissionState
from factory_academy.errors import BadInput, Conflict, NotFound
from factory_academy.workflows.marking.mark import Given
from factory_academy.workflows.marking.works import CLAIM

GRADED, REVIEW = SubmissionState.GRADED, SubmissionState.NEEDS_REVIEW


@pytest.fixture
def hall():
    return MarkingHall()


def score(hall, submission, task):
    return next(t for t in hall.outcome(submission).tasks if t.task_id == task.id)


def waiting(hall, marker, **asked):
    return hall.office.queue(marker, *WHERE, **asked)


def test_what_waits_for_a_person_is_listed_with_every_task_that_does(hall):
    hall.hand_in()
    found = waiting(hall, IVO)
    (work,) = found.works
    assert [t.score.task_id for t in work.tasks] == [ESSAY.id, PLAN.id, ODD.id]
    assert {t.stage for t in work.tasks} == {Stage.FIRST}
    assert found.waiting == {ESSAY.id: 1, PLAN.id: 1, ODD.id: 1}


def test_the_last_mark_makes_a_submission_graded_and_each_mark_is_an_event(hall):
    submission = hall.hand_in()
    hall.mark(IVO, ESSAY, 3.0, comment="Well argued.")
    hall.mark(ANN, PLAN, 0.0)
    assert hall.find(submission).state is REVIEW
    assert hall.certified == []
    hall.mark(IVO, ODD, 3.0)
    assert (hall.find(submission).state, hall.find(submission).reason) == (GRADED, "Every task has its verdict.")
    assert hall.certified == [("mira", "pipelines")]
    events = hall.history(submission)
    assert [e.actor for e in events] == ["autograder", "ivo", "ann", "ivo"]
    assert [(e.old_earned, e.new_earned) for e in events[1:]] == [(6.0, 9.0), (9.0, 9.0), (9.0, 12.0)]
    essay = score(hall, submission, ESSAY)
    assert (essay.earned, essay.verdict, essay.message, essay.by_hand) == (3.0, Verdict.PARTLY, "Well argued.", True)
    assert score(hall, submission, PLAN).verdict is Verdict.FAILED
    assert score(hall, submission, ODD).verdict is Verdict.PASSED
    assert score(hall, submission, LOAD).earned == 6.0
    assert waiting(hall, IVO).works == ()


def test_no_sign_in_name_of_a_marker_is_in_what_trainees_read(hall):
    submission = hall.hand_in()
    hall.mark_all(submission)
    mine = hall.office.mine(MIRA, submission.id)
    assert [e.who for e in mine.history] == ["The autograder", *["An instructor"] * 3]
    told = [e.reason for e in mine.history] + [hall.find(submission).reason]
    assert not any("ivo" in reason.lower() for reason in told)


def test_a_marker_sees_a_pseudonym_and_the_name_once_all_is_published(hall):
    first, second = hall.hand_in("mira"), hall.hand_in("jun")
    works = waiting(hall, IVO).works
    assert len({w.pseudonym for w in works}) == 2
    assert all(w.trainee is None for w in works)
    assert hall.work(ANN, first).pseudonym == hall.work(IVO, first).pseudonym
    assert hall.mark_all(first).trainee == MIRA
    assert hall.work(IVO, second).trainee is None


def test_a_pseudonym_is_stable_for_an_assignment_and_a_work_is_not_its_receipt(hall):
    first = hall.hand_in("mira")
    hall.later(days=1)
    second = hall.hand_in("mira")
    works = waiting(hall, IVO, everything=True).works
    assert len({w.pseudonym for w in works}) == 1
    assert len({w.id for w in works} | {first.id, second.id}) == 4


def test_only_a_trainees_newest_work_waits(hall):
    hall.hand_in("mira")
    hall.later(hours=1)
    newest = hall.hand_in("mira")
    assert [w.submission.id for w in waiting(hall, IVO).works] == [newest.id]
    assert len(waiting(hall, IVO, everything=True).works) == 2


def test_work_comes_task_by_task(hall):
    hall.hand_in("mira")
    hall.hand_in("jun", tasks=(LOAD, ESSAY))
    assert len(waiting(hall, IVO, task_id=ESSAY.id).works) == 2
    assert len(waiting(hall, IVO, task_id=PLAN.id).works) == 1
    assert waiting(hall, IVO, task_id="no-such").works == ()
    assert hall.office.claim_next(IVO, *WHERE, task_id=PLAN.id).submission.trainee_id == "mira"


def test_two_markers_never_get_the_same_work(hall):
    hall.hand_in("mira")
    hall.hand_in("jun")
    one, other = hall.office.claim_next(IVO, *WHERE), hall.office.claim_next(ANN, *WHERE)
    assert one.id != other.id
    assert hall.office.claim_next(BEN, *WHERE) is None
    assert hall.office.claim_next(IVO, *WHERE).id == one.id
    with pytest.raises(Conflict, match="Someone else"):
        hall.office.mark(ANN, *WHERE, one.id, ESSAY.id, Given(1.0))
    hall.later(seconds=CLAIM.total_seconds())
    assert hall.office.claim_next(BEN, *WHERE) is not None


def test_a_task_that_was_given_back_is_free(hall):
    hall.hand_in()
    work = hall.office.claim_next(IVO, *WHERE)
    for task in (ESSAY, PLAN, ODD):
        hall.office.hold.give_back(IVO, *WHERE, work.id, task.id)
    assert hall.office.hold(ANN, *WHERE, work.id, ESSAY.id) == hall.clock() + CLAIM
    with pytest.raises(NotFound):
        hall.office.hold(ANN, *WHERE, work.id, LOAD.id)


def test_a_work_shows_answers_and_rubrics(hall):
    hall.hand_in(text="A thought.")
    hall.office.set_rubric(IVO, *WHERE, ESSAY.id, RUBRIC)
    seen = hall.office.view(IVO, *WHERE, hall.work().id)
    assert seen.answers[ESSAY.id].endswith("A thought.")
    assert seen.rubrics == {ESSAY.id: RUBRIC}
    assert seen.unreadable == ""


def test_a_rubric_gives_the_points_and_tells_the_trainee_what_was_reached(hall):
    submission = hall.hand_in()
    hall.office.set_rubric(IVO, *WHERE, ESSAY.id, RUBRIC)
    given = Given(levels={"clarity": "some", "data": "full"}, comment="Name the column.")
    hall.office.mark(IVO, *WHERE, hall.work().id, ESSAY.id, given)
    essay = score(hall, submission, ESSAY)
    assert essay.earned == pytest.approx(4.0 * 7 / 8)
    assert essay.message.splitlines() == [
        "Clarity: Partly. The thread is lost in places.",
        "Data reasoning: Sound. Each claim rests on data.",
        "Name the column.",
    ]


@pytest.mark.parametrize(
    "given", [Given(2.0), Given(levels={"clarity": "some"}), Given(levels={"clarity": "some", "data": "odd"})]
)
def test_a_mark_that_does_not_fit_the_rubric_is_refused(hall, given):
    hall.hand_in()
    hall.office.set_rubric(IVO, *WHERE, ESSAY.id, RUBRIC)
    with pytest.raises(BadInput):
        hall.office.mark(IVO, *WHERE, hall.work().id, ESSAY.id, given)


@pytest.mark.parametrize("points", [-1, 4.5, float("nan"), float("inf"), None])
def test_points_lie_between_nothing_and_all(hall, points):
    submission = hall.hand_in()
    with pytest.raises(BadInput):
        hall.office.mark(IVO, *WHERE, hall.work().id, ESSAY.id, Given(points))
    assert len(hall.history(submission)) == 1


def test_what_a_task_is_marked_by_stays_once_someone_marked(hall):
    hall.hand_in()
    hall.office.set_rubric(IVO, *WHERE, ESSAY.id, RUBRIC)
    hall.office.set_rubric(IVO, *WHERE, ESSAY.id, None)
    hall.mark(IVO, ESSAY, 1.0)
    with pytest.raises(Conflict, match="marks already"):
        hall.office.set_rubric(IVO, *WHERE, ESSAY.id, RUBRIC)
    with pytest.raises(NotFound):
        hall.office.set_rubric(IVO, *WHERE, LOAD.id, RUBRIC)
    assert hall.office.setup(IVO, *WHERE).rubrics == {}


def test_a_marker_may_think_again_and_each_thought_is_an_event(hall):
    submission = hall.hand_in()
    hall.mark(IVO, ESSAY, 1.0)
    hall.mark(IVO, ESSAY, 2.0)
    assert score(hall, submission, ESSAY).earned == 2.0
    assert [e.new_earned for e in hall.history(submission)] == [6.0, 7.0, 8.0]
    with pytest.raises(Conflict, match="decided"):
        hall.mark(ANN, ESSAY, 4.0)


def test_work_that_is_marked_twice_needs_two_people_who_agree(hall):
    submission = hall.hand_in()
    hall.policy(second_fraction=1.0, tolerance_fraction=0.25)
    hall.mark(IVO, ESSAY, 2.0)
    assert score(hall, submission, ESSAY).verdict is Verdict.MANUAL
    with pytest.raises(Conflict, match="someone else"):
        hall.mark(IVO, ESSAY, 3.0)
    (seen,) = [t for t in hall.work(ANN).tasks if t.score.task_id == ESSAY.id]
    assert (seen.stage, seen.marks) == (Stage.SECOND, ())
    hall.mark(ANN, ESSAY, 3.0)
    assert score(hall, submission, ESSAY).earned == 2.5
    assert "ivo" not in hall.history(submission)[-1].reason


def test_marks_that_differ_need_a_third_decision(hall):
    submission = hall.hand_in()
    hall.policy(second_fraction=1.0)
    hall.mark(IVO, ESSAY, 0.0)
    hall.mark(ANN, ESSAY, 4.0)
    assert score(hall, submission, ESSAY).verdict is Verdict.MANUAL
    with pytest.raises(Conflict):
        hall.mark(IVO, ESSAY, 4.0)
    (seen,) = [t for t in hall.work(BEN).tasks if t.score.task_id == ESSAY.id]
    assert (seen.stage, [m.earned for m in seen.marks]) == (Stage.MODERATION, [0.0, 4.0])
    hall.mark(BEN, ESSAY, 3.0)
    assert score(hall, submission, ESSAY).earned == 3.0
    (essay,) = hall.office.agreement(IVO, *WHERE)
    assert (essay.agreement.pairs, essay.agreement.same_fraction, essay.moderated) == (1, 0.0, 1)


def test_a_sample_is_marked_twice(hall):
    hall.policy(second_fraction=0.5)
    for n in range(40):
        hall.later(minutes=1)
        hall.hand_in("mira" if n % 2 else "jun", tasks=(ESSAY,))
    works = [w for page in (1, 2) for w in waiting(hall, IVO, everything=True, page=page).works]
    for work in works:
        hall.office.mark(IVO, *WHERE, work.id, ESSAY.id, Given(1.0))
    doubled = [w for page in (1, 2) for w in waiting(hall, IVO, everything=True, page=page).works if w.is_open]
    assert 8 <= len(doubled) <= 32


def test_nothing_is_marked_twice_where_one_person_teaches(hall):
    with hall.records.transaction() as repositories:
        section = repositories.courses.find_section("pipelines-spring")
        repositories.courses.ensure_section(replace(section, id="lumi-1", factory_id="lumi"))
    with pytest.raises(BadInput, match="Only one person"):
        hall.office.set_policy(LEA, *WHERE, MarkingPolicy(second_fraction=0.1))


def test_marks_that_wait_for_each_other_are_published_together(hall):
    hall.policy(release_together=True)
    first, second = hall.hand_in("mira", tasks=(ESSAY,)), hall.hand_in("jun", tasks=(ESSAY,))
    hall.mark(IVO, ESSAY, 4.0, first)
    assert (hall.find(first).state, len(hall.history(first))) == (REVIEW, 1)
    assert hall.work(IVO, first).trainee is None
    assert waiting(hall, IVO).unpublished == 1
    with pytest.raises(Conflict, match="1 task waits"):
        hall.office.publish(IVO, *WHERE)
    hall.mark(ANN, ESSAY, 2.0, second)
    assert hall.office.publish(IVO, *WHERE).works == 2
    assert [hall.find(s).state for s in (first, second)] == [GRADED, GRADED]
    assert [hall.history(s)[-1].actor for s in (first, second)] == ["ivo", "ann"]
    assert sorted(hall.certified) == [("jun", "pipelines"), ("mira", "pipelines")]
    assert hall.office.publish(IVO, *WHERE).works == 0


def test_publishing_in_part_leaves_the_rest_waiting(hall):
    hall.policy(release_together=True)
    first, second = hall.hand_in("mira", tasks=(ESSAY,)), hall.hand_in("jun", tasks=(ESSAY,))
    hall.mark(IVO, ESSAY, 4.0, first)
    published = hall.office.publish(IVO, *WHERE, partly=True)
    assert (published.works, published.waiting) == (1, 1)
    assert [hall.find(s).state for s in (first, second)] == [GRADED, REVIEW]


def test_a_general_comment_is_read_once_all_is_marked(hall):
    submission = hall.hand_in()
    for text in ("First thought.", "Second thought."):
        hall.office.remark(IVO, *WHERE, hall.work().id, text)
    assert hall.office.mine(MIRA, submission.id).comments == ()
    assert hall.office.view(IVO, *WHERE, hall.work().id).remark == "Second thought."
    hall.mark_all(submission)
    assert hall.office.mine(MIRA, submission.id).comments == ("Second thought.",)
    with pytest.raises(BadInput, match="at most"):
        hall.office.remark(IVO, *WHERE, hall.work().id, "x" * 10_001)


def test_comments_can_be_kept_and_used_again(hall):
    kept = hall.office.snippets.add(IVO, "pipelines", " Name the column. ")
    assert [s.text for s in hall.office.snippets(IVO, "pipelines")] == ["Name the column."]
    assert hall.office.snippets(ANN, "pipelines") == []
    with pytest.raises(NotFound):
        hall.office.snippets.remove(ANN, kept.id)
    hall.office.snippets.remove(IVO, kept.id)
    with pytest.raises(BadInput):
        hall.office.snippets.add(IVO, "pipelines", "  ")


def test_an_instructor_of_another_factory_marks_nothing_here(hall):
    submission = hall.hand_in()
    work = hall.work()
    for asked in (
        lambda: hall.office.queue(LEA, *WHERE),
        lambda: hall.office.view(LEA, *WHERE, work.id),
        lambda: hall.office.mark(LEA, *WHERE, work.id, ESSAY.id, Given(4.0)),
        lambda: hall.office.publish(LEA, *WHERE),
        lambda: hall.office.set_rubric(LEA, *WHERE, ESSAY.id, RUBRIC),
        lambda: hall.office.queue(MIRA, *WHERE),
        lambda: hall.office.mine(JUN, submission.id),
        lambda: hall.office.queue(IVO, "pipelines", "no-such"),
    ):
        with pytest.raises(NotFound):
            asked()


def test_a_state_that_says_how_a_run_ended_stays_when_its_manual_tasks_are_marked(hall):
    submission = hall.hand_in(tasks=(LOAD, ESSAY))
    with hall.records.transaction() as repositories:
        outcome = replace(repositories.grades.outcome(submission.id), state=SubmissionState.TIMEOUT, reason="Too slow.")
        event = replace(repositories.grades.history(submission.id)[-1], reason="Too slow.")
        repositories.grades.add(event, outcome)
        repositories.submissions.set_state(submission.id, SubmissionState.TIMEOUT, "Too slow.")
    hall.mark(IVO, ESSAY, 4.0)
    assert (hall.find(submission).state, hall.find(submission).reason) == (SubmissionState.TIMEOUT, "Too slow.")
    assert hall.outcome(submission).earned == 10.0


def test_work_that_is_graded_again_just_now_waits(hall):
    submission = hall.hand_in()
    work = hall.work()
    with hall.records.transaction() as repositories:
        repositories.submissions.set_state(submission.id, SubmissionState.RUNNING, "A worker has taken it up.")
    with pytest.raises(NotFound):
        hall.office.mark(IVO, *WHERE, work.id, ESSAY.id, Given(4.0))


def test_the_present_version_has_its_own_rubrics(hall):
    assert ESSAYS.version == VERSION
    hall.office.set_rubric(IVO, *WHERE, ESSAY.id, RUBRIC)
    assert hall.office.setup(IVO, *WHERE).rubrics == {ESSAY.id: RUBRIC}
