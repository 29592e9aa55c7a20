"""Answers the judge's requests, one at a time; while a call runs, the trainee's code may ask the judge back."""

from __future__ import annotations

import builtins
import copy
import importlib
import inspect
import operator
import random
import sys
import threading
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from factory_academy.grading.answering.desk import Desk, builtin_names
from factory_academy.grading.answering.gradients import Graphs
from factory_academy.grading.answering.outputs import Outputs
from factory_academy.grading.answering.shell import PICTURES, AnswerShell, run_cell
from factory_academy.grading.answering.waiting import Waiting
from factory_academy.grading.data.codec import Packer, Unpacker
from factory_academy.grading.data.forwarding import OPERATORS
from factory_academy.grading.data.mirrored import Mirrored
from factory_academy.grading.data.nodes import Malformed
from factory_academy.grading.data.shared import Shared
from factory_academy.grading.data.wire import Wire, WireError

_BATCH = 1000


class Service:
    """One trainee's process, as the judge sees it."""

    def __init__(self, wire: Wire, shell: AnswerShell, outputs: Outputs) -> None:
        self._wire, self._shell, self._outputs = wire, shell, outputs
        self._shared = Shared("S")
        self._desk = Desk(self._ask)
        self._waiting = Waiting()
        self._graphs = Graphs(self._desk.number, self._desk.object)
        self._lock = threading.RLock()
        self._watched: dict[str, Any] = {}
        self._patched: dict[str, Any] = {}
        self._files = Mirrored(Path.cwd())
        self._number = 0
        self._lent_errors: dict[int, tuple[int, BaseException]] = {}
        self._does: dict[str, Callable[[dict[str, Any], Unpacker], Any]] = {
            "run": self._run,
            "name": self._name,
            "watch": self._watch,
            "do": self._do,
            "lib": self._library,
            "signature": self._signature,
            "take": self._take,
            "await": self._await,
            "copy": self._copy,
            "back": self._back,
            "leave": self._leave,
            "gather": self._gather,
            "files": self._nothing,
            "step": self._step,
            "forget": self._forget,
        }

    def serve(self) -> None:
        """Answer until the judge hangs up."""
        while True:
            try:
                message, buffers = self._wire.receive()
            except WireError:
                return
            self._answer(message, buffers)

    def _answer(self, message: dict[str, Any], buffers: list[bytes]) -> None:
        self._number = message["n"]
        unpacker = Unpacker(self._shared, self._desk.resolve, buffers, "J")
        unpacker.read_tables(message)
        self._take_names(message.get("bind", {}), unpacker)
        self._take_random(message.get("rng"), unpacker)
        self._take_patches(message.get("patch", {}), unpacker)
        for name, content in unpacker.top(message["files"]) if "files" in message else ():
            self._files.put(name, content)
        self._shared.forget(message.get("drop", ()))
        packer = Packer(self._shared, self._desk.refer, self._graphs.origin)
        try:
            reply = {"v": packer.node(self._does[message["op"]](message, unpacker))}
        except BaseException as error:
            packer = Packer(self._shared, self._desk.refer, self._graphs.origin)
            reply = {"err": self._error(packer, error)}
        if message["op"] != "run":
            reply["out"] = self._outputs.take()
            reply["bind"] = self._rebound(packer)
            reply["files"] = packer.node(self._files.changed())
            reply["trained"] = [[number, packer.node(state)] for number, state in self._desk.trained()]
        self._send(packer, reply, unpacker.touched)

    def _send(self, packer: Packer, reply: dict[str, Any], touched: set[str]) -> None:
        try:
            reply |= {"n": self._number, **packer.tables(touched)}
            self._wire.send(reply, packer.buffers)
        except (WireError, ValueError, RecursionError, MemoryError) as error:
            plain = Packer(Shared("S"), self._desk.refer)
            told = self._error(plain, ValueError(f"the result is too large: {error}"))
            self._wire.send({"n": self._number, "err": told, "out": ""})

    def _run(self, message: dict[str, Any], unpacker: Unpacker) -> Any:
        self._outputs.connect()
        began = time.monotonic()
        failed = run_cell(self._shell, message["source"])
        result = {"out": self._outputs.take(), "seconds": time.monotonic() - began, "pictures": PICTURES.take()}
        if failed is not None:
            result |= {"error": failed.text(), "names": builtin_names(type(failed.error)), "line": failed.line}
        return result

    def _name(self, message: dict[str, Any], unpacker: Unpacker) -> Any:
        name = message["name"]
        value = self._shell.user_ns[name]
        if message["watch"]:
            self._watched[name] = value
        return value

    def _watch(self, message: dict[str, Any], unpacker: Unpacker) -> None:
        space = self._shell.user_ns
        self._watched.update({name: space[name] for name in message["names"] if name in space})

    def _do(self, message: dict[str, Any], unpacker: Unpacker) -> Any:
        self._outputs.connect()
        target = unpacker.top(message["on"])
        args = [unpacker.top(node) for node in message["args"]]
        kwargs = {name: unpacker.top(node) for name, node in message["kwargs"].items()}
        match message["do"]:
            case "call":
                return target(*args, **kwargs)
            case "get":
                return getattr(target, *args)
            case "set":
                return setattr(target, *args)
            case "del":
                return delattr(target, *args)
            case "__iter__":
                return iter(target)
            case "__next__":
                return next(target)
            case "__bool__":
                return bool(target)
            case "__hash__":
                return hash(target)
            case "__repr__":
                return repr(target)
            case "__str__":
                return str(target)
            case "__format__":
                return format(target, *args)
        if message["do"] not in OPERATORS:
            raise Malformed("no such operator")
        result = getattr(type(target), message["do"])(target, *args)
        return operator.truth(result) if message["do"] == "__contains__" else result

    def _library(self, message: dict[str, Any], unpacker: Unpacker) -> Any:
        self._outputs.connect()
        module, _, name = message["name"].rpartition(".")
        function = getattr(importlib.import_module(module), name)
        kwargs = {name: unpacker.top(node) for name, node in message["kwargs"].items()}
        return function(*[unpacker.top(node) for node in message["args"]], **kwargs)

    def _signature(self, message: dict[str, Any], unpacker: Unpacker) -> Any:
        signature = inspect.signature(unpacker.top(message["on"]))
        empty = inspect.Parameter.empty
        return [
            (part.name, int(part.kind), part.default is not empty, None if part.default is empty else part.default)
            for part in signature.parameters.values()
        ]

    def _take(self, message: dict[str, Any], unpacker: Unpacker) -> Any:
        items = list(islice(unpacker.top(message["on"]), min(int(message["count"]), _BATCH)))
        return [len(items) < message["count"], items]

    def _await(self, message: dict[str, Any], unpacker: Unpacker) -> Any:
        return self._waiting.result(unpacker.top(message["on"]))

    def _gather(self, message: dict[str, Any], unpacker: Unpacker) -> None:
        self._waiting.gather([unpacker.top(node) for node in message["on"]])

    def _step(self, message: dict[str, Any], unpacker: Unpacker) -> list[Any]:
        return self._waiting.step(unpacker.top(message["on"]))

    def _leave(self, message: dict[str, Any], unpacker: Unpacker) -> bool:
        manager, (origin, *told) = unpacker.top(message["on"]), message["error"]
        error = unpacker.top(origin) if origin else _made_again(*map(unpacker.top, told))
        told_of = (None, None, None) if error is None else (type(error), error, error.__traceback__)
        return bool(type(manager).__exit__(manager, *told_of))

    def _copy(self, message: dict[str, Any], unpacker: Unpacker) -> Any:
        value = unpacker.top(message["on"])
        return copy.deepcopy(value) if message["deep"] else copy.copy(value)

    def _back(self, message: dict[str, Any], unpacker: Unpacker) -> list[Any]:
        return self._graphs.back(message["on"], unpacker.top(message["gradient"]))

    def _nothing(self, message: dict[str, Any], unpacker: Unpacker) -> None:
        """Every reply tells of files; this one of nothing else."""

    def _forget(self, message: dict[str, Any], unpacker: Unpacker) -> None:
        self._shared.forget()
        self._watched.clear()

    def _take_names(self, names: dict[str, Any], unpacker: Unpacker) -> None:
        for name, node in names.items():
            if node == ["gone"]:
                self._shell.user_ns.pop(name, None)
                self._watched.pop(name, None)
            else:
                self._watched[name] = self._shell.user_ns[name] = unpacker.top(node)

    def _take_patches(self, patches: dict[str, Any], unpacker: Unpacker) -> None:
        for dotted, node in patches.items():
            module, _, name = dotted.rpartition(".")
            target = importlib.import_module(module)
            if node == ["gone"]:
                setattr(target, name, self._patched.pop(dotted))
            else:
                self._patched.setdefault(dotted, getattr(target, name))
                setattr(target, name, unpacker.top(node))

    def _rebound(self, packer: Packer) -> dict[str, Any]:
        space, told = self._shell.user_ns, {}
        for name, known in list(self._watched.items()):
            if name not in space:
                told[name] = ["gone"]
                del self._watched[name]
            elif space[name] is not known:
                self._watched[name] = space[name]
                told[name] = packer.node(space[name])
        return told

    def _take_random(self, node: Any, unpacker: Unpacker) -> None:
        if node is None:
            return
        state = unpacker.top(node)
        random.setstate(state["random"])
        if "numpy" in state and "numpy" in sys.modules:
            sys.modules["numpy"].random.set_state(state["numpy"])
        if "torch" in state and "torch" in sys.modules:
            sys.modules["torch"].set_rng_state(state["torch"])

    def _error(self, packer: Packer, error: BaseException) -> dict[str, Any]:
        kind = type(error)
        told: dict[str, Any] = {"names": builtin_names(kind), "name": str(kind.__name__)[:200]}
        told["lent"] = self._lent_errors.get(id(error), (None,))[0]
        try:
            told["text"] = str(error)[:2000]
            told["args"] = packer.node(tuple(error.args)) if _are_plain(error.args) else None
        except Exception:
            told |= {"text": "", "args": None}
        told["on"] = self._desk.refer(packer, error)[:2]
        told["cls"] = self._desk.refer(packer, kind)
        return told

    def _ask(self, request: dict[str, Any]) -> Any:
        with self._lock:
            packer = Packer(self._shared, self._desk.refer, self._graphs.origin)
            args = [packer.node(item) for item in request["args"]]
            kwargs = {name: packer.node(item) for name, item in request["kwargs"].items()}
            frame = {"n": self._number, "ask": request["do"], "on": request["on"]._jid, "args": args, "kwargs": kwargs}
            self._wire.send({**frame, **packer.tables()}, packer.buffers)
            message, buffers = self._wire.receive()
            unpacker = Unpacker(self._shared, self._desk.resolve, buffers, "J")
            unpacker.read_tables(message)
        if "err" in message:
            raise self._lent_error(message["err"])
        return unpacker.top(message["v"])

    def _lent_error(self, told: dict[str, Any]) -> BaseException:
        error: BaseException = getattr(builtins, told["name"], RuntimeError)(told["text"])
        self._lent_errors[id(error)] = (told["number"], error)
        return error


def _made_again(module: str | None, name: str | None, args: tuple[Any, ...]) -> BaseException | None:
    """An exception of the judge's, of the same class if that is known here."""
    if name is None:
        return None
    kind = getattr(sys.modules.get(str(module)), name, None)
    kind = kind if isinstance(kind, type) and issubclass(kind, BaseException) else RuntimeError
    try:
        return kind(*args)
    except TypeError:
        return RuntimeError(*args)


def _are_plain(args: tuple[Any, ...]) -> bool:
    return len(args) <= 10 and all(type(arg) in (str, int, float, bool, type(None)) for arg in args)
