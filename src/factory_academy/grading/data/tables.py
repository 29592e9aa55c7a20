"""pandas tables, columns, indexes and scalars, column by column."""

from __future__ import annotations

import importlib
import re
import sys
from typing import Any

from factory_academy.grading.data.arrays import read_array, write_array
from factory_academy.grading.data.nodes import Decode, Malformed, NotData, Reader, Writer, integer, items, text
from factory_academy.grading.data.scalars import read_zone, write_zone

_FREQ = re.compile(r"-?\d{0,6}[A-Za-z]{1,8}(-[A-Za-z]{1,4})?", re.ASCII)
_UNITS = ("s", "ms", "us", "ns")
_MASKED = ("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float32", "Float64", "boolean")
_LONGEST_WITHOUT_COLUMNS = 1 << 20
_CLOSED = ("left", "right", "both", "neither")


def write_frame(writer: Writer, frame: Any) -> list[Any]:
    """Content of a DataFrame.

    Raises:
        NotData: a column has a type without a data-only form.
    """
    columns = [_write_values(writer, frame.iloc[:, place].array) for place in range(frame.shape[1])]
    return ["df", write_index(writer, frame.index), write_index(writer, frame.columns), *columns]


def read_frame(reader: Reader, node: list[Any]) -> Any:
    """The DataFrame of a content."""
    pandas = _pandas()
    index, columns = read_index(reader, items(node[1])), read_index(reader, items(node[2]))
    values = [_read_values(reader, items(column)) for column in node[3:]]
    if len(columns) != len(values) or any(len(column) != len(index) for column in values):
        raise Malformed("a table's parts differ in length")
    if not values and len(index) > _LONGEST_WITHOUT_COLUMNS:
        raise Malformed("a table without columns says that it is huge")
    frame = pandas.DataFrame(dict(enumerate(values)), index=index)
    frame.columns = columns
    return frame


def write_series(writer: Writer, series: Any) -> list[Any]:
    """Content of a Series.

    Raises:
        NotData: its type has no data-only form.
    """
    values = _write_values(writer, series.array)
    return ["se", write_index(writer, series.index), writer.node(series.name), values]


def read_series(reader: Reader, node: list[Any]) -> Any:
    """The Series of a content."""
    index, name = read_index(reader, items(node[1])), reader.value(node[2])
    return _pandas().Series(_read_values(reader, items(node[3])), index=index, name=name)


def write_index(writer: Writer, index: Any) -> list[Any]:
    """Content of any pandas index.

    Raises:
        NotData: its type has no data-only form.
    """
    pandas = sys.modules["pandas"]
    if isinstance(index, pandas.RangeIndex):
        return ["xr", index.start, index.stop, index.step, writer.node(index.name)]
    if isinstance(index, pandas.MultiIndex):
        levels = [write_index(writer, level) for level in index.levels]
        codes = [[int(code) for code in codes] for codes in index.codes]
        return ["xm", levels, codes, [writer.node(name) for name in index.names]]
    freq = getattr(index, "freqstr", None) if isinstance(index, pandas.DatetimeIndex | pandas.TimedeltaIndex) else None
    return ["ix", _write_values(writer, index.array), writer.node(index.name), freq]


def read_index(reader: Reader, node: list[Any]) -> Any:
    """The index of a content."""
    pandas = _pandas()
    if node[0] == "xr":
        return pandas.RangeIndex(integer(node[1]), integer(node[2]), integer(node[3]), name=reader.value(node[4]))
    if node[0] == "xm":
        levels = [read_index(reader, items(level)) for level in items(node[1])]
        codes = [[integer(code) for code in items(codes)] for codes in items(node[2])]
        names = [reader.value(name) for name in items(node[3])]
        return pandas.MultiIndex(levels=levels, codes=codes, names=names, verify_integrity=True)
    if node[0] != "ix":
        raise Malformed("no index")
    index = pandas.Index(_read_values(reader, items(node[1])), name=reader.value(node[2]))
    if node[3] is not None and isinstance(index, pandas.DatetimeIndex | pandas.TimedeltaIndex):
        return type(index)(index, freq=_freq(node[3]), name=index.name)
    return index


def _write_values(writer: Writer, array: Any) -> list[Any]:
    pandas = sys.modules["pandas"]
    dtype, kind = array.dtype, type(array.dtype).__name__
    if kind == "StringDtype":
        missing = "NA" if dtype.na_value is pandas.NA else "nan"
        return ["xs", dtype.storage, missing, *[None if pandas.isna(item) else str(item) for item in array]]
    if kind == "CategoricalDtype":
        codes = write_array(writer, array.codes.copy())
        return ["xc", write_index(writer, dtype.categories), bool(dtype.ordered), codes]
    if kind == "DatetimeTZDtype":
        return ["xz", dtype.unit, write_zone(writer, _own_zone(dtype.tz)), write_array(writer, array.asi8.copy())]
    if kind == "PeriodDtype":
        return ["xp", str(dtype).removeprefix("period[").removesuffix("]"), write_array(writer, array.asi8.copy())]
    if kind == "IntervalDtype":
        return [
            "xi",
            array.closed,
            _write_values(writer, _array(array.left)),
            _write_values(writer, _array(array.right)),
        ]
    if str(dtype) in _MASKED:
        values = array.to_numpy(dtype=dtype.numpy_dtype, na_value=dtype.numpy_dtype.type(0))
        return ["xk", str(dtype), write_array(writer, values), write_array(writer, array.isna())]
    numpy = sys.modules["numpy"]
    if isinstance(dtype, numpy.dtype) or kind == "NumpyEADtype":
        return write_array(writer, numpy.asarray(array))
    raise NotData


def _read_values(reader: Reader, node: list[Any]) -> Any:
    pandas = _pandas()
    match node[0]:
        case "xs":
            values = [None if item is None else text(item) for item in node[3:]]
            storage = "pyarrow" if node[1] == "pyarrow" else "python"
            missing = pandas.NA if node[2] == "NA" else float("nan")
            return pandas.array(values, dtype=pandas.StringDtype(storage, na_value=missing))
        case "xc":
            dtype = pandas.CategoricalDtype(read_index(reader, items(node[1])), ordered=node[2] is True)
            return pandas.Categorical.from_codes(read_array(reader, items(node[3])), dtype=dtype)
        case "xz":
            if node[1] not in _UNITS:
                raise Malformed("no unit")
            times = read_array(reader, items(node[3])).astype("int64").view(f"M8[{node[1]}]")
            return pandas.DatetimeIndex(times).tz_localize("UTC").tz_convert(read_zone(node[2])).array
        case "xp":
            return pandas.PeriodIndex.from_ordinals(read_array(reader, items(node[2])), freq=_freq(node[1])).array
        case "xi":
            if node[1] not in _CLOSED:
                raise Malformed("no interval")
            left, right = (_read_values(reader, items(part)) for part in node[2:4])
            return pandas.arrays.IntervalArray.from_arrays(left, right, closed=node[1])
        case "xk":
            return _read_masked(reader, node)
    return read_array(reader, node)


def _read_masked(reader: Reader, node: list[Any]) -> Any:
    if node[1] not in _MASKED:
        raise Malformed("no masked dtype")
    pandas = _pandas()
    dtype = pandas.api.types.pandas_dtype(node[1])
    values, mask = read_array(reader, items(node[2])), read_array(reader, items(node[3]))
    return dtype.construct_array_type()(values.astype(dtype.numpy_dtype), mask.astype(bool))


def encode_table_scalar(writer: Writer, value: Any) -> list[Any] | None:
    """Node of an immutable pandas value, indexes included; None if it is none.

    Raises:
        NotData: it has no data-only form.
    """
    pandas = sys.modules.get("pandas")
    if pandas is None or not hasattr(pandas, "Index"):
        return None
    if value is pandas.NaT:
        return ["nat"]
    if value is pandas.NA:
        return ["na"]
    kind = type(value)
    if kind is pandas.Timestamp:
        return ["ts", value.unit, int(value.asm8.astype("int64")), write_zone(writer, _own_zone(value.tz))]
    if kind is pandas.Timedelta:
        return ["td", value.unit, int(value.asm8.astype("int64"))]
    if kind is pandas.Period:
        return ["pe", value.freqstr, value.ordinal]
    if kind is pandas.Interval:
        return ["iv", writer.node(value.left), writer.node(value.right), value.closed]
    if isinstance(value, pandas.Index) and kind.__module__.partition(".")[0] == "pandas":
        return ["in", write_index(writer, value)]
    if isinstance(value, pandas.api.extensions.ExtensionDtype):
        return ["xd", _write_values(writer, pandas.array([], dtype=value))]
    return None


def _read_timestamp(reader: Reader, node: list[Any]) -> Any:
    if node[1] not in _UNITS:
        raise Malformed("no unit")
    pandas, numpy = _pandas(), importlib.import_module("numpy")
    moment = pandas.Timestamp(numpy.datetime64(integer(node[2]), node[1]))
    return moment if node[3] is None else moment.tz_localize("UTC").tz_convert(read_zone(node[3]))


def _read_timedelta(reader: Reader, node: list[Any]) -> Any:
    if node[1] not in _UNITS:
        raise Malformed("no unit")
    return _pandas().Timedelta(importlib.import_module("numpy").timedelta64(integer(node[2]), node[1]))


def _read_interval(reader: Reader, node: list[Any]) -> Any:
    if node[3] not in _CLOSED:
        raise Malformed("no interval")
    return _pandas().Interval(reader.value(node[1]), reader.value(node[2]), closed=node[3])


def _read_dtype(reader: Reader, node: list[Any]) -> Any:
    return _read_values(reader, items(node[1])).dtype


DECODERS: dict[str, Decode] = {
    "nat": lambda r, n: _pandas().NaT,
    "na": lambda r, n: _pandas().NA,
    "ts": _read_timestamp,
    "td": _read_timedelta,
    "pe": lambda r, n: _pandas().Period(ordinal=integer(n[2]), freq=_freq(n[1])),
    "iv": _read_interval,
    "in": lambda r, n: read_index(r, items(n[1])),
    "xd": _read_dtype,
}


def _freq(node: Any) -> str:
    name = text(node, 20)
    if not _FREQ.fullmatch(name):
        raise Malformed("no frequency")
    return name


def _own_zone(zone: Any) -> Any:
    if zone is not None and getattr(zone, "zone", None):
        return importlib.import_module("zoneinfo").ZoneInfo(zone.zone)
    return zone


def _array(values: Any) -> Any:
    return getattr(values, "array", values)


def _pandas() -> Any:
    return importlib.import_module("pandas")
