"""The next hint opens with the next try that makes the same mistake."""

from hypothesis import given
from hypothesis import strategies as st

from factory_academy.domain.course import TaskKind
from factory_academy.domain.grade import Grade, TaskScore, Verdict
from factory_academy.domain.hints import hint_ladders

LEVELS = {"M1": ["expected", "example", "idea"], "M2": ["a", "b", "c"]}


def tried(*codes, earned=0.0):
    scores = [TaskScore(f"t{n}", earned, 1.0, TaskKind.HIDDEN, Verdict.FAILED, code=c) for n, c in enumerate(codes)]
    return Grade("s", 0.0, 1.0, tuple(scores))


def opened(*tries):
    return {code: ladder.shown for code, ladder in hint_ladders(LEVELS, tries).items()}


def test_the_first_try_opens_the_first_hint():
    assert opened(tried("M1")) == {"M1": ("expected",)}


def test_each_further_try_with_the_same_mistake_opens_one_more_until_all_are_open():
    assert opened(tried("M1"), tried("M1"))["M1"] == ("expected", "example")
    assert opened(*[tried("M1")] * 9)["M1"] == ("expected", "example", "idea")
    assert hint_ladders(LEVELS, [tried("M1")])["M1"].closed == 2


def test_one_try_counts_once_however_many_tasks_show_the_mistake():
    assert opened(tried("M1", "M1", "M1")) == {"M1": ("expected",)}


def test_only_mistakes_of_the_last_try_are_shown():
    assert opened(tried("M1"), tried("M2")) == {"M2": ("a",)}


def test_a_task_with_all_its_points_shows_no_mistake():
    assert opened(tried("M1", earned=1.0)) == {}


def test_a_code_without_hints_has_no_ladder():
    assert opened(tried("M9", "")) == {}


@given(st.lists(st.sampled_from(["M1", "M2", ""]), max_size=8))
def test_another_try_never_closes_a_hint_of_the_same_mistake(codes):
    before = opened(*map(tried, codes))
    for code, shown in before.items():
        assert opened(*map(tried, [*codes, code]))[code][: len(shown)] == shown
