"""The code of one test, as a test cell of nbgrader's: assertions that the judge can run as they stand."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeGuard

Say = Callable[[str], None]

_CAPTURE = "import contextlib\nimport io\n\nsaid = io.StringIO()\nwith contextlib.redirect_stdout(said):\n"


@dataclass(frozen=True, slots=True)
class Output:
    """What a test cell gave its author: text that it printed, and the value that it ended in, as text."""

    printed: str = ""
    value: str = ""


def by_example(body: str, output: Output, say: Say) -> str:
    """A test by example: it must print what it printed, and end in the value that it ended in.

    Raises:
        SyntaxError: it is not Python.
    """
    statements = ast.parse(body).body
    last = statements[-1] if statements else None
    if output.printed.strip():
        return _captured(statements, output)
    if output.value.strip() and isinstance(last, ast.Expr):
        before = "\n".join(body.split("\n")[: last.lineno - 1]).strip("\n")
        check = f"assert repr({_on_its_own(last.value)}) == {output.value!r}"
        return f"{before}\n{check}" if before else check
    if isinstance(last, ast.Expr) and not isinstance(last.value, ast.Call | ast.Await | ast.Constant):
        say("a test ends in a value, but the notebook holds no output of it: run the source once and save it")
    return body.strip("\n")


def by_assertion(body: str, output: Output, say: Say) -> str:
    """A test by assertion: a function of the names that it needs, called with them.

    Raises:
        SyntaxError: it is not Python.
        ValueError: it is not one function, with at most a call after it.
    """
    statements = ast.parse(body).body
    if not statements or len(statements) > 2 or not isinstance(statements[0], ast.FunctionDef):
        raise ValueError(f"expected one function and at most a call of it, got {len(statements)} statements")
    test = statements[0]
    test.decorator_list = []
    names = [argument.arg for argument in (*test.args.posonlyargs, *test.args.args, *test.args.kwonlyargs)]
    if "env" in names:
        test = ast.fix_missing_locations(_ByName().visit(test))
        if any(isinstance(node, ast.Name) and node.id == "env" for node in ast.walk(test)):
            say("a test reads `env` in a way that is not carried: only `env['name']` and `env.get('name')` are")
        else:
            test.args.args = [argument for argument in test.args.args if argument.arg != "env"]
            names.remove("env")
    given = ", ".join("env=globals()" if name == "env" else f"{name}={name}" for name in names)
    return f"{ast.unparse(test)}\n\n{test.name}({given})"


def with_words(text: str, words: str, is_hidden: bool) -> str:
    """The test, failing with the author's words; of a hidden test they are told on purpose.

    Raises:
        SyntaxError: the text is not Python.
    """
    lines = ast.unparse(ast.parse(text)).split("\n")
    tell = f"import judge\n    judge.fail({words!r})" if is_hidden else f"raise AssertionError({words!r}) from None"
    return "\n".join(("try:", *(f"    {line}" for line in lines), "except AssertionError:", f"    {tell}"))


def _captured(statements: list[ast.stmt], output: Output) -> str:
    last = statements[-1]
    ends = [ast.parse(f"print(repr({_on_its_own(last.value)}))").body[0]] if _is_valued(last, output) else [last]
    inside = "\n".join(f"    {line}" for line in ast.unparse(ast.Module([*statements[:-1], *ends], [])).split("\n"))
    shown = (output.printed + output.value).rstrip()
    return f"{_CAPTURE}{inside}\nassert said.getvalue().rstrip() == {shown!r}"


def _is_valued(last: ast.stmt, output: Output) -> TypeGuard[ast.Expr]:
    return isinstance(last, ast.Expr) and bool(output.value.strip())


def _on_its_own(value: ast.expr) -> str:
    text = ast.unparse(value)
    return f"({text})" if isinstance(value, ast.GeneratorExp | ast.Tuple) and not text.startswith("(") else text


class _ByName(ast.NodeTransformer):
    """``env["x"]`` and ``env.get("x")`` as the plain name ``x``."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        return _plain_name(node.value, node.slice, node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "get" and len(node.args) == 1:
            return _plain_name(node.func.value, node.args[0], node)
        return node


def _plain_name(owner: ast.expr, key: ast.expr, otherwise: ast.AST) -> ast.AST:
    is_fixed = isinstance(key, ast.Constant) and isinstance(key.value, str) and key.value.isidentifier()
    if isinstance(owner, ast.Name) and owner.id == "env" and is_fixed and isinstance(key, ast.Constant):
        return ast.Name(str(key.value), ast.Load())
    return otherwise
