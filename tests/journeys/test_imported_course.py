"""nbgrader's own example course: imported, fetched and submitted with nbgrader's commands, graded as nbgrader would."""

import re
import sqlite3

from tests.support.running import ApiClient, Visitor
from tests.support.session import Browser
from tests.support.stock_nbgrader import run_nbgrader


def test_the_quickstart_course_is_imported_fetched_submitted_and_graded_as_nbgrader_would(academy, tmp_path):
    course = tmp_path / "example"
    run_nbgrader("quickstart", "example", cwd=tmp_path)
    academy.let_in("quentin")
    imported = academy.command("course", "import", str(course))
    assert imported.returncode == 0, imported.stderr

    quentin = Visitor(academy, "quentin", academy.accounts["quentin"]).sign_in()
    api = ApiClient(academy, quentin.token())
    course_id = _join(quentin, imported.stdout)
    quentin.start_session(profile="cpu")
    with _kernel(quentin) as kernel:
        said = kernel.run(
            "import subprocess\n"
            f"for words in (['fetch_assignment', 'ps1', '--course', {course_id!r}],"
            f" ['submit', '{course_id}/ps1', '--course', {course_id!r}]):\n"
            "    print(subprocess.run(['nbgrader', *words], capture_output=True, text=True, cwd='.').stderr)\n"
        )
    assert "Receipt" in said, said
    (handed_in,) = api.call("GET", "submissions", params={"course": course_id}).json()
    verdict = api.verdict(handed_in["submission_id"])

    assert verdict["earned"] == _points_by_nbgrader(course)


def _join(visitor, said):
    course_id = re.search(r"(\S+)/ps1", said)[1]
    page = visitor.http.get("/services/portal/").text
    section = re.search(rf'name="section" value="({course_id}-bologna)"', page)[1]
    origin = {"Origin": visitor.academy.url}
    joined = visitor.http.post("/services/portal/enrol", data={"section": section}, headers=origin)
    assert joined.status_code == 200, joined.text
    return course_id


def _kernel(visitor):
    browser = Browser(visitor)
    browser.open()
    return browser.kernel()


def _points_by_nbgrader(course):
    run_nbgrader("generate_assignment", "ps1", "--force", "--create", cwd=course)
    submitted = course / "submitted" / "quentin" / "ps1"
    submitted.mkdir(parents=True)
    for file in (course / "release" / "ps1").iterdir():
        (submitted / file.name).write_bytes(file.read_bytes())
    run_nbgrader("autograde", "ps1", "--create", "--force", cwd=course)
    with sqlite3.connect(course / "gradebook.db") as db:
        rows = db.execute("select coalesce(manual_score, auto_score, 0) from grade").fetchall()
    return sum(float(score) for (score,) in rows)
