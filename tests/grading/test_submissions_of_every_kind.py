"""The table of lessons from nbgrader: twenty-six submissions to one small assignment, and what each must give."""

import io
import json
import stat
import zipfile

import pytest
from tests.support.feedback import feedback_page
from tests.support.grading_work import answer, answers, assignment, check, code, given, hidden_part, submission

from factory_academy.domain.bundle import zip_bytes
from factory_academy.domain.grade import Cause, Verdict
from factory_academy.domain.submission import SubmissionState
from factory_academy.errors import BadArchive
from factory_academy.grading.intake import check_archive

HONEST = "def double(x):\n    return 2 * x"
WRONG = "def double(x):\n    return 1"
TOUCH = "SECRET_INPUT = 987654321"


@pytest.fixture(scope="module")
def bundle(autograder):
    plain = assignment(
        given("import math"),
        answer("double", "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"),
        check(
            "exact",
            f"assert double(2) == 4\n{hidden_part(f'{TOUCH}{chr(10)}assert double(SECRET_INPUT) == 1975308642')}",
            5,
        ),
        check("share", "right = sum(double(n) == 2 * n for n in (1, 2, 3, 4))\nright / 4 * 2", 2),
    )
    return autograder.record_contract(plain)


@pytest.fixture
def grade(autograder, bundle):
    return lambda source, *own: autograder.grade(bundle, answers(bundle, *own, double=source), seed=1)


def test_row_1_honest_work_gets_all_points(grade):
    outcome = grade(HONEST)
    assert (outcome.state, outcome.earned) == (SubmissionState.GRADED, 7)


def test_row_2_plainly_wrong_work_gets_none(grade):
    assert grade(WRONG).earned == 0


def test_row_3_an_object_equal_to_everything_gets_none_and_its_type_is_named(grade):
    outcome = grade("class Yes:\n    def __eq__(self, other):\n        return True\n\ndef double(x):\n    return Yes()")
    assert outcome.earned == 0
    assert "own object" in outcome.tasks[0].got
    assert "Yes" in outcome.tasks[1].got
    assert outcome.state is SubmissionState.NEEDS_REVIEW


def test_row_4_an_int_that_says_it_is_equal_gets_none(grade):
    lying = "class N(int):\n    def __eq__(self, other): return True\n    __hash__ = int.__hash__\n"
    assert grade(f"{lying}def double(x):\n    return N(0)").earned == 0


@pytest.mark.parametrize(
    "tamper",
    [
        "get_ipython().input_transformers_post.append(lambda lines: ['pass\\n'])",
        "import ast\nclass Cut(ast.NodeTransformer):\n    def visit_Assert(self, node): return ast.Pass()\n"
        "get_ipython().ast_transformers.append(Cut())",
        "get_ipython().run_cell = lambda *a, **k: None",
        "import IPython\nIPython.core.interactiveshell.InteractiveShell.run_code = lambda *a, **k: False",
    ],
)
def test_rows_5_to_7_tampering_with_the_interpreter_gains_nothing(grade, tamper):
    assert grade(f"{tamper}\n{WRONG}").earned == 0


@pytest.mark.parametrize("shown", ["'full'", "'9999'"])
def test_rows_8_and_9_a_replaced_display_formatter_changes_no_score(grade, shown):
    plain = "get_ipython().display_formatter.formatters['text/plain']"
    tamper = f"{plain}.for_type(float, lambda v, p, c: p.text({shown}))\n"
    outcome = grade(tamper + WRONG)
    assert outcome.earned == 0
    assert any("get_ipython" in note for note in outcome.notes)


def test_row_10_tampering_with_the_error_display_gains_nothing(grade):
    assert grade(f"get_ipython().showtraceback = lambda *a, **k: None\n{WRONG}").earned == 0


def test_row_11_sys_exit_ends_in_exited(grade):
    outcome = grade("import sys\nsys.exit(0)")
    assert (outcome.earned, outcome.state) == (0, SubmissionState.EXITED)
    assert "exit" in outcome.reason


def test_row_12_ending_the_process_costs_that_test_and_the_others_still_run(autograder, bundle):
    quits = "import os\ndef double(x):\n    if x > 1000: os._exit(0)\n    return 2 * x"
    outcome = autograder.grade(bundle, answers(bundle, double=quits), seed=1)
    assert [task.earned for task in outcome.tasks] == [0, 2]
    assert outcome.tasks[0].cause is Cause.ENDED
    assert outcome.state is SubmissionState.EXITED


def test_row_13_a_loop_that_catches_everything_ends_at_the_limit(grade):
    outcome = grade("while True:\n    try:\n        while True: pass\n    except BaseException: pass")
    assert (outcome.earned, outcome.state) == (0, SubmissionState.TIMEOUT)
    assert outcome.seconds < 35


def test_row_14_hidden_tests_cannot_be_read(grade):
    search = (
        "import gc, os, sys\n"
        "def everything():\n"
        "    texts = [str(In)[:100000] if 'In' in globals() else '']\n"
        "    texts += [o for o in gc.get_objects() if isinstance(o, str)]\n"
        "    for root, _, files in os.walk(os.getcwd()):\n"
        "        texts += [open(os.path.join(root, f), errors='replace').read() for f in files]\n"
        "    return texts\n"
        "def double(x):\n"
        "    if any('SECRET_' + 'INPUT' in text for text in everything()): print('found it')\n"
        "    return 2 * x\n"
        "double(1)"
    )
    outcome = grade(search, code("print('SECRET_' + 'INPUT' in str(globals()))"))
    assert outcome.earned == 7
    assert "found it" not in "".join(cell.output for cell in outcome.cells)


def test_row_15_there_is_no_gradebook_to_open(grade):
    search = (
        "import os\nfound = []\nfor root, folders, files in os.walk('/'):\n"
        "    folders[:] = [f for f in folders if f not in ('proc', 'sys', 'usr', 'site-packages')]\n"
        "    found += [f for f in files if f.endswith('.ipynb') or f in ('gradebook.db', 'academy.db')]\nprint(found)"
    )
    outcome = grade(f"{search}\n{HONEST}")
    assert outcome.cells[-1].output.strip() == "[]"


def test_row_16_the_environment_holds_no_secret(grade):
    outcome = grade(f"import os\nprint(sorted(os.environ))\n{HONEST}")
    names = outcome.cells[-1].output
    assert outcome.earned == 7
    assert not any(word in names for word in ("TOKEN", "SECRET", "KEY", "ACADEMY", "JUPYTERHUB", "PASSWORD"))


def test_row_17_words_on_stderr_cost_nothing(grade):
    noisy = "import sys, warnings\ndef double(x):\n    print('hm', file=sys.stderr)\n    warnings.warn('old')\n"
    assert grade(f"{noisy}    return 2 * x").earned == 7


def _cells(bundle):
    cells = json.loads(bundle.files["release/work.ipynb"])["cells"]
    cells[1]["source"] = HONEST
    return cells


def test_row_18_a_deleted_test_is_still_tried(autograder, bundle):
    cells = [cell for cell in _cells(bundle) if cell["metadata"].get("nbgrader", {}).get("grade_id") != "exact"]
    assert autograder.grade(bundle, submission(*cells), 1).earned == 7


def test_row_19_a_duplicated_test_is_tried_once_and_noted(autograder, bundle):
    cells = _cells(bundle)
    outcome = autograder.grade(bundle, submission(*cells, cells[2]), 1)
    assert outcome.earned == 7
    assert any("exact" in note for note in outcome.notes)


def test_row_20_points_in_the_submission_are_ignored(autograder, bundle):
    cells = _cells(bundle)
    cells[2]["metadata"]["nbgrader"]["points"] = 5000
    outcome = autograder.grade(bundle, submission(*cells), 1)
    assert (outcome.earned, outcome.possible) == (7, 7)


def test_row_21_a_test_turned_into_text_is_still_tried(autograder, bundle):
    cells = _cells(bundle)
    cells[2]["cell_type"] = "markdown"
    assert autograder.grade(bundle, submission(*cells), 1).earned == 7


@pytest.mark.parametrize("version", [1, 99, "3", None])
def test_row_22_the_schema_version_is_ignored(autograder, bundle, version):
    cells = _cells(bundle)
    for cell in cells:
        cell["metadata"].get("nbgrader", {})["schema_version"] = version
    assert autograder.grade(bundle, submission(*cells), 1).earned == 7


def test_row_23_markup_of_a_trainee_is_inert_in_feedback(grade):
    show = "from IPython.display import HTML\ndisplay(HTML('<script>alert(1)</script>'))\nprint('<img onerror=x>')"
    page = feedback_page(grade(f"{show}\n{WRONG}\nraise ValueError('<b>bold</b>')"), "Work")
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;img onerror=x&gt;" in page


def test_row_24_a_link_is_refused_at_the_door():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        link = zipfile.ZipInfo("work.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/srv/source/work.ipynb")
    with pytest.raises(BadArchive, match="link"):
        check_archive(file.getvalue())


@pytest.mark.parametrize("data", [b"", b"not json", b"[1, 2]", b'{"cells": 3}', b"\xff\xfe", b"[" * 100_000])
def test_row_25_what_is_no_notebook_is_unreadable_with_a_reason(autograder, bundle, data):
    outcome = autograder.grade(bundle, zip_bytes({"work.ipynb": data}), 1)
    assert (outcome.earned, outcome.state) == (0, SubmissionState.UNREADABLE)
    assert "work.ipynb" in outcome.reason


def test_row_26_a_renamed_notebook_is_missing(autograder, bundle):
    outcome = autograder.grade(bundle, zip_bytes({"my work.ipynb": b"{}"}), 1)
    assert (outcome.earned, outcome.possible, outcome.state) == (0, 7, SubmissionState.MISSING)
    assert all(task.verdict is Verdict.NOT_RUN for task in outcome.tasks)
