import os
import signal
import sys
import time

import pytest
from tests.support.running import wait_for

from factory_academy.cli.supervisor import Part, Supervisor
from factory_academy.errors import InfrastructureFault

SLEEPS = (sys.executable, "-c", "import time; time.sleep(600)")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)",
)


@pytest.fixture
def said():
    return []


@pytest.fixture
def supervisor(tmp_path, said):
    for folder in ("logs", "run"):
        (tmp_path / folder).mkdir()
    supervisor = Supervisor(tmp_path / "logs", tmp_path / "run", said.append, grace_seconds=1.0)
    yield supervisor
    supervisor.stop()


def pid_of(supervisor, name):
    return int((supervisor.run / f"{name}.pid").read_text())


def part(name="part", argv=SLEEPS, is_ready=None):
    return Part(name, argv, dict(os.environ), is_ready)


def test_a_part_that_is_killed_starts_again_and_that_is_said(supervisor, said):
    supervisor.start(part())
    first = pid_of(supervisor, "part")
    os.kill(first, signal.SIGKILL)

    def restarted():
        supervisor.watch()
        return pid_of(supervisor, "part") != first

    wait_for(restarted, "a second process", seconds=20)
    assert any("starts again" in line for line in said)


def test_a_part_that_ends_before_it_is_ready_is_reported_with_its_last_words(supervisor):
    broken = part(argv=(sys.executable, "-c", "print('no such table'); raise SystemExit(3)"), is_ready=lambda: False)
    with pytest.raises(InfrastructureFault, match="no such table"):
        supervisor.start(broken)


def test_starting_waits_until_the_part_is_ready(supervisor):
    begun = time.monotonic()
    asked = []

    def ready():
        asked.append(time.monotonic() - begun)
        return len(asked) >= 3

    supervisor.start(part(is_ready=ready))
    assert len(asked) == 3


def test_stopping_leaves_no_process_and_no_pid_file(supervisor):
    supervisor.start(part("one"))
    supervisor.start(part("two"))
    pids = [pid_of(supervisor, "one"), pid_of(supervisor, "two")]
    supervisor.stop()
    assert not list(supervisor.run.glob("*.pid"))
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_part_that_does_not_listen_is_killed_after_the_grace(supervisor):
    log = supervisor.logs / "part.log"
    supervisor.start(part(argv=STUBBORN, is_ready=lambda: log.exists() and b"deaf" in log.read_bytes()))
    pid = pid_of(supervisor, "part")
    supervisor.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
