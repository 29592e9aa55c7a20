"""Test cells as teachers write them: read, tried by the judge, and tried where nothing stands in between."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from factory_academy.domain.bundle import AssignmentBundle, GradingLimits
from tests.support.grading_work import answer, answers, assignment, check, given

CELLS = Path(__file__).parents[1] / "grading" / "fidelity" / "cells"
LIMITS = GradingLimits(cell_seconds=30, total_seconds=150, memory_bytes=2 << 30)
_PART = re.compile(r"^#### (.+)\n", re.MULTILINE)
_STOCK = """
import io, json, os, sys, tempfile, warnings
from contextlib import redirect_stderr, redirect_stdout
from IPython.core.interactiveshell import InteractiveShell
warnings.simplefilter("ignore")
os.environ["MPLBACKEND"] = "Agg"
os.chdir(tempfile.mkdtemp())
InteractiveShell.enable_gui = lambda self, gui=None: None
shell = InteractiveShell.instance()
earned = {}
for name, cells in json.load(sys.stdin):
    shell.reset(new_session=False)
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        *_, last = [shell.run_cell(cell) for cell in cells]
    value = last.result if isinstance(last.result, (int, float)) else 1.0
    earned[name] = float(value) if last.success else 0.0
print(json.dumps(earned))
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One test cell: answers that are right and wrong, the cell, and what it must become where it cannot stay."""

    name: str
    right: str
    wrong: str
    test: str
    rewrite: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """The cases of one notebook, and the cell of imports and data that comes first."""

    name: str
    preamble: str
    cases: tuple[Case, ...]

    def bundle(self, cases: tuple[Case, ...], rewritten: bool = True) -> AssignmentBundle:
        """An assignment of these cases whose reference solution gives the right answers."""
        cells = [given(self.preamble)]
        for case in cases:
            cells += [answer(f"{case.name}-answer", f"### BEGIN SOLUTION\n{case.right}### END SOLUTION")]
            cells += [check(case.name, (case.rewrite if rewritten and case.rewrite else case.test).rstrip())]
        return assignment(*cells, limits=LIMITS)


def topics() -> tuple[Topic, ...]:
    """All of them, by file."""
    return tuple(_topic(path) for path in sorted(CELLS.glob("*.txt")))


def with_wrong_answers(bundle: AssignmentBundle, cases: tuple[Case, ...]) -> bytes:
    """The submission in which every answer is the wrong one."""
    return answers(bundle, **{f"{case.name}-answer".replace("-", "_"): case.wrong for case in cases})


def earned_in_a_stock_kernel(topics: tuple[Topic, ...]) -> dict[str, float]:
    """Points that plain IPython gives to each unmodified cell: ``name, right`` and ``name, wrong``."""
    runs = [
        (f"{case.name}, {what}", [topic.preamble, source, case.test])
        for topic in topics
        for case in topic.cases
        for what, source in (("right", case.right), ("wrong", case.wrong))
    ]
    command = [sys.executable, "-c", _STOCK]
    done = subprocess.run(command, input=json.dumps(runs), capture_output=True, text=True, check=True)
    earned: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return earned


def _topic(path: Path) -> Topic:
    _, *rest = _PART.split(path.read_text())
    parts = list(zip(rest[::2], rest[1::2], strict=True))
    preamble = next(source for title, source in parts if title == "preamble")
    fields: dict[str, dict[str, str]] = {}
    for title, source in parts:
        if title.startswith("case "):
            name = title.removeprefix("case ")
            fields[name] = {}
        elif title != "preamble":
            fields[name][title] = source.strip("\n") + "\n"
    return Topic(path.stem, preamble, tuple(Case(name, **sources) for name, sources in fields.items()))
