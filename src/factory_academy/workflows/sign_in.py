"""Let a person in by name and password."""

from __future__ import annotations

from dataclasses import dataclass

from factory_academy.domain.person import Person
from factory_academy.errors import SignInRefused
from factory_academy.workflows.ports import Passwords, Records


@dataclass(frozen=True, slots=True)
class SignIn:
    """Check a password; the refusal does not tell a wrong name from a wrong password, nor does its timing."""

    records: Records
    passwords: Passwords

    def __call__(self, name: str, password: str) -> Person:
        """The person of that name and password.

        Raises:
            SignInRefused: the name or the password is wrong, or the person has no password.
        """
        with self.records.reading() as repositories:
            person = repositories.people.find(name)
            stored = repositories.people.password_hash(name) if person else None
        if person is None or stored is None:
            self.passwords.hash(password)
        elif self.passwords.matches(stored, password):
            return person
        raise SignInRefused("The name or the password is wrong.", "Check both and try again.")
