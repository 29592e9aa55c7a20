"""Follows trainees' values through a test cell, and notes where one of them is the verdict."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from factory_academy.curriculum.examination import origins
from factory_academy.curriculum.examination.hollow import Hollow
from factory_academy.curriculum.examination.origins import CONSTANT, INSTANCE, OWN, WORD, Origin, Scope, is_word
from factory_academy.curriculum.examination.rules import RULES, Finding

_DEEPEST = 6
_APPLIERS = ("map", "filter", "starmap", "reduce", "apply_along_axis", "vectorize")
_KEEPERS = ("all", "any", "bool", "float", "int", "round")
_SHOWN = ("print", "display")
_ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_RAISES = (ast.Raise, ast.Assert)


class Tracer:
    """One test cell. ``findings`` is what was found, ``checks`` how many verdicts the test forms."""

    def __init__(self, scope: Scope, where: str = "") -> None:
        self.scope, self._where, self._depth = scope, where, 0
        self.findings: dict[tuple[str, int, str], Finding] = {}
        self.checks = 0
        self._hollow = Hollow()
        self._returned: Origin = CONSTANT

    def cell(self, tree: ast.Module, scored: bool = True) -> None:
        """Follow a whole cell; its last expression is its score, unless ``scored`` is false."""
        self._whole(tree, scored)
        for node, where in self._hollow.places():
            self._found("empty", node, where)

    def _whole(self, tree: ast.Module, scored: bool) -> None:
        *body, last = tree.body or [ast.Pass()]
        self.block(body)
        if not scored or not isinstance(last, ast.Expr):
            return self.statement(last)
        origin = self.of(last.value)
        if is_word(origin):
            self._found("score", last)
        elif origin != CONSTANT and _name(getattr(last.value, "func", last.value)) not in _SHOWN:
            self.checks += not isinstance(last.value, ast.Call) or self._meets_trainee(last.value)

    def block(self, statements: Iterable[ast.stmt]) -> None:
        """Follow statements in order."""
        for statement in statements:
            self.statement(statement)

    def statement(self, node: ast.stmt) -> None:
        """Follow one statement."""
        match node:
            case ast.Assert():
                self._verdict(node.test)
            case ast.Assign():
                self._bind_all(node.targets, self.of(node.value), node.value)
            case ast.AnnAssign(value=ast.expr()):
                self._bind_all([node.target], self.of(node.value), node.value)
            case ast.AugAssign():
                before = self.of(node.target)
                self._bind_all([node.target], before | self.of(node.value), None)
            case ast.For() | ast.AsyncFor():
                self._loop(node)
            case ast.While():
                self.of(node.test)
                self.block([*node.body, *node.orelse])
            case ast.If():
                self._branch(node)
            case ast.With() | ast.AsyncWith():
                self._with(node)
            case ast.Try():
                self.checks += any(isinstance(one, _RAISES) for one in [*node.orelse, *node.body])
                self.block([*node.body, *(s for handler in node.handlers for s in handler.body), *node.orelse])
                self.block(node.finalbody)
            case ast.FunctionDef():
                self.scope.functions[node.name] = (node, self.scope, self._where)
                self.scope.origins[node.name] = OWN
            case ast.Return(value=ast.expr()):
                self._returned |= self.of(node.value)
            case ast.Import() | ast.ImportFrom():
                self._import(node)
            case ast.Expr():
                self.of(node.value)
            case ast.Delete():
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        self.scope.origins.pop(target.id, None)

    def of(self, node: ast.expr | None) -> Origin:
        """Where the value of an expression comes from; verdicts inside it are noted."""
        match node:
            case None | ast.Constant():
                return CONSTANT
            case ast.Name():
                return self.scope.origins.get(node.id, OWN)
            case ast.Call():
                return self._call(node)
            case ast.Compare():
                return self._compare(node)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Subscript():
                return self.of(node.value) | (self.of(node.slice) & WORD)
            case ast.Await() | ast.Starred() | ast.NamedExpr():
                return self._passed_on(node)
            case ast.UnaryOp():
                return self.of(node.operand)
            case ast.BinOp():
                return self.of(node.left) | self.of(node.right)
            case ast.IfExp():
                return self.of(node.body) | self.of(node.orelse)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                return self._comprehension(node.generators, [node.elt])
            case ast.DictComp():
                return self._comprehension(node.generators, [node.key, node.value])
            case ast.Lambda():
                return OWN
        return self._union(child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr))

    def _meets_trainee(self, node: ast.expr) -> bool:
        names = (self.scope.origins.get(one.id, OWN) for one in ast.walk(node) if isinstance(one, ast.Name))
        return any({"word", "code"} & origin for origin in names)

    def _loop(self, node: ast.For | ast.AsyncFor) -> None:
        origin, before = self.of(node.iter), self.checks
        self._bind_all([node.target], origin, None)
        with self._hollow.inside(self._may_be_empty(node.iter)):
            self.block(node.body)
        if self.checks > before and self._may_be_empty(node.iter):
            self._hollow.note(node, self._where)
        self.block(node.orelse)

    def _may_be_empty(self, node: ast.expr) -> bool:
        """Whether the trainee decides how many turns a loop takes."""
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            return False
        if not (isinstance(node, ast.Call) and _name(node.func) == "zip"):
            return is_word(self.of(node))
        strict = any(one.arg == "strict" for one in node.keywords)
        return not strict and any(is_word(self.of(arg)) for arg in node.args)

    def _hollow_all(self, node: ast.Call, name: str) -> None:
        """``(got == want).all()`` and ``all(… for x in got)``."""
        if name != "all":
            return
        compared = node.func.value if isinstance(node.func, ast.Attribute) else None
        if isinstance(compared, ast.Compare) and self._meets_trainee(compared):
            self._hollow.note(node, self._where, always=True)
        over = node.args[0] if node.args else None
        if isinstance(over, ast.GeneratorExp | ast.ListComp) and self._may_be_empty(over.generators[0].iter):
            self._hollow.note(node, self._where)

    def _union(self, nodes: Iterable[ast.expr]) -> Origin:
        return CONSTANT.union(*(self.of(node) for node in nodes))

    def _passed_on(self, node: ast.Await | ast.Starred | ast.NamedExpr) -> Origin:
        origin = self.of(node.value)
        if isinstance(node, ast.NamedExpr):
            self._bind_all([node.target], origin, node.value)
        return origin

    def _attribute(self, node: ast.Attribute) -> Origin:
        base = self.of(node.value)
        if node.attr in origins.FIGURE and (is_word(base) or _is_plotting(node.value)):
            self._found("figure", node)
            return WORD
        if "code" in base:
            return origins.CODE
        return (base - INSTANCE) | WORD if "word" in base else base

    def _compare(self, node: ast.Compare) -> Origin:
        sides = [self.of(side) for side in (node.left, *node.comparators)]
        self._hollow.measured(any(_is_size(part) for part in ast.walk(node)) and self._meets_trainee(node))
        identity = all(isinstance(op, ast.Is | ast.IsNot) for op in node.ops)
        if any("instance" in side for side in sides) and not identity:
            self._found("equality", node)
        values = [node.left, *node.comparators]
        others = [value for value, side in zip(values, sides, strict=True) if "fed" not in side]
        by_truth = all(isinstance(other, ast.Constant) and type(other.value) is bool for other in others)
        by_order = all(side <= INSTANCE | origins.FED for side in sides) and isinstance(node.ops[0], _ORDERS)
        if any("fed" in side and is_word(side) for side in sides) and (by_truth or by_order):
            self._found("itself", node)
        return OWN

    def _comprehension(self, generators: Sequence[ast.comprehension], elements: Sequence[ast.expr]) -> Origin:
        outer, self.scope = self.scope, self.scope.inner()
        try:
            for generator in generators:
                self._bind_all([generator.target], self.of(generator.iter), None)
                for condition in generator.ifs:
                    self.of(condition)
            return self._union(elements)
        finally:
            self.scope = outer

    def _call(self, node: ast.Call) -> Origin:
        name = _name(node.func)
        self._hollow_all(node, name)
        args = [*node.args, *(keyword.value for keyword in node.keywords)]
        given = [self.of(arg) for arg in args]
        if name in origins.TRUTH_CHECKS and args and isinstance(node.func, ast.Attribute):
            self._verdict(args[0])
            return OWN
        if name in origins.CROSS_VALIDATION and any({"word", "code"} & origin for origin in given):
            self._found("seen-labels", node)
            return OWN
        rule = origins.ASKS_WHAT_IT_IS.get(name)
        if rule is not None and any({"word", "code"} & origin for origin in given):
            self._found(rule, node)
            return OWN
        if isinstance(node.func, ast.Attribute) and _name(node.func.value) == "judge" and name in origins.OF_JUDGE:
            return self._of_judge(node, name, given)
        if _is_check(name):
            self.checks += 1
            self._equality_of(node, given)
            self._hollow.measured(any("word" in origin for origin in given))
            return OWN
        function = self._function(node.func)
        if function is not None:
            return self._own_call(function, node, given)
        base = self.of(node.func)
        if "code" in base or "word" in base:
            return self._asked(node, name, base, given)
        if name in origins.COMPARERS:
            return OWN
        if name in _APPLIERS and any("code" in origin for origin in given):
            return WORD
        if name in _SHOWN:
            return OWN
        measured = CONSTANT.union(*given) - ({"code", "instance"} if name in _KEEPERS else {"code", "instance", "fed"})
        return measured if is_word(measured) else OWN

    def _of_judge(self, node: ast.Call, name: str, given: Sequence[Origin]) -> Origin:
        """``judge.remote`` gives the trainee's word; the points of ``judge.score`` must be formed by the test."""
        if name == "remote":
            return origins.FED
        if given and is_word(given[0]):
            self._found("score", node)
        self.checks += 1
        return OWN

    def _asked(self, node: ast.Call, name: str, base: Origin, given: Sequence[Origin]) -> Origin:
        """The trainee's code, or a method of a trainee's value, is called."""
        if "word" in base and name in origins.CONNECTION:
            self._found("connection", node)
            return WORD
        if "word" in base and name == "score":
            self._found("own-score", node)
            return OWN
        if "word" in base and name in origins.COMPARERS and "own" in CONSTANT.union(*given):
            if "instance" in base:
                self._found("equality", node)
            return OWN
        if isinstance(node.func, ast.Name) and node.func.id in self.scope.classes:
            return INSTANCE
        fed = any("word" in origin for origin in given)
        return origins.FED if fed or "fed" in base else WORD

    def _equality_of(self, node: ast.Call, given: Sequence[Origin]) -> None:
        if any("instance" in origin for origin in given) and "raises" not in _name(node.func).lower():
            self._found("equality", node)

    def _verdict(self, test: ast.expr) -> None:
        """The expression decides: in an assert, a check, or an if that raises."""
        if isinstance(test, ast.BoolOp):
            for value in test.values:
                self._verdict(value)
            return
        self.checks += 1
        origin = self.of(test)
        self._hollow.measured(isinstance(test, ast.Compare) and self._meets_trainee(test))
        if is_word(origin):
            self._found("itself" if "fed" in origin else "bool", test)

    def _branch(self, node: ast.If) -> None:
        decides = any(isinstance(one, ast.Raise) or _fails(one) for one in [*node.body, *node.orelse])
        if decides:
            self._verdict(node.test)
        else:
            self.of(node.test)
        self.block([*node.body, *node.orelse])

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            origin = self.of(item.context_expr)
            self.checks += any(word in ast.unparse(item.context_expr).lower() for word in origins.GUARDS)
            if item.optional_vars is not None:
                self._bind_all([item.optional_vars], origin or OWN, None)
        self.block(node.body)

    def _function(self, node: ast.expr) -> tuple[ast.FunctionDef, Scope, str] | None:
        if isinstance(node, ast.Name):
            return self.scope.functions.get(node.id)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = self.scope.modules.get(node.value.id)
            return module.functions.get(node.attr) if module else None
        return None

    def _own_call(self, found: tuple[ast.FunctionDef, Scope, str], node: ast.Call, given: Sequence[Origin]) -> Origin:
        """A function of the author's is followed with the origins of what it is given."""
        function, scope, where = found
        if self._depth >= _DEEPEST:
            return OWN
        inner = Tracer(scope.inner(), where)
        inner._depth = self._depth + 1
        inner.findings, inner._hollow = self.findings, self._hollow
        parameters = [*function.args.posonlyargs, *function.args.args]
        named = [keyword.arg for keyword in node.keywords]
        for place, origin in enumerate(given):
            by_name = place >= len(node.args)
            name = named[place - len(node.args)] if by_name else _at(parameters, place)
            if name:
                inner.scope.origins[name] = origin
        inner.block(function.body)
        self.checks += inner.checks
        return inner._returned

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            self.scope.origins[name] = OWN
            whole = alias.name if isinstance(node, ast.Import) else f"{node.module}.{alias.name}"
            module = self.scope.modules.get(f"file:{whole}") or self.scope.modules.get(f"file:{alias.name}")
            holder = self.scope.modules.get(f"file:{node.module}") if isinstance(node, ast.ImportFrom) else None
            if module is not None:
                self.scope.modules[name] = module
            elif holder is not None and alias.name in holder.functions:
                self.scope.functions[name] = holder.functions[alias.name]

    def _bind_all(self, targets: Iterable[ast.expr], origin: Origin, value: ast.expr | None) -> None:
        for target in targets:
            parts = value.elts if isinstance(value, ast.Tuple | ast.List) else []
            if isinstance(target, ast.Tuple | ast.List):
                for place, part in enumerate(target.elts):
                    same = len(parts) == len(target.elts)
                    self._bind_all([part], self.of(parts[place]) if same else origin, None)
            elif isinstance(target, ast.Name):
                self.scope.origins[target.id] = origin
                self.scope.functions.pop(target.id, None)
            elif isinstance(target, ast.Starred):
                self._bind_all([target.value], origin, None)

    def _found(self, code: str, node: ast.AST, where: str | None = None) -> None:
        line, where = getattr(node, "lineno", 0), self._where if where is None else where
        self.findings.setdefault((code, line, where), Finding(RULES[code], line, where))


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_size(node: ast.AST) -> bool:
    by_call = isinstance(node, ast.Call) and _name(node.func) == "len"
    return by_call or (isinstance(node, ast.Attribute) and node.attr in ("shape", "size"))


def _is_check(name: str) -> bool:
    """Functions that raise unless something holds: assert_allclose, assertEqual, judge.equal, judge.raises."""
    return name.startswith("assert") or name in ("equal", "raises", "fail")


def _fails(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and _name(node.value.func) == "fail"


def _is_plotting(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("plt", "pyplot")


def _at(parameters: Sequence[ast.arg], place: int) -> str:
    return parameters[place].arg if place < len(parameters) else ""
