"""nbgrader's gradebook of one course, in a folder that formgrader and nbgrader's exporters can use.

``submitted/`` tells when work came and holds none of it: formgrader's own autograding would run it in its process.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from factory_academy.domain.grade import Verdict
from factory_academy.domain.gradebook import FormgraderMark, GradedAssignment, GradedWork
from factory_academy.errors import InfrastructureFault
from factory_academy.grading.gradebook.copies import graded_copy, source_of, write_copy
from factory_academy.grading.gradebook.marks import Key, Written, keep_written, read_written
from factory_academy.grading.work.parts import tasks_of

_CONFIG = '''\
"""Settings of nbgrader for a gradebook that the academy writes; changes here are overwritten."""

from pathlib import Path

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = {course_id!r}
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
'''
_MAKE = "import sys; from nbgrader.api import Gradebook; Gradebook(*sys.argv[1:]).close()"


class NbgraderBook:
    """The gradebook of one course. One process at a time writes it; formgrader may be open meanwhile."""

    def __init__(self, folder: Path, course_id: str) -> None:
        self._folder, self._course_id = folder, course_id
        self._url = f"sqlite:///{folder.resolve()}/gradebook.db"

    def marks(self) -> tuple[FormgraderMark, ...]:
        """What people wrote in formgrader since we last wrote the gradebook; nothing where there is none yet."""
        if not (self._folder / "gradebook.db").exists():
            return ()
        written = read_written(self._folder)
        with self._open() as book:
            return tuple(_marks(book, written))

    def write(self, assignments: Sequence[GradedAssignment]) -> None:
        """Bring the gradebook to what our records say. What people wrote in it since is overwritten: read it first."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self._folder / "nbgrader_config.py").write_text(_CONFIG.format(course_id=self._course_id))
        written: dict[Key, Written] = {}
        with self._open() as book:
            for assignment in assignments:
                self._structure(book, assignment)
                for work in assignment.works:
                    written |= _write_work(book, assignment, work)
                _forget_others(book, assignment)
            book.db.commit()
        for assignment in assignments:
            self._write_copies(assignment)
        keep_written(self._folder, written)

    def _open(self) -> Any:
        path = self._folder / "gradebook.db"
        if not path.exists():
            path.write_bytes(_empty())
        return importlib.import_module("nbgrader.api").Gradebook(self._url, self._course_id)

    def _structure(self, book: Any, assignment: GradedAssignment) -> None:
        """Assignment, notebooks and cells; where cells came or went since, the assignment is written anew."""
        bundle = assignment.bundle
        names = {a.name: a for a in book.assignments}
        due = {"duedate": assignment.due_at} if assignment.due_at else {}
        if bundle.name in names and _cells_of(names[bundle.name]) == _cells_in(assignment):
            book.update_or_create_assignment(bundle.name, **due)
            return
        if bundle.name in names:
            book.remove_assignment(bundle.name)
        book.add_assignment(bundle.name, **due)
        for name in bundle.notebooks:
            source = source_of(bundle, name)
            importlib.import_module("nbgrader.preprocessors").SaveCells().preprocess(
                source, {"nbgrader": {"assignment": bundle.name, "notebook": name, "db_url": self._url}}
            )
        book.db.expire_all()

    def _write_copies(self, assignment: GradedAssignment) -> None:
        source = self._folder / "source" / assignment.bundle.name
        source.mkdir(parents=True, exist_ok=True)
        for name in assignment.bundle.notebooks:
            (source / f"{name}.ipynb").write_bytes(assignment.bundle.files[f"source/{name}.ipynb"])
        for work in assignment.works:
            folder = self._folder / "autograded" / work.trainee.id / assignment.bundle.name
            folder.mkdir(parents=True, exist_ok=True)
            scores = {task.task_id: task for task in work.tasks}
            for name in assignment.bundle.notebooks:
                copy = graded_copy(assignment.bundle, name, work.archive, scores)
                write_copy(copy, folder / f"{name}.ipynb")
            submitted = self._folder / "submitted" / work.trainee.id / assignment.bundle.name
            submitted.mkdir(parents=True, exist_ok=True)
            (submitted / "timestamp.txt").write_text(f"{work.submission.received_at:%Y-%m-%d %H:%M:%S.%f} UTC")


@cache
def _empty() -> bytes:
    """An empty gradebook. nbgrader asks ``alembic`` for its version by name, so it must be on the path."""
    search = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gradebook.db"
        argv = [sys.executable, "-c", _MAKE, f"sqlite:///{path}"]
        done = subprocess.run(argv, env={**os.environ, "PATH": search}, capture_output=True, text=True, check=False)
        if done.returncode:
            raise InfrastructureFault(
                f"nbgrader could not make a gradebook: {done.stderr[-500:]}", "Run `factory-academy doctor`."
            )
        return path.read_bytes()


def _marks(book: Any, written: dict[Key, Written]) -> Iterator[FormgraderMark]:
    for assignment in book.assignments:
        several = len(assignment.notebooks) > 1
        for submission in assignment.submissions:
            for notebook in submission.notebooks:
                comments = {comment.name: comment.manual_comment or "" for comment in notebook.comments}
                scores = {grade.name: (grade.manual_score, grade.extra_credit or 0.0) for grade in notebook.grades}
                for cell in sorted(comments.keys() | scores.keys()):
                    ours = written.get((submission.student.id, assignment.name, notebook.name, cell))
                    points, extra = scores.get(cell, (None, 0.0))
                    theirs = Written("", points, comments.get(cell, ""), extra)
                    task_id = f"{notebook.name}/{cell}" if several else cell
                    yield from _mark(ours, theirs, submission.student.id, assignment.name, task_id)


def _mark(ours: Written | None, theirs: Written, who: str, assignment: str, task_id: str) -> Iterator[FormgraderMark]:
    if ours is None:
        return
    points = theirs.points if theirs.points is not None and theirs.points != ours.points else None
    extra = theirs.extra_credit if theirs.extra_credit != ours.extra_credit else 0.0
    comment = theirs.comment if theirs.comment != ours.comment else ""
    if points is not None or extra or comment:
        yield FormgraderMark(who, assignment, ours.submission_id, task_id, points, comment, extra)


def _cells_of(assignment: Any) -> set[tuple[str, str, float | None]]:
    """Notebook, name and points of every cell that the gradebook holds."""
    cells = set()
    for notebook in assignment.notebooks:
        cells |= {(notebook.name, cell.name, cell.max_score) for cell in notebook.grade_cells}
        cells |= {(notebook.name, cell.name, cell.max_score) for cell in notebook.task_cells}
        cells |= {(notebook.name, cell.name, None) for cell in notebook.solution_cells}
    return cells


def _cells_in(assignment: GradedAssignment) -> set[tuple[str, str, float | None]]:
    """The same of a bundle."""
    cells: set[tuple[str, str, float | None]] = set()
    for name in assignment.bundle.notebooks:
        source = source_of(assignment.bundle, name)
        for cell in source.cells:
            marks = cell.metadata.get("nbgrader", {})
            if marks.get("grade") or marks.get("task"):
                cells.add((name, marks["grade_id"], float(marks["points"])))
            if marks.get("solution"):
                cells.add((name, marks["grade_id"], None))
    return cells


def _write_work(book: Any, assignment: GradedAssignment, work: GradedWork) -> dict[Key, Written]:
    first, _, last = work.trainee.full_name.partition(" ")
    who, name = work.trainee.id, assignment.bundle.name
    book.update_or_create_student(who, first_name=first, last_name=last)
    submission = book.update_or_create_submission(name, who, timestamp=work.submission.received_at)
    written: dict[Key, Written] = {}
    for notebook in submission.notebooks:
        tasks = tasks_of(assignment.bundle, notebook.name)
        scores = {score.task_id: score for score in work.tasks}
        earned = 0.0
        comments = {comment.name: comment for comment in notebook.comments}
        for grade in notebook.grades:
            task = tasks.get(grade.name)
            score = scores.get(task.id) if task else None
            by_hand = task is not None and task.id in work.by_hand
            grade.auto_score = None if score is None or score.verdict is Verdict.MANUAL else score.earned
            grade.manual_score = score.earned if score is not None and by_hand else None
            grade.extra_credit = None
            grade.needs_manual_grade = _waits_for_a_person(score, by_hand)
            earned += score.earned if score else 0.0
            comment = work.by_hand[task.id] if task is not None and by_hand else ""
            if grade.name in comments:
                comments[grade.name].manual_comment = comment or None
            key = (who, name, notebook.name, grade.name)
            written[key] = Written(work.submission.id, grade.manual_score, comment if grade.name in comments else "")
        for cell, comment_row in comments.items():
            key = (who, name, notebook.name, cell)
            if key not in written:
                comment_row.manual_comment = None
                written[key] = Written(work.submission.id)
        notebook.late_submission_penalty = round(earned * (1 - work.kept_fraction), 6)
    return written


def _waits_for_a_person(score: Any, by_hand: bool) -> bool:
    if score is None:
        return True
    return score.verdict in (Verdict.MANUAL, Verdict.NOT_JUDGED) and not by_hand


def _forget_others(book: Any, assignment: GradedAssignment) -> None:
    """Submissions of people who are not among these any more leave the gradebook."""
    known = {work.trainee.id for work in assignment.works}
    for submission in list(book.assignment_submissions(assignment.bundle.name)):
        if submission.student.id not in known:
            book.remove_submission(assignment.bundle.name, submission.student.id)
