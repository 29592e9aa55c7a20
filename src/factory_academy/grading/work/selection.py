"""Trying a few tests of a notebook only: which others they stand on, and which cells must run for them. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from factory_academy.grading.work import names
from factory_academy.grading.work.plan import Plan

_LEAVES_TRACES = re.compile(
    r"rand|seed|shuffle|sample|choice|permut|\bnn\b|\bfit|split|fold|cross_val|open\(|write|to_csv|to_parquet|save|dump"
    r"|environ|chdir|patch|setattr|\bsys\b|mkdir|makedirs|unlink|remove|rename|global\b|^\s*[%!]",
    re.IGNORECASE | re.MULTILINE,
)
"""Words of tests that may draw from a generator, leave files or change modules: later ones may notice."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A test cell, as far as its influence on others goes."""

    task_id: str
    source: str
    hidden: bool


def in_order(tests: Iterable[Tried]) -> tuple[Tried, ...]:
    """Tests in the order in which they are tried: hidden ones after all cells and all others."""
    return tuple(sorted(tests, key=lambda test: test.hidden))


def stands_on(tests: Sequence[Tried], task_id: str) -> tuple[str, ...]:
    """The tests, itself last, that must be tried for this one to find what it finds when all are tried.

    A test stands on an earlier one that binds or changes in place a name it needs, and one that may notice traces
    stands on each earlier one that may leave some. State that a trainee's code keeps by itself is not seen here.
    """
    ordered = in_order(tests)
    place = next(n for n, test in enumerate(ordered) if test.task_id == task_id)
    wanted = {place}
    for later in range(place, -1, -1):
        if later in wanted:
            wanted |= {n for n in range(later) if _influences(ordered[n].source, ordered[later].source)}
    return tuple(ordered[n].task_id for n in sorted(wanted))


def only_these(planned: Plan, only: frozenset[str]) -> Plan:
    """The plan with these tests, those they stand on, and the cells that run before the last of them.

    Hidden tests are tried after all cells, so with one of them all cells run. Runs of the author's imports stay.
    """
    tests = [Tried(step["task_id"], step["source"], step["hidden"]) for step in planned.steps if _is_test(step)]
    wanted = {name for test in tests if test.task_id in only for name in stands_on(tests, test.task_id)}
    if any(test.hidden for test in tests if test.task_id in wanted):
        last = len(planned.steps)
    else:
        places = [n for n, step in enumerate(planned.steps) if _is_test(step) and step["task_id"] in wanted]
        last = max(places, default=-1) + 1
    steps = tuple(s for s in planned.steps[:last] if not _is_test(s) or s["task_id"] in wanted)
    return replace(planned, steps=steps, manual=tuple(m for m in planned.manual if m.task.id in only))


def _is_test(step: Mapping[str, object]) -> bool:
    return step["kind"] == "test"


@cache
def _influences(earlier: str, later: str) -> bool:
    left = names.bound(earlier) | frozenset(_changed_in_place(earlier))
    noticed = bool(_LEAVES_TRACES.search(earlier)) and bool(_LEAVES_TRACES.search(later))
    return noticed or bool((left - names.imports(earlier).keys()) & names.needed(later))


def _changed_in_place(source: str) -> Iterator[str]:
    """Names whose items or attributes are set, or of which a method is called for its effect."""
    for node in ast.walk(names.tree(source)):
        if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
            yield _root(node)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield _root(node.value.func)


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
