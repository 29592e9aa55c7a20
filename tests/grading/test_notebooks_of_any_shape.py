"""A notebook is data from anyone: any JSON, any nbformat, cells lost, doubled or turned into something else."""

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.grading_work import answer, answers, assignment, check, code, manual, notebook, submission, text
from tests.support.grading_work import given as given_cell

from factory_academy.domain.course import Task, TaskKind
from factory_academy.domain.grade import Verdict
from factory_academy.errors import BadNotebook
from factory_academy.grading.work.names import bound, imports, needed
from factory_academy.grading.work.notebook import read_notebook, without_hidden
from factory_academy.grading.work.oddities import oddities
from factory_academy.grading.work.plan import plan

OURS = read_notebook(
    notebook(
        [
            given_cell("import math"),
            answer("a", "def f(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION"),
            check("t", "assert f(1) == 1"),
            manual("m", "Why?", 1, "text"),
        ]
    )
)
TASKS = {"t": Task("t", 1, TaskKind.VISIBLE), "m": Task("m", 1, TaskKind.MANUAL)}

odd = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from(["a", "t", "m"])
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=5,
)
marks = st.dictionaries(st.sampled_from(["grade", "solution", "locked", "task", "grade_id", "points"]), odd)
cells = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.one_of(odd, st.sampled_from(["code", "markdown", "raw", "heading"])),
        "source": odd,
        "input": odd,
        "metadata": st.one_of(
            odd, st.fixed_dictionaries({}, optional={"nbgrader": st.one_of(odd, marks), "tags": odd})
        ),
        "outputs": odd,
        "id": odd,
    },
)
notebooks = st.fixed_dictionaries(
    {},
    optional={
        "cells": st.one_of(odd, st.lists(st.one_of(odd, cells), max_size=6)),
        "worksheets": st.one_of(odd, st.lists(st.one_of(odd, st.fixed_dictionaries({"cells": st.lists(cells)})))),
        "metadata": odd,
        "nbformat": odd,
    },
)


@given(st.one_of(notebooks, odd).map(lambda content: json.dumps(content).encode()))
@settings(max_examples=400, deadline=None)
def test_any_json_gives_a_plan_or_a_reason(data):
    with suppress(BadNotebook):
        planned = plan(OURS, None, read_notebook(data), TASKS)
        assert sum(step["kind"] == "test" for step in planned.steps) == 1


@given(st.text(max_size=60))
@settings(deadline=None)
def test_any_text_of_a_cell_can_be_asked_for_its_names(source):
    assert needed(source) is not None
    assert bound(source) is not None
    assert imports(source) is not None
    assert oddities(source) is not None


def test_old_formats_are_read():
    old = {
        "nbformat": 3,
        "worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1\n", "y"], "language": "python"}]}],
    }
    assert read_notebook(json.dumps(old).encode()).cells[0].source == "x = 1\ny"
    assert read_notebook(b'\xef\xbb\xbf{"nbformat": 5, "cells": []}').cells == ()


def test_names_are_found_in_every_scope():
    source = (
        "import os.path as p\nfrom x import y as z\n"
        "def f(a):\n    global g\n    g = a + b\n    return [c for d in e]\ndel h"
    )
    assert {"b", "c", "e"} <= needed(source)
    assert not {"a", "d"} & needed(source)
    assert {"p", "z", "f", "g", "h"} <= bound(source)
    assert imports(source) == {"p": "import os.path as p", "z": "from x import y as z"}
    assert needed("%time q = w\n!ls {v}") >= {"w"}


def test_the_hidden_part_is_cut_out():
    source = "assert 1\n### BEGIN HIDDEN TESTS\nassert 2\n### END HIDDEN TESTS\nassert 3"
    assert without_hidden(source) == "assert 1\nassert 3"


@pytest.fixture(scope="module")
def bundle():
    return assignment(
        given_cell("import math", grade_id="top"),
        answer("first", "def first(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION"),
        check("t1", "assert first(1) == 1"),
        answer("second", "def second(x):\n    ### BEGIN SOLUTION\n    return math.sqrt(x)\n    ### END SOLUTION"),
        check("t2", "assert second(4) == 2"),
    )


def _cells(bundle):
    data = answers(bundle, first="def first(x): return x", second="def second(x): return math.sqrt(x)")
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return json.loads(archive.read("work.ipynb"))["cells"]


def without_marks(cells):
    return [{**cell, "metadata": {}} for cell in cells]


def doubled(cells):
    stub = {**cells[1], "source": "def first(x):\n    raise NotImplementedError()"}
    return [cells[0], stub, *cells[1:], cells[3]]


def as_text(cells):
    return [{**cell, "cell_type": "markdown"} for cell in cells]


def backwards(cells):
    return cells[::-1]


def only_answers(cells):
    return [cells[1], cells[3]]


def with_own_cells(cells):
    return [text("# mine"), code("helper = 1"), *cells, code("assert helper == 1"), code("")]


def with_wild_marks(cells):
    for cell in cells:
        cell["metadata"]["nbgrader"] |= {"points": "many", "locked": None, "extra": [], "task": 0, "cell_type": 7}
    return cells


def with_tags(cells):
    for cell in cells:
        cell["metadata"] |= {"tags": ["raises-exception", "skip-execution"], "execution": {"timeout": 0}}
        cell["id"] = "same"
        cell["outputs"] = [{"output_type": "stream", "text": "PASSED"}]
    return cells


CHANGES = [without_marks, doubled, as_text, backwards, only_answers, with_own_cells, with_wild_marks, with_tags]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_answers_are_found_whatever_became_of_the_notebook(autograder, bundle, change):
    outcome = autograder.grade(bundle, submission(*change(_cells(bundle))), 1)
    assert outcome.earned == 2, (outcome.notes, outcome.cells, outcome.tasks)
    assert all(task.verdict is Verdict.PASSED for task in outcome.tasks)
    if change in (without_marks, doubled, as_text):
        assert outcome.notes
