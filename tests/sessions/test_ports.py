from __future__ import annotations

import os
import socket

from hypothesis import given
from hypothesis import strategies as st

from factory_academy.sessions.ports import free_port, listener_uid, uid_on_machine

HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
LISTENING, CONNECTED = "0A", "01"


def line(port, state, uid):
    return f"   0: 0100007F:{port:04X} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000 {uid:5} 0 1 1 0\n"


def test_a_listener_is_known_by_its_uid():
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert listener_uid(server.getsockname()[1]) == os.getuid()


def test_nobody_listens_on_a_free_port():
    assert listener_uid(free_port()) is None


@given(st.integers(1, 65535), st.integers(0, 1 << 31), st.integers(0, 1 << 31))
def test_a_connection_on_a_port_is_not_taken_for_its_listener(tmp_path_factory, port, listener, other):
    table = tmp_path_factory.mktemp("net") / "tcp"
    table.write_text(HEADER + line(port, CONNECTED, other))
    assert listener_uid(port, table) is None
    table.write_text(HEADER + line(port, CONNECTED, other) + line(port, LISTENING, listener))
    assert listener_uid(port, table) == listener


def test_root_gives_each_session_a_uid_of_its_own_and_others_can_only_lend_theirs():
    assert uid_on_machine(200_007, starter_uid=0) == 200_007
    assert uid_on_machine(200_007, starter_uid=1000) == 1000
