"""Uids for sandboxes: never two holders, never lost."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory_academy.errors import NoCapacity
from factory_academy.isolation.slots import UidSlots


@settings(max_examples=30, deadline=None)
@given(releases=st.lists(st.none() | st.integers(0, 9), max_size=30))
def test_no_uid_is_ever_held_twice(tmp_path_factory, releases):
    slots, held = UidSlots(tmp_path_factory.mktemp("slots"), first=60000, count=50), []
    for release in releases:
        if release is None:
            held.append(slots.take())
        elif release < len(held):
            held.pop(release).release()
        assert len({slot.uid for slot in held}) == len(held)
    for slot in held:
        slot.release()


def test_when_all_are_held_the_next_is_told_so(tmp_path):
    slots = UidSlots(tmp_path, count=2)
    with slots.take(), slots.take(), pytest.raises(NoCapacity, match="2 sandbox uids"):
        slots.take()
    with slots.take() as again:
        assert again.uid == 60000
        again.release()
        again.release()


def test_another_process_gets_another_uid_and_its_death_frees_it(tmp_path):
    program = (
        "import sys, time; from pathlib import Path; from factory_academy.isolation.slots import UidSlots\n"
        f"slot = UidSlots(Path({str(tmp_path)!r})).take(); print(slot.uid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert int(other.stdout.readline()) == 60000
        with UidSlots(tmp_path).take() as mine:
            assert mine.uid == 60001
        other.kill()
        other.wait()
    with UidSlots(tmp_path).take() as mine:
        assert mine.uid == 60000
