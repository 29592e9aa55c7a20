"""Whether a test cell's score is a trainee's bare word; read off its text.

A word is what trainee code gave, as it is or only turned: ``f(1)``, ``int(f(1))``, ``not f(1)``, ``ok`` after
``ok = f(1)``. What the test formed by comparing or measuring is none.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from factory_academy.grading.work import names

_KEEPERS = frozenset({"bool", "int", "float", "round", "abs", "all", "any"})
_TRAINEES_WORDS = frozenset({"remote", "call"})


def ends_in_text(source: str) -> bool:
    """Whether the last expression is a text of the author's."""
    return isinstance(_last(source), ast.Constant | ast.JoinedStr)


def ends_in_bare_value(source: str, trainees: frozenset[str]) -> bool:
    """Whether the last expression is a trainee's word. ``trainees``: names that were the trainee's."""
    last = _last(source)
    return last is not None and _is_word(last, source, trainees, frozenset())


def is_scored_by_trainee(source: str, trainees: frozenset[str]) -> bool:
    """Whether the points of a ``judge.score`` in the cell are a trainee's word."""
    return "score" in source and any(_is_word(points, source, trainees, frozenset()) for points in _scores(source))


def _last(source: str) -> ast.expr | None:
    body = names.tree(source).body
    return body[-1].value if body and isinstance(body[-1], ast.Expr) else None


def _scores(source: str) -> Iterator[ast.expr]:
    for node in ast.walk(names.tree(source)):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="judge"), attr="score"), args=[points, *_]):
                yield points
            case ast.Call(func=ast.Attribute(value=ast.Name(id="judge"), attr="score"), keywords=keywords):
                yield from (keyword.value for keyword in keywords if keyword.arg == "points")


def _is_word(node: ast.expr, source: str, trainees: frozenset[str], seen: frozenset[str]) -> bool:
    match node:
        case ast.Name(id=name):
            values = [value for bound, value in _assignments(source) if bound == name]
            if name in seen or not values:
                return name in trainees
            return all(_is_word(value, source, trainees, seen | {name}) for value in values)
        case ast.Compare(left=left, comparators=others) if all(_is_truth(other) for other in others):
            return _is_word(left, source, trainees, seen)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="judge"), attr=attr)):
            return attr in _TRAINEES_WORDS
        case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in _KEEPERS and name not in trainees:
            return _is_word(first, source, trainees, seen)
        case ast.Call(func=inner):
            return _is_word(inner, source, trainees, seen)
        case ast.UnaryOp(operand=inner):
            return _is_word(inner, source, trainees, seen)
        case ast.BoolOp(values=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts):
            return any(_is_word(part, source, trainees, seen) for part in parts)
        case ast.IfExp(body=one, orelse=other):
            return _is_word(one, source, trainees, seen) or _is_word(other, source, trainees, seen)
        case ast.Attribute() | ast.Subscript() | ast.Await() | ast.Starred() | ast.NamedExpr():
            return _is_word(node.value, source, trainees, seen)
        case ast.GeneratorExp(elt=inner, generators=turns) | ast.ListComp(elt=inner, generators=turns):
            over = [turn.iter for turn in turns if ast.dump(turn.target).replace("Store", "Load") == ast.dump(inner)]
            return any(_is_word(part, source, trainees, seen) for part in [inner, *over])
    return False


def _is_truth(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is bool


def _assignments(source: str) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(names.tree(source)):
        if isinstance(node, ast.Assign):
            yield from ((target.id, node.value) for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, ast.Constant(0)
