"""Which names a cell needs, binds and imports; pure functions on its text."""

from __future__ import annotations

import ast
import re
import symtable
import warnings
from collections.abc import Callable, Iterator
from functools import lru_cache, wraps
from typing import TypeVar

from IPython.core.inputtransformer2 import TransformerManager

_T = TypeVar("_T")
_LONGEST_REMEMBERED = 20_000


def _remembered(function: Callable[[str], _T]) -> Callable[[str], _T]:
    """Of an assignment's cells the same is asked for every submission; long texts are not worth their memory."""
    kept = lru_cache(1024)(function)

    @wraps(function)
    def ask(source: str) -> _T:
        return kept(source) if len(source) <= _LONGEST_REMEMBERED else function(source)

    return ask


_PATCHED = re.compile(r"""["']__main__\.([A-Za-z_]\w*)""")
"""Names that a test replaces by their path, as ``mock.patch`` takes it."""


@_remembered
def plain_python(source: str) -> str:
    """The cell as Python, with its magics as calls.

    Raises:
        SyntaxError: it is neither.
    """
    transform: Callable[[str], str] = TransformerManager().transform_cell  # type: ignore[no-untyped-call]
    return transform(source)


def tree(source: str) -> ast.Module:
    """The cell's syntax tree; an empty one when it cannot be parsed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(plain_python(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


@_remembered
def needed(source: str) -> frozenset[str]:
    """Global names that the cell reads, in any scope; those of builtins too, since a cell may bind them anew."""
    found = {
        symbol.get_name()
        for table in _tables(source)
        for symbol in table.get_symbols()
        if symbol.is_referenced() and (table.get_type() == "module" or symbol.is_global())
    }
    found |= set(_PATCHED.findall(source))
    return frozenset(found | set(_in_magics(source) if "get_ipython" in found else ()))


@_remembered
def bound(source: str) -> frozenset[str]:
    """Global names that the cell binds: by assignment, definition, import or deletion."""
    return frozenset(
        symbol.get_name()
        for table in _tables(source)
        for symbol in table.get_symbols()
        if (symbol.is_assigned() or symbol.is_imported())
        and (table.get_type() == "module" or symbol.is_declared_global())
    )


def imports(source: str) -> dict[str, str]:
    """Names that the cell imports outside functions, each with a statement that imports it alone."""
    return dict(_imports(source))


@_remembered
def _imports(source: str) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for statement in _outside_functions(tree(source)):
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                name = alias.asname or alias.name.partition(".")[0]
                found[name] = ast.unparse(ast.Import([alias]))
        elif isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                if alias.name != "*":
                    single = ast.ImportFrom(statement.module, [alias], statement.level)
                    found[alias.asname or alias.name] = ast.unparse(single)
    return tuple(found.items())


@_remembered
def imported_modules(source: str) -> frozenset[str]:
    """Dotted names of the modules that the cell imports, at any depth."""
    found: set[str] = set()
    for node in ast.walk(tree(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return frozenset(found)


def _in_magics(source: str) -> Iterator[str]:
    """Whatever looks like a name in the texts that magics are given."""
    for node in ast.walk(tree(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.findall(r"(?<![\w.])[A-Za-z_]\w*", node.value)


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield from _outside_functions(child)


def _tables(source: str) -> list[symtable.SymbolTable]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            first = symtable.symtable(plain_python(source), "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found: list[symtable.SymbolTable] = [first]
    for table in found:
        found.extend(table.get_children())
    return found
