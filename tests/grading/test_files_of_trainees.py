"""Files that are handed in beside a notebook: taken where they are asked for, and never in place of the judge's."""

import json

import pytest
from tests.support.grading_work import answer, assignment, check

from factory_academy.domain.bundle import zip_bytes

CELLS = (
    answer("a", "from helper import f"),
    check("own", "assert f(2) == 4"),
    check("data", "assert open('given.csv').read() == 'ours'"),
)
FILES = {"release/helper.py": b"def f(x): ...", "release/given.csv": b"ours"}
THEIRS = {"helper.py": b"def f(x): return 2 * x", "given.csv": b"theirs", "more/notes.txt": b"n"}


@pytest.mark.parametrize(
    ("asked_for", "earned"),
    [
        ((), {"data"}),
        (("*",), {"data"}),
        (("*", "helper.py"), {"own", "data"}),
        (("helper.py", "given.csv"), {"own", "data"}),
    ],
)
def test_a_released_file_is_theirs_only_where_it_is_asked_for_by_name(autograder, asked_for, earned):
    bundle = assignment(*CELLS, files=FILES, extra_files=asked_for)
    content = json.loads(bundle.files["release/work.ipynb"])
    content["cells"][0]["source"] = "from helper import f"
    handed_in = zip_bytes({"work.ipynb": json.dumps(content).encode(), **THEIRS})
    outcome = autograder.grade(bundle, handed_in, 1)
    assert {task.task_id for task in outcome.tasks if task.earned} == earned, outcome.tasks
