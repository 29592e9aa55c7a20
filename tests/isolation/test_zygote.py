"""The warm process: what its forks share, what they must not, and what happens when it dies."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from dataclasses import replace

import pytest
from tests.support.isolation_runs import (
    LIMITS,
    SPEC,
    UID,
    child,
    eventually,
    processes_of,
    run_inside,
    says_something,
    with_uid,
)

from factory_academy.errors import CannotIsolate
from factory_academy.isolation.zygote import Zygote

ROOMY = replace(LIMITS, memory_bytes=1 << 30)


@pytest.fixture
def own_zygote(tmp_path):
    zygotes = []

    def make(preload=(), **options):
        zygotes.append(Zygote(sys.executable, preload, tmp_path, **options))
        return zygotes[-1]

    yield make
    for zygote in zygotes:
        zygote.close()


@pytest.fixture(scope="module")
def numeric_zygote(tmp_path_factory):
    zygote = Zygote(sys.executable, ["numpy", "pandas"], tmp_path_factory.mktemp("numeric"))
    yield zygote
    zygote.close()


def test_what_is_imported_ahead_costs_a_child_no_import(numeric_zygote):
    assert run_inside(numeric_zygote, "count_imports", b"pandas", limits=ROOMY).answer == 0
    assert run_inside(numeric_zygote, "count_imports", b"ftplib", limits=ROOMY).answer > 0


def test_forks_draw_different_random_numbers(numeric_zygote):
    draws = [run_inside(numeric_zygote, "draw", limits=ROOMY).answer for _ in range(3)]
    for number_of_kind in zip(*draws, strict=True):
        assert len(set(number_of_kind)) == 3 or set(number_of_kind) == {None}


def test_no_later_child_finds_an_earlier_one_s_argument_or_environment(zygote):
    secrets = {"argument": os.urandom(24).hex(), "environment": os.urandom(24).hex()}
    spec = replace(SPEC, environment={"TOKEN": secrets["environment"]})
    own = run_inside(zygote, "has_in_memory", secrets["argument"].encode().hex().encode(), replace(spec, dumpable=True))
    assert own.answer == 0, "the search must not find itself"
    run_inside(zygote, "end_by", b"0", spec)
    with child(zygote, "sleep", secrets["argument"].encode(), spec):
        for secret in secrets.values():
            assert run_inside(zygote, "has_in_memory", secret.encode().hex().encode(), SPEC).answer == 0


def test_the_search_finds_what_is_there(zygote):
    secret = os.urandom(24).hex()
    spec = replace(SPEC, environment={"TOKEN": secret})
    assert run_inside(zygote, "has_in_memory", secret.encode().hex().encode(), spec).answer > 0


def test_passed_files_arrive_in_order_and_no_others(zygote):
    given, inside = os.pipe()
    os.write(inside, b"hello")
    answers, answer_inside = os.pipe()
    with zygote.fork("isolation_inside:read_given", SPEC, LIMITS, [answer_inside, given]) as forked:
        os.close(answer_inside)
        assert os.read(answers, 100) == b'"hello"'
        assert forked.wait(10).code == 0
    for descriptor in (given, inside, answers):
        os.close(descriptor)


def test_a_child_holds_its_files_alone(zygote):
    """The reader sees the end when the child ends: no copy lingers in the zygote or in a neighbour."""
    with child(zygote, "sleep", spec=with_uid(UID + 1)), child(zygote, "sleep") as (forked, answers):
        assert os.read(answers, 10) == b"1"
        forked.kill()
        assert says_something(answers)
        assert os.read(answers, 10) == b""


def test_an_undumpable_child_cannot_be_read_by_its_own_uid(zygote):
    text = b"[\"open('/proc/self/environ').read()\"]"
    spec = replace(SPEC, dumpable=False)
    assert list(run_inside(zygote, "evaluate", text, spec).answer.values()) == ["errno 13"]


def test_waiting_has_a_limit_and_can_be_repeated(zygote):
    with child(zygote, "sleep") as (forked, _):
        assert forked.wait(0.05) is None
        forked.kill()
        assert forked.wait() == forked.wait(0)


def test_another_thread_can_kill(zygote):
    with child(zygote, "sleep") as (forked, _):
        killer = threading.Thread(target=lambda: (time.sleep(0.1), forked.kill()))
        killer.start()
        ending = forked.wait(20)
        killer.join()
        assert ending is not None
        assert ending.how == "killed"
        forked.kill()


def test_a_function_that_is_not_there_is_named(zygote):
    with pytest.raises(CannotIsolate, match="isolation_inside:nothing"):
        run_inside(zygote, "nothing")


def test_a_module_that_cannot_be_imported_ahead_is_reported_and_nothing_else_lost(own_zygote):
    zygote = own_zygote(["json", "no_such_module"])
    zygote.start()
    assert list(zygote.failed_imports) == ["no_such_module"]
    assert run_inside(zygote, "end_by", b"3").ending.code == 3


def test_a_zygote_that_died_is_replaced_and_its_children_are_gone(own_zygote):
    zygote = own_zygote()
    with child(zygote, "sleep") as (forked, answers):
        assert says_something(answers)
        os.kill(zygote.pid, signal.SIGKILL)
        ending = forked.wait(10)
        assert ending is not None
        assert ending.how == "killed"
        assert eventually(lambda: processes_of(UID) == [])
    assert eventually(lambda: not zygote.is_alive())
    assert run_inside(zygote, "end_by", b"4").ending.code == 4
    assert zygote.is_alive()


def test_a_zygote_is_recycled_while_its_last_children_run_on(own_zygote):
    zygote = own_zygote(recycle_after=3)
    with child(zygote, "sleep", spec=with_uid(UID + 1)) as (old, answers):
        assert says_something(answers)
        first = zygote.pid

        def recycled() -> bool:
            assert run_inside(zygote, "end_by", b"0").ending.code == 0
            return zygote.pid != first

        assert eventually(recycled)
        assert old.wait(0) is None


def test_closing_ends_every_sandbox(own_zygote):
    zygote = own_zygote()
    with child(zygote, "sleep") as (forked, answers):
        assert says_something(answers)
        zygote.close()
        assert processes_of(UID) == []
        assert forked.wait(5) is not None


def test_a_zygote_ends_when_its_owner_is_killed(tmp_path):
    import subprocess

    program = (
        "import sys, time; from pathlib import Path; from factory_academy.isolation.zygote import Zygote\n"
        f"zygote = Zygote(sys.executable, [], Path({str(tmp_path)!r})); zygote.start(); print(zygote.pid, flush=True)\n"
        "time.sleep(600)"
    )
    owner = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    pid = int(owner.stdout.readline())
    owner.kill()
    owner.wait()
    owner.stdout.close()
    assert eventually(lambda: not os.path.exists(f"/proc/{pid}"))


def test_a_zygote_starts_with_nothing_of_its_owner_s_environment(own_zygote):
    zygote = own_zygote()
    zygote.start()
    with open(f"/proc/{zygote.pid}/environ", "rb") as environment:
        names = {pair.split(b"=")[0].decode() for pair in environment.read().split(b"\0") if pair}
    assert "HOME" not in names
    assert "PATH" in names


def test_what_is_imported_later_is_there_for_all_further_forks(own_zygote):
    zygote = own_zygote(["json"])
    assert run_inside(zygote, "count_imports", b"ftplib").answer > 0
    first = zygote.pid
    zygote.import_also(["ftplib", "json", "no_such_module"])
    assert run_inside(zygote, "count_imports", b"ftplib").answer == 0
    assert (zygote.pid, list(zygote.failed_imports)) == (first, ["no_such_module"])


def test_a_zygote_that_died_comes_back_with_what_it_learned(own_zygote):
    zygote = own_zygote()
    zygote.import_also(["ftplib"])
    zygote.start()
    os.kill(zygote.pid, signal.SIGKILL)
    assert run_inside(zygote, "count_imports", b"ftplib").answer == 0
    os.kill(zygote.pid, signal.SIGKILL)
    zygote.import_also(["xmlrpc.client"])
    assert run_inside(zygote, "count_imports", b"xmlrpc.client").answer == 0


def test_a_zygote_that_does_not_answer_is_replaced(own_zygote):
    zygote = own_zygote(answer_seconds=1.0)
    zygote.start()
    stuck = zygote.pid
    os.kill(stuck, signal.SIGSTOP)
    assert run_inside(zygote, "end_by", b"5").ending.code == 5
    assert zygote.pid != stuck
