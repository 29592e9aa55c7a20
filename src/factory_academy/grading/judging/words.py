"""Whether a test cell's score is a trainee's bare word; read off its text.

A word is what trainee code gave, as it is or only turned: ``f(1)``, ``2 * int(f(1))``, ``not f(1)``, ``ok`` after
``ok = f(1)``. What the test formed by comparing or measuring is none.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from factory_academy.grading.work import names

_KEEPERS = frozenset({"bool", "int", "float", "round", "abs", "all", "any", "min", "max", "sum"})
_TRAINEES_WORDS = frozenset({"remote", "call"})


def ends_in_text(source: str) -> bool:
    """Whether the last expression is a text of the author's."""
    return isinstance(_last(source), ast.Constant | ast.JoinedStr)


def ends_in_bare_value(source: str, trainees: frozenset[str]) -> bool:
    """Whether the last expression is a trainee's word. ``trainees``: names that were the trainee's."""
    last = _last(source)
    return last is not None and _Reading(source, trainees).of(last) is Origin.WORD


def is_scored_by_trainee(source: str, trainees: frozenset[str]) -> bool:
    """Whether the points of a ``judge.score`` in the cell are a trainee's word."""
    reading = _Reading(source, trainees)
    return "score" in source and any(reading.of(points) is Origin.WORD for points in _scores(source))


class Origin(Enum):
    """Who decides about a value: nobody, the trainee, or the test."""

    CONSTANT = "constant"
    WORD = "word"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class _Reading:
    source: str
    trainees: frozenset[str]
    seen: frozenset[str] = frozenset()

    def of(self, node: ast.expr) -> Origin:
        match node:
            case ast.Constant():
                return Origin.CONSTANT
            case ast.Name(id=name):
                return self._of_name(name)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="judge"), attr=attr)):
                return Origin.WORD if attr in _TRAINEES_WORDS else Origin.TEST
            case ast.Call(func=ast.Name(id=name), args=args) if name in _KEEPERS and name not in self.trainees:
                return self._together(args)
            case ast.Call(func=inner) | ast.UnaryOp(operand=inner):
                return self.of(inner)
            case ast.BinOp(left=left, right=right):
                return self._together([left, right])
            case ast.BoolOp(values=parts):
                return self._either(parts)
            case ast.IfExp(body=one, orelse=other):
                return self._either([one, other])
            case ast.Compare(left=left, comparators=others) if all(_is_truth(other) for other in others):
                return self.of(left)
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return self._together(parts)
            case ast.GeneratorExp(elt=inner, generators=turns) | ast.ListComp(elt=inner, generators=turns):
                passed_on = [turn.iter for turn in turns if ast.unparse(turn.target) == ast.unparse(inner)]
                return self._either([inner, *passed_on])
            case ast.Attribute() | ast.Subscript() | ast.Await() | ast.Starred() | ast.NamedExpr():
                return self.of(node.value)
        return Origin.TEST

    def _of_name(self, name: str) -> Origin:
        values = [value for bound, value in _assignments(self.source) if bound == name]
        if name in self.seen or not values:
            return Origin.WORD if name in self.trainees else Origin.TEST
        return replace(self, seen=self.seen | {name})._together(values)

    def _together(self, parts: Sequence[ast.expr]) -> Origin:
        """What the test has a part in is the test's."""
        found = {self.of(part) for part in parts}
        return next((one for one in (Origin.TEST, Origin.WORD) if one in found), Origin.CONSTANT)

    def _either(self, parts: Sequence[ast.expr]) -> Origin:
        """What the trainee may decide alone is the trainee's."""
        found = {self.of(part) for part in parts}
        return next((one for one in (Origin.WORD, Origin.TEST) if one in found), Origin.CONSTANT)


def _last(source: str) -> ast.expr | None:
    body = names.tree(source).body
    return body[-1].value if body and isinstance(body[-1], ast.Expr) else None


def _scores(source: str) -> Iterator[ast.expr]:
    """What the cell gives to ``judge.score``, under whatever name it imports the module or the function."""
    imported = names.imports(source)
    modules = {"judge", *(name for name, line in imported.items() if line.startswith("import judge"))}
    functions = {name for name, line in imported.items() if line.startswith("from judge import score")}
    for node in ast.walk(names.tree(source)):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="score")) if name in modules:
                yield from _points(node)
            case ast.Call(func=ast.Name(id=name)) if name in functions:
                yield from _points(node)


def _points(call: ast.Call) -> list[ast.expr]:
    return call.args[:1] or [keyword.value for keyword in call.keywords if keyword.arg == "points"]


def _is_truth(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is bool


def _assignments(source: str) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(names.tree(source)):
        if isinstance(node, ast.Assign):
            yield from ((target.id, node.value) for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AugAssign | ast.AnnAssign | ast.NamedExpr) and isinstance(node.target, ast.Name):
            yield node.target.id, node.value or ast.Constant(None)
