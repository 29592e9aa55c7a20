import pytest
from tests.support.passwords import FakePasswords

from factory_academy.domain.person import Person, Role
from factory_academy.errors import SignInRefused
from factory_academy.workflows.sign_in import SignIn

AINO = Person("aino", "Aino", Role.OPERATOR)


@pytest.fixture
def passwords():
    return FakePasswords()


@pytest.fixture
def sign_in(hall, passwords):
    with hall.records.transaction() as repositories:
        repositories.people.add(AINO, "fake:right")
    return SignIn(hall.records, passwords)


def test_the_right_name_and_password_let_a_person_in(sign_in):
    assert sign_in("aino", "right") == AINO


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("aino", "wrong"),
        ("aino", ""),
        ("nobody-here", "right"),
        ("AINO", "right"),
        ("", ""),
        ("mira", ""),
        ("mira", "x"),
    ],
)
def test_everything_else_is_refused_in_the_same_words(sign_in, name, password):
    with pytest.raises(SignInRefused, match=r"^The name or the password is wrong\.$"):
        sign_in(name, password)


def test_an_unknown_name_takes_as_long_as_a_wrong_password(sign_in, passwords):
    with pytest.raises(SignInRefused):
        sign_in("nobody-here", "guess")
    assert passwords.hashed == 1
