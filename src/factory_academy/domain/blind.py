"""Names that hide who is behind them: stable, and with no way back without the key."""

from __future__ import annotations

import hmac

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LETTERS = 16


def blind_id(key: bytes, scope: str, name: str) -> str:
    """The pseudonym of a name within a scope, e.g. ``7Q2F-0KXD-93MB-HW4C``: 80 bits of a keyed hash.

    Among a million names the odds that two are the same are one in two million millions. In another scope, or with
    another key, the same name has another pseudonym that tells nothing about this one.
    """
    number = int.from_bytes(_digest(key, "blind", scope, name)[:10], "big")
    letters = "".join(_ALPHABET[number >> 5 * place & 31] for place in range(_LETTERS))
    return "-".join(letters[start : start + 4] for start in range(0, _LETTERS, 4))


def is_sampled(key: bytes, scope: str, name: str, fraction: float) -> bool:
    """Whether a name belongs to a random sample of this share, 0–1; nobody can tell beforehand without the key."""
    drawn = int.from_bytes(_digest(key, "sample", scope, name)[:6], "big") / 2**48
    return drawn < fraction


def _digest(key: bytes, *parts: str) -> bytes:
    """Each part goes in with its length, so that no two lists of parts look alike."""
    encoded = [part.encode() for part in parts]
    message = b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
    return hmac.digest(key, message, "sha256")
