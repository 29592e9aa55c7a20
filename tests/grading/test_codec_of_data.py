"""The codec carries data, and nothing that someone made up crashes it, hangs it or makes it grow."""

import datetime as dt
import json
import math
import re
import socket
import struct
import time
from collections import Counter, OrderedDict, defaultdict, deque
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from factory_academy.grading.data.codec import Packer, Unpacker
from factory_academy.grading.data.nodes import Malformed, NotData
from factory_academy.grading.data.shared import Shared
from factory_academy.grading.data.wire import MAX_FRAME_BYTES, Wire, WireError, WireTimeout, parse_tree


def no_reference(packer, value):
    raise NotData


def refuse(unpacker, node):
    raise Malformed("no such reference")


def sent(value, shared=None, other=None):
    shared, other = shared or Shared("S"), other or Shared("J")
    packer = Packer(shared, no_reference)
    message = {"v": packer.node(value)} | packer.tables()
    return received(json.loads(json.dumps(message)), packer.buffers, other)


def received(message, buffers, shared=None):
    unpacker = Unpacker(shared or Shared("J"), refuse, buffers, "S")
    unpacker.read_tables(message)
    return unpacker.top(message.get("v"))


def alike(one, other):
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    if isinstance(one, (list, tuple, deque)):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(alike(one[key], other[key]) for key in one)
    return one == other


keys = st.one_of(st.integers(), st.text(max_size=5), st.booleans(), st.none(), st.dates(), st.tuples(st.integers()))
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(10**4000, 10**4001), st.floats(), st.text(), st.binary(),
    st.characters(categories=["Cs"]), st.complex_numbers(allow_nan=False), st.dates(), st.times(), st.datetimes(),
    st.datetimes(timezones=st.timezones()), st.timedeltas(), st.fractions(), st.uuids(), st.just(...),
    st.decimals(allow_nan=False), st.sampled_from([int, str, ValueError, range(3), slice(1, None), dt.UTC]),
)  # fmt: skip
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(keys, inner, max_size=4),
        st.dictionaries(keys, inner, max_size=4).map(OrderedDict),
        st.lists(inner, max_size=3).map(deque),
        st.sets(keys, max_size=4),
        st.frozensets(keys, max_size=4),
    ),
    max_leaves=20,
)


@given(values)
@settings(max_examples=300, deadline=None)
def test_plain_data_arrives_as_it_was(value):
    assert alike(sent(value), value)


@given(
    hnp.arrays(dtype=st.one_of(hnp.scalar_dtypes(), hnp.unicode_string_dtypes()), shape=hnp.array_shapes(min_side=0))
)
@settings(max_examples=150, deadline=None)
def test_arrays_arrive_as_they_were(array):
    got = sent(array)
    assert got.dtype == array.dtype
    np.testing.assert_array_equal(got, array)


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame(),
        pd.DataFrame(index=[1, 2]),
        pd.DataFrame([[1, 2]], columns=["x", "x"]),
        pd.DataFrame({"a": [1, 2], "b": ["x", None]}).set_index(["a", "b"]),
        pd.DataFrame(
            {"c": pd.Categorical(["u", "v"], ordered=True), "p": pd.period_range("2020", periods=2, freq="M")}
        ),
        pd.DataFrame({"z": pd.date_range("2020", periods=2, tz="Europe/Rome"), "i": pd.interval_range(0, 2)}),
        pd.DataFrame({"n": pd.array([1, None], dtype="Int64"), "o": [[1], (2,)], "t": pd.to_timedelta([1, 2], "s")}),
        pd.DataFrame({"x": [1.5]}, index=pd.date_range("2020", periods=1, freq="D", name="day")),
    ],
)
def test_tables_arrive_as_they_were(table):
    pd.testing.assert_frame_equal(sent(table), table)
    for column in range(table.shape[1]):
        pd.testing.assert_series_equal(sent(table.iloc[:, column]), table.iloc[:, column])


def test_tensors_arrive_as_they_were():
    for tensor in (
        torch.randn(2, 3),
        torch.tensor(3),
        torch.tensor([]),
        torch.randn(3).bfloat16(),
        torch.eye(2).bool(),
    ):
        got = sent(tensor)
        assert got.dtype == tensor.dtype
        assert torch.equal(got, tensor)


def test_special_containers_keep_their_kind():
    for value in (defaultdict(list, {1: [2]}), Counter("aab"), Fraction(1, 3), Decimal("1.50"), bytearray(b"x")):
        assert type(sent(value)) is type(value)
        assert sent(value) == value


def test_what_is_one_object_arrives_as_one_object():
    inner = [1]
    got = sent([inner, inner, {"k": inner}])
    assert got[0] is got[1] is got[2]["k"]
    cycle = []
    cycle.append(cycle)
    got = sent(cycle)
    assert got[0] is got


def test_a_change_reaches_the_other_side_in_the_same_object():
    here, there = Shared("S"), Shared("J")
    value = {"xs": [1, 2], "a": np.zeros(2), "df": pd.DataFrame({"x": [1]})}
    copy = sent(value, here, there)
    xs, array, frame = copy["xs"], copy["a"], copy["df"]
    value["xs"].append(3)
    value["a"][0] = 7
    value["df"]["y"] = 5
    packer = Packer(here, no_reference)
    message = json.loads(json.dumps({"v": None} | packer.tables()))
    assert len(message["upd"]) == 3
    received(message, packer.buffers, there)
    assert xs == [1, 2, 3]
    assert array[0] == 7
    assert list(frame.columns) == ["x", "y"]
    assert Packer(here, no_reference).tables() == {"new": [], "upd": []}


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=15,
)
WORD = re.compile(r"\S+")
TAGS = WORD.findall(
    "t fs i b c rg sl da dt tm de tz dec fr uuid path T ns dty nt tdt tsz nat ts td pe iv in xd nmt @ r j pk ..."
)
CONTENTS = WORD.findall("l d od ct dd s q ba a ao df se tt sp xr xm ix xs xc xz xp xi xk")
nodes = st.recursive(
    st.one_of(json_values, st.sampled_from(["<f8", "S1", "S2", "int64", "ns", "Europe/Rome", "../x", "1e999999999"])),
    lambda inner: st.builds(lambda kind, parts: [kind, *parts], st.sampled_from(TAGS + CONTENTS), st.lists(inner)),
    max_leaves=12,
)
entries = st.lists(st.tuples(st.sampled_from(["S1", "S2", "J1", "x", 5]), nodes).map(list), max_size=4)


@given(nodes, entries, entries, st.lists(st.binary(max_size=64), max_size=2))
@settings(max_examples=1500, deadline=2000)
def test_a_made_up_message_is_a_value_or_malformed_and_nothing_else(node, new, upd, buffers):
    shared = Shared("J")
    shared.put("J1", [1])
    with suppress(Malformed):
        received({"v": node, "new": new, "upd": upd}, buffers, shared)


@pytest.mark.parametrize(
    "node",
    [
        ["ns", "V8", "00" * 8], ["ns", "O", "00" * 8], ["nmt", "import os", [], ["r", 1, {}]], ["T", "SystemExit"],
        ["T", "eval"], ["tz", ["zone", "../../etc/passwd"]], ["b", 10**9], ["@", "S9"], ["pk", 0], ["i", "z"], 5j,
    ],
)  # fmt: skip
def test_what_could_do_harm_is_malformed(node):
    with pytest.raises(Malformed):
        received({"v": node}, [b"cos\nsystem\n(S'true'\ntR."])


def test_a_shape_gives_no_memory_that_was_not_sent():
    for content in (
        ["a", "<f8", [10**9], 0],
        ["tt", "float32", [10**9], 0, False, False],
        ["a", "<f8", [10**18, 0], 0],
        ["sp", "csr", "array", [2**31 - 1, 3], *[["a", dtype, [0], 1] for dtype in ("<f8", "<i4", "<i4")]],
        ["df", ["xr", 0, 2**40, 1, None], ["xr", 0, 0, 1, None]],
    ):
        with pytest.raises(Malformed):
            received({"v": ["@", "S1"], "new": [["S1", content]]}, [b"12345678", b""])


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_bytes_that_are_no_frame_are_refused(data):
    one, other = socket.socketpair()
    with one, other:
        one.sendall(data)
        one.shutdown(socket.SHUT_WR)
        with suppress(WireError):
            Wire(other).receive(time.monotonic() + 5)


def test_a_frame_that_says_it_is_huge_is_refused_before_it_is_read():
    for head in (struct.pack("!II", 1 << 31, 0), struct.pack("!IIQ", 2, 1, MAX_FRAME_BYTES + 1)):
        one, other = socket.socketpair()
        with one, other:
            one.sendall(head)
            with pytest.raises(WireError, match="larger"):
                Wire(other).receive(time.monotonic() + 5)


def test_silence_ends_at_the_deadline():
    one, other = socket.socketpair()
    with one, other, pytest.raises(WireTimeout):
        Wire(other).receive(time.monotonic() + 0.05)


@pytest.mark.parametrize("text", [b"[" * 100_000, b"[" + b"1," * 4_000_000 + b"1]", b"1" * 10_000, b"{", b"\xff"])
def test_a_tree_of_unreasonable_size_is_refused(text):
    with pytest.raises(WireError):
        parse_tree(text)
