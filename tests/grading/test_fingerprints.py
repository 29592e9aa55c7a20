"""A task's hash changes with what decides about it, and with nothing else; an answer's with what was answered."""

import io
import json
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from tests.support.grading_work import answer, answers, assignment, check, given, hidden_part, text

from factory_academy.domain.bundle import GradingLimits, zip_bytes
from factory_academy.grading.work.fingerprints import answers_hash, task_hashes

TESTS = {
    "t1": "from checks import near\nassert near(f(1), 1)",
    "t2": hidden_part("assert f(2) == 2"),
    "t3": "table = {}\nassert g(table) == {}",
    "t4": "assert table == {}",
}
values = st.text(st.characters(codec="ascii", categories=("L", "N", "P")), max_size=12)


def bundle(
    tests=TESTS, *, setup="BASE = 1", hint="try", grader=b"def near(a, b):\n    return a == b", data=b"1,2", **more
):
    cells = [
        text("Read this first."),
        given(setup, "setup"),
        answer("f", "def f(x):\n    return x"),
        check("t1", tests["t1"]),
        check("t2", tests["t2"]),
        answer("g", "def g(table):\n    return dict(table)"),
        check("t3", tests["t3"]),
        check("t4", tests["t4"]),
    ]
    files = {"grader/checks.py": grader, "release/rows.csv": data, "hints.json": json.dumps({"x": [hint]}).encode()}
    return assignment(*cells, files=files, **more)


def changed(one, other, environments=("e", "e")) -> set[str]:
    before, after = (task_hashes(b, e) for b, e in zip((one, other), environments, strict=True))
    return {task for task in before if before[task] != after.get(task)}


def test_a_hash_is_a_pure_function_of_the_bundle():
    assert task_hashes(bundle(), "e") == task_hashes(bundle(), "e")
    assert len(set(task_hashes(bundle(), "e").values())) == 4


@settings(max_examples=12, deadline=None)
@for_all(st.sampled_from(["t1", "t2", "t4"]), values)
def test_changing_a_test_that_leaves_nothing_behind_changes_its_own_hash_only(name, word):
    more = f"\nassert f({word!r}) == {word!r}"
    assert changed(bundle(), bundle({**TESTS, name: TESTS[name] + more})) == {name}


@settings(max_examples=12, deadline=None)
@for_all(values)
def test_changing_a_test_changes_those_that_stand_on_it(word):
    assert changed(bundle(), bundle({**TESTS, "t3": f"table = {{}}\nassert g({{1: {word!r}}})"})) == {"t3", "t4"}


@settings(max_examples=12, deadline=None)
@for_all(values)
def test_a_grader_module_changes_those_that_can_import_it(word):
    assert changed(bundle(), bundle(grader=f"def near(a, b):\n    return {word!r}".encode())) == {"t1"}


@settings(max_examples=12, deadline=None)
@for_all(st.binary(max_size=9))
def test_data_changes_every_task(data):
    assert changed(bundle(), bundle(data=b"other" + data)) == set(TESTS)


@settings(max_examples=12, deadline=None)
@for_all(values)
def test_an_authors_own_cell_changes_every_task(word):
    assert changed(bundle(), bundle(setup=f"BASE = {word!r}")) == set(TESTS)


@settings(max_examples=12, deadline=None)
@for_all(values)
def test_words_for_people_change_nothing(word):
    before = bundle()
    titles = tuple(replace(task, title=word) for task in before.tasks)
    assert changed(before, replace(bundle(hint=word), title=word, tasks=titles)) == set()


def test_limits_points_files_and_the_environment_count():
    before = bundle()
    assert changed(before, replace(before, limits=GradingLimits(cell_seconds=3))) == set(TESTS)
    assert changed(before, replace(before, extra_files=("*.py",))) == set(TESTS)
    assert changed(before, before, ("e", "another")) == set(TESTS)
    more = tuple(replace(task, points=2.0) if task.id == "t2" else task for task in before.tasks)
    assert changed(before, replace(before, tasks=more)) == {"t2"}


def test_a_contract_counts_for_its_own_test():
    contract = {"format": 1, "tests": {"t1": {"kinds": {}}, "t2": {"kinds": {}}}, "preload": []}
    wider = {"format": 1, "tests": {"t1": {"kinds": {}}, "t2": {"kinds": {"f()": ["int"]}}}, "preload": ["numpy"]}
    one, other = (
        replace(bundle(), files={**bundle().files, "contract.json": json.dumps(c).encode()}) for c in (contract, wider)
    )
    assert changed(one, other) == {"t2"}


def test_a_new_test_changes_no_other():
    before = assignment(answer("f", "f = 1"), check("a", "assert f"))
    after = assignment(check("new", "assert True"), answer("f", "f = 1"), check("a", "assert f"))
    assert changed(before, after) == set()


@pytest.mark.parametrize("source", ["print(open('grader/rows.json').read())", "import importlib\nassert f(1)"])
def test_a_test_that_may_reach_any_hidden_file_depends_on_all(source):
    before, after = (
        assignment(answer("f", "f = 1"), check("t", source), files={"grader/rows.json": data}) for data in (b"1", b"2")
    )
    assert changed(before, after) == {"t"}


WORK = answers(bundle(), f="def f(x):\n    return x", g="def g(table):\n    return 1")


def test_outputs_and_metadata_are_not_part_of_an_answer():
    with zipfile.ZipFile(io.BytesIO(WORK)) as opened:
        notebook = json.loads(opened.read("work.ipynb"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [{"output_type": "stream", "text": "hello"}], 7
    notebook["metadata"]["remark"] = "saved again"
    ran = zip_bytes({"work.ipynb": json.dumps(notebook).encode(), "notes.txt": b"not asked for"})
    assert answers_hash(bundle(), ran) == answers_hash(bundle(), WORK)


@settings(max_examples=12, deadline=None)
@for_all(values)
def test_an_answer_is_what_it_is_hashed_by(word):
    other = answers(bundle(), f=f"def f(x):\n    return {word!r}", g="def g(table):\n    return 1")
    assert answers_hash(bundle(), other) != answers_hash(bundle(), WORK)


def test_files_that_are_asked_for_are_part_of_the_answer():
    taking = replace(bundle(), extra_files=("*.txt",))
    one, other = (answers_hash(taking, zip_bytes({"work.ipynb": b"{}", "a.txt": data})) for data in (b"1", b"2"))
    assert one != other


def test_work_that_cannot_be_read_has_a_hash_too():
    hashes = {answers_hash(bundle(), work) for work in (b"junk", b"other junk", zip_bytes({}), zip_bytes({"a": b""}))}
    assert len(hashes) == 3
