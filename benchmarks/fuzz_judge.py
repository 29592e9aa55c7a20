"""Fuzz everything of the judge's that reads bytes of a trainee's process, guided by coverage (atheris, libFuzzer).

    python benchmarks/fuzz_judge.py CORPUS_FOLDER -max_total_time=3600 -rss_limit_mb=3000 -timeout=20

Needs ``pip install atheris`` and the academy's own packages. One input is one of five things: a made-up message for
the codec, any JSON as a message, any bytes as a frame, made-up replies on a line that a test is using, an archive or
notebook that is handed in. What may come of it is a value or one of the named errors; anything else is a finding,
written by libFuzzer to a file that it names. A slow unit, a timeout or growth beyond the limit is a finding too.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import atheris

with atheris.instrument_imports(include=["factory_academy.grading"]):
    from factory_academy.errors import AcademyError
    from factory_academy.grading.border.lending import Lending
    from factory_academy.grading.border.link import Names
    from factory_academy.grading.border.rules import ContractBreach, Lost, Rules
    from factory_academy.grading.border.visitors import Visitors
    from factory_academy.grading.data.codec import Unpacker
    from factory_academy.grading.data.nodes import Malformed
    from factory_academy.grading.data.shared import Shared
    from factory_academy.grading.data.wire import Wire, WireError, parse_tree
    from factory_academy.grading.intake import open_archive
    from factory_academy.grading.work.notebook import read_notebook

import numpy
import pandas
import scipy.sparse
import torch


def words(line: str) -> list[str]:
    """The words of a line."""
    return line.split()


KINDS = words(
    "t fs i b c rg sl da dt tm de tz dec fr uuid path pure T ns dty nt tdt tsz nat na ts td pe iv in xd nmt @ r j pk "
    "... ni l d od ct dd s q ba a ao df se tt sp xr xm ix xs xc xz xp xi xk named"
)
WORDS = words(
    "<f8 <i4 <U3 |b1 <M8[ns] float32 int64 bfloat16 S1 S2 J1 J2 csr coo bsr dia array matrix category Europe/Rome zone "
    "D ns M left both list int x sum __call__ __eq__ __iter__ get set call ValueError sklearn.base:BaseEstimator "
    "torch.nn.modules.module:Module matplotlib.figure:Figure object class callable iterator module awaitable"
)
LOADED = (numpy, pandas, scipy.sparse, torch)


class Maker:
    """Made-up nodes out of the fuzzer's bytes."""

    def __init__(self, data: atheris.FuzzedDataProvider) -> None:
        self._data = data

    def node(self, depth: int = 4) -> Any:
        """A node, a JSON value or nearly one."""
        match self._data.ConsumeIntInRange(0, 9 if depth else 5):
            case 0:
                return None
            case 1:
                return self._data.ConsumeIntInRange(-4, 12)
            case 2:
                return self._data.ConsumeInt(8)
            case 3:
                return self._data.ConsumeFloat()
            case 4:
                return self.word()
            case 5:
                return self._data.ConsumeBool()
            case 6:
                return self.description(depth - 1)
            case 7:
                return [self.node(depth - 1) for _ in range(self._few())]
        return [self._one_of(KINDS), *[self.node(depth - 1) for _ in range(self._few())]]

    def word(self) -> str:
        """A word of the protocol, or any text."""
        if self._data.ConsumeBool():
            return self._one_of(WORDS)
        return str(self._data.ConsumeUnicode(self._few()))

    def description(self, depth: int) -> dict[str, Any]:
        """What a trainee's side might say of an object."""
        parts: dict[str, Any] = {"k": self._one_of(WORDS), "n": self.word()}
        for name in ("m", "lib", "ops", "exc", "b"):
            if self._data.ConsumeBool():
                parts[name] = self.node(max(depth, 0))
        return parts

    def reference(self) -> list[Any]:
        """A reference with a description that is mostly believable."""
        lib = [self._one_of(WORDS)] if self._data.ConsumeBool() else []
        ops = [self._one_of(["__call__", "__iter__", "__next__", "__len__", "__getitem__", "__eq__", "__add__"])]
        kind = self._one_of(["object", "class", "callable", "iterator", "module", "awaitable"])
        return ["r", self._data.ConsumeIntInRange(1, 4), {"k": kind, "n": "thing", "m": [1], "lib": lib, "ops": ops}]

    def message(self) -> dict[str, Any]:
        """The parts of a message that carry values."""
        value = self.reference() if self._data.ConsumeIntInRange(0, 3) == 0 else self.node()
        return {"v": value, "new": self._entries(), "upd": self._entries()}

    def reply(self, number: int) -> dict[str, Any]:
        """A reply, or something that is asked in between."""
        made = {"n": number, **self.message()}
        match self._data.ConsumeIntInRange(0, 7):
            case 0:
                made |= {"ask": self._one_of(["get", "set", "__call__", "__iter__", "x"]), "on": self.node(0)}
                made |= {"args": [self.node(1) for _ in range(self._few())], "kwargs": {self.word(): self.node(1)}}
            case 1:
                names = [self.word() for _ in range(self._few())]
                made["err"] = {"names": names, "name": self.word(), "text": self.word(), "args": self.node(2)}
                made["err"] |= {"cls": self.reference(), "on": self.node(1), "lent": self.node(0)}
            case 2:
                made |= {"bind": {self._one_of(["f", "x"]): self.node(2)}, "out": self.word()}
            case 3:
                made["trained"] = [[self._data.ConsumeIntInRange(0, 3), self.node(2)]]
            case 4:
                made = self.node() if self._data.ConsumeBool() else {"n": self.node(0)}
        return made

    def buffers(self) -> list[bytes]:
        """Bytes beside the tree."""
        return [self._data.ConsumeBytes(self._data.ConsumeIntInRange(0, 64)) for _ in range(self._few())]

    def _entries(self) -> list[Any]:
        tags = ("S1", "S2", "S3", "J1", "x")
        return [[self._one_of(tags), self.node(3)] for _ in range(self._few() if self._data.ConsumeBool() else 0)]

    def _few(self) -> int:
        return int(self._data.ConsumeIntInRange(0, 4))

    def _one_of(self, choices: Any) -> Any:
        return choices[self._data.ConsumeIntInRange(0, len(choices) - 1)]


class MadeUpWire:
    """A line on which somebody answers with what the fuzzer makes up."""

    def __init__(self, maker: Maker) -> None:
        self._maker, self._number, self._left = maker, 0, 12

    def send(self, tree: Any, buffers: Any = (), deadline: float | None = None) -> None:
        """Take a request; it must be JSON, as on the real line."""
        json.dumps(tree)
        self._number = tree.get("n", self._number)

    def receive(self, deadline: float | None = None) -> tuple[Any, list[bytes]]:
        """A made-up reply; after a dozen the other side is gone."""
        self._left -= 1
        if not self._left:
            raise WireError("gone")
        return self._maker.reply(self._number), self._maker.buffers()


def no_reference(unpacker: Any, node: list[Any]) -> Any:
    """The codec alone knows no references."""
    raise Malformed("no reference")


def read_message(message: Any, buffers: list[bytes]) -> None:
    """A message reaches the codec."""
    shared = Shared("J")
    shared.put("J1", [1])
    shared.put("J2", numpy.zeros(2))
    unpacker = Unpacker(shared, no_reference, buffers, "S")
    with suppress(Malformed):
        unpacker.read_tables(message)
        unpacker.top(message.get("v"))


def made_up_message(data: atheris.FuzzedDataProvider) -> None:
    """A message of known kinds of node."""
    maker = Maker(data)
    message = maker.message()
    read_message(message, maker.buffers())


def any_json(data: atheris.FuzzedDataProvider) -> None:
    """Any JSON as a message."""
    buffers = [data.ConsumeBytes(16)]
    with suppress(WireError):
        message = parse_tree(data.ConsumeBytes(4000))
        if isinstance(message, dict):
            read_message(message, buffers)


def any_frame(data: atheris.FuzzedDataProvider) -> None:
    """Any bytes as a frame."""
    one, other = socket.socketpair()
    with one, other:
        one.sendall(data.ConsumeBytes(4000))
        one.shutdown(socket.SHUT_WR)
        with suppress(WireError):
            Wire(other).receive(time.monotonic() + 5)


def made_up_replies(data: atheris.FuzzedDataProvider) -> None:
    """A test uses a trainee's function, and what answers is made up."""
    names = Names({}, bindable=frozenset({"f", "x"}))
    visitors = Visitors(MadeUpWire(Maker(data)), Lending(lambda name: False), names)  # type: ignore[arg-type]
    visitors.link.begin(Rules("free"), time.monotonic() + 60)
    ours: list[Any] = [lambda x: x, {"a": [1]}, numpy.ones(2), torch.nn.Linear(1, 1)]
    with suppress(Lost, ContractBreach, KeyError):
        found = visitors.fetch("f")
        names.space["x"] = ours
        _use(found, ours)


def _use(found: Any, ours: list[Any]) -> None:
    acts: tuple[Callable[[], Any], ...] = (
        lambda: found(*ours),
        lambda: found == 3,
        lambda: len(found),
        lambda: list(zip(found, range(50), strict=False)),
        lambda: found[0],
        lambda: found.attribute,
        lambda: 3 in found,
        lambda: isinstance(found, torch.nn.Module),
        lambda: repr(found),
        lambda: found + 1,
    )
    for act in acts:
        with suppress(Exception):
            act()


def handed_in(data: atheris.FuzzedDataProvider) -> None:
    """Any bytes as an archive, and as a notebook."""
    handed = data.ConsumeBytes(6000)
    with suppress(AcademyError):
        open_archive(handed)
    with suppress(AcademyError):
        read_notebook(handed)


TARGETS = (made_up_message, any_json, any_frame, made_up_replies, made_up_message, made_up_replies, handed_in)


def one_input(data: bytes) -> None:
    """What libFuzzer calls."""
    provider = atheris.FuzzedDataProvider(data)
    TARGETS[provider.ConsumeIntInRange(0, len(TARGETS) - 1)](provider)


if __name__ == "__main__":
    torch.set_num_threads(1)
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
