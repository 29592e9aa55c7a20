"""Test cells as teachers write them for nbgrader hold in the judge, under a contract, as they are: counted."""

from __future__ import annotations

import pytest
from tests.support.fidelity import Topic, earned_in_a_stock_kernel, topics, with_wrong_answers
from tests.support.grading_work import reference

FEWEST_CELLS = 60
UNMODIFIED = 0.95

TOPICS = topics()


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_right_answers_earn_all_and_wrong_answers_do_not(autograder, topic: Topic):
    bundle = autograder.record_contract(topic.bundle(topic.cases))
    right = autograder.grade(bundle, reference(bundle), seed=1)
    assert [f"{score.task_id}: {score.message}" for score in right.tasks if score.earned < score.possible] == []
    wrong = autograder.grade(bundle, with_wrong_answers(bundle, topic.cases), seed=1)
    assert [score.task_id for score in wrong.tasks if score.earned >= score.possible] == []
    assert {score.task_id for score in wrong.tasks} == {case.name for case in topic.cases}


def test_a_stock_kernel_gives_the_unmodified_cells_the_same():
    earned = earned_in_a_stock_kernel(TOPICS)
    assert {name for name, points in earned.items() if (points == 1) != name.endswith(", right")} == set()


def test_most_cells_need_no_rewrite():
    cases = [case for topic in TOPICS for case in topic.cases]
    rewritten = [case.name for case in cases if case.rewrite]
    share = 1 - len(rewritten) / len(cases)
    print(f"{share:.1%} of {len(cases)} cells run unmodified; rewritten: {', '.join(rewritten)}")
    assert len(cases) >= FEWEST_CELLS
    assert share >= UNMODIFIED
    assert len({case.name for case in cases}) == len(cases)
