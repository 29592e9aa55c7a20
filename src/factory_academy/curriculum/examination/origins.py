"""Where a value in a test comes from, and the names by which libraries give themselves away."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Final

Origin = frozenset[str]
CONSTANT: Final[Origin] = frozenset()
OWN: Final[Origin] = frozenset({"own"})
CODE: Final[Origin] = frozenset({"code"})
WORD: Final[Origin] = frozenset({"word"})
INSTANCE: Final[Origin] = frozenset({"word", "instance"})
FED: Final[Origin] = frozenset({"word", "fed"})

COMPARERS = frozenset({"allclose", "isclose", "array_equal", "array_equiv", "equal", "equals", "issubset", "issuperset",
                       "isdisjoint", "startswith", "endswith", "isinstance", "issubclass", "hasattr", "callable",
                       "approx"})  # fmt: skip
CONNECTION = frozenset({"execute", "executemany", "executescript", "cursor", "fetchall", "fetchone", "fetchmany",
                        "fetchdf", "fetchnumpy", "sql"})  # fmt: skip
FIGURE = frozenset({"get_title", "get_xlabel", "get_ylabel", "get_xdata", "get_ydata", "get_xydata", "get_offsets",
                    "get_legend", "get_texts", "get_lines", "get_children", "get_figure", "get_xticklabels",
                    "get_yticklabels", "get_legend_handles_labels", "get_xlim", "get_ylim", "get_xscale", "get_yscale",
                    "get_axes", "lines", "patches", "collections", "containers", "gca", "gcf"})  # fmt: skip
ASKS_WHAT_IT_IS = {
    **dict.fromkeys(("getsource", "getsourcelines", "getdoc", "findsource"), "own-source"),
    **dict.fromkeys(("simplify", "trigsimp", "nsimplify", "expand", "factor", "lambdify"), "symbolic"),
    **dict.fromkeys(("eval", "exec", "sympify"), "runs-text"),
}
"""Functions that ask what they are given about itself, or run it, and the rule that such a test breaks."""

CROSS_VALIDATION = frozenset({"cross_val_score", "cross_validate", "cross_val_predict", "GridSearchCV",
                              "RandomizedSearchCV", "learning_curve", "validation_curve"})  # fmt: skip
OF_JUDGE = frozenset({"remote", "score"})
GUARDS = ("raises", "judge.no_mutation", "judge.time_limit")
TRUTH_CHECKS = frozenset({"assertTrue", "assertFalse", "assert_", "check"})


def is_word(origin: Origin) -> bool:
    """Whether nothing but trainees' code and constants decides about the value."""
    return "word" in origin and "own" not in origin


@dataclass(slots=True)
class Scope:
    """What is known of names: origins, functions that the author wrote, and classes of the trainee's."""

    origins: dict[str, Origin] = field(default_factory=dict)
    functions: dict[str, tuple[ast.FunctionDef, Scope, str]] = field(default_factory=dict)
    classes: set[str] = field(default_factory=set)
    modules: dict[str, Scope] = field(default_factory=dict)

    def inner(self) -> Scope:
        """A scope that starts with what this one knows."""
        return Scope(dict(self.origins), dict(self.functions), set(self.classes), dict(self.modules))


def answered(scope: Scope, tree: ast.Module) -> None:
    """Learn the names that an answer cell binds."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            scope.classes.add(node.name)
            scope.origins[node.name] = CODE
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            scope.origins[node.name] = CODE
            scope.functions.pop(node.name, None)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.For | ast.With):
            for name in ast.walk(node):
                if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store):
                    scope.origins[name.id] = _of_answer(node, scope)


def _of_answer(node: ast.stmt, scope: Scope) -> Origin:
    value = getattr(node, "value", None)
    made = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in scope.classes
    if isinstance(value, ast.Lambda):
        return CODE
    return INSTANCE if made else WORD
