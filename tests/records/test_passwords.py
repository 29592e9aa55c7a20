import pytest
from tests.support.passwords import FakePasswords

from factory_academy.errors import InfrastructureFault
from factory_academy.records.passwords import Argon2Passwords


@pytest.fixture(params=[FakePasswords, Argon2Passwords])
def passwords(request):
    return request.param()


@pytest.mark.parametrize("password", ["correct horse", "", "pässwörd 🎓", "half \ud800", "x" * 5000, "nul\0nul"])
def test_a_password_matches_its_own_hash_only(passwords, password):
    stored = passwords.hash(password)
    assert passwords.matches(stored, password)
    assert not passwords.matches(stored, password + "!")


def test_one_password_never_has_the_same_hash_twice():
    passwords = Argon2Passwords()
    assert passwords.hash("same") != passwords.hash("same")
    assert passwords.hash("same").startswith("$argon2id$")


def test_a_hash_that_is_none_is_our_fault_and_no_way_in():
    with pytest.raises(InfrastructureFault):
        Argon2Passwords().matches("plain", "plain")
