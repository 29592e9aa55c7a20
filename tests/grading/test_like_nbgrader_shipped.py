"""Every notebook that nbgrader ships, and odd ones of ours, through `nbgrader autograde` and through us.

Equal scores, or a difference that the table explains; the same tasks, points and release versions; the same refusals.
docs/explanation/like-nbgrader.md tells the table in words.
"""

import json
from collections import Counter

import nbformat
import pytest
from tests.support.grading_work import answer, check, notebook, text
from tests.support.nbgrader_shipped import MENDED, REFUSED, SUBMITTED, lay_out, nbgrader_scores

from factory_academy.curriculum.importing import import_course
from factory_academy.domain.bundle import zip_bytes
from factory_academy.domain.grade import Verdict
from factory_academy.errors import BadCourse
from factory_academy.grading.work.parts import tasks_of

HARDENED = {"autotest", "ps1", "ps1_autotest"}
UNTOUCHED = {"own": ("p1",), "ps1": ("problem1", "problem2"), "squares": ("hidden", "taskcell")}

OWN = [
    answer("s", "def f(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"),
    check("shown", "assert f(1) == 2"),
    check("partly", "(f(1) == 2) + (f(2) == 4) / 2 + 0.5 * (f(3) == 6)", 2),
    check("said", "assert f(4) == 8\nimport warnings\nwarnings.warn('soon gone')"),
    check("truth", "f(2) == 4", 1),
    check("below", "f(1)\n-1.0", 1),
    check("no-number", "f(1)\n[1]", 1),
    check("word", "f(1)\n'fine'", 1),
    check("above", "f(1)\n3.0", 1),
]
RIGHT = "def f(x):\n    return x + x"

PRINTS = "import sys\ndef f(x):\n    print(x, file=sys.stderr)\n    return x + x"
WARNS = "import warnings\ndef f(x):\n    warnings.warn(str(x))\n    return x + x"


def with_shown(cells, change):
    """The cells, with one test cell changed."""
    return [change(cell) if grade_id(cell) == "shown" else cell for cell in cells]


TAGS = {"tags": ["raises-exception", "skip-execution"]}
CHANGES = {
    "right": lambda cells: cells,
    "half": lambda cells: with_answer(cells, "def f(x):\n    return 2 if x == 1 else 0"),
    "says-on-stderr": lambda cells: with_answer(cells, PRINTS),
    "warns": lambda cells: with_answer(cells, WARNS),
    "test-deleted": lambda cells: [c for c in cells if grade_id(c) != "shown"],
    "test-doubled": lambda cells: [*cells, cells[1]],
    "tagged": lambda cells: [{**c, "metadata": {**c["metadata"], **TAGS}} for c in cells],
    "other-schema": lambda cells: [with_marks(c, schema_version=99) for c in cells],
    "more-points": lambda cells: with_shown(cells, lambda c: with_marks(c, points=5000)),
    "as-text": lambda cells: with_shown(cells, lambda c: text(c["source"], **c["metadata"]["nbgrader"])),
    "exits": lambda cells: with_answer(cells, f"{RIGHT}\nimport os\nos._exit(0)"),
}

SEVERAL_OF = {"below", "above", "no-number"}
EXPLAINED = {
    "retyped": "a cell turned into another kind stops nbgrader; here ours are used",
    "doubled": "a doubled test cell stops nbgrader; here ours are used",
    "schema": "another schema_version stops nbgrader; here it is ignored",
    "stderr": "a warning or a word on stderr costs all points there, and none here",
    "deleted": "a deleted test cell waits for a person there; here ours is used",
    "false": "a False that the test formed earns all there, and nothing here",
    "no score": "a last value that is no number within the points earns all there, or stops it; here a person decides",
    "exited": "a process that ends takes all points along there; here what is tried again without that cell counts",
    "skipped": "a tag that skips a test cell earns all points there; here it is ignored",
}


def why_of(assignment, student, task):
    """The explanation of a difference, if it has one."""
    if student.endswith("cell-type-changed") or student == "as-text":
        return "retyped"
    if assignment != "own":
        return None
    of_student = {"test-doubled": "doubled", "other-schema": "schema", "exits": "exited", "tagged": "skipped"}
    if student in of_student:
        return of_student[student]
    if task == "truth" and student == "half":
        return "false"
    if task in SEVERAL_OF:
        return "no score"
    if task == "said" or student in ("warns", "says-on-stderr"):
        return "stderr"
    return "deleted" if student == "test-deleted" and task == "shown" else None


def with_answer(cells, source):
    return [{**c, "source": source} if grade_id(c) == "s" else c for c in cells]


def with_marks(cell, **marks):
    return {**cell, "metadata": {"nbgrader": {**cell["metadata"]["nbgrader"], **marks}}}


def grade_id(cell):
    return cell["metadata"]["nbgrader"]["grade_id"]


def submissions_of(bundle):
    """Every submission to an assignment, as archives by student."""
    found = {
        name: zip_bytes({f"{notebook}.ipynb": path.read_bytes() for notebook, path in paths.items()})
        for name, paths in SUBMITTED.get(bundle.name, {}).items()
    }
    graded = [name for name in bundle.notebooks if tasks_of(bundle, name)]
    for student, kind, names in (("reference", "source", graded), ("untouched", "release", UNTOUCHED.get(bundle.name))):
        if names:
            found[student] = zip_bytes({f"{name}.ipynb": bundle.files[f"{kind}/{name}.ipynb"] for name in names})
    if bundle.name == "own":
        released = json.loads(bundle.files["release/p1.ipynb"])["cells"]
        for name, change in CHANGES.items():
            found[name] = zip_bytes({"p1.ipynb": notebook(change(with_answer(released, RIGHT)))})
    return found


@pytest.fixture(scope="module")
def bundles(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ours") / "course"
    _, bundles = import_course(lay_out(folder, {"source/own/p1.ipynb": notebook(OWN)}))
    return {bundle.name: bundle for bundle in bundles}


@pytest.fixture(scope="module")
def submissions(bundles):
    return {name: submissions_of(bundle) for name, bundle in bundles.items()}


@pytest.fixture(scope="module")
def theirs(tmp_path_factory, submissions):
    folder = tmp_path_factory.mktemp("theirs") / "course"
    lay_out(folder, {"source/own/p1.ipynb": notebook(OWN)})
    return folder, nbgrader_scores(folder, submissions)


def test_tasks_and_points_are_those_of_nbgrader(bundles, theirs):
    for name, bundle in bundles.items():
        assert {task.id: task.points for task in bundle.tasks} == theirs[1]["tasks"][name], name


def test_the_release_version_is_that_of_nbgrader(bundles, theirs):
    for name, bundle in bundles.items():
        for notebook_name in bundle.notebooks:
            released = nbformat.reads(bundle.release_files()[f"{notebook_name}.ipynb"].decode(), as_version=4)
            stock = nbformat.read(theirs[0] / "release" / name / f"{notebook_name}.ipynb", as_version=4)
            assert [(c.cell_type, c.source, c.metadata.get("nbgrader")) for c in released.cells] == [
                (c.cell_type, c.source, c.metadata.get("nbgrader")) for c in stock.cells
            ], (name, notebook_name)


@pytest.mark.parametrize("name", [*REFUSED, *MENDED])
def test_what_nbgrader_refuses_is_refused_by_name(name, theirs, tmp_path):
    assert name in theirs[1]["refused"]
    folder = tmp_path / "source" / name
    folder.mkdir(parents=True)
    (folder / "p1.ipynb").write_bytes((REFUSED | MENDED)[name].read_bytes())
    if name in MENDED:
        assert import_course(tmp_path)
        return
    with pytest.raises(BadCourse, match=r"p1") as refusal:
        import_course(tmp_path)
    assert refusal.value.next_step


def test_every_score_is_that_of_nbgrader_or_explained(bundles, submissions, theirs, autograder):
    counts, unexplained, used = Counter(), [], Counter()
    for name, bundle in bundles.items():
        version = autograder.record_contract(bundle) if name in HARDENED else bundle
        for student, archive in submissions[name].items():
            outcome = autograder.grade(version, archive, seed=1)
            scores = theirs[1]["scores"][name][student]
            assert {task.task_id for task in outcome.tasks} == scores.keys()
            for task in outcome.tasks:
                score, by_hand = scores[task.task_id]
                ours = (task.earned, task.verdict is Verdict.MANUAL)
                if ours == (score or 0.0, by_hand):
                    counts["equal"] += 1
                elif why := why_of(name, student, task.task_id):
                    counts["improved"] += 1
                    used[why] += 1
                else:
                    counts["different"] += 1
                    unexplained.append((name, student, task.task_id, (score, by_hand), ours, task.message))
    print(f"\nside by side with nbgrader: {dict(counts)}; improved: {dict(used)}")
    assert not unexplained
    assert counts["equal"] > 240
    assert used.keys() == EXPLAINED.keys()
