from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from factory_academy.domain.course import Task, TaskKind
from factory_academy.domain.grade import Cause, TaskScore, Verdict, total_earned
from factory_academy.portal.pages.tasks import offers_of, results_of


def score(kind: TaskKind, verdict: Verdict, earned: float = 0.0, message: str = "", title: str = "Split") -> TaskScore:
    cause = Cause.NONE if verdict is Verdict.PASSED else Cause.ASSERTION
    return TaskScore(f"t-{kind}", earned, 2.0, kind, verdict, cause, title, message)


def test_a_visible_and_a_hidden_test_of_one_task_are_shown_as_one_task():
    (task,) = results_of(
        [score(TaskKind.VISIBLE, Verdict.PASSED, 2.0), score(TaskKind.HIDDEN, Verdict.FAILED, message="It leaks.")]
    )
    assert (task.title, task.earned, task.possible) == ("Split", 2.0, 4.0)
    assert task.words.text == "Partly passed"
    assert [name for name, _ in task.by_test] == ["Test in the notebook", "Hidden test"]
    assert [(e.tests, e.reason) for e in task.explanations] == [("", "It leaks.")]


def test_what_two_tests_say_alike_is_said_once():
    (task,) = results_of(
        [score(kind, Verdict.FAILED, message="Not written.") for kind in (TaskKind.VISIBLE, TaskKind.HIDDEN)]
    )
    assert task.words.text == "Not passed"
    assert [e.reason for e in task.explanations] == ["Not written."]


def test_what_two_tests_say_differently_is_told_apart():
    (task,) = results_of(
        [
            score(TaskKind.VISIBLE, Verdict.FAILED, message="One."),
            score(TaskKind.HIDDEN, Verdict.FAILED, message="Two."),
        ]
    )
    assert [(e.tests, e.reason) for e in task.explanations] == [
        ("Test in the notebook", "One."),
        ("Hidden test", "Two."),
    ]


def test_a_passed_task_explains_nothing():
    (task,) = results_of([score(TaskKind.HIDDEN, Verdict.PASSED, 2.0)])
    assert task.explanations == ()
    assert task.by_test == ()
    assert task.words.text == "Passed"


def test_an_assignments_tasks_say_how_their_points_are_earned():
    tasks = (
        Task("t1v", 1.0, TaskKind.VISIBLE, "Split"),
        Task("t1h", 2.0, TaskKind.HIDDEN, "Split"),
        Task("t2", 3.0, TaskKind.MANUAL),
    )
    assert [(o.title, o.points, o.graded) for o in offers_of(tasks)] == [
        ("Split", 3.0, "by a test in the notebook and by a hidden test"),
        ("t2", 3.0, "by a person"),
    ]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(list(TaskKind)), st.sampled_from([0.0, 1.0, 2.0]))))
def test_putting_tests_together_keeps_every_point(cells):
    verdict = {0.0: Verdict.FAILED, 1.0: Verdict.PARTLY, 2.0: Verdict.PASSED}
    scores = [score(kind, verdict[earned], earned, title=title) for title, kind, earned in cells]
    results = results_of(scores)
    assert [s for task in results for s in task.scores] == scores
    assert sum(task.earned for task in results) == total_earned(scores)
    for task in results:
        assert bool(task.explanations) == any(s.verdict is not Verdict.PASSED for s in task.scores)
        assert (task.words.text == "Passed") == all(s.verdict is Verdict.PASSED for s in task.scores)


def test_a_task_with_an_unprotected_test_carries_a_badge_and_one_for_people_does_not():
    open_to_lies = replace(score(TaskKind.VISIBLE, Verdict.PASSED, 2.0), protected=False)
    by_people = replace(score(TaskKind.MANUAL, Verdict.MANUAL, title="Essay"), protected=False)
    one, two = results_of([score(TaskKind.HIDDEN, Verdict.PASSED, 2.0), open_to_lies, by_people])
    assert (one.is_protected, two.is_protected) == (False, True)
