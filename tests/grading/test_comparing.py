"""What is the same and what has changed, for values of every kind that tests hold."""

from __future__ import annotations

import copy
from collections import OrderedDict, deque

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from factory_academy.grading import judge_api as judge
from factory_academy.grading.author.comparing import changed


class Shelf:
    def __init__(self, books):
        self.books = books


KEYS = st.integers() | st.text(max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.builds(Shelf, inner)
        | st.builds(deque, st.lists(inner, max_size=3))
    ),
    max_leaves=12,
)


@given(VALUES)
def test_a_copy_has_not_changed(value):
    assert not changed(copy.deepcopy(value), value)


@given(VALUES, VALUES)
def test_one_more_item_is_a_change_at_any_depth(value, item):
    holder = [Shelf({"books": [value]})]
    before = copy.deepcopy(holder)
    holder[0].books["books"].append(item)
    assert changed(before, holder)


def test_a_value_that_holds_itself_is_compared_to_its_end():
    ring = [1]
    ring.append(ring)
    before = copy.deepcopy(ring)
    assert not changed(before, ring)
    ring[0] = 2
    assert changed(before, ring)


def put(value, key, item):
    value[key] = item


LIBRARY = {
    "array": (lambda: np.arange(4.0), lambda value: put(value, 0, 9)),
    "array of objects": (lambda: np.array([1, None, "x"], dtype=object), lambda value: put(value, 1, 2)),
    "table": (lambda: pd.DataFrame({"a": [1, 2]}), lambda value: put(value, "b", 3)),
    "column": (lambda: pd.Series([1.0, None]), lambda value: put(value, 1, 3.0)),
    "tensor": (lambda: torch.ones(2, 2), lambda value: value.add_(1)),
    "tensor of numbers": (lambda: torch.arange(3), lambda value: put(value, 0, 7)),
    "sparse": (lambda: sparse.csr_matrix(np.eye(2)), lambda value: put(value.data, 0, 5)),
    "order": (lambda: OrderedDict(a=1, b=2), lambda value: value.move_to_end("a")),
}


@pytest.mark.parametrize("kind", LIBRARY)
def test_a_change_inside_a_librarys_value_is_seen(kind):
    make, change = LIBRARY[kind]
    value = [make()]
    before = copy.deepcopy(value)
    assert not changed(before, value)
    change(value[0])
    assert changed(before, value)


def test_tensors_are_equal_by_kind_shape_and_value():
    judge.equal(torch.tensor([1.0, float("nan")]), torch.tensor([1.0, float("nan")]))
    judge.equal(torch.tensor([1.0]), torch.tensor([1.0 + 1e-9]), tolerance=1e-6)
    for other in (torch.tensor([1.0, 2.0]), torch.tensor([1]), torch.tensor([[1.0]]), [1.0], np.ones(1)):
        with pytest.raises(judge.CheckFailed):
            judge.equal(other, torch.tensor([1.0]))


@given(st.floats(0, 100) | st.integers(0, 100) | st.booleans())
def test_points_are_any_number_from_nothing(points):
    judge.bench.marks.clear()
    assert judge.score(points) == float(points)
    judge.bench.marks.clear()


@pytest.mark.parametrize("points", [-1, float("inf"), float("nan"), -0.5, np.float64("nan"), 10**400, 1e308])
def test_points_below_nothing_or_without_a_measure_are_refused(points):
    with pytest.raises(ValueError, match="from 0"):
        judge.score(points)


@pytest.mark.parametrize("points", ["1", None, [1], 1j, np.array([1])])
def test_points_that_are_no_number_are_refused(points):
    with pytest.raises(TypeError):
        judge.score(points)
