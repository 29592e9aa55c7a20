"""nbgrader's gradebook as a projection: formgrader and exporters read it, marks made there come back."""

from datetime import UTC, datetime
from types import MappingProxyType

import pytest
from nbgrader.api import Gradebook
from tests.support.formgrader import formgrader
from tests.support.grading_work import answer, answers, assignment, bundle_of, check, hidden_part, manual, text
from tests.support.stock_nbgrader import run_nbgrader

from factory_academy.domain.course import TaskKind
from factory_academy.domain.grade import TaskScore, Verdict
from factory_academy.domain.gradebook import FormgraderMark, GradedAssignment, GradedWork
from factory_academy.domain.person import Person, Role
from factory_academy.domain.submission import Submission
from factory_academy.grading.gradebook.book import NbgraderBook
from factory_academy.grading.gradebook.copies import graded_copy, inert_text

SOLUTION = "### BEGIN SOLUTION\ndef double(x):\n    return 2 * x\n### END SOLUTION"
CELLS = (
    answer("double", SOLUTION),
    check("test-double", "assert double(2) == 4\n" + hidden_part("assert double(5) == 10"), points=3),
    manual("essay", "Why twice?", points=5, kind="markdown"),
)
RECEIVED = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


def work(bundle, who, name, essay, by_hand=MappingProxyType({}), essay_points=0.0, kept=1.0, **cells):
    handed = Submission(f"s-{who}", who, "course", "work", bundle.version, "c", 1, RECEIVED)
    judged = TaskScore("test-double", 3.0, 3.0, TaskKind.HIDDEN, Verdict.PASSED, message="All checks hold.")
    verdict = Verdict.PARTLY if by_hand else Verdict.MANUAL
    marked = TaskScore("essay", essay_points, 5.0, TaskKind.MANUAL, verdict)
    archive = answers(bundle, double="def double(x):\n    return x + x", essay=essay)
    return GradedWork(Person(who, name, Role.TRAINEE), handed, archive, (judged, marked), kept, by_hand)


@pytest.fixture
def bundle():
    return assignment(*CELLS)


@pytest.fixture
def book(tmp_path):
    return NbgraderBook(tmp_path / "book", "course")


def write(book, bundle, *works):
    book.write((GradedAssignment(bundle, datetime(2026, 11, 3, tzinfo=UTC), works),))


def in_gradebook(tmp_path):
    return Gradebook(f"sqlite:///{tmp_path / 'book' / 'gradebook.db'}", "course")


def test_scores_lateness_and_what_waits_for_a_person_are_in_the_gradebook(book, bundle, tmp_path):
    marked = work(bundle, "ada", "Ada Lovelace", "Because.", {"essay": "Good."}, essay_points=4.0, kept=0.9)
    write(book, bundle, marked, work(bundle, "ben", "Ben", "No idea."))
    with in_gradebook(tmp_path) as gradebook:
        ada, ben = (gradebook.find_submission("work", who) for who in ("ada", "ben"))
        assert (ada.score, ada.max_score, ada.needs_manual_grade) == (7.0, 8.0, False)
        assert ada.late_submission_penalty == pytest.approx(0.7)
        assert (ben.score, ben.needs_manual_grade) == (3.0, True)
        assert gradebook.find_student("ada").last_name == "Lovelace"
        assert gradebook.find_comment("essay", "work", "work", "ada").comment == "Good."


def test_what_was_just_written_holds_no_marks_of_people(book, bundle):
    write(book, bundle, work(bundle, "ada", "Ada", "Because.", {"essay": "Good."}, essay_points=4.0))
    assert book.marks() == ()


def test_a_folder_that_is_not_there_yet_holds_no_marks(book):
    assert book.marks() == ()


def test_scores_and_comments_made_in_formgrader_come_back_once(book, bundle, tmp_path):
    ben = work(bundle, "ben", "Ben", "No idea.")
    write(book, bundle, ben)
    with in_gradebook(tmp_path) as gradebook:
        gradebook.find_grade("essay", "work", "work", "ben").manual_score = 2.5
        gradebook.find_grade("test-double", "work", "work", "ben").extra_credit = 1.0
        gradebook.find_comment("essay", "work", "work", "ben").manual_comment = "Think again."
        gradebook.db.commit()
    assert book.marks() == (
        FormgraderMark("ben", "work", "s-ben", "essay", 2.5, "Think again."),
        FormgraderMark("ben", "work", "s-ben", "test-double", None, "", 1.0),
    )
    write(book, bundle, work(bundle, "ben", "Ben", "No idea.", {"essay": "Think again."}, essay_points=2.5))
    assert book.marks() == ()


def test_the_gradebook_can_be_deleted_and_written_again(book, bundle, tmp_path):
    ada = work(bundle, "ada", "Ada", "Because.", {"essay": "Good."}, essay_points=4.0)
    write(book, bundle, ada)
    for path in (tmp_path / "book").glob("*.db"):
        path.unlink()
    write(book, bundle, ada)
    with in_gradebook(tmp_path) as gradebook:
        assert gradebook.find_submission("work", "ada").score == 7.0


def test_a_version_with_other_cells_takes_the_place_of_the_last_one(book, bundle, tmp_path):
    write(book, bundle, work(bundle, "ada", "Ada", "Because."))
    newer = assignment(*CELLS, manual("more", "And?", points=2, kind="markdown"))
    write(book, newer, work(newer, "ada", "Ada", "Because."))
    with in_gradebook(tmp_path) as gradebook:
        assert gradebook.find_submission("work", "ada").max_score == 10.0


def test_who_is_not_in_the_course_any_more_leaves_the_gradebook(book, bundle, tmp_path):
    ada, ben = work(bundle, "ada", "Ada", "Because."), work(bundle, "ben", "Ben", "So.")
    write(book, bundle, ada, ben)
    write(book, bundle, ada)
    with in_gradebook(tmp_path) as gradebook:
        assert [s.student.id for s in gradebook.assignment_submissions("work")] == ["ada"]


def test_a_copy_shows_our_tests_their_answers_and_our_verdict(bundle):
    ada = work(bundle, "ada", "Ada", "Because.")
    copy = graded_copy(bundle, "work", ada.archive, {score.task_id: score for score in ada.tasks})
    answered, tested, essay = copy.cells
    assert answered.source == "def double(x):\n    return x + x"
    assert "assert double(5) == 10" in tested.source
    assert "passed: 3 of 3" in tested.outputs[0]["text"]
    assert essay.source == "Because."


@pytest.mark.parametrize("harm", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<style>*{}</style>",
                                  "<form><input name=score></form>", "$\\href{javascript:alert(1)}{x}$"])  # fmt: skip
def test_a_copy_holds_no_markup_that_runs(bundle, harm):
    copy = graded_copy(bundle, "work", answers(bundle, double="pass", essay=harm), {})
    said = copy.cells[-1].source
    assert not any(part in said for part in ("<script", "<img src=x onerror", "<style", "<form", "<input", "\\href"))


def test_plain_text_stays_as_it_is():
    assert inert_text("Because **two** is $x^2$.") == "Because **two** is $x^2$."


def test_work_that_cannot_be_read_says_so_in_its_copy(bundle):
    copy = graded_copy(bundle, "work", b"no archive", {})
    assert "cannot be read" in copy.cells[0].source
    assert copy.cells[2].source.startswith("assert double(2) == 4")


def test_several_notebooks_keep_their_tasks_apart(book, tmp_path):
    both = bundle_of({"one": [manual("q", "?", points=2)], "two": [text("Hello"), manual("q", "?", points=3)]})
    handed = Submission("s", "ada", "course", "work", both.version, "c", 1, RECEIVED)
    scores = tuple(
        TaskScore(task_id, points, possible, TaskKind.MANUAL, Verdict.PARTLY)
        for task_id, points, possible in (("one/q", 1.0, 2.0), ("two/q", 3.0, 3.0))
    )
    ada = GradedWork(
        Person("ada", "Ada", Role.TRAINEE), handed, b"", scores, by_hand={"one/q": "Half.", "two/q": "All."}
    )
    write(book, both, ada)
    with in_gradebook(tmp_path) as gradebook:
        assert gradebook.find_submission("work", "ada").score == 4.0
        gradebook.find_grade("q", "two", "work", "ada").manual_score = 2.0
        gradebook.db.commit()
    assert book.marks() == (FormgraderMark("ada", "work", "s", "two/q", 2.0),)


def test_formgrader_and_the_exporter_work_on_it_and_a_mark_made_there_comes_back(book, bundle, tmp_path):
    write(book, bundle, work(bundle, "ada", "Ada Lovelace", "Because <b>so</b>."), work(bundle, "ben", "Ben", "So."))
    run_nbgrader("export", "--to", "grades.csv", cwd=tmp_path / "book")
    lines = (tmp_path / "book" / "grades.csv").read_text().splitlines()
    assert len(lines) == 3
    assert any(",ada,Lovelace,Ada," in line for line in lines)

    with formgrader(tmp_path / "book") as client:
        (listed,) = client.get("/formgrader/api/assignments").json()
        assert (listed["name"], listed["max_score"]) == ("work", 8.0)
        submissions = client.get("/formgrader/api/submitted_notebooks/work/work").json()
        ada = next(s for s in submissions if s["student"] == "ada")
        assert ada["needs_manual_grade"]
        page = client.get(f"/formgrader/submissions/{ada['id']}/").text
        assert "Because" in page
        assert "passed: 3 of 3" in page
        grades = client.get("/formgrader/api/grades", params={"submission_id": ada["id"]}).json()
        essay = next(grade for grade in grades if grade["name"] == "essay")
        marked = client.put(f"/formgrader/api/grade/{essay['id']}", json={"manual_score": 4.5, "extra_credit": 0})
        assert marked.status_code == 200, marked.text
    assert book.marks() == (FormgraderMark("ada", "work", "s-ada", "essay", 4.5),)
