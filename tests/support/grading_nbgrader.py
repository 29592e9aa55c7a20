"""nbgrader itself, as the yardstick: its example course, its release, its autograde."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from factory_academy.domain.bundle import AssignmentBundle, zip_bytes
from factory_academy.domain.course import Task, TaskKind
from factory_academy.grading.work.notebook import Cell, read_notebook
from tests.support.grading_work import LIMITS


class ExampleCourse:
    """The course that ``nbgrader quickstart`` makes, in a folder of the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "course"
        self._run("quickstart", str(self.folder), cwd=folder)

    def bundle(self, name: str) -> AssignmentBundle:
        """One of its assignments, released by nbgrader, as a bundle of ours."""
        self._run("generate_assignment", name)
        files: dict[str, bytes] = {}
        for kind in ("source", "release"):
            for path in sorted((self.folder / kind / name).iterdir()):
                if kind == "release" or path.suffix == ".ipynb":
                    files[f"{kind}/{path.name}"] = path.read_bytes()
        notebooks = [Path(path).stem for path in files if path.startswith("source/")]
        tasks = tuple(
            task
            for notebook in notebooks
            for task in self._tasks(files[f"source/{notebook}.ipynb"], f"{notebook}/" if len(notebooks) > 1 else "")
        )
        return AssignmentBundle("course", name, name, tasks, files, LIMITS)

    def autograde(self, name: str, submissions: Mapping[str, bytes]) -> dict[str, dict[str, tuple[float, bool]]]:
        """What nbgrader gives: by student, by task, the score and whether a person must grade it."""
        import io
        import zipfile

        for student, archive in submissions.items():
            target = self.folder / "submitted" / student / name
            target.mkdir(parents=True)
            with zipfile.ZipFile(io.BytesIO(archive)) as opened:
                opened.extractall(target)
        self._run("autograde", name, "--create")
        return {student: self._scores(name, student) for student in submissions}

    def _scores(self, name: str, student: str) -> dict[str, tuple[float, bool]]:
        from nbgrader.api import Gradebook

        with Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}") as gradebook:
            submission = gradebook.find_submission(name, student)
            several = len(submission.notebooks) > 1
            return {
                f"{notebook.name}/{grade.name}" if several else grade.name: (grade.score, grade.needs_manual_grade)
                for notebook in submission.notebooks
                for grade in notebook.grades
            }

    def _tasks(self, source: bytes, prefix: str) -> list[Task]:
        points = {
            cell["metadata"]["nbgrader"]["grade_id"]: float(cell["metadata"]["nbgrader"].get("points", 0))
            for cell in json.loads(source)["cells"]
            if "nbgrader" in cell["metadata"]
        }
        cells = read_notebook(source).cells
        return [Task(prefix + c.grade_id, points[c.grade_id], _kind(c)) for c in cells if c.role in ("test", "manual")]

    def _run(self, *args: str, cwd: Path | None = None) -> None:
        search = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *args],
            cwd=cwd or self.folder, capture_output=True, text=True, timeout=300,
            env={**os.environ, "PATH": search, "PYTHONWARNINGS": "ignore"},
        )  # fmt: skip
        assert done.returncode == 0 or args[0] == "autograde", done.stderr[-3000:]


def _kind(cell: Cell) -> TaskKind:
    if cell.role == "manual":
        return TaskKind.MANUAL
    return TaskKind.HIDDEN if "BEGIN HIDDEN TESTS" in cell.source else TaskKind.VISIBLE


def with_answers(bundle: AssignmentBundle, answers: Mapping[str, str]) -> bytes:
    """The released notebooks with these answers, by grade_id."""
    files = {path.removeprefix("release/"): data for path, data in bundle.files.items() if path.startswith("release/")}
    for path, data in files.items():
        if path.endswith(".ipynb"):
            content = json.loads(data)
            for cell in content["cells"]:
                grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
                if grade_id in answers:
                    cell["source"] = answers[grade_id]
            files[path] = json.dumps(content).encode()
    return zip_bytes(files)
