"""What a marker reads of what was handed in: text by task, of whatever was handed in."""

import pytest
from tests.support.grading_work import answer, bundle_of, check, given, manual, notebook, text

from factory_academy.domain.bundle import zip_bytes
from factory_academy.errors import BadArchive, BadNotebook
from factory_academy.grading.handed import MAX_ANSWER, answers_of


def task_cell(grade_id, source):
    return text(source, grade=False, solution=False, locked=True, task=True, grade_id=grade_id, points=2)


CELLS = [
    given("import math"),
    manual("essay", "Write here.", 2, kind="text"),
    answer("double", "def double(x):\n    return 2 * x"),
    check("double-test", "assert double(2) == 4", 1),
    check("double-again", "assert double(3) == 6", 1),
    task_cell("project", "Make something."),
    manual("code", "print(1)", 1),
]


@pytest.fixture
def bundle():
    return bundle_of({"nb": CELLS})


def handed(*cells, name="nb.ipynb"):
    return zip_bytes({name: notebook(cells)})


def test_each_task_is_answered_by_its_cells(bundle):
    found = answers_of(
        bundle,
        handed(
            given("import math"),
            manual("essay", "Three sentences.", 2, kind="text"),
            answer("double", "def double(x):\n    return x + x"),
            check("double-test", "assert double(2) == 4", 1),
            task_cell("project", "Make something."),
            text("My project"),
            given("build()"),
            manual("code", "print(2)", 1),
        ),
    )
    assert found == {
        "essay": "Three sentences.",
        "double-test": "def double(x):\n    return x + x",
        "double-again": "def double(x):\n    return x + x",
        "project": "My project\n\nbuild()",
        "code": "print(2)",
    }


def test_an_answer_without_its_mark_is_found_and_one_that_is_gone_is_absent(bundle):
    found = answers_of(bundle, handed(given("def double(x):\n    return x * 2")))
    assert set(found) == {"double-test", "double-again"}
    assert found["double-test"] == "def double(x):\n    return x * 2"


def test_markup_stays_text_and_very_long_answers_are_cut(bundle):
    long = "<script>alert(1)</script>" + "x" * MAX_ANSWER
    found = answers_of(bundle, handed(manual("essay", long, 2, kind="text")))
    assert found["essay"] == long[:MAX_ANSWER]


def test_what_cannot_be_read_says_so(bundle):
    with pytest.raises(BadArchive):
        answers_of(bundle, b"no archive")
    with pytest.raises(BadNotebook):
        answers_of(bundle, zip_bytes({"nb.ipynb": b"no notebook"}))
    assert answers_of(bundle, zip_bytes({"other.txt": b"x"})) == {}


def test_tasks_of_several_notebooks_are_told_apart():
    bundle = bundle_of({"a": [manual("why", "x", 1, kind="text")], "b": [manual("why", "x", 1, kind="text")]})
    archive = zip_bytes({f"{n}.ipynb": notebook([manual("why", f"Of {n}.", 1, kind="text")]) for n in "ab"})
    assert answers_of(bundle, archive) == {"a/why": "Of a.", "b/why": "Of b."}
