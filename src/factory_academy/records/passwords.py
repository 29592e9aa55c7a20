"""Password hashing with Argon2id."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from factory_academy.errors import InfrastructureFault


class Argon2Passwords:
    """Argon2id with the parameters that RFC 9106 recommends for machines short of memory (64 MiB, 3 passes)."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()

    def hash(self, password: str) -> str:
        """A salted hash that carries its own parameters; never twice the same."""
        return self._hasher.hash(_bytes(password))

    def matches(self, password_hash: str, password: str) -> bool:
        """Whether this is the password.

        Raises:
            InfrastructureFault: what is stored is no hash.
        """
        try:
            return self._hasher.verify(password_hash, _bytes(password))
        except VerifyMismatchError:
            return False
        except (VerificationError, InvalidHashError) as error:
            raise InfrastructureFault(
                "The stored password cannot be checked.", "Ask an operator for a new one."
            ) from error


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
