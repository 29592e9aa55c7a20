"""Contracts of several reference solutions are one contract, which allows what either does and nothing more."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given as over
from hypothesis import strategies as st
from tests.support.grading_work import answer, answers, assignment, check, given, notebook

from factory_academy.domain.allowance import ALLOWED_KINDS, Allowance, allowances_from_bytes, allowances_to_bytes
from factory_academy.domain.grade import Cause, Verdict
from factory_academy.errors import BadCourse
from factory_academy.grading.contract import Contract, TestContract, merged_contracts, widened_contract

PATHS = st.sampled_from(["f", "f\x1f()", "g\x1f()\x1f[]", "Model\x1f()\x1f.fit"])
KINDS = st.sampled_from(["plain", "callable", "class", "iterator", "object", "object:sklearn", "object:torch"])
BY_PATH = st.dictionaries(PATHS, st.frozensets(KINDS).map(set), max_size=3)
SOME = st.frozensets(PATHS, max_size=3).map(set)
TESTS = st.builds(TestContract, BY_PATH, BY_PATH, SOME, SOME, SOME, SOME, SOME, st.booleans())
ALLOWANCES = st.builds(
    Allowance,
    st.just(("t",)),
    st.sampled_from(["f", "f()", "g()[]", "Model().fit"]),
    st.lists(st.sampled_from(sorted(ALLOWED_KINDS)), min_size=1, unique=True).map(tuple),
    st.booleans(),
)
SETS = ("mutates", "rebinds", "touches", "lent", "ignored")


def within(one: TestContract, other: TestContract) -> bool:
    """Whether everything that one allows is allowed by the other."""
    by_path = all(
        names <= getattr(other, field).get(path, set())
        for field in ("kinds", "operators")
        for path, names in getattr(one, field).items()
    )
    return by_path and all(getattr(one, name) <= getattr(other, name) for name in SETS)


@over(TESTS, TESTS)
def test_merging_asks_for_no_order(one, other):
    assert one.merged(other) == other.merged(one)


@over(TESTS, TESTS, TESTS)
def test_merging_asks_for_no_grouping(one, two, three):
    assert one.merged(two).merged(three) == one.merged(two.merged(three))


@over(TESTS)
def test_merging_with_itself_or_nothing_changes_nothing(one):
    assert one.merged(one) == one.merged(TestContract()) == one


@over(TESTS, TESTS)
def test_a_merged_contract_is_never_narrower_and_the_judge_runs_given_cells_only_if_all_could(one, other):
    both = one.merged(other)
    assert within(one, both)
    assert within(other, both)
    assert both.given == (one.given and other.given)


@over(TESTS, TESTS, TESTS)
def test_a_wider_contract_stays_wider_when_merged(one, more, third):
    assert within(one.merged(third), one.merged(more).merged(third))


@over(TESTS, TESTS, TESTS)
def test_a_merged_contract_allows_nothing_that_neither_did(one, other, third):
    wide = one.merged(third).merged(other)
    assert within(one.merged(other), wide)
    assert within(one.merged(other), third) or not (within(one, third) and within(other, third))


@over(TESTS)
def test_a_contract_is_read_as_it_was_written(one):
    assert TestContract.from_json(one.to_json()) == one
    assert Contract.from_bytes(Contract({"t": one}, ("a",)).to_bytes()) == Contract({"t": one}, ("a",))


@over(st.lists(TESTS, max_size=4))
def test_contracts_of_many_references_are_merged_test_by_test(tests):
    contracts = [Contract({f"t{number % 2}": test}, (f"m{number}",)) for number, test in enumerate(tests)]
    merged = merged_contracts(contracts)
    assert merged == merged_contracts(contracts[::-1])
    assert all(within(test, merged.tests[task_id]) for one in contracts for task_id, test in one.tests.items())
    assert merged.preload == tuple(sorted(f"m{number}" for number in range(len(tests))))


@over(TESTS, ALLOWANCES)
def test_an_allowance_widens_and_grants_neither_operators_nor_writing_back(test, allowance):
    wide = widened_contract(Contract({"t": test, "u": test}), [allowance])
    assert within(test, wide.tests["t"])
    assert wide.tests["u"] == test
    assert wide.tests["t"].operators == test.operators
    assert [getattr(wide.tests["t"], name) for name in SETS[:4]] == [getattr(test, name) for name in SETS[:4]]
    granted = {kind for kinds in ALLOWED_KINDS.values() for kind in kinds} | {"callable"}
    assert all(kinds - test.kinds.get(path, set()) <= granted for path, kinds in wide.tests["t"].kinds.items())
    assert not granted & {"object", "object:matplotlib"}


@over(st.lists(ALLOWANCES, max_size=3))
def test_allowances_are_read_as_they_were_written(allowances):
    assert list(allowances_from_bytes(allowances_to_bytes(allowances))) == allowances


@pytest.mark.parametrize(
    "fields",
    [
        {"kinds": ("object",)},
        {"kinds": ("plain",)},
        {"at": "f() + g()"},
        {"at": "", "kinds": ("function",)},
        {"at": "f(1)", "kinds": ("function",)},
        {"kinds": ()},
        {"tests": (), "kinds": ("function",)},
    ],
)
def test_an_allowance_that_could_carry_a_verdict_or_says_nothing_cannot_be_made(fields):
    with pytest.raises(ValueError, match="expected"):
        Allowance(**{"tests": ("t",), "at": "f()", **fields})


SORTED = "def tidy(xs):\n    ### BEGIN SOLUTION\n    return sorted(xs)\n    ### END SOLUTION"
TIDY = "xs = [3, 1, 2]\nassert tidy(xs) == [1, 2, 3]\nassert tidy(xs) == [1, 2, 3]\nassert len(xs) == 3"
IN_PLACE = "def tidy(xs):\n    xs.sort()\n    return xs"


def with_reference(bundle, **sources):
    """The bundle with a second reference solution: the instructor's version with these answers."""
    cells = json.loads(bundle.files["source/work.ipynb"])["cells"]
    for cell in cells:
        cell["source"] = sources.get(cell["metadata"].get("nbgrader", {}).get("grade_id", ""), cell["source"])
    return replace(bundle, files={**bundle.files, "references/second/work.ipynb": notebook(cells)})


def outcome(autograder, bundle, **sources):
    return autograder.grade(bundle, answers(bundle, **sources), 1).tasks[0]


BOX = "class Box:\n    def __init__(self): self.total = 3\ndef make(): return Box()"


def test_what_only_the_second_reference_does_is_allowed_too(autograder):
    source = "def make():\n    ### BEGIN SOLUTION\n    return [3]\n    ### END SOLUTION"
    test = "got = make()\nassert (got.total if hasattr(got, 'total') else got[0]) == 3"
    bundle = assignment(answer("a", source), check("t", test))
    alone = autograder.record_contract(bundle)
    assert outcome(autograder, alone, a=BOX).cause is Cause.CONTRACT
    both = autograder.record_contract(with_reference(bundle, a=BOX))
    assert outcome(autograder, both, a=BOX).verdict is Verdict.PASSED
    assert outcome(autograder, both, a="def make(): return (3,)").verdict is Verdict.PASSED


def test_a_second_reference_that_fails_is_named_with_its_task(autograder):
    bundle = with_reference(assignment(answer("a", SORTED), check("t", TIDY)), a="def tidy(xs): return xs")
    with pytest.raises(BadCourse, match=r"the reference solution .second. does not earn every point\. t: "):
        autograder.record_contract(bundle)


def test_given_cells_are_run_the_same_way_for_all_references(autograder):
    bundle = assignment(
        given("box = {'n': 0}"),
        answer("a", "def add():\n    ### BEGIN SOLUTION\n    box['n'] += 1\n    ### END SOLUTION"),
        check("t", "add()\nassert box['n'] >= 1"),
    )
    hardened = autograder.record_contract(with_reference(bundle, a="def add(): box.update(n=box['n'] + 1)"))
    assert outcome(autograder, hardened, a="def add(): box['n'] = box['n'] + 1").verdict is Verdict.PASSED


def allowing(bundle, **fields):
    data = allowances_to_bytes([Allowance(**{"tests": ("t",), **fields})])
    return replace(bundle, files={**bundle.files, "allow.json": data})


PURE = "xs = [3, 1, 2]\nassert tidy(xs) == [1, 2, 3]\nassert xs == [3, 1, 2]"
EMPTIES = "def tidy(xs):\n    xs.clear()\n    return []"
NESTED = "rows = [[2, 1], [3]]\nassert [sorted(row) for row in rows] == tidy(rows)"
SORTS_ROWS = "def tidy(rows):\n    for row in rows: row.sort()\n    return rows"
EMPTIES_ROWS = "def tidy(rows):\n    for row in rows: row.clear()\n    return [[], []]"
SHY = (
    "calls = []\ndef tidy(xs):\n    calls.append(1)\n    if len(calls) == 1:\n        xs.clear()\n        return []\n"
    "    return [9]"
)


@pytest.mark.parametrize("declared", [True, False], ids=["allowed by the author", "found by trying twice"])
def test_an_answer_that_works_in_place_passes_where_its_changes_make_no_difference(autograder, declared):
    bundle = assignment(answer("a", SORTED), check("t", TIDY))
    bundle = allowing(bundle, at="tidy()", ignore_changes=True) if declared else bundle
    assert outcome(autograder, autograder.record_contract(bundle), a=IN_PLACE).verdict is Verdict.PASSED


@pytest.mark.parametrize("declared", [True, False], ids=["allowed by the author", "found by trying twice"])
@pytest.mark.parametrize("cheat", [EMPTIES, SHY], ids=["always", "the first time only"])
def test_emptying_what_the_test_compares_with_earns_nothing(autograder, cheat, declared):
    test = "xs = [3, 1, 2]\nassert tidy(xs) == sorted(xs)"
    bundle = assignment(answer("a", SORTED), check("t", test))
    bundle = allowing(bundle, at="tidy()", ignore_changes=True) if declared else bundle
    assert outcome(autograder, autograder.record_contract(bundle), a=cheat).earned == 0


def test_what_lists_inside_a_list_hold_is_given_as_copies_too(autograder):
    source = SORTED.replace("sorted(xs)", "[sorted(x) for x in xs]")
    bundle = autograder.record_contract(assignment(answer("a", source), check("t", NESTED)))
    assert outcome(autograder, bundle, a=SORTS_ROWS).verdict is Verdict.PASSED
    assert outcome(autograder, bundle, a=EMPTIES_ROWS).earned == 0


def test_a_test_that_asks_for_an_untouched_argument_still_fails_one_that_is_changed(autograder):
    bundle = autograder.record_contract(assignment(answer("a", SORTED), check("t", PURE)))
    assert outcome(autograder, bundle, a=IN_PLACE).verdict is Verdict.FAILED


GIVEN_TABLE = "EXPECTED = {'a': 1}"


def test_what_a_given_cell_holds_stays_as_it_was_for_the_tests_that_follow(autograder):
    source = "def count(table):\n    ### BEGIN SOLUTION\n    return dict(table)\n    ### END SOLUTION"
    bundle = assignment(
        given(GIVEN_TABLE),
        answer("a", source),
        check("t", "assert count(EXPECTED) == EXPECTED"),
        check("u", "assert count({'a': 1}) == EXPECTED"),
    )
    bundle = autograder.record_contract(bundle)
    cheat = "def count(table):\n    table.clear()\n    return {}"
    tasks = autograder.grade(bundle, answers(bundle, a=cheat), 1).tasks
    assert [task.earned for task in tasks] == [0, 0]


def test_an_object_with_the_fields_of_a_named_tuple_may_stand_for_it_and_for_nothing_else(autograder):
    source = (
        "from collections import namedtuple\nPoint = namedtuple('Point', 'x y')\n"
        "def point():\n    ### BEGIN SOLUTION\n    return Point(1, 2)\n    ### END SOLUTION"
    )
    own = "class P:\n    x, y, index = 1, 2, 5\ndef point(): return P()"
    bundle = autograder.record_contract(assignment(answer("a", source), check("t", "assert point().x == 1")))
    assert outcome(autograder, bundle, a=own).verdict is Verdict.PASSED
    bundle = autograder.record_contract(
        assignment(answer("a", source), check("t", "p = point()\nassert p.x + p.y == 3 and callable(p.index)"))
    )
    assert outcome(autograder, bundle, a=own).cause is Cause.CONTRACT
    table = (
        "import pandas as pd\ndef ids():\n    ### BEGIN SOLUTION\n    return pd.Series([1, 2])\n    ### END SOLUTION"
    )
    liar = "class Ids:\n    is_unique, shape = True, (2,)\ndef ids(): return Ids()"
    bundle = autograder.record_contract(assignment(answer("a", table), check("t", "assert ids().is_unique")))
    assert outcome(autograder, bundle, a=liar).earned == 0


def test_an_estimator_may_be_allowed_where_the_reference_gave_a_function(autograder):
    source = "def make():\n    ### BEGIN SOLUTION\n    return lambda xs: [2 * x for x in xs]\n    ### END SOLUTION"
    tests = "model = make()\nassert list((model.predict if hasattr(model, 'predict') else model)([1, 2])) == [2, 4]"
    other = (
        "import numpy as np\nfrom sklearn.linear_model import LinearRegression\n"
        "def make(): return Double().fit(np.array([[0], [1]]), [0, 2])\n"
        "class Double(LinearRegression):\n"
        "    def predict(self, xs): return [2 * x for x in xs]"
    )
    bundle = assignment(answer("a", source), check("t", tests))
    assert outcome(autograder, autograder.record_contract(bundle), a=other).cause is Cause.CONTRACT
    wide = autograder.record_contract(allowing(bundle, at="make()", kinds=("estimator",)))
    assert outcome(autograder, wide, a=other).verdict is Verdict.PASSED
