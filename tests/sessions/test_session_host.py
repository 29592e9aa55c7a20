"""Sessions on this machine, in real sandboxes, with a small server in JupyterLab's place."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import sys
import tempfile
import time
import urllib.request
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from factory_academy.domain.session import Device, DeviceKind, Profile, SessionPlan
from factory_academy.errors import CannotIsolate
from factory_academy.isolation.capabilities import capabilities
from factory_academy.sessions.homes import Homes
from factory_academy.sessions.host import SessionHost
from factory_academy.sessions.ports import free_port
from factory_academy.sessions.running import Presence, RunningSession, RunningSessions

SMALL = Profile("cpu", "CPU", "Plain.", 256 << 20, 32, 24 << 20, timedelta(hours=1))
LATER = datetime(2030, 1, 1, tzinfo=UTC)
NEVER = "import time; time.sleep(600)"
HOMES = [False, True] if capabilities().loop_images else [False]


@pytest.fixture(params=HOMES, ids=lambda images: "image" if images else "folder")
def host(request):
    folder = Path(tempfile.mkdtemp(prefix="fa-host-"))
    made = SessionHost(
        Homes(folder / "homes", use_images=request.param), RunningSessions(folder / "run"), folder / "logs"
    )
    yield made
    for session in made.running.all():
        made.end(session.session_id, grace_seconds=0.0)
    shutil.rmtree(folder)


def plan(person="ada", profile=SMALL):
    return SessionPlan(uuid.uuid4().hex, person, profile, None, LATER)


def serve(host, planned, program=None):
    """Start a server that shows the files of the home."""
    port = free_port()
    argv = [sys.executable, "-c", program] if program else [sys.executable, "-m", "http.server", str(port)]
    session = host.start(planned, argv, {}, port)
    deadline = time.monotonic() + 30
    while not program and not host.is_listening(session) and time.monotonic() < deadline:
        time.sleep(0.05)
    return session


def run(host, planned, program):
    """Run a program to its end; what it printed."""
    session = serve(host, planned, program)
    deadline = time.monotonic() + 30
    while not host.is_gone(session.session_id) and time.monotonic() < deadline:
        time.sleep(0.05)
    host.end(session.session_id)
    return host.last_words(planned.person_id)


def test_a_session_serves_until_it_is_ended_and_then_nothing_is_left(host):
    session = serve(host, plan())
    assert host.is_listening(session)
    assert urllib.request.urlopen(f"http://127.0.0.1:{session.port}/").status == 200
    assert host.running.presence(session.session_id) is Presence.RUNNING
    host.end(session.session_id)
    assert not host.is_listening(session)
    assert host.running.all() == ()


def test_all_sessions_can_be_ended_at_once(host):
    sessions = {serve(host, plan("ada")).session_id, serve(host, plan("ben")).session_id}
    assert {session.session_id for session in host.end_all()} == sessions
    assert all(host.is_gone(session_id) for session_id in sessions)
    assert host.end_all() == ()


def test_a_second_start_ends_what_is_left_of_the_first(host):
    first, second = serve(host, plan()), serve(host, plan())
    assert host.running.all() == (second,)
    assert host.is_gone(first.session_id)


def test_what_is_saved_is_there_the_next_time(host):
    assert run(host, plan(), "open('a.txt', 'w').write('kept'); print('done')") == "done"
    assert run(host, plan(), "print(open('a.txt').read())") == "kept"


def test_two_people_see_each_their_own_home(host):
    run(host, plan("ada"), "open('a.txt', 'w').write('hers')")
    said = run(host, plan("ben"), "import os; print(os.listdir('/home'), os.path.exists('a.txt'))")
    assert said == "['ben'] False"


def test_somebody_else_on_the_port_is_not_taken_for_the_session(host):
    with socket.create_server(("127.0.0.1", 0)) as impostor:
        session = host.start(plan(), [sys.executable, "-c", NEVER], {}, impostor.getsockname()[1])
        assert host.is_listening(session) is (session.uid == os.getuid())  # only root can tell people apart


def test_a_restarted_machine_room_finds_the_session_again(host):
    session = serve(host, plan())
    again = SessionHost(host.homes, RunningSessions(host.running.folder), host.logs)
    assert again.running.all() == (session,)
    again.end(session.session_id)
    assert host.is_gone(session.session_id)


def test_a_program_that_is_not_there_leaves_nothing_behind(host):
    with pytest.raises(CannotIsolate):
        host.start(plan(), ["/nowhere/python"], {}, free_port())
    assert host.running.all() == ()


def test_a_session_that_is_about_to_begin_is_neither_running_nor_gone(tmp_path):
    running = RunningSessions(tmp_path)
    running.add(RunningSession("a" * 32, "ada", 200000, 4000, LATER))
    assert running.presence("a" * 32) is Presence.UNKNOWN
    assert running.presence("b" * 32) is Presence.GONE


def test_half_written_notes_are_no_evidence(tmp_path):
    running = RunningSessions(tmp_path)
    (tmp_path / ("c" * 32)).mkdir()
    (tmp_path / ("c" * 32) / "session.json").write_text('{"person_id": "ada"')
    assert running.all() == ()
    assert running.presence("c" * 32) is Presence.UNKNOWN


def test_a_session_id_cannot_lead_out_of_the_folder(tmp_path):
    with pytest.raises(ValueError, match="32 hex digits"):
        RunningSessions(tmp_path / "run").forget("../keys")


def test_a_home_grows_with_a_larger_profile_and_keeps_its_files():
    assert capabilities().loop_images, "the disk limit of homes needs loop devices and root"
    folder = Path(tempfile.mkdtemp(prefix="fa-host-"))
    try:
        host = SessionHost(Homes(folder / "homes", True), RunningSessions(folder / "run"), folder / "logs")
        free = "import os; s = os.statvfs('.'); print(s.f_blocks * s.f_frsize >> 20, os.path.exists('a.txt'))"
        run(host, plan(), "open('a.txt', 'w').write('kept')")
        small = int(run(host, plan(), free).split()[0])
        large = run(host, plan(profile=replace(SMALL, disk_bytes=96 << 20)), free).split()
        assert small < 24 < 64 < int(large[0])
        assert large[1] == "True"
        again = run(host, plan(), free).split()
        assert again == large
    finally:
        shutil.rmtree(folder)


def test_only_the_holder_of_a_lease_sees_the_device_file():
    folder = Path(tempfile.mkdtemp(prefix="fa-host-", dir="/var/tmp"))
    node = folder / "nvidia0"
    os.mknod(node, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    device = Device("GPU-1", DeviceKind.GPU, "NVIDIA H100", 80 << 30, (str(node),))
    look = f"import os, stat; print(os.path.exists({str(node)!r}), os.environ['CUDA_VISIBLE_DEVICES'])"
    try:
        host = SessionHost(Homes(folder / "homes", False), RunningSessions(folder / "run"), folder / "logs")
        assert run(host, replace(plan("ada"), device=device), look) == "True GPU-1"
        assert run(host, plan("ben"), look) == "False"
        assert run(host, plan("ada"), look) == "False"
    finally:
        shutil.rmtree(folder)
