from __future__ import annotations

import threading

from factory_academy.records.secrets import secret


def test_a_secret_is_made_once_and_is_its_owners_alone(tmp_path):
    path = tmp_path / "keys" / "proxy.token"
    made = secret(path)
    assert len(bytes.fromhex(made)) == 32
    assert secret(path) == made
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_all_who_ask_at_once_get_the_same_secret(tmp_path):
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(secret(tmp_path / "k"))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 16
    assert len(set(got)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["k"]
