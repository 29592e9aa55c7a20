"""Programs in sandboxes that outlive whoever started them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.isolation_runs import LIMITS, SPEC, UID, eventually, processes_of

from factory_academy.errors import CannotIsolate
from factory_academy.isolation.launch import Launched, LaunchRequest
from factory_academy.isolation.spec import Mount

SERVE = "import time; print('serving', flush=True); time.sleep(600)"
TIDY = """
import signal, sys, time
def tidy(*_):
    print('saved', flush=True)
    sys.exit(5)
signal.signal(signal.SIGTERM, tidy)
print('serving', flush=True)
time.sleep(600)
"""
DEAF = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('serving', flush=True); time.sleep(600)"
)


@pytest.fixture
def request_for(folder):
    """Requests to run a Python text; whatever was launched is stopped at the end."""

    def make(program: str, **changes) -> LaunchRequest:
        request = LaunchRequest(
            spec=replace(SPEC, network=True),
            limits=LIMITS,
            argv=(sys.executable, "-c", program),
            log_path=f"{folder}/log",
            pid_path=f"{folder}/pid",
            ending_path=f"{folder}/ending",
        )
        return replace(request, **changes)

    yield make
    if Path(folder, "pid").exists():
        Launched.from_state(**json.loads(Path(folder, "pid").read_text())).stop(0)


def log_says(request: LaunchRequest, words: str) -> bool:
    return eventually(lambda: words in Path(request.log_path).read_text())


def test_a_program_runs_in_its_sandbox_and_its_ending_is_written(request_for):
    request = request_for(
        "import os; print(os.getuid(), os.listdir('/home'), os.environ['COLOUR']); raise SystemExit(3)"
    )
    launched = Launched.start(request)
    assert eventually(lambda: not launched.is_alive())
    assert Path(request.log_path).read_text() == f"{UID} ['trainee'] blue\n"
    ending = launched.ending()
    assert ending is not None
    assert (ending.how, ending.code) == ("exited", 3)


def test_the_keeper_is_known_by_pid_and_start(request_for):
    request = request_for(SERVE)
    launched = Launched.start(request)
    assert json.loads(Path(request.pid_path).read_text()) == {"pid": launched.pid, "start_ticks": launched.start_ticks}
    assert launched.is_alive()
    assert launched.ending() is None
    assert not replace(launched, start_ticks=launched.start_ticks + 1).is_alive(), "a reused pid is someone else"
    replace(launched, start_ticks=launched.start_ticks + 1).stop(0)
    assert launched.is_alive()


def test_stopping_is_graceful(request_for):
    request = request_for(TIDY)
    launched = Launched.start(request)
    assert log_says(request, "serving")
    launched.stop(20)
    ending = launched.ending()
    assert ending is not None
    assert (ending.how, ending.code) == ("exited", 5)
    assert "saved" in Path(request.log_path).read_text()
    assert not launched.is_alive()
    launched.stop(20)


def test_who_will_not_stop_is_killed_and_its_ending_told(request_for):
    request = request_for(DEAF)
    launched = Launched.start(request)
    assert log_says(request, "serving")
    launched.stop(0.2)
    assert not launched.is_alive()
    assert launched.ending().how == "killed"
    assert processes_of(UID) == []


def test_the_keeper_s_own_grace_ends_who_will_not_stop(request_for):
    request = request_for(DEAF, grace_seconds=0.2)
    launched = Launched.start(request)
    assert log_says(request, "serving")
    os.kill(launched.pid, signal.SIGTERM)
    assert eventually(lambda: not launched.is_alive())
    assert launched.ending().how == "killed"


def test_a_session_survives_the_sudden_death_of_its_starter_and_can_be_adopted(request_for, folder):
    request = request_for(TIDY)
    (folder / "in").write_text(request.to_json())
    hub = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from pathlib import Path; from factory_academy.isolation.launch import *\n"
            f"launched = Launched.start(LaunchRequest.from_json(Path({str(folder / 'in')!r}).read_bytes()))\n"
            "print(launched.pid, launched.start_ticks, flush=True); time.sleep(600)",
        ],
        stdout=subprocess.PIPE,
    )
    assert hub.stdout is not None
    pid, ticks = (int(word) for word in hub.stdout.readline().split())
    assert log_says(request, "serving")
    os.kill(hub.pid, signal.SIGKILL)
    hub.wait()
    hub.stdout.close()
    adopted = Launched.from_state(pid, ticks, request.ending_path)
    assert adopted.is_alive()
    adopted.stop(20)
    assert adopted.ending().code == 5


def test_killing_the_keeper_ends_the_session(request_for):
    request = request_for(SERVE)
    launched = Launched.start(request)
    assert log_says(request, "serving")
    os.kill(launched.pid, signal.SIGKILL)
    assert eventually(lambda: processes_of(UID) == [])
    assert not launched.is_alive()
    assert launched.ending() is None


def test_background_processes_end_with_the_program(request_for):
    request = request_for("import os, time\nif os.fork() == 0:\n    os.setsid(); time.sleep(600)\nprint('bye')")
    launched = Launched.start(request)
    assert eventually(lambda: not launched.is_alive())
    assert processes_of(UID) == []


def test_orphans_are_reaped_while_the_program_runs(request_for):
    program = """
import os, time
if os.fork() == 0:
    if os.fork() == 0:
        time.sleep(0.1)
    os._exit(0)
os.wait()
time.sleep(0.5)
print(sorted(int(name) for name in os.listdir('/proc') if name.isdecimal()))
"""
    launched = Launched.start(request_for(program))
    assert eventually(lambda: not launched.is_alive())
    assert Path(launched.ending_path).with_name("log").read_text() == "[1, 2]\n"


def test_the_request_with_its_secrets_is_private_and_gone(request_for, folder):
    launched = Launched.start(request_for(SERVE))
    assert sorted(path.name for path in folder.iterdir()) == ["log", "pid"]
    environment = Path(f"/proc/{launched.pid}/environ").read_bytes()
    assert b"COLOUR" not in environment
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o077 == 0


def test_too_much_memory_is_told(request_for):
    request = request_for("x = bytearray(b'1') * (1 << 30)", limits=replace(LIMITS, memory_bytes=64 << 20))
    launched = Launched.start(request)
    assert eventually(lambda: not launched.is_alive())
    assert launched.ending().how == "out_of_memory"


def test_a_program_that_is_not_there_is_named(request_for):
    with pytest.raises(CannotIsolate, match="/no/program"):
        Launched.start(request_for("", argv=("/no/program",)))


def test_a_sandbox_that_cannot_be_built_is_explained(request_for, folder):
    request = request_for(SERVE)
    spec = replace(request.spec, mounts=(*request.spec.mounts, Mount("/no/such/place", "/data")))
    with pytest.raises(CannotIsolate, match="/no/such/place") as refused:
        Launched.start(replace(request, spec=spec))
    assert refused.value.next_step
    assert not Path(request.pid_path).exists()
    assert not Path(f"{request.pid_path}.request").exists()
