"""Things in a trainee's cells that a person may want to look at. A note, never a verdict."""

from __future__ import annotations

import ast

from factory_academy.grading.work import names

_MODULES = frozenset({"builtins", "ctypes", "gc", "inspect", "IPython.core", "sys.settrace", "unittest.mock"})
_NAMES = frozenset({"get_ipython", "__builtins__"})
_METHODS = frozenset({"__eq__", "__ne__", "__bool__", "__lt__", "__gt__", "__le__", "__ge__"})


def oddities(source: str) -> list[str]:
    """Names of odd things that a cell uses, in order of name."""
    found: set[str] = {name for name in _NAMES if name in source}
    for node in ast.walk(names.tree(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if _is_odd(alias.name)}
        elif isinstance(node, ast.ImportFrom) and node.module and _is_odd(node.module):
            found.add(node.module)
        elif isinstance(node, ast.FunctionDef) and node.name in _METHODS and _says_one_thing(node):
            found.add(f"a {node.name} that always gives the same answer")
    return sorted(found)


def _is_odd(module: str) -> bool:
    return any(module == odd or module.startswith(f"{odd}.") for odd in _MODULES)


def _says_one_thing(function: ast.FunctionDef) -> bool:
    last = function.body[-1]
    return len(function.body) == 1 and isinstance(last, ast.Return) and isinstance(last.value, ast.Constant)
