"""The notebooks that nbgrader ships for its own tests and guide, laid out as a course with submissions."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbgrader

SHIPPED = Path(nbgrader.__file__).parent
APPS, PARTS, PAGES = (SHIPPED / "tests" / kind / "files" for kind in ("apps", "preprocessors", "ui-tests"))
GUIDE = SHIPPED / "docs" / "source" / "user_guide"

CONFIG = "c = get_config()\nc.CourseDirectory.course_id = 'shipped'\nc.Execute.timeout = 4\n"

SOURCES: dict[str, dict[str, Path]] = {
    "changed": {"p1": APPS / "submitted-unchanged.ipynb"},
    "parts-changed": {"p1": PARTS / "submitted-unchanged.ipynb"},
    "pages-changed": {"p1": PAGES / "submitted-unchanged.ipynb"},
    "squares": {
        **{f"v{n}": APPS / f"test-v{n}.ipynb" for n in range(3)},
        "v3": APPS / "test.ipynb",
        "hidden": APPS / "test-hidden-tests.ipynb",
        "with-output": APPS / "test-with-output.ipynb",
        "nose": PARTS / "test.ipynb",
        "taskcell": PARTS / "test_taskcell.ipynb",
    },
    "small": {
        "open_relative_file": APPS / "open_relative_file.ipynb",
        "timeout": APPS / "timeout.ipynb",
        "variable": APPS / "validating-environment-variable.ipynb",
        "zero-points": APPS / "validation-zero-points.ipynb",
        "side-effects": APPS / "side-effects.ipynb",
        "infinite-loop": APPS / "infinite-loop.ipynb",
        "infinite-recursion": PARTS / "infinite-recursion.ipynb",
        "long-output": PARTS / "long-output.ipynb",
        "manual": PARTS / "manually-graded-code-cell.ipynb",
        "no-cell-type": PARTS / "no-cell-type.ipynb",
        "warning": PARTS / "warning-pattern.ipynb",
        "header": PARTS / "header.ipynb",
        "blank": PAGES / "blank.ipynb",
        "empty": PAGES / "empty.ipynb",
        "old-schema": PAGES / "old-schema.ipynb",
        "task": PAGES / "task.ipynb",
    },
    "autotest": {kind: APPS / f"autotest-{kind}.ipynb" for kind in ("simple", "hashed", "hidden", "multi")},
    "ps1": {f"problem{n}": GUIDE / "source" / "ps1" / f"problem{n}.ipynb" for n in (1, 2)},
    "ps1_autotest": {f"problem{n}": GUIDE / "source" / "ps1_autotest" / f"problem{n}.ipynb" for n in (1, 2)},
}
MENDED = {"cell-type-changed": PARTS / "cell-type-changed.ipynb"}
REFUSED = {
    "bad-markdown-1": PARTS / "bad-markdown-cell-1.ipynb",
    "bad-markdown-2": PARTS / "bad-markdown-cell-2.ipynb",
    "blank-grade-id": PARTS / "blank-grade-id.ipynb",
    "blank-points": PARTS / "blank-points.ipynb",
    "duplicate-grade-ids": PARTS / "duplicate-grade-ids.ipynb",
    "too-new": APPS / "too-new.ipynb",
    "no-metadata": APPS / "test-no-metadata.ipynb",
    "v0-invalid": APPS / "test-v0-invalid.ipynb",
}
_CHANGES = ("unchanged", "changed", "grade-cell-changed", "locked-cell-changed")
_KINDS = ("answer-cell-type-changed", "grade-cell-type-changed")
SUBMITTED: dict[str, dict[str, dict[str, Path]]] = {
    "changed": {
        name: {"p1": APPS / f"submitted-{name}.ipynb"}
        for name in (*_CHANGES, "cheat-attempt", "cheat-attempt-alternative")
    },
    "parts-changed": {name: {"p1": PARTS / f"submitted-{name}.ipynb"} for name in ("changed", *_KINDS)},
    "pages-changed": {name: {"p1": PAGES / f"submitted-{name}.ipynb"} for name in ("changed", *_KINDS)},
    "autotest": {
        "unchanged": {
            kind: APPS / f"autotest-{kind}-unchanged.ipynb" for kind in ("simple", "hashed", "hidden", "multi")
        },
        "changed": {
            **{kind: APPS / f"autotest-{kind}-changed.ipynb" for kind in ("simple", "hashed", "multi")},
            "hidden": APPS / "autotest-hidden-changed-right.ipynb",
        },
        "one-notebook-and-wrong": {"hidden": APPS / "autotest-hidden-changed-wrong.ipynb"},
    },
    "ps1": {
        name: {f"problem{n}": GUIDE / "submitted" / name / "ps1" / f"problem{n}.ipynb" for n in (1, 2)}
        for name in ("bitdiddle", "hacker")
    },
}
BESIDE = {"small": APPS / "data.txt", "squares": APPS / "jupyter.png", "ps1": APPS / "jupyter.png"}


def lay_out(folder: Path, more: Mapping[str, bytes]) -> Path:
    """The course in a folder: config, templates, ``source/``; returns it. ``more`` are further files, by path."""
    folder.mkdir()
    for name, data in more.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    (folder / "nbgrader_config.py").write_text(CONFIG)
    shutil.copy(APPS / "autotests.yml", folder)
    for assignment, notebooks in SOURCES.items():
        for name, path in notebooks.items():
            _put(path, folder / "source" / assignment / f"{name}.ipynb")
        if assignment in BESIDE:
            shutil.copy(BESIDE[assignment], folder / "source" / assignment)
    _put(GUIDE / "autotests.yml", folder / "source" / "ps1_autotest" / "autotests.yml")
    return folder


def nbgrader_scores(folder: Path, submissions: dict[str, dict[str, bytes]]) -> dict[str, Any]:
    """What nbgrader makes of the course: what it refused, its tasks with points, and every score."""
    for name, path in (REFUSED | MENDED).items():
        _put(path, folder / "source" / name / "p1.ipynb")
    for assignment, archives in submissions.items():
        for student, archive in archives.items():
            with zipfile.ZipFile(io.BytesIO(archive)) as opened:
                opened.extractall(folder / "submitted" / student / assignment)
    script = Path(__file__).with_name("nbgrader_batch.py")
    search = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    environment = {**os.environ, "PATH": search, "HOME": str(folder), "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        [sys.executable, str(script)], cwd=folder, env=environment, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads((folder / "scores.json").read_text())
    return found


def _put(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, target)
