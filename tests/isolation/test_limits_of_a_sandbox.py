"""What happens at each limit: it holds, the reason is told, and nobody else notices."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

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
)

from factory_academy.errors import CannotIsolate
from factory_academy.isolation.spec import DiskImage


def attached_images() -> str:
    return subprocess.run(["losetup", "--list"], capture_output=True, text=True, check=True).stdout


def test_too_much_memory_ends_in_out_of_memory(zygote):
    ending = run_inside(zygote, "eat_memory", limits=replace(LIMITS, memory_bytes=64 << 20)).ending
    assert (ending.how, ending.signal) == ("out_of_memory", signal.SIGKILL)
    assert ending.peak_memory_bytes is not None
    assert 48 << 20 < ending.peak_memory_bytes <= 64 << 20


def test_files_in_memory_count_as_memory(zygote):
    ending = run_inside(zygote, "write_until_full", b"/dev/shm", limits=replace(LIMITS, memory_bytes=24 << 20)).ending
    assert ending.peak_memory_bytes is not None
    assert ending.peak_memory_bytes > 12 << 20


def test_beyond_its_data_limit_a_process_is_refused_memory_and_lives(zygote):
    text = "bytearray(64 << 20)"
    run = run_inside(
        zygote, "evaluate", json.dumps([text, "1 + 1"]).encode(), limits=replace(LIMITS, data_bytes=48 << 20)
    )
    assert run.answer == {text: "MemoryError", "1 + 1": "2"}
    assert run.ending.how == "exited"


def test_a_fork_bomb_is_contained(zygote):
    run = run_inside(zygote, "bomb_with_forks", limits=replace(LIMITS, processes=20))
    assert run.answer == [19, errno.EAGAIN]
    assert processes_of(UID) == []


def test_a_full_temporary_folder_is_the_writer_s_problem_only(zygote):
    written, why = run_inside(zygote, "write_until_full", b"/tmp").answer
    assert why == errno.ENOSPC
    assert written <= 4 << 20
    assert run_inside(zygote, "end_by", b"0").ending.code == 0


def test_a_temporary_folder_holds_a_bounded_number_of_files(zygote):
    text = "[open(f'/tmp/{n}', 'w').close() for n in range(10_000)]"
    answer = run_inside(zygote, "evaluate", json.dumps([text]).encode()).answer
    assert answer[text] == f"errno {errno.ENOSPC}"


def test_a_file_cannot_grow_beyond_the_limit(zygote):
    written, why = run_inside(zygote, "write_until_full", b"/tmp", limits=replace(LIMITS, file_bytes=1 << 20)).answer
    assert (written, why) == (1 << 20, errno.EFBIG)


def test_a_process_has_a_bounded_number_of_open_files(zygote):
    opened, why = run_inside(zygote, "open_many", limits=replace(LIMITS, open_files=40)).answer
    assert why == errno.EMFILE
    assert 30 <= opened < 40


def test_too_much_cpu_time_ends_in_a_signal(zygote):
    ending = run_inside(zygote, "spin", limits=replace(LIMITS, cpu_seconds=1)).ending
    assert ending.how == "signalled", ending
    assert ending.signal in (signal.SIGXCPU, signal.SIGKILL), ending
    assert ending.cpu_seconds > 0.5, ending


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("0", ("exited", 0, None)),
        ("7", ("exited", 7, None)),
        ("exit", ("exited", 9, None)),
        ("raise", ("exited", 1, None)),
        ("-9", ("signalled", None, 9)),
        ("-15", ("signalled", None, 15)),
        ("-6", ("signalled", None, 6)),
    ],
)
def test_each_way_to_end_is_told_apart(zygote, how, expected):
    ending = run_inside(zygote, "end_by", how.encode()).ending
    assert (ending.how, ending.code, ending.signal) == expected


def test_killing_is_whole(zygote):
    with child(zygote, "leave_and_stay") as (forked, answers):
        assert says_something(answers)
        assert eventually(lambda: len(processes_of(UID)) == 7)
        forked.kill()
        ending = forked.wait(10)
        assert ending is not None
        assert ending.how == "killed"
        assert processes_of(UID) == []


def test_processes_left_behind_end_with_the_sandbox(zygote):
    run = run_inside(zygote, "leave_processes_behind")
    assert len(run.answer) == 3
    assert run.ending.how == "exited"
    assert processes_of(UID) == []


def test_a_disk_image_holds_its_size_and_the_neighbour_writes_on(zygote, folder):
    def spec(name):
        image = DiskImage(str(folder / f"{name}.img"), "/home/trainee", 16 << 20)
        return replace(SPEC, tmpfs=SPEC.tmpfs[:1], disk_images=(image,))

    written, why = run_inside(zygote, "write_until_full", b"/home/trainee", spec("alice")).answer
    assert why == errno.ENOSPC
    assert 4 << 20 < written < 16 << 20
    text = "Path('note').write_text('x') and os.path.exists('big')"
    assert run_inside(zygote, "evaluate", json.dumps([text]).encode(), spec("bob")).answer[text] == "False"


def test_what_is_on_a_disk_image_is_there_the_next_time(zygote, folder):
    image = DiskImage(str(folder / "alice.img"), "/home/trainee", 16 << 20)
    spec = replace(SPEC, tmpfs=SPEC.tmpfs[:1], disk_images=(image,))
    write, read = "Path('note').write_text('mine')", "Path('note').read_text()"
    run_inside(zygote, "evaluate", json.dumps([write]).encode(), spec)
    assert run_inside(zygote, "evaluate", json.dumps([read]).encode(), spec).answer[read] == "'mine'"
    assert (folder / "alice.img").stat().st_mode & 0o077 == 0
    assert eventually(lambda: image.path not in attached_images())


def test_a_disk_image_is_never_mounted_twice(zygote, folder):
    image = DiskImage(str(folder / "alice.img"), "/home/trainee", 16 << 20)
    spec = replace(SPEC, tmpfs=SPEC.tmpfs[:1], disk_images=(image,))
    with (
        child(zygote, "sleep", spec=spec),
        pytest.raises(CannotIsolate, match="in use"),
        child(zygote, "sleep", spec=spec),
    ):
        raise AssertionError("mounted twice")


def test_thirty_sandboxes_leave_nothing_behind(zygote):
    def left() -> tuple[int, ...]:
        groups = list(Path("/sys/fs/cgroup").glob(f"**/factory-academy/{zygote.pid}-*"))
        mounts = Path("/proc/self/mounts").read_text().count("\n")
        return len(groups), mounts, *(len(os.listdir(f"/proc/{pid}/fd")) for pid in ("self", zygote.pid))

    run_inside(zygote, "end_by", b"0")
    before = left()
    for number in range(30):
        run_inside(zygote, "leave_processes_behind" if number % 3 == 0 else "end_by", b"0")
    assert eventually(lambda: all(now <= then for now, then in zip(left(), before, strict=True)))
    assert processes_of(UID) == []
