"""Under load, with everything killed at random: nothing is lost, graded twice or left behind."""

import os
import random
import threading

import pytest
from tests.support.chaos import Killer, aftermath, chaos_academy, hand_in_until
from tests.support.postgres import private_server, server_binaries

KILLS, SEED = 12, 20261124


@pytest.fixture(params=["sqlite", "postgresql"])
def running(request, tmp_path):
    tmp_path.chmod(0o755)
    if request.param == "sqlite":
        with chaos_academy(tmp_path / "home") as academy:
            yield academy
        return
    binaries = server_binaries()
    if binaries is None:
        why = "PostgreSQL's server is not installed: apt-get install postgresql"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(why)
    with private_server(binaries) as server:
        with chaos_academy(tmp_path / "home", f"{server.url}/postgres", server) as academy:
            yield academy
        if not server.is_running:
            server.start()


def test_whatever_is_killed_nothing_is_lost_graded_twice_or_left(running):
    done, receipts = threading.Event(), []
    stream = threading.Thread(
        target=lambda: receipts.extend(hand_in_until(running, random.Random(SEED), done, at_least=10))
    )
    stream.start()
    killer = Killer(running, random.Random(SEED))
    try:
        killer.kill(KILLS, within_seconds=120)
    finally:
        done.set()
        stream.join()
    after = aftermath(running, receipts)
    assert sum(killer.killed.values()) > 0
    assert after.submissions == len(receipts) >= 10
    assert (after.lost, after.graded_twice, after.without_event, after.left) == (0, 0, 0, 0), after
    assert set(after.states) <= {"graded", "crashed", "infrastructure_failed"}, after
