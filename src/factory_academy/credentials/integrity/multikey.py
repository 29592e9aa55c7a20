"""Public keys and signatures as text: base58btc, and Ed25519 keys as Multikey."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from factory_academy.errors import BadCredential

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519_PREFIX = b"\xed\x01"
_MAX_TEXT = 200


def base58_text(data: bytes) -> str:
    """``data`` as multibase base58btc, that is with a leading ``z``."""
    number = int.from_bytes(data, "big")
    digits = ""
    while number:
        number, rest = divmod(number, 58)
        digits = _ALPHABET[rest] + digits
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "z" + "1" * zeros + digits


def base58_bytes(text: object) -> bytes:
    """The bytes of a multibase base58btc text.

    Raises:
        BadCredential: not a text, no leading ``z``, over-long, or a character outside the alphabet.
    """
    if not isinstance(text, str) or not text.startswith("z") or len(text) > _MAX_TEXT:
        raise BadCredential("A key or signature is not base58btc text with a leading z.")
    number = 0
    for character in text[1:]:
        digit = _ALPHABET.find(character)
        if digit < 0:
            raise BadCredential(f"A key or signature holds {character!r}, which base58btc does not know.")
        number = number * 58 + digit
    zeros = len(text[1:]) - len(text[1:].lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def multikey(key: Ed25519PublicKey) -> str:
    """An Ed25519 public key as ``publicKeyMultibase``."""
    return base58_text(_ED25519_PREFIX + key.public_bytes(Encoding.Raw, PublicFormat.Raw))


def public_key(text: object) -> Ed25519PublicKey:
    """The Ed25519 key of a ``publicKeyMultibase``.

    Raises:
        BadCredential: it is no Ed25519 Multikey.
    """
    data = base58_bytes(text)
    if len(data) != 34 or not data.startswith(_ED25519_PREFIX):
        raise BadCredential("The issuer's key is not an Ed25519 Multikey.")
    return Ed25519PublicKey.from_public_bytes(data[2:])
