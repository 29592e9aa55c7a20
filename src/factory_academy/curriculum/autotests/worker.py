"""The process that runs source notebooks to write out their tests: ``python -m … <order.json> <folder of results>``.

It starts in a folder that holds the assignment's files and the test templates. The rules are nbgrader's own; only
where the code runs differs: in this process, which its parent can end, and not in a kernel beside it.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from IPython.core.interactiveshell import InteractiveShell
from nbconvert.preprocessors import Preprocessor
from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import InstantiateTests
from traitlets.config import Config

_LANGUAGE = "python3"


class SnippetFailed(Exception):
    """Code of the author's raised; the message is its last words."""


class TestsWrittenOut(InstantiateTests):  # type: ignore[misc]
    """nbgrader's rules for AUTOTEST lines, run here. ``at`` is the number of the cell in work, from 1."""

    at = 0

    def preprocess(self, notebook: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Write out the tests of a notebook; ``resources["metadata"]["path"]`` is where the templates lie."""
        self._shell = InteractiveShell.instance()
        resources["kernel_name"] = _LANGUAGE
        self._load_test_template_file(resources)
        self.global_tests_loaded = True
        self.sanitizer = self.sanitizers[_LANGUAGE]
        walk: Callable[..., tuple[NotebookNode, dict[str, Any]]] = Preprocessor.preprocess
        return walk(self, notebook, resources)

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """As nbgrader does it; remembers where it is."""
        self.at = index + 1
        written: tuple[NotebookNode, dict[str, Any]] = super().preprocess_cell(cell, resources, index)
        return written

    def _execute_code_snippet(self, code: str) -> str | None:
        run_cell: Callable[..., Any] = self._shell.run_cell
        run = run_cell(code, store_history=False)
        error = run.error_before_exec or run.error_in_exec
        if error is not None:
            raise SnippetFailed(f"{type(error).__name__}: {error}")
        if run.result is None:
            return None
        show: Any = self._shell.display_formatter
        return str(self.sanitizer(show.format(run.result)[0].get("text/plain", "")))


def main(order: Path, results: Path) -> None:
    """Read an order; write a result for each notebook: ``{"notebook"}``, or ``{"error", "cell"}``.

    Each runs in a child of its own, so that none sees what another left behind.
    """
    wanted = json.loads(order.read_text(encoding="utf-8"))
    for name, notebook in wanted["notebooks"].items():
        child = os.fork()
        if not child:
            answer = _answer(nbformat.from_dict(notebook), wanted["options"])  # type: ignore[no-untyped-call]
            (results / f"{name}.json").write_text(json.dumps(answer), encoding="utf-8")
            os._exit(0)
        os.waitpid(child, 0)


def _answer(notebook: NotebookNode, options: dict[str, Any]) -> dict[str, Any]:
    rule = None
    try:
        rule = TestsWrittenOut(config=Config({"InstantiateTests": options}))
        written, _ = rule.preprocess(notebook, {"metadata": {"path": str(Path.cwd())}})
    except Exception as error:  # whatever the author's code and templates raise is an answer to the parent
        words = str(error) or "AUTOTEST lines may stand only in a cell that is marked as graded tests"
        return {"error": f"{type(error).__name__}: {words}", "cell": rule.at if rule else 0}
    return {"notebook": written}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
