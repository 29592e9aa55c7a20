"""Authors find every helper with an example that parses; reviewers find the limits that the code has."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from factory_academy.grading.border import link, visitors
from factory_academy.grading.data import arrays, nodes, scalars, shared, tables, wire
from factory_academy.grading.trials import trial, verdict_lines
from factory_academy.lab.kernel import judge

DOCS = Path(__file__).parents[2] / "docs" / "reference"
HELPERS = (DOCS / "judge.md").read_text()
PROTOCOL = (DOCS / "judge-protocol.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", HELPERS, re.DOTALL)


def test_every_helper_is_used_in_an_example():
    used = {node.attr for text in EXAMPLES for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute)}
    assert set(judge.__all__) - {"CheckFailed"} <= used | {"curved"}


def test_every_helper_has_a_row_and_every_row_a_helper():
    rows = set(re.findall(r"^\| `judge\.(\w+)", HELPERS, re.MULTILINE))
    assert rows == set(judge.__all__)


LIMITS = {
    "MAX_TREE_BYTES": (wire.MAX_TREE_BYTES, "32 MiB"),
    "MAX_NODES": (wire.MAX_NODES, "3,000,000"),
    "MAX_BUFFERS": (wire.MAX_BUFFERS, "20,000"),
    "MAX_FRAME_BYTES": (wire.MAX_FRAME_BYTES, "256 MiB"),
    "MAX_DEPTH": (nodes.MAX_DEPTH, "100 written"),
    "_LONGEST_INT": (scalars._LONGEST_INT, "2,000,000"),
    "_LONGEST_SPARSE": (arrays._LONGEST_SPARSE, "2^24"),
    "_LONGEST_WITHOUT_COLUMNS": (tables._LONGEST_WITHOUT_COLUMNS, "2^20"),
    "MAX_SHARED": (shared.MAX_SHARED, "256,"),
    "MAX_REQUESTS": (link.MAX_REQUESTS, "200,000"),
    "MAX_ITEMS": (visitors.MAX_ITEMS, "1,000,000,"),
}


@pytest.mark.parametrize("name", LIMITS)
def test_the_limits_of_the_protocol_are_those_of_the_code(name):
    value, told = LIMITS[name]
    row = next(line for line in PROTOCOL.splitlines() if f"`{name}`" in line)
    assert told in row
    assert value == _number(told)


def test_every_message_of_the_protocol_is_told():
    for kind in verdict_lines._KINDS:
        assert f"| `{kind}` |" in PROTOCOL
    service = (Path(trial.__file__).parents[1] / "answering" / "service.py").read_text()
    operations = set(re.findall(r'^            "(\w+)": (?:self\._|lambda)', service, re.MULTILINE))
    assert operations <= set(re.findall(r"`(\w+)`", "".join(_first_cells("## J to S"))))


def _number(told: str) -> int:
    number = re.match(r"[\d,]+", told)[0].rstrip(",").replace(",", "")
    if "^" in told:
        return 2 ** int(told.partition("^")[2])
    return int(number) * ((1 << 20) if told.endswith("MiB") else 1)


def _first_cells(heading: str) -> list[str]:
    section = PROTOCOL.partition(heading)[2].partition("\n## ")[0]
    return [line.split("|")[1] for line in section.splitlines() if line.startswith("| `") and "`op`" not in line]
