"""A source of `otter assign` becomes an assignment that shows what Otter would show, and hides what it would hide."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell
from tests.support.otter_sources import arithmetic, by_assertion, question, shown, source, tables

from factory_academy.curriculum.otter import answers
from factory_academy.curriculum.otter.converting import convert
from factory_academy.curriculum.otter.importing import import_otter, is_otter
from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.course import TaskKind
from factory_academy.errors import BadCourse


def imported(tmp_path: Path, notebook: nbformat.NotebookNode, **files: str) -> tuple[AssignmentBundle, list[str]]:
    folder = tmp_path / "Lab 1"
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    folder.mkdir(exist_ok=True, parents=True)
    nbformat.write(notebook, folder / "lab1.ipynb")
    (_, (bundle,)), (report,) = import_otter(folder)
    return bundle, [str(note).split(".ipynb, ")[1] for note in report.notes]


def cells(bundle: AssignmentBundle, kind: str) -> dict[str, str]:
    content = json.loads(bundle.files[f"{kind}/lab1.ipynb"])
    return {
        c["metadata"].get("nbgrader", {}).get("grade_id", str(n)): c["source"] for n, c in enumerate(content["cells"])
    }


def test_questions_become_tasks_with_their_points(tmp_path: Path):
    bundle, notes = imported(tmp_path, arithmetic())
    assert bundle.title == "Arithmetic"
    assert [(task.id, task.points, task.kind, task.title) for task in bundle.tasks] == [
        ("q1-test-1", 1, TaskKind.VISIBLE, "q1"),
        ("q1-test-2", 1, TaskKind.HIDDEN, "q1"),
        ("q2-1-test-1", 0, TaskKind.VISIBLE, "q2.1"),
        ("q2-1-test-2", 1, TaskKind.VISIBLE, "q2.1"),
        ("q2-1-test-3", 2.5, TaskKind.HIDDEN, "q2.1"),
        ("q3-test", 3, TaskKind.HIDDEN, "q3"),
        ("q4-manual", 4, TaskKind.MANUAL, "q4"),
        ("q5-manual", 1, TaskKind.MANUAL, "q5"),
    ]
    assert notes == []


def test_trainees_get_the_prompts_of_otter_and_no_solution_nor_hidden_test(tmp_path: Path):
    bundle, _ = imported(tmp_path, arithmetic())
    given_out = cells(bundle, "release")
    assert given_out["q1-solution"] == "def square(x):\n    ...\n\nnine = ..."
    assert given_out["q2-1-solution"] == "def greet(name):\n    ..."
    assert given_out["q4-manual"] == "_Type your answer here, replacing this text._"
    assert given_out["q5-manual"] == "# draw here\n..."
    assert given_out["q1-test-1"] == "assert repr(square(3)) == '9'"
    assert "_Points:_ 3.5" in "".join(given_out.values())
    released = bundle.files["release/lab1.ipynb"].decode()
    for secret in ("x * x", "square(i)", "Greet anyone", "negative number", "SOLUTION", "# BEGIN"):
        assert secret not in released


def test_the_authors_version_is_of_nbgraders_format(tmp_path: Path):
    bundle, _ = imported(tmp_path, arithmetic())
    written = cells(bundle, "source")
    assert written["q3-solution"] == ("### BEGIN SOLUTION\npair, third = (1, 2), 3\nlisted = [1, 2]\n### END SOLUTION")
    assert written["q2-1-solution"].split("\n")[1:] == [
        "    ### BEGIN SOLUTION",
        "    print('Hello,', name)",
        "    ### END SOLUTION",
    ]


def test_a_seed_has_one_value_for_trainees_and_one_for_graders(tmp_path: Path):
    bundle, _ = imported(tmp_path, by_assertion())
    assert cells(bundle, "release")["seed-1"] == "rng_seed = 1"
    assert cells(bundle, "source")["seed-1"] == "rng_seed = 7"


def test_what_a_test_reads_of_the_environment_by_name_is_carried(tmp_path: Path):
    bundle, notes = imported(tmp_path, by_assertion())
    assert "def test_empty():\n    try:\n        mean([])" in cells(bundle, "source")["q1-test-3"]
    assert notes == []
    odd = "def test_all(env):\n    assert sorted(env)"
    _, notes = imported(tmp_path, source("tests: {ok_format: false}", question("name: q", tests=[new_code_cell(odd)])))
    assert notes == ["q: a test reads `env` in a way that is not carried: only `env['name']` and `env.get('name')` are"]


def test_files_come_along_and_what_has_no_equal_is_reported(tmp_path: Path):
    bundle, notes = imported(tmp_path, tables(), **{"data/rows.csv": "group,x\n"})
    assert bundle.release_files()["data/rows.csv"] == b"group,x\n"
    assert bundle.extra_files == ("notes.txt", "plot.png")
    assert notes == [
        "generate: settings of Otter's own autograder do not apply here",
        "requirements: packages are not installed on import; see that the environment of the graders has them",
        "solutions_pdf: no PDF is made",
        "counter: text in its solution is left out: nobody marks it",
        "counter: its solution seeds a generator for the author alone; graders seed each run anew",
    ]
    everything = (bundle.files["source/lab1.ipynb"] + bundle.files["release/lab1.ipynb"]).decode()
    assert "for the author" not in everything
    assert "print('seen')" not in everything


def test_the_same_source_gives_the_same_version(tmp_path: Path):
    assert imported(tmp_path / "a", arithmetic())[0].version == imported(tmp_path / "b", arithmetic())[0].version


BROKEN = [
    (question("points: 1"), "cell 2: the question has no name"),
    (question("name: q\npoints: -1"), "points -1 of q"),
    (question("name: q\npoints: lots"), "points 'lots' of q"),
    (question("name: q\npoints: [1, 2]", tests=[shown("1", "1")]), "lists points for 2 tests and has 1"),
    (question("- a"), "expected lines like"),
    (question("name: [q"), "not YAML"),
    (question("name: q", tests=[new_markdown_cell("x")]), "expected code in a block of tests"),
    (question("name: q", tests=[new_code_cell("1 +")]), "test 1: the test of q cannot be read"),
    (question("name: q", tests=[new_code_cell('""" # BEGIN TEST CONFIG\npoints: 3')]), "never closed"),
    (
        question("name: q", tests=[new_code_cell('""" # BEGIN TEST CONFIG\npoints: x\n""" # END TEST CONFIG\n1')]),
        "got 'x'",
    ),
    (question("name: q", solution=[new_code_cell("# BEGIN SOLUTION\nx = 1")]), "`# BEGIN SOLUTION` is never closed"),
    (question("name: q", solution=[new_code_cell("# END SOLUTION")]), "closes nothing"),
    (question("name: q")[:-1], "'question' is never closed"),
    ([new_raw_cell("# BEGIN TESTS")], "begins outside of a question"),
    ([new_raw_cell("# END QUESTION")], "closes nothing that is open"),
    ([*question("name: q")[:-1], *question("name: p")], "a question begins inside another"),
    (
        [new_raw_cell("# BEGIN QUESTION\nname: q"), new_raw_cell("# BEGIN TESTS"), new_raw_cell("# END SOLUTION")],
        "END SOLUTION",
    ),
]


@pytest.mark.parametrize(("part", "expected"), BROKEN, ids=[expected for _, expected in BROKEN])
def test_a_broken_source_is_refused_with_its_cell(tmp_path: Path, part, expected):
    with pytest.raises(BadCourse, match=r"lab1\.ipynb") as refusal:
        imported(tmp_path, source("name: Broken", part))
    assert expected in str(refusal.value)
    assert refusal.value.next_step


@pytest.mark.parametrize(
    "setting",
    ["files: [../secret]", "files: [/etc/passwd]", "files: [nothing.csv]", "files: 3", "tests: no", "seed: x"],
)
def test_settings_that_lead_elsewhere_or_nowhere_are_refused(tmp_path: Path, setting: str):
    if setting == "tests: no":
        assert imported(tmp_path, source(setting, question("name: q")))
        return
    (tmp_path / "secret").write_text("s")
    with pytest.raises(BadCourse, match=r"lab1\.ipynb"):
        imported(tmp_path, source(setting, question("name: q")))


def test_a_version_that_otter_made_is_no_source(tmp_path: Path):
    made = nbformat.v4.new_notebook(cells=[new_code_cell('grader.check("q1")')])
    with pytest.raises(BadCourse, match="a version that `otter assign` made"):
        imported(tmp_path, made)
    assert not is_otter(tmp_path)


def test_other_languages_and_missing_files_are_refused(tmp_path: Path):
    (tmp_path / "lab.Rmd").touch()
    for name, expected in (("lab.Rmd", "R Markdown"), ("none.ipynb", "no such file"), ("", "no notebook at all")):
        with pytest.raises(BadCourse, match=expected):
            import_otter(tmp_path / name)


lines = st.sampled_from(
    [
        *(
            "x = 1",
            "",
            "s # SEED",
            "w # IGNORE",
            "# BEGIN IGNORE",
            "# END IGNORE",
            "# BEGIN SOLUTION",
            "# END SOLUTION",
        ),
        *('"""; # BEGIN PROMPT', '"""; # END PROMPT', "    # BEGIN SOLUTION NO PROMPT", "z # SOLUTION NO PROMPT"),
        *("    y = 2 # SOLUTION", "d['a'] = 3 # SOLUTION"),
    ]
)


@settings(deadline=None)
@given(st.lists(lines, max_size=8).map("\n".join))
def test_both_versions_of_any_cell_come_of_it_or_a_refusal(text):
    made, refusal = attempt(lambda: (answers.released(text, "here"), answers.solved(text, "here")))
    if made is None:
        assert "here" in refusal
        return
    trainees, authors = made
    assert authors.count(answers.BEGIN_REGION) == authors.count(answers.END_REGION)
    assert "SOLUTION" not in trainees
    assert not {"z", "s # SEED", "w # IGNORE"} & set(trainees.split("\n"))


begins = [f"# BEGIN {kind}" for kind in ("TESTS", "SOLUTION", "PROMPT")]
texts = st.sampled_from(
    [
        *("# BEGIN QUESTION\nname: q", "# BEGIN QUESTION\nname: q\nmanual: true\npoints: 2", "# END QUESTION", *begins),
        *(mark.replace("BEGIN", "END") for mark in begins),
        *("# ASSIGNMENT CONFIG\nname: a", "f(1)", "# HIDDEN\nassert f(2)"),
    ]
)
makers = st.sampled_from([new_raw_cell, new_code_cell, new_markdown_cell])
any_cell = st.builds(lambda make, text: make(text), makers, texts)


@settings(deadline=None, max_examples=200)
@given(st.lists(any_cell, max_size=10))
def test_any_order_of_marks_is_converted_or_refused_by_name(made):
    converted, refusal = attempt(lambda: convert(nbformat.v4.new_notebook(cells=made), "here"))
    if converted is None:
        assert "here" in refusal
        return
    assert len(converted.source.cells) == len(converted.released.cells)
    assert [cell.id for cell in converted.source.cells] == [cell.id for cell in converted.released.cells]


def attempt(act):
    """What it gives, or the words of its refusal."""
    try:
        return act(), ""
    except BadCourse as refusal:
        return None, f"{refusal} {refusal.next_step}" if refusal.next_step else ""
