"""The compiled filter, executed step by step as the kernel would."""

from __future__ import annotations

import errno
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory_academy.isolation.seccomp import PROCESSORS, compile_filter

ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
words = st.integers(0, 0xFFFFFFFF)
processors = st.sampled_from(sorted(PROCESSORS))


def verdict(steps: bytes, number: int, audit: int, *arguments: int) -> int:
    """A small machine for the kinds of steps that the compiler uses; it fails on any other."""
    data = struct.pack("=IIQ6Q", number, audit, 0, *(*arguments, *[0] * 6)[:6])
    place, accumulator = 0, 0
    while True:
        code, if_true, if_false, value = struct.unpack_from("=HBBI", steps, place * 8)
        place += 1
        match code:
            case 0x20:
                (accumulator,) = struct.unpack_from("=I", data, value)
            case 0x06:
                return value
            case 0x15:
                place += if_true if accumulator == value else if_false
            case 0x35:
                place += if_true if accumulator >= value else if_false
            case 0x45:
                place += if_true if accumulator & value else if_false
            case _:
                raise AssertionError(f"unknown step {code:#x}")


@settings(deadline=None)
@given(processors, words, words, words, words)
def test_every_call_gets_a_verdict_and_no_forbidden_one_is_allowed(name, number, first, second, upper):
    processor = PROCESSORS[name]
    said = verdict(compile_filter(processor), number, processor.audit, first | upper << 32, second)
    looked_into = {processor.calls[call] for call in ("ioctl", "socket", "clone", "unshare")}
    if number >= 0x40000000 or number in set(processor.calls.values()) - looked_into:
        assert said & 0xFFFF0000 == REFUSE
    elif number not in looked_into:
        assert said == ALLOW


@settings(deadline=None)
@given(processors, words, words)
def test_another_kind_of_processor_is_killed(name, number, audit):
    processor = PROCESSORS[name]
    if audit != processor.audit:
        assert verdict(compile_filter(processor), number, audit) == KILL


@settings(deadline=None)
@given(processors, words, words, st.sampled_from(["clone", "unshare"]))
def test_no_flag_makes_a_namespace_whatever_stands_beside_it(name, flags, upper, call):
    processor = PROCESSORS[name]
    said = verdict(compile_filter(processor), processor.calls[call], processor.audit, flags | upper << 32)
    assert said == (REFUSE | errno.EPERM if flags & 0x7E020000 else ALLOW)


@pytest.mark.parametrize("name", sorted(PROCESSORS))
def test_the_numbers_are_distinct(name):
    numbers = list(PROCESSORS[name].calls.values())
    assert len(set(numbers)) == len(numbers)
