"""Answers for stand-ins: what the judge decides itself, what it asks, and what it refuses."""

from __future__ import annotations

import asyncio
import copy
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from factory_academy.grading.border import estimators, meta
from factory_academy.grading.border.awaiting import Awaiting
from factory_academy.grading.border.calling import call_message
from factory_academy.grading.border.lending import Lending
from factory_academy.grading.border.link import Link, Names, Paths
from factory_academy.grading.border.remote import AS_GIVEN, ASKED, Content, Remote, RemoteClass, is_remote
from factory_academy.grading.border.rules import Lost, outside
from factory_academy.grading.contract import longer_path, readable
from factory_academy.grading.data.forwarding import ARITHMETIC, VERDICTS, forwarding_class
from factory_academy.grading.data.shared import is_shared_kind
from factory_academy.grading.data.wire import Wire

MAX_ITEMS = 1_000_000
_BATCH = 1000
_COROUTINE_MARK = asyncio.coroutines._is_coroutine  # type: ignore[attr-defined]
_STEPS = {"__call__": "()", "__getitem__": "[]", "__next__": "[]"}
_FROM_CONTENT = ("__len__", "__iter__", "__next__", "__getitem__", "__contains__", "__reversed__")


class Visitors:
    """All stand-ins of one trainee process, and the answers to what tests do with them."""

    def __init__(self, wire: Wire, lending: Lending, names: Names) -> None:
        self.link = Link(wire, lending, names, self._make)
        self._awaiting = Awaiting(self.link)
        self._lending = lending
        lending.coroutine_number = self._awaiting.number
        self._remotes: dict[int, Remote] = {}
        self._fields: dict[int, dict[str, Any]] = {}

    def fetch(self, name: str, watch: bool = True) -> Any:
        """What the trainee bound to a name.

        Raises:
            KeyError: nothing.
        """
        try:
            return self.link.request(frozenset({name}), "name", lambda packer: {"name": name, "watch": watch})
        except KeyError:
            raise
        except Exception as error:
            raise Lost("protocol", "it answered the grader itself with an error") from error

    def library(self, dotted: str, *args: Any, **kwargs: Any) -> Any:
        """Call a library function where the trainee's objects live."""

        def build(packer: Any) -> dict[str, Any]:
            nodes = {name: packer.node(value) for name, value in kwargs.items()}
            return {"name": dotted, "args": [packer.node(arg) for arg in args], "kwargs": nodes}

        return self.link.request(frozenset({f"judge.call({dotted})"}), "lib", build)

    def beside(self, source: str, name: str) -> Any:
        """Run code of the author's beside the trainee's objects; gives what it binds to the name."""
        node = {"name": "factory_academy.grading.answering.shell.run_in_notebook", "args": [source, name], "kwargs": {}}
        return self.link.request(frozenset({f"judge.remote({name})"}), "lib", lambda packer: dict(node))

    def operate(self, remote: Remote, operator: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Do what an operator of a stand-in asks."""
        full = self._is_full(remote)
        if operator == "__exit__" and full:
            return self._leave(remote, *args)
        if operator in VERDICTS or operator in ARITHMETIC or operator == "__contains__":
            if full and self.link.rules.may_answer(remote._paths, operator) and remote._meta["k"] != "iterator":
                return self._ask(remote, operator, args, kwargs)
            return self._decide(remote, operator, args)
        if (full and (remote._meta["k"] != "iterator" or _is_consumed(remote))) or self._may_call(remote, operator):
            return self._ask(remote, operator, args, kwargs)
        if operator in _FROM_CONTENT and remote._meta["k"] in ("object", "iterator"):
            return self._content(remote).operate(operator, args)
        raise self._breach(remote)

    def attribute(self, remote: Remote, name: str) -> Any:
        """Read an attribute of a stand-in."""
        if name == "_is_coroutine" and remote._meta["co"]:
            return _COROUTINE_MARK
        if name == "__signature__":
            return self._signature(remote)
        own = estimators.own_attribute(remote, name, self) if _is_estimator(remote) else None
        if own is not None:
            return own
        if name.startswith("__sklearn"):
            raise AttributeError(name)
        if not self._is_full(remote) and self.link.rules.is_field(remote._paths, name):
            return self._field(remote, name)
        if not (self._is_full(remote) or name in ASKED):
            if _is_consumed(remote):
                raise AttributeError(name)
            raise self._breach(remote)
        return self.link.request(_further(remote, f".{name}"), "do", call_message(remote, "get", (name,), {}))

    def _field(self, remote: Remote, name: str) -> Any:
        """A field of an object that stands for a named tuple: data, asked once."""
        known = self._fields.setdefault(remote._rid, {})
        if name not in known:
            value = self.link.request(_further(remote, f".{name}"), "do", call_message(remote, "get", (name,), {}))
            if is_remote(value):
                raise self._breach(remote)
            known[name] = value
        return known[name]

    def assign(self, remote: Remote, name: str, value: Any, delete: bool = False) -> None:
        """Set or delete an attribute of a stand-in."""
        if not self._is_full(remote):
            raise self._breach(remote)
        args = (name,) if delete else (name, value)
        self.link.request(remote._paths, "do", call_message(remote, "del" if delete else "set", args, {}))

    def claimed_class(self, remote: Remote) -> Any:
        """The library class that isinstance shall see, if any."""
        return meta.claimed_class(remote._meta) if self._is_full(remote) else None

    def copied(self, remote: Remote, deep: bool) -> Any:
        """A copy, made there."""
        if not self._is_full(remote):
            raise self._breach(remote)
        return self.link.request(remote._paths, "copy", lambda packer: {"on": packer.node(remote), "deep": deep})

    def text(self, remote: Remote, operator: str, args: tuple[Any, ...]) -> str:
        """The text of a stand-in; a plain description where it may not speak for itself."""
        plain = f"<{remote._meta['k']} {remote._meta['n']} of the trainee>"
        if remote._meta["k"] != "object" or not self._is_full(remote):
            return plain
        words = self.link.request(_further(remote, operator), "do", call_message(remote, operator, args, {}))
        return words if type(words) is str else plain

    def is_instance(self, remote: Remote, value: Any) -> bool:
        """Whether a value was said to be of a trainee's class."""
        if is_remote(value) and remote._rid in value._meta["m"] and value._meta["k"] != "class":
            return True
        if remote._meta["ic"] and self._is_full(remote):
            return self.library("builtins.isinstance", value, remote) is True
        return any(getattr(kind, "trainee_class_rid", None) == remote._rid for kind in type(value).__mro__)

    def clone(self, remote: Remote) -> Any:
        """An unfitted copy of an estimator, made there."""
        paths = _further(remote, ".clone()")
        return self.link.request(
            paths, "lib", lambda packer: {"name": "sklearn.base.clone", "args": [packer.node(remote)], "kwargs": {}}
        )

    def _make(self, rid: int, told: dict[str, Any], paths: Paths, base: Any) -> Any:
        kind = meta.kind_of(told)
        for path in paths:
            self.link.rules.saw(path, kind)
        if kind == "awaitable":
            return self._awaiting.coroutine(rid, paths)
        if kind == "async iterator":
            return self._awaiting.items(rid, paths)
        if told["has_b"] and self.link.rules.mode == "enforce" and not self.link.rules.is_full(paths, kind):
            return base
        remote = self._remotes.get(rid)
        if remote is None:
            kind_of_remote = RemoteClass if told["k"] == "class" else Remote
            operators = told["ops"] | ({"__call__"} if told["k"] in ("class", "callable") else frozenset())
            remote = forwarding_class(kind_of_remote, operators)(self, rid, told)
            self._remotes[rid] = remote
        remote._paths.update(paths)
        remote._meta["base"] = base
        return remote

    def _is_full(self, remote: Remote) -> bool:
        return self.link.rules.is_full(remote._paths, meta.kind_of(remote._meta))

    def _leave(self, remote: Remote, kind: Any, error: Any, trace: Any) -> Any:
        """The end of a with block. An assertion that failed in it stays failed, whatever its manager says."""
        if isinstance(error, AssertionError):
            self._lending.errors.append(error)
        origin = getattr(error, "trainee_origin", None)
        told = [getattr(kind, "__module__", None), getattr(kind, "__qualname__", None), _plain_args(error)]
        return self.link.request(
            _further(remote, ".__exit__"),
            "leave",
            lambda packer: {"on": packer.node(remote), "error": [origin, *map(packer.node, told)]},
        )

    def _may_call(self, remote: Remote, operator: str) -> bool:
        return operator == "__call__" and self.link.rules.may_call(remote._paths)

    def _ask(self, remote: Remote, operator: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        paths = _further(remote, _STEPS.get(operator, f".{operator}"))
        do = "call" if operator == "__call__" else operator
        if do == "call" and self.link.rules.looks_away(paths):
            args, kwargs = _copies(args), dict(zip(kwargs, _copies(kwargs.values()), strict=True))
        try:
            return self.link.request(paths, "do", call_message(remote, do, args, kwargs))
        except RuntimeError as error:
            if operator == "__next__" and "StopIteration" in getattr(error, "trainee_names", ()):
                raise StopIteration from None
            raise

    def _decide(self, remote: Remote, operator: str, args: tuple[Any, ...]) -> Any:
        if operator == "__contains__":
            return self._content(remote).operate(operator, args)
        if remote._meta["has_b"]:
            base = remote._meta["base"]
            return getattr(type(base), operator)(base, *args)
        if operator == "__hash__":
            return hash(("trainee", remote._rid))
        if operator in ("__eq__", "__ne__"):
            return self._compare(remote, args[0]) is (operator == "__eq__")
        raise self._breach(remote)

    def _compare(self, remote: Remote, other: Any) -> bool:
        if remote._meta["n"] in ("dict_keys", "dict_items") and remote._meta["k"] == "iterator":
            return isinstance(other, set | frozenset) and set(self._content(remote).items) == other
        if remote._meta["k"] == "object" and other is not remote:
            self.link.rules.refuse(outside(readable(min(remote._paths)), remote._meta["n"]))
        return other is remote

    def _content(self, remote: Remote) -> Content:
        if remote._content is None:
            object.__setattr__(remote, "_content", Content(self._take_all(remote), _is_consumed(remote)))
        content: Content = remote._content
        return content

    def _take_all(self, remote: Remote) -> list[Any]:
        paths, items = _further(remote, "[]"), list[Any]()
        iterator = self.link.request(_further(remote, ".__iter__"), "do", call_message(remote, "__iter__", (), {}))
        while len(items) < MAX_ITEMS:
            done, batch = self.link.request(
                paths, "take", lambda packer: {"on": packer.node(iterator), "count": _BATCH}
            )
            items += batch
            if done is True or not batch:
                return items
        raise self.link.rules.breach(f"{readable(min(remote._paths))} does not come to an end")

    def _signature(self, remote: Remote) -> inspect.Signature:
        parts = self.link.request(
            _further(remote, ".signature"), "signature", lambda packer: {"on": packer.node(remote)}
        )
        empty = inspect.Parameter.empty
        return inspect.Signature(
            [
                inspect.Parameter(str(name), inspect._ParameterKind(kind), default=default if given is True else empty)
                for name, kind, given, default in parts
            ]
        )

    def _breach(self, remote: Remote) -> BaseException:
        return self.link.rules.breach(outside(min(remote._paths), remote._meta["n"]))


def _copies(values: Iterable[Any]) -> tuple[Any, ...]:
    """The values with those that calls can change replaced by copies, one for each that was given."""
    memo: dict[Any, Any] = {AS_GIVEN: True}
    return tuple(copy.deepcopy(value, memo) if _can_change(value) else value for value in values)


def _plain_args(error: Any) -> Any:
    args = getattr(error, "args", ())
    return tuple(arg if type(arg) in (int, float, str, bool, type(None)) else repr(arg) for arg in args)


def _can_change(value: Any) -> bool:
    return is_shared_kind(value) or isinstance(value, tuple | frozenset)


def _further(remote: Remote, step: str) -> Paths:
    return frozenset(longer_path(path, step) for path in remote._paths)


def _is_consumed(remote: Remote) -> bool:
    """Whether it is an iterator that gives each item once, such as a generator; a view of a dict is not."""
    return remote._meta["k"] == "iterator" and "__next__" in remote._meta["ops"]


def _is_estimator(remote: Remote) -> bool:
    return remote._meta["k"] == "object" and any(claim.startswith("sklearn.") for claim in remote._meta["lib"])


Answer = Callable[..., Any]
