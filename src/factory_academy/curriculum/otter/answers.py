"""Answer cells of an Otter source: what trainees get of them, and the same with nbgrader's solution regions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from factory_academy.errors import BadCourse

_PROMPT = "..."
_BEGIN = re.compile(r"(\s*)# BEGIN SOLUTION( NO PROMPT)?")
_LINE = re.compile(r"(\s*)(.*?)\s*# ?SOLUTION( NO PROMPT)?")
_ASSIGNED = re.compile(r"(\s*(?:[\w.]+(?=[^\w.])(?:\[['\"]?.*['\"]?\])*(?:,\s*)?)+\s*=).* ?# ?SOLUTION")
_LEFT_OUT = re.compile(r"\s*#\s*BEGIN\s*IGNORE\s*", re.IGNORECASE)
BEGIN_REGION, END_REGION = "### BEGIN SOLUTION", "### END SOLUTION"


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a cell. ``kind``: plain, solution (the author's alone) or prompt (the trainee's alone)."""

    kind: str
    text: str


def released(source: str, where: str) -> str:
    """What trainees get of a cell: prompts in place of solutions, marks and seeds gone.

    Raises:
        BadCourse: a block is not closed, or closed and never begun.
    """
    return "\n".join(line.text for line in _lines(source, where) if line.kind != "solution").strip("\n")


def solved(source: str, where: str) -> str:
    """The cell with its solution in nbgrader's regions, prompts and marks gone.

    Raises:
        BadCourse: a block is not closed, or closed and never begun.
    """
    lines: list[str] = []
    inside = False
    for line in _lines(source, where):
        if line.kind == "prompt":
            continue
        if inside and line.kind == "plain":
            lines.append(_indent_of(lines[-1]) + END_REGION)
        if not inside and line.kind == "solution":
            lines.append(_indent_of(line.text) + BEGIN_REGION)
        inside = line.kind == "solution"
        lines.append(line.text)
    if inside:
        lines.append(_indent_of(lines[-1]) + END_REGION)
    return "\n".join(lines).strip("\n")


def has_seed(source: str) -> bool:
    """Whether a cell has lines that seed a generator for the author alone."""
    return any(line.rstrip().endswith("# SEED") for line in source.split("\n"))


def kept_lines(source: str, where: str) -> str:
    """The cell without the lines that the author wants in no version.

    Raises:
        BadCourse: a block of them is not closed.
    """
    kept: list[str] = []
    left_out = False
    for line in source.split("\n"):
        if line.rstrip().endswith("# END IGNORE"):
            left_out = False
        elif _LEFT_OUT.match(line):
            left_out = True
        elif not left_out and not line.rstrip().endswith("# IGNORE"):
            kept.append(line)
    if left_out:
        raise _unclosed("IGNORE", where)
    return "\n".join(kept)


def _lines(source: str, where: str) -> Iterator[_Line]:
    block = ""
    for line in kept_lines(source, where).split("\n"):
        end = line.rstrip()
        begin = _BEGIN.match(line)
        if end.endswith(("# END SOLUTION", "# END PROMPT")):
            if block != ("solution" if end.endswith("SOLUTION") else "prompt"):
                raise BadCourse(f"{where}: {end.strip()!r} closes nothing.", "Begin the block, or remove the line.")
            block = ""
        elif block and (begin or end.endswith("# BEGIN PROMPT")):
            raise BadCourse(
                f"{where}: {end.strip()!r} begins inside a block.", f"Close `# BEGIN {block.upper()}` first."
            )
        elif block == "solution":
            yield _Line(block, line)
        elif block == "prompt":
            yield from (_Line(block, one.text) for one in _marked(line) if one.kind != "solution")
        elif end.endswith("# BEGIN PROMPT"):
            block = "prompt"
        elif begin:
            block = "solution"
            if not begin[2]:
                yield _Line("prompt", begin[1] + _PROMPT)
        else:
            yield from _marked(line)
    if block:
        raise _unclosed(block.upper(), where)


def _marked(line: str) -> Iterator[_Line]:
    """A line outside of blocks: with a mark at its end, or none."""
    if line.rstrip().endswith("# SEED"):
        yield _Line("solution", line)
        return
    found = _LINE.match(line)
    if found is None:
        yield _Line("plain", line)
        return
    indent, text, bare = found.groups()
    if not bare:
        assigned = _ASSIGNED.match(line)
        yield _Line("prompt", f"{assigned[1]} {_PROMPT}" if assigned else indent + _PROMPT)
    yield _Line("solution", indent + text)


def _indent_of(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _unclosed(kind: str, where: str) -> BadCourse:
    return BadCourse(f"{where}: a block `# BEGIN {kind}` is never closed.", f"Add `# END {kind}` in the same cell.")
