from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from tests.support.badges import badge_issuer, certificate

from factory_academy.credentials.integrity.multikey import base58_bytes, base58_text, multikey, public_key
from factory_academy.credentials.keys import KeyFolder
from factory_academy.credentials.verify import State
from factory_academy.errors import BadCredential, InfrastructureFault


def test_the_key_is_made_once_and_nobody_else_can_read_it(tmp_path):
    path = tmp_path / "keys" / "issuer.pem"
    first, second = KeyFolder(path).private_key(), KeyFolder(path).private_key()
    assert multikey(first.public_key()) == multikey(second.public_key())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")
    assert [p.name for p in path.parent.iterdir()] == ["issuer.pem"]


def test_many_who_ask_first_at_once_get_one_key(tmp_path):
    folder = KeyFolder(tmp_path / "keys" / "issuer.pem")
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: multikey(folder.private_key().public_key()), range(16)))
    assert len(set(keys)) == 1


def test_a_key_that_others_can_read_is_not_used(tmp_path):
    folder = KeyFolder(tmp_path / "issuer.pem")
    folder.private_key()
    folder.path.chmod(0o640)
    with pytest.raises(InfrastructureFault, match="read by others"):
        folder.private_key()


@pytest.mark.parametrize(
    "content", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_a_file_that_is_no_key_is_named_and_left_alone(tmp_path, content):
    path = tmp_path / "issuer.pem"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(InfrastructureFault, match=r"issuer\.pem"):
        KeyFolder(path).private_key()
    assert path.read_bytes() == content


def test_a_key_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "issuer.pem"
    other = generate_private_key(SECP256R1())
    path.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    with pytest.raises(InfrastructureFault, match="not an Ed25519 key"):
        KeyFolder(path).private_key()


def test_after_a_rotation_old_credentials_stay_valid_and_new_ones_use_the_new_key(tmp_path):
    issuer = badge_issuer(tmp_path)
    before = issuer.sign(certificate())
    issuer.rotate_key()
    after = issuer.sign(certificate())
    assert issuer.check(before, frozenset()).is_good
    assert issuer.check(after, frozenset()).is_good
    used = {json.loads(text)["proof"][0]["verificationMethod"] for text in (before, after)}
    assert used == set(issuer.did_document()["assertionMethod"])
    assert len(used) == 2


def test_no_private_half_of_a_retired_key_is_kept(tmp_path):
    issuer = badge_issuer(tmp_path)
    issuer.sign(certificate())
    issuer.rotate_key()
    private = [p.name for p in (tmp_path / "keys").iterdir() if b"PRIVATE" in p.read_bytes()]
    assert private == ["issuer.pem"]


def test_withdrawing_a_stolen_key_ends_all_that_it_signed(tmp_path):
    issuer = badge_issuer(tmp_path)
    stolen = issuer.sign(certificate())
    issuer.rotate_key()
    kept = issuer.sign(certificate())
    for retired in (tmp_path / "keys").glob("issuer-retired-*.pem"):
        retired.unlink()
    assert issuer.check(stolen, frozenset()).state is State.UNKNOWN_ISSUER
    assert issuer.check(kept, frozenset()).is_good


@given(st.binary(max_size=80))
def test_base58_gives_back_what_it_was_given(data):
    assert base58_bytes(base58_text(data)) == data


def test_a_multikey_gives_back_its_key():
    key = Ed25519PrivateKey.generate().public_key()
    assert multikey(public_key(multikey(key))) == multikey(key)
    assert multikey(key).startswith("z6Mk")


@given(st.text(max_size=80) | st.integers() | st.none())
def test_what_is_no_multikey_is_refused(text):
    with pytest.raises(BadCredential):
        public_key(text)
