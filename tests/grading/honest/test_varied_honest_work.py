"""Honest work of every shape keeps its points; how often the judge refuses it is counted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support.honest_work import (
    COURSES,
    Result,
    failures_in_plain_python,
    handed_in,
    hands,
    honest_tasks,
    one_notebook,
    results,
    variants,
    with_variant,
)

from factory_academy.curriculum.catalogue import read_course
from factory_academy.domain.course import TaskKind
from factory_academy.grading.autograder import SandboxAutograder

MOST_REFUSED = 0.01
FEWEST_SOLUTIONS = 60
FEWEST_TASKS = 12


@pytest.fixture(scope="module")
def autograder(tmp_path_factory) -> Iterator[SandboxAutograder]:
    autograder = SandboxAutograder(tmp_path_factory.mktemp("honest"))
    yield autograder
    autograder.close()


@pytest.fixture(scope="module")
def small(autograder) -> list[Result]:
    tasks = honest_tasks()
    bundle = autograder.record_contract(one_notebook(tasks))
    return [
        r for hand in hands(tasks) for r in results(autograder.grade(bundle, handed_in(bundle, tasks, hand), 7), hand)
    ]


@pytest.fixture(scope="module")
def ours(autograder) -> list[Result]:
    found = []
    for course in ("data-pipelines", "onboarding"):
        for bundle in read_course(COURSES / course)[1]:
            hardened = autograder.record_contract(bundle)
            for variant in variants(bundle.name):
                outcome = autograder.grade(hardened, with_variant(bundle.name, variant), 7)
                answered = {cell.removesuffix("-solution") for cell in variant.cells}
                found += [
                    Result(score.task_id, variant.name, score)
                    for score in outcome.tasks
                    if score.kind is not TaskKind.MANUAL and score.task_id.rpartition("-")[0] in answered
                ]
    return found


def test_every_solution_is_right_where_nothing_stands_between_it_and_the_test():
    assert failures_in_plain_python(honest_tasks()) == []


def test_no_honest_point_is_lost_and_fewer_than_one_in_a_hundred_is_refused(small, ours):
    tried = [*small, *ours]
    refused = [result for result in tried if result.refused]
    lost = [result for result in tried if result.lost]
    rate = len(refused) / len(tried)
    print(f"{len(refused)} of {len(tried)} honest solutions refused ({rate:.2%}); {len(lost)} lost a point")
    assert not lost, "\n".join(map(str, lost))
    assert rate < MOST_REFUSED


def test_the_solutions_are_many_and_to_many_tasks(small, ours):
    assert len(small) + len(ours) >= FEWEST_SOLUTIONS
    assert len({result.task for result in small}) >= FEWEST_TASKS
    assert {result.task.partition("-")[0] for result in ours} == {"dp4", "onb1"}
