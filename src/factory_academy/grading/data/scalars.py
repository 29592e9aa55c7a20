"""Immutable values of the standard library, by exact type."""

from __future__ import annotations

import builtins
import datetime as dt
import uuid
import zoneinfo
from decimal import Decimal
from fractions import Fraction
from pathlib import PosixPath, PurePosixPath
from typing import Any

from factory_academy.grading.data.nodes import Decode, Encode, Malformed, NotData, Reader, Writer, integer, text

_TYPES: dict[type, str] = {
    kind: kind.__name__
    for kind in (int, float, complex, bool, str, bytes, bytearray, list, tuple, dict, set, frozenset, range, object)
}
_TYPES[type(None)] = "NoneType"
_LONGEST_INT = 2_000_000
_TYPES_BY_NAME = {name: kind for kind, name in _TYPES.items()}


def _tuple(writer: Writer, value: tuple[Any, ...]) -> list[Any]:
    return ["t", *[writer.node(item) for item in value]]


def _read_tuple(reader: Reader, node: list[Any]) -> Any:
    return tuple([reader.value(item) for item in node[1:]])


def _read_frozenset(reader: Reader, node: list[Any]) -> Any:
    return frozenset([reader.value(item) for item in node[1:]])


def _zone(writer: Writer, zone: dt.tzinfo | None) -> Any:
    if zone is None:
        return None
    if type(zone) is dt.timezone:
        offset = zone.utcoffset(None)
        return ["utc", offset.days * 86400 + offset.seconds, offset.microseconds]
    if type(zone) is zoneinfo.ZoneInfo and zone.key:
        return ["zone", zone.key]
    raise NotData


def read_zone(node: Any) -> dt.tzinfo | None:
    """The time zone of a node.

    Raises:
        Malformed: it is none that we know.
    """
    if node is None:
        return None
    if node[0] == "utc":
        return dt.timezone(dt.timedelta(seconds=integer(node[1]), microseconds=integer(node[2])))
    if node[0] == "zone":
        return zoneinfo.ZoneInfo(text(node[1], 100))
    raise Malformed("no time zone")


write_zone = _zone


def _datetime(writer: Writer, value: dt.datetime) -> list[Any]:
    parts = [value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond, value.fold]
    return ["dt", *parts, _zone(writer, value.tzinfo)]


def _read_datetime(reader: Reader, node: list[Any]) -> Any:
    year, month, day, hour, minute, second, micro, fold = (integer(part) for part in node[1:9])
    return dt.datetime(year, month, day, hour, minute, second, micro, read_zone(node[9]), fold=fold)


def _time(writer: Writer, value: dt.time) -> list[Any]:
    zone = _zone(writer, value.tzinfo)
    return ["tm", value.hour, value.minute, value.second, value.microsecond, value.fold, zone]


def _read_time(reader: Reader, node: list[Any]) -> Any:
    hour, minute, second, micro, fold = (integer(part) for part in node[1:6])
    return dt.time(hour, minute, second, micro, read_zone(node[6]), fold=fold)


def write_big(value: int) -> str:
    """A long int in hexadecimal.

    Raises:
        ValueError: it is longer than the other side would read.
    """
    if value.bit_length() > 4 * (_LONGEST_INT - 4):
        raise ValueError("an int of more than two million digits")
    return hex(value)


def _read_big(reader: Reader, node: list[Any]) -> Any:
    return int(text(node[1], _LONGEST_INT), 16)


def _read_type(reader: Reader, node: list[Any]) -> Any:
    name = text(node[1], 100)
    if name in _TYPES_BY_NAME:
        return _TYPES_BY_NAME[name]
    found = getattr(builtins, name, None)
    if isinstance(found, type) and issubclass(found, Exception):
        return found
    raise Malformed("no builtin type")


def _type(writer: Writer, value: type) -> list[Any]:
    if value in _TYPES:
        return ["T", _TYPES[value]]
    if issubclass(value, Exception) and getattr(builtins, value.__name__, None) is value:
        return ["T", value.__name__]
    raise NotData


ENCODERS: dict[type, Encode] = {
    tuple: _tuple,
    frozenset: lambda w, v: ["fs", *[w.node(item) for item in v]],
    bytes: lambda w, v: ["b", w.buffer(v)],
    complex: lambda w, v: ["c", v.real, v.imag],
    range: lambda w, v: ["rg", w.node(v.start), w.node(v.stop), w.node(v.step)],
    slice: lambda w, v: ["sl", w.node(v.start), w.node(v.stop), w.node(v.step)],
    type(...): lambda w, v: ["..."],
    type(NotImplemented): lambda w, v: ["ni"],
    dt.date: lambda w, v: ["da", v.year, v.month, v.day],
    dt.datetime: _datetime,
    dt.time: _time,
    dt.timedelta: lambda w, v: ["de", v.days, v.seconds, v.microseconds],
    dt.timezone: lambda w, v: ["tz", _zone(w, v)],
    zoneinfo.ZoneInfo: lambda w, v: ["tz", _zone(w, v)],
    Decimal: lambda w, v: ["dec", str(v)],
    Fraction: lambda w, v: ["fr", w.node(v.numerator), w.node(v.denominator)],
    uuid.UUID: lambda w, v: ["uuid", v.hex],
    PosixPath: lambda w, v: ["path", str(v)],
    PurePosixPath: lambda w, v: ["pure", str(v)],
    type: _type,
}

DECODERS: dict[str, Decode] = {
    "t": _read_tuple,
    "fs": _read_frozenset,
    "i": _read_big,
    "b": lambda r, n: r.buffer(n[1]),
    "c": lambda r, n: complex(n[1], n[2]),
    "rg": lambda r, n: range(r.value(n[1]), r.value(n[2]), r.value(n[3])),
    "sl": lambda r, n: slice(r.value(n[1]), r.value(n[2]), r.value(n[3])),
    "...": lambda r, n: ...,
    "ni": lambda r, n: NotImplemented,
    "da": lambda r, n: dt.date(integer(n[1]), integer(n[2]), integer(n[3])),
    "dt": _read_datetime,
    "tm": _read_time,
    "de": lambda r, n: dt.timedelta(integer(n[1]), integer(n[2]), integer(n[3])),
    "tz": lambda r, n: read_zone(n[1]),
    "dec": lambda r, n: Decimal(text(n[1], 10_000)),
    "fr": lambda r, n: Fraction(r.value(n[1]), r.value(n[2])),
    "uuid": lambda r, n: uuid.UUID(hex=text(n[1], 64)),
    "path": lambda r, n: PosixPath(text(n[1], 4096)),
    "pure": lambda r, n: PurePosixPath(text(n[1], 4096)),
    "T": _read_type,
}
