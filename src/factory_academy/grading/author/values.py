"""Whose value it is: the author's own, a copy of it, or one that is made beside the trainee's objects."""

from __future__ import annotations

import ast
import copy
from functools import partial
from typing import Any

from factory_academy.grading.author.bench import bench, names_of_caller
from factory_academy.grading.border.remote import AS_GIVEN, is_remote


def fresh(value: Any) -> Any:
    """A deep copy of the test's own value, to hand to trainee code: whatever happens to it, the value stays.

    Raises:
        TypeError: it cannot be copied, or is the trainee's object.
    """
    if is_remote(value):
        raise TypeError("judge.fresh copies the test's own values; this one lives in the trainee's process")
    return copy.deepcopy(value, {AS_GIVEN: True})  # type: ignore[dict-item]


def trusted(name: str) -> Any:
    """The author's own value of a name that the author's cells bind, whatever the trainee binds to it.

    The judge runs the author's cells apart, without anything of the trainee's; each call gives a copy of its own.

    Raises:
        NameError: no cell of the author's binds it, or not without an answer.
    """
    if bench.trusted is not None:
        return bench.trusted(name)
    here = names_of_caller()
    if name not in here:
        raise NameError(f"name {name!r} is not defined", name=name)
    return copied_if_possible(here[name])


def copied_if_possible(value: Any) -> Any:
    """A copy, or the value itself where it is of a kind that is not copied."""
    try:
        return copy.deepcopy(value)
    except Exception:
        return value


def remote(source: str, name: str | None = None) -> Any:
    """Run code of yours where the trainee's objects live; gives what it binds to ``name``, or to its last statement.

    It reads the notebook's names and binds none there. The trainee's process reads the text: write nothing secret into
    it. What comes back is the trainee's word, held to the contract as any value: compare it here.

    Raises:
        SyntaxError: the source is none.
        TypeError: it gave a bool, which would be a verdict of the trainee's.
    """
    tree = ast.parse(source)
    wanted = name or _last_bound(tree)
    run = bench.beside or partial(run_beside, names=names_of_caller())
    value = run(source, wanted)
    if type(value) is bool or f"{type(value).__module__}.{type(value).__name__}" in ("numpy.bool", "numpy.bool_"):
        raise TypeError("judge.remote gives no True or False: let it give what there is to compare, and compare that")
    return value


def run_beside(source: str, name: str, names: dict[str, Any]) -> Any:
    """Run ``source`` with ``names``, without binding any there; gives what it bound to ``name``, if that is one."""
    space = dict(names)
    exec(compile(source, "<beside>", "exec"), space)  # noqa: S102  the author's own code
    return space[name] if name else None


def _last_bound(tree: ast.Module) -> str:
    match tree.body[-1:]:
        case [ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name)]:
            return name
        case [ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name))]:
            return name
    return ""
