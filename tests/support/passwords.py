"""Password hashing that costs nothing."""

from __future__ import annotations


class FakePasswords:
    """Implements ``Passwords``; ``hashed`` counts the hashes it made."""

    def __init__(self) -> None:
        self.hashed = 0

    def hash(self, password: str) -> str:
        self.hashed += 1
        return f"fake:{password}"

    def matches(self, password_hash: str, password: str) -> bool:
        return password_hash == f"fake:{password}"
