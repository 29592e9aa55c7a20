"""Which credentials are revoked: one signed list of bits for all of them, which tells nobody who was looked up."""

from __future__ import annotations

import base64
import gzip
import re
import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from factory_academy.credentials.integrity.canonical import CREDENTIALS_V2
from factory_academy.credentials.integrity.did import did_of, signing_key
from factory_academy.credentials.integrity.moments import instant, written
from factory_academy.credentials.integrity.proof import take_apart
from factory_academy.credentials.integrity.strict_json import Document, parse
from factory_academy.errors import BadCredential

BITS = 131_072
LASTING = timedelta(days=7)
_MAX_BYTES = 4 * 1024 * 1024
_NUMBER = re.compile(r"/issuer/status/([1-9][0-9]{0,3})$")
_INDEX = re.compile(r"[0-9]{1,9}")


def status_address(portal_url: str, number: int = 1) -> str:
    """Where a status list can be fetched; also its id. Lists are numbered from 1."""
    return f"{portal_url}/issuer/status/{number}"


def list_number(status_index: int) -> int:
    """The number of the list that holds the bit of a certificate."""
    return 1 + status_index // BITS


def number_at(entry: object) -> int:
    """The number at the end of the address of the list that a status entry names; 1 if there is none."""
    address = entry.get("statusListCredential") if isinstance(entry, dict) else None
    found = _NUMBER.search(address) if isinstance(address, str) else None
    return int(found[1]) if found else 1


def status_entry(portal_url: str, status_index: int) -> Document:
    """What a credential says about where its revocation is published."""
    address, bit = status_address(portal_url, list_number(status_index)), status_index % BITS
    return {
        "id": f"{address}#{bit}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(bit),
        "statusListCredential": address,
    }


def status_list(portal_url: str, revoked: Iterable[int], number: int, now: datetime) -> Document:
    """The unsigned status list of that number, good for ``LASTING``. ``revoked`` holds indices over all lists."""
    address = status_address(portal_url, number)
    return {
        "@context": [CREDENTIALS_V2],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": did_of(portal_url),
        "validFrom": written(now),
        "validUntil": written(now + LASTING),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": _encoded(index % BITS for index in revoked if list_number(index) == number),
        },
    }


def is_revoked(entry: Mapping[str, Any], list_text: str, did_document: Mapping[str, Any], now: datetime) -> bool:
    """Whether the signed status list has the bit of this entry set.

    Raises:
        BadCredential: the list cannot be trusted, is another list, or is too old; so nothing is known.
    """
    _check_entry(entry)
    signed = parse(list_text)
    parts = take_apart(signed)
    listed = parts.document
    if listed.get("issuer") != did_document.get("id"):
        raise BadCredential("The status list is from another issuer than the credential.")
    if not parts.is_signed_by(signing_key(did_document, parts.method_id)):
        raise BadCredential("The status list was changed after it was signed.")
    if listed.get("id") != entry["statusListCredential"]:
        raise BadCredential(f"The credential points to another status list: {entry['statusListCredential']}.")
    if not validity_start(listed) <= now <= _valid_until(listed):
        raise BadCredential(
            f"The status list speaks for the time from {listed.get('validFrom')} to {listed.get('validUntil')} only.",
            f"Fetch a fresh one from {listed['id']}.",
        )
    return _bit(_bits(listed), int(entry["statusListIndex"]))


def validity_start(document: Mapping[str, Any]) -> datetime:
    """When a credential or status list begins to hold.

    Raises:
        BadCredential: it does not say.
    """
    return instant(document.get("validFrom"), "validFrom")


def _valid_until(listed: Mapping[str, Any]) -> datetime:
    return instant(listed.get("validUntil"), "the status list's validUntil")


def _check_entry(entry: Mapping[str, Any]) -> None:
    index = entry.get("statusListIndex")
    if entry.get("type") not in ("BitstringStatusListEntry", ["BitstringStatusListEntry"]):
        raise BadCredential("Its status is published in a way that is not read here.")
    if entry.get("statusPurpose") != "revocation" or "statusSize" in entry:
        raise BadCredential("Its status entry is not about revocation with one bit.")
    if isinstance(index, bool) or not _INDEX.fullmatch(str(index)):
        raise BadCredential(f"Its status index {str(index)[:40]!r} is not a whole number.")
    if not isinstance(entry.get("statusListCredential"), str):
        raise BadCredential("It does not say which status list it is in.")


def _bits(listed: Mapping[str, Any]) -> bytes:
    subject = listed.get("credentialSubject")
    types = listed.get("type")
    if not isinstance(subject, dict) or "BitstringStatusListCredential" not in (types if types else ()):
        raise BadCredential("It is not a bitstring status list.")
    if subject.get("type") != "BitstringStatusList" or subject.get("statusPurpose") != "revocation":
        raise BadCredential("The status list is not about revocation.")
    return _decoded(subject.get("encodedList"))


def _encoded(bits: Iterable[int]) -> str:
    data = bytearray(BITS // 8)
    for bit in bits:
        data[bit // 8] |= 0x80 >> bit % 8
    return "u" + base64.urlsafe_b64encode(gzip.compress(bytes(data), mtime=0)).decode().rstrip("=")


def _decoded(text: object) -> bytes:
    if not isinstance(text, str) or not text.startswith("u"):
        raise BadCredential("The status list is not in base64url with a leading u.")
    try:
        packed = base64.urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4))
        unpacker = zlib.decompressobj(wbits=31)
        data = unpacker.decompress(packed, _MAX_BYTES)
    except (ValueError, zlib.error) as error:
        raise BadCredential(f"The status list cannot be unpacked: {error}.") from error
    if not unpacker.eof or len(data) * 8 < BITS:
        raise BadCredential(f"The status list holds {len(data) * 8:,} bits or is cut short; at least {BITS:,} belong.")
    return data


def _bit(data: bytes, index: int) -> bool:
    if index >= len(data) * 8:
        raise BadCredential(f"The status list has no bit {index}.")
    return bool(data[index // 8] & 0x80 >> index % 8)
