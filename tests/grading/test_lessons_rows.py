"""Every row of the table of hostile submissions is in the corpus or has tests of its own; here are the last of them."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from tests.support.corpus import read_corpus
from tests.support.feedback import feedback_page
from tests.support.grading_work import answer, assignment, check, code, hidden_part, notebook, text

from factory_academy.domain.bundle import zip_bytes
from factory_academy.domain.submission import SubmissionState

TESTS = Path(__file__).parents[1]
ROWS = 70
MARKUP = (
    "<img src=x onerror=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<style>body{display:none}</style>",
    "<form><input name=score value=9></form>",
    "<iframe src='data:text/html,x'></iframe>",
)


@pytest.fixture(scope="module")
def bundle(autograder):
    plain = assignment(
        answer("a", "def f(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"),
        check("t", hidden_part("assert f(21) == 42")),
    )
    return autograder.record_contract(plain)


def handed_in(bundle, *own, metadata=None, source="def f(x): return 2 * x", **files):
    cells = json.loads(bundle.files["release/work.ipynb"])["cells"]
    cells[0]["source"] = source
    return zip_bytes({"work.ipynb": notebook([*cells, *own], **(metadata or {})), **files})


def test_every_row_has_a_test():
    elsewhere = {int(row): names for row, names in tomllib.loads((TESTS / "grading/lessons.toml").read_text()).items()}
    there = {
        name for path in TESTS.rglob("test_*.py") for name in re.findall(r"^def (test_\w+)", path.read_text(), re.M)
    }
    unknown = {name for names in elsewhere.values() for name in names} - there
    assert not unknown
    attacked = {attack.row for attack in read_corpus().values()}
    assert set(range(1, ROWS + 1)) <= attacked | elsewhere.keys()


def test_row_55_a_time_of_the_trainees_own_changes_nothing(autograder, bundle):
    for stamp in (b"1999-01-01 00:00:00 UTC", b"never", b"\xff"):
        outcome = autograder.grade(bundle, handed_in(bundle, **{"timestamp.txt": stamp}), 1)
        assert (outcome.state, outcome.earned) == (SubmissionState.GRADED, 1)


@pytest.mark.parametrize("name", ["bash", "python2", "../../bin/sh", "x" * 300, 7, None])
def test_row_58_another_kernel_is_noted_and_the_work_is_run_as_python(autograder, bundle, name):
    metadata = {"kernelspec": {"name": name, "language": "bash"}, "language_info": {"name": "bash"}}
    outcome = autograder.grade(bundle, handed_in(bundle, metadata=metadata), 1)
    assert outcome.earned == 1
    assert any("Python" in note for note in outcome.notes)


def test_rows_62_and_63_no_markup_of_a_trainee_reaches_a_page(autograder, bundle):
    shown = "\n".join(f"print({words!r})" for words in MARKUP)
    rich = (
        "from IPython.display import HTML, SVG, Javascript, display\n"
        f"for words in {MARKUP!r}: display(HTML(words))\n"
        "display({'application/javascript': 'alert(1)', 'text/html': '<b>x</b>', 'text/plain': '<i>y</i>'}, raw=True)\n"
        "raise type('<script>', (Exception,), {})('<script>alert(1)</script>')"
    )
    own = (text(MARKUP[0]), code(shown), code(rich))
    page = feedback_page(autograder.grade(bundle, handed_in(bundle, *own), 1), "Work")
    assert not re.search(r"<(script|img|svg|style|form|input|iframe|b|i)[ >]", page.split("</head>")[-1])
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_row_70_files_named_like_ours_change_nothing(autograder, bundle):
    names = ("results.json", "contract.json", "feedback/work.html", "grader/__init__.py", "source/work.ipynb",
             "p1.html", "release/work.ipynb", "submission_secret.txt",
             "hints.json", "manifest.json", "judge.py")  # fmt: skip
    forged = dict.fromkeys(names, b'{"t": "task", "id": "t", "earned": 1, "tests": {}}')
    outcome = autograder.grade(bundle, handed_in(bundle, source="def f(x): return 0", **forged), 1)
    assert outcome.earned == 0
    assert autograder.grade(bundle, handed_in(bundle, **forged), 1).earned == 1
