"""Values ⇄ nodes. A message carries its mutable values in a flat table, so nesting and cycles cost no recursion.

``{"v": node, "new": [[tag, content], …], "upd": [[tag, content], …]}`` beside raw buffers. A node is a JSON scalar or a
list whose first item names its kind; ``["@", tag]`` points to a mutable value. What has no data-only form goes
through ``refer`` and ``resolve``, which decide what a reference means on their side.
"""

from __future__ import annotations

import keyword
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable, Iterable
from typing import Any

from factory_academy.grading.data import arrays, scalars, tables
from factory_academy.grading.data.nodes import (
    MAX_DEPTH,
    Decode,
    Encode,
    Malformed,
    NotData,
    Reader,
    Writer,
    integer,
    items,
    text,
)
from factory_academy.grading.data.overwriting import overwrite
from factory_academy.grading.data.shared import Shared, is_shared_kind, library_kind

_FACTORIES = {
    None: None,
    "list": list,
    "int": int,
    "set": set,
    "dict": dict,
    "float": float,
    "str": str,
    "tuple": tuple,
}
MAX_SOURCES = 10_000
_BUILT_AT_ONCE = {"a", "ao", "df", "se", "tt", "sp", "ba"}


class Packer:
    """Writes one message. ``refer`` gives the node of a value that is no data, ``graph`` where a tensor is from."""

    def __init__(
        self,
        shared: Shared,
        refer: Callable[[Packer, Any], list[Any]],
        graph: Callable[[Shared, Any], list[Any] | None] = lambda shared, tensor: None,
    ) -> None:
        self._shared, self._refer, self._graph = shared, refer, graph
        self._depth = 0
        self._waiting: list[str] = []
        self._written: dict[str, list[Any]] = {}
        self.touched: set[str] = set()
        self.buffers: list[bytes] = []

    def node(self, value: Any) -> Any:
        """The node of a value; mutable ones and all that they hold join the message's table."""
        kind = type(value)
        if value is None or kind in (bool, float, str):
            return value
        if kind is int:
            return value if value.bit_length() < 10_000 else ["i", scalars.write_big(value)]
        self._depth += 1
        try:
            return self._compound(value, kind)
        finally:
            self._depth -= 1

    def _compound(self, value: Any, kind: type) -> list[Any]:
        if self._depth > MAX_DEPTH:
            return self._refer(self, value)
        try:
            encode = scalars.ENCODERS.get(kind)
            if encode is not None:
                return encode(self, value)
            if is_shared_kind(value):
                return self._pointer(value)
            if isinstance(value, tuple) and kind.__bases__ == (tuple,) and hasattr(kind, "_fields"):
                return self._named(value, kind)
            found = arrays.encode_library_scalar(value) or tables.encode_table_scalar(self, value)
        except NotData:
            found = None
        return self._refer(self, value) if found is None else found

    def _named(self, value: Any, kind: Any) -> list[Any]:
        return ["nmt", kind.__name__, list(kind._fields), self._refer(self, kind), *[self.node(item) for item in value]]

    def _pointer(self, value: Any) -> list[Any]:
        tag = self._shared.tag(value)
        if tag is None:
            tag = self._shared.add(value)
            if library_kind(value):
                self._write_now(tag, value)
            else:
                self._waiting.append(tag)
        self.touched.add(tag)
        return ["@", tag]

    def _write_now(self, tag: str, value: Any) -> None:
        try:
            self._written[tag] = _content(self, value)
        except NotData:
            self._shared.forget([tag])
            raise
        self._shared.agree(tag)

    def buffer(self, data: bytes) -> int:
        """Put bytes beside the tree."""
        self.buffers.append(data)
        return len(self.buffers) - 1

    def graph(self, tensor: Any) -> list[Any] | None:
        """Where a tensor was computed from, if the other side can ask for gradients."""
        return self._graph(self._shared, tensor)

    def tables(self, touched: Iterable[str] = ()) -> dict[str, Any]:
        """The parts of the message that hold new and changed mutable values. Call it last."""
        changed: list[list[Any]] = []
        self._drain()
        for tag in self._shared.changed({*self.touched, *touched} - self._written.keys()):
            changed.append([tag, _content(self, self._shared.values[tag])])
            self._shared.agree(tag)
        self._drain()
        return {"new": [[tag, content] for tag, content in self._written.items()], "upd": changed}

    def _drain(self) -> None:
        while self._waiting:
            tag = self._waiting.pop()
            self._written[tag] = _content(self, self._shared.values[tag])
            self._shared.agree(tag)


class Unpacker:
    """Reads one message of the other side. ``resolve`` gives the value of a reference node.

    Every method raises Malformed, and nothing else, for bytes that are no message.
    """

    def __init__(
        self,
        shared: Shared,
        resolve: Callable[[Unpacker, list[Any]], Any],
        buffers: list[bytes],
        foreign: str,
        bridge: Callable[[Any, int, list[Any]], Any] | None = None,
    ) -> None:
        self._shared, self._resolve, self._buffers, self._foreign = shared, resolve, buffers, foreign
        self._bridge = bridge
        self._pending: dict[str, list[Any]] = {}
        self._depth = 0
        self._in_tables = 0
        self.updated: list[str] = []
        self.touched: set[str] = set()

    @property
    def depth(self) -> int:
        """How many nodes deep the one being read lies; 1 is the top."""
        return self._depth + self._in_tables

    def read_tables(self, message: dict[str, Any]) -> None:
        """Build new mutable values, then bring known ones up to date."""
        self._in_tables = 1
        try:
            self._build(items(message.get("new", [])))
            for tag, content in items(message.get("upd", [])):
                self._update(text(tag, 40), items(content))
        except Malformed:
            raise
        except Exception as error:
            raise Malformed(str(error)) from error
        finally:
            self._in_tables = 0

    def top(self, node: Any) -> Any:
        """The value of a node."""
        try:
            return self.value(node)
        except Malformed:
            raise
        except Exception as error:
            raise Malformed(str(error)) from error

    def value(self, node: Any) -> Any:
        """The value of a node; errors of any kind mean that it is malformed."""
        if node is None or type(node) in (bool, int, float, str):
            return node
        if type(node) is not list or not node or type(node[0]) is not str:
            raise Malformed("expected a node")
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH + 20:
                raise Malformed("a value is nested too deeply")
            if node[0] == "@":
                return self._pointed(text(node[1], 40))
            if node[0] == "nmt":
                return self._named(node)
            decode = _DECODERS.get(node[0])
            return self._resolve(self, node) if decode is None else decode(self, node)
        finally:
            self._depth -= 1

    def buffer(self, place: Any) -> bytes:
        """Bytes that came beside the tree."""
        return self._buffers[integer(place, 0, len(self._buffers) - 1)]

    def bridged(self, tensor: Any, graph: Any) -> Any:
        """The tensor as one that was computed there from tensors that both sides hold."""
        match graph:
            case [int(number), list(tags)] if self._bridge is not None and len(tags) <= MAX_SOURCES:
                return self._bridge(tensor, number, [self._pointed(text(tag, 40)) for tag in tags])
        raise Malformed("no origin of a tensor")

    def _build(self, entries: list[Any]) -> None:
        contents: list[tuple[Any, list[Any]]] = []
        tags: list[str] = []
        for entry in entries:
            tag, content = text(entry[0], 40), items(entry[1])
            if not tag.startswith(self._foreign) or tag in self._shared.values or tag in self._pending:
                raise Malformed("a tag was given twice")
            tags.append(tag)
            if content[0] in _BUILT_AT_ONCE:
                self._pending[tag] = content
            else:
                shell = _shell(content)
                self._shared.put(tag, shell)
                contents.append((shell, content))
        for tag in tags:
            self._pointed(tag)
        for shell, content in contents:
            _fill(self, shell, content)
        for tag in tags:
            self._shared.agree(tag)

    def _pointed(self, tag: str) -> Any:
        self.touched.add(tag)
        if tag in self._pending:
            value = _read_at_once(self, self._pending.pop(tag))
            self._shared.put(tag, value)
            return value
        if tag not in self._shared.values:
            raise Malformed("no such tag")
        return self._shared.values[tag]

    def _update(self, tag: str, content: list[Any]) -> None:
        if tag not in self._shared.values:
            return
        value = self._shared.values[tag]
        if content[0] in _BUILT_AT_ONCE:
            overwrite(value, _read_at_once(self, content))
        else:
            shell = _shell(content)
            _fill(self, shell, content)
            overwrite(value, shell)
        self.updated.append(tag)
        self._shared.agree(tag)

    def _named(self, node: list[Any]) -> Any:
        name, fields = text(node[1], 200), tuple(text(field, 200) for field in items(node[2]))
        if len(node) - 4 != len(fields) or len(fields) > 1000:
            raise Malformed("a named tuple's parts differ in number")
        if any(not part.isidentifier() or keyword.iskeyword(part) for part in (name, *fields)):
            raise Malformed("no field name")
        kind = self._resolve(self, ["named", name, fields, node[3]])
        return kind._make([self.value(item) for item in node[4:]])


def named_class(name: str, fields: tuple[str, ...]) -> Any:
    """A named tuple class of checked names; pandas numbers columns that have no name: ``_0``, ``_1`` and so on.

    Raises:
        ValueError: no field may be called so.
    """
    make: Any = namedtuple
    made = make(name, fields, rename=True)
    if made._fields != fields:
        raise ValueError("a field's name begins with an underscore")
    return made


def _content(packer: Packer, value: Any) -> list[Any]:
    match library_kind(value):
        case "a":
            return arrays.write_array(packer, value)
        case "df":
            return tables.write_frame(packer, value)
        case "se":
            return tables.write_series(packer, value)
        case "tt":
            return arrays.write_tensor(packer, value)
        case "sp":
            return arrays.write_sparse(packer, value)
    return _CONTENT[type(value)](packer, value)


def _pairs(packer: Writer, value: dict[Any, Any]) -> list[Any]:
    return [packer.node(part) for pair in value.items() for part in pair]


def _default(packer: Writer, value: Any) -> list[Any]:
    factory = getattr(value.default_factory, "__name__", None)
    return ["dd", factory if _FACTORIES.get(factory) is value.default_factory else None, *_pairs(packer, value)]


_CONTENT: dict[type, Encode] = {
    list: lambda p, v: ["l", *[p.node(item) for item in v]],
    set: lambda p, v: ["s", *[p.node(item) for item in v]],
    deque: lambda p, v: ["q", v.maxlen, *[p.node(item) for item in v]],
    bytearray: lambda p, v: ["ba", p.buffer(bytes(v))],
    dict: lambda p, v: ["d", *_pairs(p, v)],
    OrderedDict: lambda p, v: ["od", *_pairs(p, v)],
    Counter: lambda p, v: ["ct", *_pairs(p, v)],
    defaultdict: _default,
}


def _shell(content: list[Any]) -> Any:
    match content[0]:
        case "l":
            return []
        case "s":
            return set()
        case "d":
            return {}
        case "od":
            return OrderedDict()
        case "ct":
            return Counter()
        case "dd":
            return defaultdict(_FACTORIES.get(content[1]))
        case "q":
            return deque(maxlen=None if content[1] is None else integer(content[1], 0, 1 << 40))
    raise Malformed("no such kind of value")


def _fill(reader: Reader, shell: Any, content: list[Any]) -> None:
    start = 2 if content[0] in ("dd", "q") else 1
    values = [reader.value(node) for node in content[start:]]
    if isinstance(shell, dict):
        for key, value in zip(values[::2], values[1::2], strict=True):
            shell[key] = value
    elif isinstance(shell, set):
        shell.update(values)
    else:
        shell.extend(values)


def _read_at_once(reader: Reader, content: list[Any]) -> Any:
    match content[0]:
        case "a" | "ao":
            return arrays.read_array(reader, content)
        case "df":
            return tables.read_frame(reader, content)
        case "se":
            return tables.read_series(reader, content)
        case "tt":
            return arrays.read_tensor(reader, content)
        case "sp":
            return arrays.read_sparse(reader, content)
    return bytearray(reader.buffer(content[1]))


_DECODERS: dict[str, Decode] = {**scalars.DECODERS, **arrays.DECODERS, **tables.DECODERS}
