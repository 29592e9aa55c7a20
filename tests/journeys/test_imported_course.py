"""nbgrader's own example course: imported, fetched and submitted with nbgrader's commands, graded as nbgrader would."""

import re
import sqlite3

from tests.support.running import ApiClient, Visitor
from tests.support.session import Browser
from tests.support.stock_nbgrader import run_nbgrader

SOLVE = '''
import json
from pathlib import Path

def solve(folder):
    """Solve the first task of the first notebook, and nothing else."""
    path = Path(folder) / "problem1.ipynb"
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if "def squares(n)" in source:
            cell["source"] = (
                "def squares(n):\\n"
                "    if n < 1:\\n"
                "        raise ValueError('n must be at least 1')\\n"
                "    return [i ** 2 for i in range(1, n + 1)]\\n"
            )
    path.write_text(json.dumps(notebook))
'''
IN_THE_SESSION = """
import subprocess

def nbgrader(*words):
    print(subprocess.run(["nbgrader", *words], capture_output=True, text=True, cwd=Path.home()).stderr)

nbgrader("fetch_assignment", "ps1", "--course", "{course}")
solve(Path.home() / "{course}" / "ps1")
nbgrader("submit", "{course}/ps1", "--course", "{course}")
"""


def test_the_quickstart_course_is_imported_fetched_submitted_and_graded_as_nbgrader_would(academy, tmp_path):
    course = tmp_path / "example"
    run_nbgrader("quickstart", "example", cwd=tmp_path)
    academy.let_in("quentin")
    imported = academy.command("course", "import", str(course))
    assert imported.returncode == 0, imported.stderr
    course_id = re.search(r"(\S+)/ps1", imported.stdout)[1]

    quentin = Visitor(academy, "quentin", academy.accounts["quentin"]).sign_in()
    _join(quentin, course_id)
    quentin.start_session(profile="cpu")
    browser = Browser(quentin)
    browser.open()
    with browser.kernel() as kernel:
        said = kernel.run(SOLVE + IN_THE_SESSION.format(course=course_id))
    assert "Receipt" in said, said
    api = ApiClient(academy, quentin.token())
    (handed_in,) = api.call("GET", "submissions", params={"course": course_id}).json()
    verdict = api.verdict(handed_in["submission_id"])

    points = _points_by_nbgrader(course)
    assert points > 0
    assert verdict["earned"] == points


def _join(visitor, course_id):
    visitor.http.get("/services/portal/sign-in")
    page = visitor.http.get("/services/portal/").text
    section = re.search(rf'name="section" value="({course_id}-bologna)"', page)[1]
    origin = {"Origin": visitor.academy.url}
    joined = visitor.http.post("/services/portal/enrol", data={"section": section}, headers=origin)
    assert joined.status_code == 200, joined.text


def _points_by_nbgrader(course):
    run_nbgrader("generate_assignment", "ps1", "--force", "--create", cwd=course)
    submitted = course / "submitted" / "quentin" / "ps1"
    submitted.mkdir(parents=True)
    for file in (course / "release" / "ps1").iterdir():
        (submitted / file.name).write_bytes(file.read_bytes())
    tools = {}
    exec(SOLVE, tools)  # noqa: S102  (our own text, the same that the session runs)
    tools["solve"](submitted)
    run_nbgrader("autograde", "ps1", "--create", "--force", cwd=course)
    with sqlite3.connect(course / "gradebook.db") as db:
        rows = db.execute("select auto_score from grade where auto_score is not null").fetchall()
    return sum(float(score) for (score,) in rows)
