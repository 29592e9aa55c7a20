"""Entry of a forked judge process, already inside its own sandbox."""

from __future__ import annotations

import importlib
import json
import os
import socket
import sys
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from factory_academy.domain.grade import Cause
from factory_academy.grading import judge_api
from factory_academy.grading.answering.main import seed_everything
from factory_academy.grading.answering.outputs import CappedText
from factory_academy.grading.answering.shell import AnswerShell, make_shell, prepare_process
from factory_academy.grading.border.rules import Lost
from factory_academy.grading.data.wire import Wire, WireError
from factory_academy.grading.judging.court import Court
from factory_academy.grading.judging.unpickling import Guard
from factory_academy.grading.quality.artefacts import Evaluator
from factory_academy.grading.trials import parcel
from factory_academy.grading.work import names

MAX_LINE_BYTES = 4 << 20
MAX_CELLS_BYTES = 24 << 20
"""What may be told of all cells together; the worker listens to no more than a few times that."""


_TOO_MUCH = "… what this cell printed and showed is left out: it is too much"


def main(fds: Sequence[int], argument: bytes) -> None:
    """Judge one notebook. ``fds``: socket to the trainee's process, verdict pipe, control socket."""
    order, files = parcel.unpack(argument)
    verdicts = os.fdopen(fds[1], "wb", buffering=0)
    _prepare(order, files)
    worker = _Worker(fds[0], fds[2], verdicts)
    judge_api.bench.evaluate = Evaluator(worker.evaluator)
    court = Court(
        order,
        worker,
        report=_Report(verdicts),
        run_plain=_run_plain,
        is_tests_own=_TestsOwn(files),
        shell_on=_shell_on,
    )
    sys.addaudithook(Guard(lambda: court.is_aside, court.breach))
    court.sit()
    if order["mode"] == "record":
        tests = {task_id: contract.to_json() for task_id, contract in court.contracts.items()}
        _write(verdicts, {"t": "contract", "tests": tests, "modules": _modules(court)})
    _write(verdicts, {"t": "end"})


class _Report:
    """Tells the worker each result; cells that say too much are told without what they printed and showed."""

    def __init__(self, verdicts: Any) -> None:
        self._verdicts, self._left = verdicts, MAX_CELLS_BYTES

    def __call__(self, line: Mapping[str, Any]) -> None:
        """Tell one result."""
        if line["t"] == "cell":
            size = len(json.dumps(line))
            if size > min(self._left, MAX_LINE_BYTES - 1):
                line = {**line, "output": _TOO_MUCH, "error": str(line["error"])[:200], "pictures": []}
            else:
                self._left -= size
        _write(self._verdicts, line)


class _Worker:
    """The worker that forked us, behind the control socket."""

    def __init__(self, first: int, control: int, verdicts: Any) -> None:
        self._first, self._verdicts = first, verdicts
        self._control = socket.socket(fileno=control)

    def first(self) -> Wire:
        """The process that is there already."""
        return Wire(socket.socket(fileno=self._first))

    def another(self, why: str) -> tuple[Wire | None, Cause, str]:
        """Say that a process was lost; the worker's answer, with the next one's socket if there is one."""
        _write(self._verdicts, {"t": "lost", "why": why})
        words, fds, _, _ = socket.recv_fds(self._control, 1 << 16, 1)
        said = json.loads(words)
        wire = Wire(socket.socket(fileno=fds[0])) if fds else None
        return wire, Cause(said["cause"]), said["text"]

    def evaluator(self) -> Wire:
        """A fresh process that opens exported files.

        Raises:
            WireError: there is none any more.
        """
        _write(self._verdicts, {"t": "evaluator"})
        _, fds, _, _ = socket.recv_fds(self._control, 1 << 16, 1)
        if not fds:
            raise WireError("no evaluator can be had")
        return Wire(socket.socket(fileno=fds[0]))


class _TestsOwn:
    """Whether a module is part of the tests."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        graders = [PurePosixPath(path) for path in files if path.startswith("grader/")]
        self._modules = {"__main__", *(path.stem for path in graders)}

    def __call__(self, module: str) -> bool:
        return module in self._modules or module.partition(".")[0] == "grader"


def _prepare(order: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    here = Path.cwd()
    parcel.lay_out(files, here)
    prepare_process(os.environ.get("TMPDIR", "/tmp"))
    sys.path += [str(here / "grader")]
    sys.modules["judge"] = judge_api
    judge_api.bench.seed = order["seed"]
    judge_api.bench.sources = order["sources"]
    seed_everything(order["seed"])
    sys.stdout = sys.stderr = CappedText(10_000)
    importlib.import_module("decimal")


def _run_plain(source: str, space: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code = compile(names.plain_python(source), "<given>", "exec")
        exec(code, space)  # noqa: S102  the author's own cell


def _shell_on(space: dict[str, Any]) -> AnswerShell:
    return AnswerShell.instance() if AnswerShell.initialized() else make_shell(space)


def _write(pipe: Any, line: Mapping[str, Any]) -> None:
    data = json.dumps(line).encode() + b"\n"
    if len(data) <= MAX_LINE_BYTES:
        pipe.write(data)


def _modules(court: Court) -> list[str]:
    try:
        theirs = court.ask_library("factory_academy.grading.answering.main.loaded_modules")
    except Lost:
        theirs = []
    return sorted({*sys.modules, *theirs})
