"""System calls that are refused inside, tried one by one."""

from __future__ import annotations

import platform

import pytest
from tests.support.isolation_runs import evaluate_inside

from factory_academy.isolation.seccomp import PROCESSORS

CALLS = PROCESSORS[platform.machine()].calls
NEW_USER_NAMESPACE, THREAD_LIKE = 0x10000000, 0x11
FORBIDDEN = sorted(set(CALLS) - {"ioctl", "socket", "clone", "clone3", "unshare"})


def error_of(zygote, text):
    return evaluate_inside(zygote, text)[text]


def test_no_user_namespace_can_be_made(zygote):
    for name in ("unshare", "clone"):
        assert (
            error_of(zygote, f"syscall({CALLS[name]}, {NEW_USER_NAMESPACE | THREAD_LIKE * (name == 'clone')})")
            == "errno 1"
        )
    assert error_of(zygote, f"syscall({CALLS['clone3']}, 0, 0)") == "errno 38"


def test_the_tool_that_makes_namespaces_fails(zygote):
    assert error_of(zygote, "subprocess.run(['unshare', '-Ur', 'true'], capture_output=True).returncode") == "1"


def test_every_forbidden_call_is_refused(zygote):
    texts = [f"syscall({CALLS[name]}, 0, 0, 0, 0, 0)" for name in FORBIDDEN if name != "vhangup"]
    seen = evaluate_inside(zygote, *texts)
    assert set(seen.values()) == {"errno 1"}, {text: said for text, said in seen.items() if said != "errno 1"}


@pytest.mark.parametrize("family", [17, 38, 40], ids=["packet", "kernel crypto", "virtual machine"])
def test_sockets_are_local_internet_or_netlink_only(zygote, family):
    assert error_of(zygote, f"socket.socket({family}, socket.SOCK_STREAM)") == "errno 97"


def test_nothing_can_be_typed_into_a_terminal(zygote):
    assert error_of(zygote, "__import__('fcntl').ioctl(os.openpty()[1], 0x5412, b'x')") == "errno 1"


def test_threads_processes_and_pipes_work(zygote):
    texts = (
        "__import__('concurrent.futures').futures.ThreadPoolExecutor(2).submit(len, 'abc').result()",
        "subprocess.check_output('echo a | tr a b', shell=True)",
        "__import__('multiprocessing').get_context('spawn').Pool(1).map(abs, [-3])",
    )
    assert list(evaluate_inside(zygote, *texts).values()) == ["3", "b'b\\n'", "[3]"]
