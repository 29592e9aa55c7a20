"""The judge's line to the trainee's process: one request at a time, everything that comes back checked."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from factory_academy.grading.author.guards import within
from factory_academy.grading.border import errors, meta
from factory_academy.grading.border.files import Files
from factory_academy.grading.border.gradients import BACK, bridged
from factory_academy.grading.border.lending import Lending
from factory_academy.grading.border.luck import random_print, random_state
from factory_academy.grading.border.rules import CHANGED, ContractBreach, Lost, Rules
from factory_academy.grading.data.codec import Packer, Unpacker, named_class
from factory_academy.grading.data.models import restore
from factory_academy.grading.data.nodes import Malformed
from factory_academy.grading.data.overwriting import overwrite
from factory_academy.grading.data.shared import Shared, copy_of
from factory_academy.grading.data.wire import Wire, WireError, WireTimeout

MAX_REQUESTS = 200_000
_CELL = "(cell)"
Paths = frozenset[str]
MakeRemote = Callable[[int, dict[str, Any], Paths, Any], Any]


@dataclass(slots=True)
class Names:
    """Names of the trainee's that a test uses: what the judge holds under them, and which it may bind there."""

    space: dict[str, Any]
    fetched: dict[str, Any] = field(default_factory=dict)
    bindable: frozenset[str] = frozenset()


class Link:
    """Sends requests and reads replies. ``make_remote`` builds the stand-in for a reference."""

    def __init__(self, wire: Wire, lending: Lending, names: Names, make_remote: MakeRemote) -> None:
        self._wire, self._lending, self._make_remote = wire, lending, make_remote
        self.names = names
        self.patches: dict[str, Any] = {}
        self.files = Files(Path.cwd())
        self._patched: dict[str, Any] = {}
        self.rules = Rules("free")
        self.deadline = time.monotonic()
        self._shared = Shared("J")
        self._paths: Paths = frozenset()
        self._given: set[str] = set()
        self._copies: set[str] = set()
        self._requests = self._number = 0
        self._random = b""
        self._classes: dict[int, Any] = {}
        self._before: dict[int, tuple[Any, Any]] = {}

    def begin(self, rules: Rules, deadline: float) -> None:
        """A new test or cell begins: its rules, and the instant at which its time is over."""
        self.rules, self.deadline = rules, deadline
        self._requests = 0
        self._before.clear()
        self._random = self._random or random_print()

    @contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        """Give the block less time; what does not answer by then is lost, for the reason ``limit``."""
        before, self.deadline = self.deadline, min(self.deadline, time.monotonic() + seconds)
        is_shorter = self.deadline < before
        try:
            yield
        except Lost as loss:
            if loss.why == "time" and is_shorter and time.monotonic() < before:
                raise Lost("limit", within(seconds)) from loss
            raise
        finally:
            self.deadline = before

    def request(
        self, paths: Paths, op: str, build: Callable[[Packer], dict[str, Any]] = lambda packer: {}, quiet: bool = False
    ) -> Any:
        """Ask and give back the value of the reply.

        ``paths`` are the access paths of the result; ``quiet`` leaves names and random state alone.

        Raises:
            Lost: the process is gone, late, or talks nonsense; nobody listens to it any more.
            Exception: what trainee code raised, as a harmless error of the same name.
        """
        self._count()
        self._lending.shipped.clear()
        packer = Packer(self._shared, self._lending.node)
        message = {"op": op, "n": self._number, **build(packer)}
        arguments = set(packer.touched) if self.rules.looks_away(paths) else set()
        if not quiet:
            message["bind"] = self._changed_names(packer)
            message["patch"] = self._changed_patches(packer)
            message["files"] = packer.node(self.files.changed())
            message["rng"] = self._changed_random(packer)
        message["drop"] = self._shared.oldest_surplus(packer.touched)
        message.update(packer.tables())
        self._given, self._copies = self._shared.reachable(packer.touched), self._shared.reachable(arguments)
        self._shared.forget(message["drop"])
        try:
            self._wire.send(message, packer.buffers, self.deadline)
            reply, buffers = self._await_reply(paths)
            return self._read(reply, buffers, paths, quiet)
        except WireTimeout as error:
            raise Lost("time", "it did not answer in time") from error
        except WireError as error:
            raise Lost("gone", str(error)) from error
        except Malformed as error:
            raise Lost("protocol", f"it sent what is no value: {error}") from error

    def command(
        self, op: str, build: Callable[[Packer], dict[str, Any]] = lambda packer: {}, quiet: bool = True
    ) -> Any:
        """Ask for something that trainee code has no part in, so that an error can only be a lie.

        Raises:
            Lost: as ``request``, and for every error.
        """
        try:
            return self.request(frozenset(), op, build, quiet)
        except Exception as error:
            raise Lost("protocol", "it answered the grader itself with an error") from error

    def forget(self) -> None:
        """Both sides forget which mutable values they share, and which names are watched."""
        self.command("forget", quiet=False)
        self._shared.forget()
        self.names.fetched.clear()

    def begin_files(self) -> None:
        """Let the test that begins find the files that it may."""
        self.command("files", quiet=False)
        self.files.begin(self.rules)

    def undo(self) -> None:
        """Give everything that trainee code changed during this test the content that it had before."""
        for value, content in self._before.values():
            overwrite(value, content)
        self._before.clear()

    @contextmanager
    def apart(self, rules: Rules) -> Iterator[None]:
        """The block has rules of its own, and ``undo`` in it reaches no further back than its begin."""
        before = self.rules, self._before
        self.rules, self._before = rules, {}
        try:
            yield
        finally:
            self.rules, self._before = before

    def _remember(self, message: dict[str, Any]) -> None:
        """Keep what is about to be changed."""
        if self.rules.mode != "enforce" or type(message.get("upd")) is not list:
            return
        tags = [change[0] for change in message["upd"] if type(change) is list and change]
        for value in (self._shared.values[tag] for tag in tags if type(tag) is str and tag in self._shared.values):
            if id(value) not in self._before:
                self._before[id(value)] = (value, copy_of(value))

    def _await_reply(self, paths: Paths) -> tuple[dict[str, Any], list[bytes]]:
        while True:
            reply, buffers = self._wire.receive(self.deadline)
            if type(reply) is not dict:
                raise Malformed("expected a reply")
            if reply.get("n") != self._number:
                raise Malformed("a reply to something else")
            if "ask" not in reply:
                return reply, buffers
            self._serve(reply, buffers, frozenset(f"{path}\x1f(callback)" for path in paths or {_CELL}))

    def _serve(self, asked: dict[str, Any], buffers: list[bytes], paths: Paths) -> None:
        unpacker = self._unpacker(buffers, paths)
        packer = Packer(self._shared, self._lending.node)
        try:
            self._remember(asked)
            unpacker.read_tables(asked)
            target = self._lending.find(asked["on"])
            args = [unpacker.top(node) for node in asked["args"]]
            kwargs = {str(name): unpacker.top(node) for name, node in asked["kwargs"].items()}
            do = asked["ask"]
        except (KeyError, TypeError, AttributeError) as error:
            raise Malformed("no request that can be understood") from error
        self._note_updates(unpacker, paths)
        try:
            answer: dict[str, Any] = {"v": packer.node(self._lending.use(self.rules, do, target, args, kwargs))}
        except (Exception, ContractBreach) as error:
            packer = Packer(self._shared, self._lending.node)
            answer = {"err": self._lending.note(error)}
        except Lost:
            raise
        except BaseException as error:
            raise Lost("time", "a function of the test, which it called, did not come to its end") from error
        answer.update(packer.tables(unpacker.touched))
        self._given |= self._shared.reachable(packer.touched)
        self._wire.send(answer, packer.buffers, self.deadline)

    def _read(self, reply: dict[str, Any], buffers: list[bytes], paths: Paths, quiet: bool) -> Any:
        self._remember(reply)
        unpacker = self._unpacker(buffers, paths)
        unpacker.read_tables(reply)
        self._note_updates(unpacker, paths)
        if not paths and unpacker.updated:
            raise Malformed("it changed something although none of its code was called")
        if "files" in reply:
            self.files.take(unpacker.top(reply["files"]), self.rules, at_once=bool(paths))
        if paths and not quiet:
            self._take_output(reply.get("out"))
            self._take_names(reply.get("bind"), unpacker)
            self._take_trained(reply.get("trained"), unpacker, paths)
        self._paths = paths
        if "err" in reply:
            raise self._error(reply["err"], unpacker)
        value = unpacker.top(reply.get("v"))
        if not (type(reply["v"]) is list and reply["v"][0] in ("r", "j")):
            self._saw(paths, "plain", *(f"field {name}" for name in _fields_of(value)))
        return value

    def _saw(self, paths: Paths, *kinds: str) -> None:
        for path in paths:
            for kind in kinds:
                self.rules.saw(path, kind)

    def _unpacker(self, buffers: list[bytes], paths: Paths) -> Unpacker:
        self._paths = paths
        return Unpacker(self._shared, self._resolve, buffers, "S", self._bridge)

    def _bridge(self, tensor: Any, number: int, sources: list[Any]) -> Any:
        return bridged(tensor, sources, lambda build: self.request(BACK, "back", build), number)

    def _resolve(self, unpacker: Unpacker, node: list[Any]) -> Any:
        if not self._paths:
            raise Malformed("an object where none belongs")
        nested = unpacker.depth > 1
        paths = frozenset(path if path.endswith("[]") or not nested else f"{path}\x1f[]" for path in self._paths)
        match node:
            case ["r", int(rid), described]:
                told = meta.checked(described)
                base = unpacker.value(told["b"]) if told["has_b"] else None
                if told["exc"] is not None:
                    self._saw(paths, "class")
                    return self.exception_class(rid, told)
                return self._make_remote(rid, told, paths, base)
            case ["j", int(number)]:
                for path in paths:
                    self.rules.effect("lent", path, "an object of the test itself was given back as the result")
                return self._find_lent(number)
            case ["named", name, fields, ["r", int(rid), _]]:
                return self._named_class(rid, name, fields)
        raise Malformed("no such reference")

    def exception_class(self, rid: int, told: dict[str, Any]) -> Any:
        """The judge's class for a trainee's exception class."""
        if rid not in self._classes:
            base = errors.library_class(told) or errors.builtin_class(told["exc"])
            match told["up"]:
                case ["r", int(above), described] if above != rid:
                    base = self.exception_class(above, meta.checked(described))
            made = errors.synthetic_class(told["n"], base)
            made.trainee_class_rid = rid
            self._classes[rid] = made
        return self._classes[rid]

    def _named_class(self, rid: int, name: str, fields: tuple[str, ...]) -> Any:
        if rid not in self._classes or getattr(self._classes[rid], "_fields", None) != fields:
            self._classes[rid] = named_class(name, fields)
            self._classes[rid].trainee_class_rid = rid
        return self._classes[rid]

    def _error(self, told: Any, unpacker: Unpacker) -> BaseException:
        if type(told) is not dict or type(told.get("names")) is not list or type(told.get("name")) is not str:
            raise Malformed("no error")
        if type(told.get("lent")) is int and 0 <= told["lent"] < len(self._lending.errors):
            return self._lending.errors[told["lent"]]
        described = meta.checked(told["cls"][2]) if type(told.get("cls")) is list and len(told["cls"]) == 3 else None
        args = unpacker.top(told.get("args"))
        plain = {"names": told["names"], "name": told["name"], "text": str(told.get("text"))[:2000], "args": args}
        plain |= {"lib": described["lib"] if described else [], "cls": described, "on": told.get("on")}
        rid = told["cls"][1] if described else 0
        paths = frozenset(f"{path}\x1f(error)" for path in self._paths)
        error: BaseException = errors.raised_there(
            plain,
            lambda told_class: self.exception_class(rid, told_class) if told_class and type(rid) is int else None,
            lambda on, name: self.request(
                frozenset(f"{path}\x1f.{name}" for path in paths),
                "do",
                lambda packer: {"do": "get", "on": on, "args": [name], "kwargs": {}},
            ),
        )
        return error

    def _note_updates(self, unpacker: Unpacker, paths: Paths) -> None:
        changed = set(unpacker.updated) - self._copies
        for path in paths if changed else ():
            is_its_own = not any(tag.startswith("J") for tag in changed) and path not in self.rules.contract.mutates
            self.rules.effect("mutates", f"{path}\x1f(own)" if is_its_own else path, CHANGED)
        if any(tag.startswith("J") and tag not in self._given for tag in unpacker.updated):
            for path in paths:
                kept = f"{path}\x1f(kept)"
                self.rules.effect("mutates", kept, "your code changed later what it was given in an earlier call")

    def _take_output(self, words: Any) -> None:
        if type(words) is str and words:
            sys.stdout.write(words)

    def _take_names(self, told: Any, unpacker: Unpacker) -> None:
        for name, node in told.items() if type(told) is dict else ():
            if name not in self.names.fetched:
                continue
            self.rules.effect("rebinds", name, f"a call bound the name {name} anew, which the reference does not")
            if node == ["gone"]:
                self.names.space.pop(name, None)
                del self.names.fetched[name]
                continue
            self._paths = frozenset({name})
            self.names.space[name] = self.names.fetched[name] = unpacker.top(node)

    def _take_trained(self, told: Any, unpacker: Unpacker, paths: Paths) -> None:
        for entry in told if type(told) is list else ():
            match entry:
                case [int(number), node]:
                    if number not in self._lending.shipped:
                        raise Malformed("a model was trained that this call did not get")
                    restore(self._find_lent(number), unpacker.top(node))
            for path in paths:
                self.rules.effect(
                    "mutates", path, "your code trained a model of the test, which the reference does not"
                )

    def _find_lent(self, number: int) -> Any:
        try:
            return self._lending.find(number)
        except KeyError as error:
            raise Malformed("nothing was lent under that number") from error

    def _changed_names(self, packer: Packer) -> dict[str, Any]:
        changed = {}
        for name in self.names.bindable:
            here = self.names.space.get(name, _NOTHING)
            if name in self.names.fetched and here is not self.names.fetched[name]:
                changed[name] = ["gone"] if here is _NOTHING else packer.node(here)
                self.names.fetched[name] = here
        return changed

    def _changed_patches(self, packer: Packer) -> dict[str, Any]:
        now, before = self.patches, self._patched
        changed = {name: packer.node(value) for name, value in now.items() if before.get(name, now) is not value}
        changed |= {name: ["gone"] for name in before.keys() - now.keys()}
        self._patched = dict(now)
        return changed

    def _changed_random(self, packer: Packer) -> Any:
        now = random_print()
        if now == self._random:
            return None
        state = packer.node(random_state())
        self._random = random_print()
        return state

    def _count(self) -> None:
        self._requests += 1
        self._number += 1
        if self._requests > MAX_REQUESTS:
            raise Lost("time", "it made the test ask too often")


def _fields_of(value: Any) -> tuple[str, ...]:
    """The names of a named tuple's fields; of nothing else."""
    return tuple(getattr(type(value), "_fields", ())) if isinstance(value, tuple) else ()


class _Nothing:
    """A name that is not bound."""


_NOTHING = _Nothing()
