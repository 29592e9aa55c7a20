"""AUTOTEST lines written out: the author's own notebook is run once, when its assignment is built."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import nbgrader
from nbformat.notebooknode import NotebookNode

from factory_academy.errors import BadCourse

TEMPLATES = "autotests.yml"
_SECONDS = 120
_KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH")
_WORDS = 600


def has_autotests(notebook: NotebookNode, options: Mapping[str, Any] | None = None) -> bool:
    """Whether a code cell has AUTOTEST lines. ``options``: nbgrader's for InstantiateTests."""
    delimiter = str((options or {}).get("autotest_delimiter", "AUTOTEST"))
    return any(
        cell.cell_type == "code" and any(line.strip().startswith("#") and delimiter in line for line in _lines(cell))
        for cell in notebook.cells
    )


def write_out_tests(
    notebooks: Mapping[str, NotebookNode],
    where: str,
    files: Mapping[str, bytes],
    options: Mapping[str, Any] | None = None,
) -> dict[str, NotebookNode]:
    """The notebooks with real assertions in place of AUTOTEST lines, as `nbgrader generate_assignment` makes them.

    Those with such lines are executed from top to bottom, in a process of their own, without our environment, within
    two minutes in all. ``files`` lie beside them; among them may be the templates ``autotests.yml``; else nbgrader's
    own are taken.

    Raises:
        BadCourse: a cell fails, takes too long, or the templates are broken; the message names the cell.
    """
    chosen = dict(options or {})
    with_lines = {name: notebook for name, notebook in notebooks.items() if has_autotests(notebook, chosen)}
    if not with_lines:
        return dict(notebooks)
    templates = str(chosen.get("autotest_filename", TEMPLATES))
    with tempfile.TemporaryDirectory(prefix="autotests-") as made:
        folder, work, results = Path(made), Path(made) / "work", Path(made) / "results"
        results.mkdir()
        _lay_out(work, {templates: _own_templates(where), **files})
        order = folder / "order.json"
        order.write_text(json.dumps({"notebooks": with_lines, "options": chosen}), encoding="utf-8")
        said = _run(order, results, work, where)
        written = {name: _result(results / f"{name}.json", f"{where}/{name}", said, templates) for name in with_lines}
    return {**notebooks, **written}


def _result(path: Path, where: str, said: str, templates: str) -> NotebookNode:
    if not path.exists():
        raise BadCourse(
            f"{where}: the process that writes out its AUTOTEST lines ended early: {said[-_WORDS:] or 'no words'}",
            "Run the source notebook from top to bottom; a cell in it ends the process.",
        )
    answer = json.loads(path.read_text(encoding="utf-8"))
    if "error" in answer:
        raise BadCourse(
            f"{where}, cell {answer['cell']}: its AUTOTEST lines cannot be written out: {answer['error'][:_WORDS]}",
            "Run the source notebook from top to bottom with its solution; mend the cell, or the templates in "
            f"{templates}. AUTOTEST lines may stand only in cells of autograded tests.",
        )
    written: NotebookNode = nbformat.from_dict(answer["notebook"])  # type: ignore[no-untyped-call]
    return written


def _lines(cell: NotebookNode) -> list[str]:
    return str(cell.source).splitlines()


def _own_templates(where: str) -> bytes:
    path = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide" / TEMPLATES
    if not path.is_file():
        raise BadCourse(f"{where}: it has AUTOTEST lines and no {TEMPLATES}.", f"Put a {TEMPLATES} beside source/.")
    return path.read_bytes()


def _lay_out(work: Path, files: Mapping[str, bytes]) -> None:
    work.mkdir()
    for name, data in files.items():
        path = work / name
        if not path.resolve().is_relative_to(work.resolve()):
            raise BadCourse(f"{name!r} leads out of the assignment's folder.", "Give a path inside it.")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _run(order: Path, results: Path, work: Path, where: str) -> str:
    environment = {key: os.environ[key] for key in _KEPT_VARIABLES if key in os.environ}
    environment |= {"HOME": str(order.parent), "IPYTHONDIR": str(order.parent / "ipython"), "MPLBACKEND": "agg"}
    environment |= {"PYTHONHASHSEED": "0", "PYTHONWARNINGS": "ignore"}
    process = subprocess.Popen(
        [sys.executable, "-m", "factory_academy.curriculum.autotests.worker", str(order), str(results)],
        cwd=work,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        return process.communicate(timeout=_SECONDS)[1]
    except subprocess.TimeoutExpired as error:
        raise BadCourse(
            f"{where}: writing out its AUTOTEST lines took longer than {_SECONDS} seconds.",
            "Expected a source notebook that runs in less; make its data smaller, or look for an endless loop.",
        ) from error
    finally:
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        process.wait()
