"""From inside a sandbox: what is there, and above all what is not."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.isolation_runs import PACKAGE_ROOT, SPEC, UID, evaluate_inside, run_inside

from factory_academy.errors import CannotIsolate
from factory_academy.isolation.spec import Mount, Tmpfs
from factory_academy.isolation.zygote import Zygote


@pytest.fixture(scope="module")
def view(zygote: Zygote) -> dict:
    return run_inside(zygote, "look_around").answer


def test_no_other_process_is_seen(view):
    assert view["processes"] == [1, 2]


def test_only_what_was_mounted_is_there(view):
    shown = {Path(mount.target).parts[1] for mount in (*SPEC.mounts, *SPEC.tmpfs)}
    assert set(view["root"]) == shown | {"proc", "dev", "etc"}


def test_the_checkout_around_the_package_is_not_shown(zygote):
    seen = evaluate_inside(
        zygote, f"sorted(os.listdir({str(PACKAGE_ROOT)!r}))", f"os.listdir({str(PACKAGE_ROOT)!r}+'/..')"
    )
    assert "courses" not in str(seen)
    assert "factory_academy" in str(seen)


def test_it_runs_as_the_given_uid_in_no_further_group(view):
    assert view["ids"] == [UID, UID, UID, []]


def test_it_has_no_capability_and_cannot_get_one(view):
    status = view["status"]
    assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


def test_it_has_the_environment_of_its_spec_and_no_more(view):
    assert view["environment"] == SPEC.environment
    assert view["cwd"] == "/home/trainee"
    assert view["hostname"] == "academy"


def test_only_the_files_that_were_passed_are_open(view):
    listing = set(view["fds"]) - {0, 1, 2, *view["given"]}
    assert len(listing) <= 1, "the one with which the folder was listed"


def test_the_host_s_tmp_is_not_its_tmp(zygote, tmp_path):
    (tmp_path / "secret").write_text("x")
    seen = evaluate_inside(zygote, "sorted(os.listdir('/tmp'))", f"os.path.exists({str(tmp_path)!r})")
    checkout = Path(__file__).parts
    bound = [checkout[2]] if checkout[1] == "tmp" else []
    assert list(seen.values()) == [str(bound), "False"]


def test_another_home_beside_its_own_is_not_seen(zygote, folder):
    for name in ("alice", "bob"):
        (folder / name).mkdir()
        os.chown(folder / name, UID, UID)
    spec = replace(
        SPEC, tmpfs=SPEC.tmpfs[:1], mounts=(*SPEC.mounts, Mount(f"{folder}/alice", "/home/alice", True)), cwd="/"
    )
    seen = evaluate_inside(zygote, "os.listdir('/home')", "Path('/home/alice/work').write_text('mine')", spec=spec)
    assert seen["os.listdir('/home')"] == "['alice']"
    assert (folder / "alice" / "work").read_text() == "mine"
    assert (folder / "alice" / "work").stat().st_uid == UID


@pytest.mark.parametrize(
    "place", ["/new", "/usr/new", "/etc/passwd", "/dev/new", f"{PACKAGE_ROOT}/factory_academy/new"]
)
def test_nothing_outside_its_own_folders_can_be_written(zygote, place):
    attempt = f"open({place!r}, 'w')"
    assert evaluate_inside(zygote, attempt)[attempt] in ("errno 30", "errno 13")


def test_even_where_the_owner_is_the_same_a_read_only_mount_holds(zygote, folder):
    os.chown(folder, UID, UID)
    spec = replace(SPEC, mounts=(*SPEC.mounts, Mount(str(folder), "/data")))
    attempt = "open('/data/new', 'w')"
    assert evaluate_inside(zygote, attempt, spec=spec)[attempt] == "errno 30"


def test_process_1_tells_nothing_and_cannot_be_ended(zygote):
    peeks = run_inside(zygote, "peek_at_pid_1").answer
    assert all(peeks[name] == "PermissionError 13" for name in ("environ", "maps", "mem", "fd")), peeks
    assert all(peeks[name] == "PermissionError 1" for name in ("kill", "limit")), peeks


def test_there_is_no_network_but_a_private_loopback(zygote):
    outside = "socket.create_connection(('192.0.2.1', 80), 2)"
    names = "[name for _, name in socket.if_nameindex()]"
    loopback = "socket.create_server(('127.0.0.1', 0)).close()"
    seen = evaluate_inside(zygote, outside, names, loopback)
    assert seen == {outside: "errno 101", names: "['lo']", loopback: "None"}


def test_the_host_s_loopback_is_out_of_reach(zygote):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        attempt = f"socket.create_connection(('127.0.0.1', {server.getsockname()[1]}), 2)"
        assert evaluate_inside(zygote, attempt)[attempt] == "errno 111"


def test_a_session_shares_the_host_s_network(zygote):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        attempt = f"socket.create_connection(('127.0.0.1', {server.getsockname()[1]}), 2).close()"
        assert evaluate_inside(zygote, attempt, spec=replace(SPEC, network=True))[attempt] == "None"


def test_devices_are_the_harmless_ones_and_those_leased(zygote, view):
    harmless = {
        "null",
        "zero",
        "full",
        "random",
        "urandom",
        "tty",
        "fd",
        "stdin",
        "stdout",
        "stderr",
        "ptmx",
        "pts",
        "shm",
    }
    assert set(view["dev"]) == harmless
    leased = run_inside(zygote, "look_around", spec=replace(SPEC, devices=("/dev/kmsg",))).answer
    assert set(leased["dev"]) == harmless | {"kmsg"}


def test_the_devices_and_terminals_work(zygote):
    texts = ("len(open('/dev/urandom', 'rb').read(8))", "open('/dev/null', 'w').write('x')", "os.openpty() and 1",
             "Path('/dev/shm/x').write_text('y')")  # fmt: skip
    assert list(evaluate_inside(zygote, *texts).values()) == ["8", "1", "1", "1"]


def test_programs_of_the_system_and_names_of_people_work(zygote):
    texts = (
        "subprocess.run(['id', '-un'], capture_output=True, text=True).stdout",
        "__import__('pwd').getpwuid(os.getuid()).pw_dir",
        "socket.gethostbyname('localhost')",
        "subprocess.run([sys.executable, '-c', 'import numpy'], env={}).returncode",
    )
    assert list(evaluate_inside(zygote, *texts).values()) == ["'trainee\\n'", "'/home/trainee'", "'127.0.0.1'", "0"]


def test_a_mount_that_does_not_exist_is_named(zygote):
    spec = replace(SPEC, mounts=(*SPEC.mounts, Mount("/no/such/place", "/data")))
    with pytest.raises(CannotIsolate, match="/no/such/place"):
        run_inside(zygote, "look_around", spec=spec)


def test_a_target_that_cannot_be_made_is_named(zygote):
    spec = replace(SPEC, tmpfs=(*SPEC.tmpfs, Tmpfs("/usr/no-such-folder", 1 << 20)))
    with pytest.raises(CannotIsolate, match="/usr/no-such-folder"):
        run_inside(zygote, "look_around", spec=spec)


def test_a_working_folder_that_is_not_there_is_reported_before_anything_runs(zygote):
    with pytest.raises(CannotIsolate, match="/nowhere"):
        run_inside(zygote, "look_around", spec=replace(SPEC, cwd="/nowhere"))
