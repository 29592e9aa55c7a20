"""Is a credential genuine, from whom it says, and still good? Offline, and from what the caller trusts alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from factory_academy.credentials.facts import Facts, check_results, facts_of
from factory_academy.credentials.integrity.did import signing_key
from factory_academy.credentials.integrity.moments import instant
from factory_academy.credentials.integrity.proof import SignedDocument, take_apart
from factory_academy.credentials.integrity.strict_json import Document, check_plain, parse
from factory_academy.credentials.status import is_revoked, validity_start
from factory_academy.errors import BadCredential

_CLOCK_SKEW = timedelta(minutes=5)
_BADGES = {"OpenBadgeCredential", "AchievementCredential"}


class State(StrEnum):
    """What a credential is.

    ``valid``: signed by the issuer and in force. ``revoked``: taken back. ``expired``: its time is over.
    ``not_yet_valid``: its time has not begun. ``forged``: the signature does not fit what it says.
    ``unknown_issuer``: signed, but not by the issuer that is trusted here. ``malformed``: no badge that can be read.
    """

    VALID = "valid"
    REVOKED = "revoked"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    FORGED = "forged"
    UNKNOWN_ISSUER = "unknown_issuer"
    MALFORMED = "malformed"


class Revocation(StrEnum):
    """What is known of revocation.

    ``not_revoked``: a trustworthy list says so. ``revoked``: a trustworthy list says so. ``unknown``: there was no
    list that could be trusted. ``never``: the credential names no list, so it cannot be revoked.
    """

    NOT_REVOKED = "not_revoked"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome, with its reasons in plain sentences.

    ``facts`` are there only if the issuer's signature covers them.
    """

    state: State
    reasons: tuple[str, ...]
    revocation: Revocation = Revocation.UNKNOWN
    facts: Facts | None = None

    @property
    def is_good(self) -> bool:
        """Whether it is valid and known not to be revoked: the only case that proves something."""
        return self.state is State.VALID and self.revocation in (Revocation.NOT_REVOKED, Revocation.NEVER)


class _Refused(Exception):
    """The walk ends here."""

    def __init__(self, state: State, reason: str) -> None:
        super().__init__(reason)
        self.outcome = Verification(state, (reason,))


def verify(
    credential_text: str | bytes, *, did_document: Mapping[str, Any], status_list: str | None = None, now: datetime
) -> Verification:
    """Check a credential against the issuer document that the caller trusts.

    Never raises because of what is in the credential. ``status_list`` is the text of a signed status list; without
    one that can be trusted, ``revocation`` is unknown and the result is not good. ``now`` is aware.
    """
    try:
        parts = _read(credential_text)
        _check_signature(parts, did_document)
    except _Refused as refusal:
        return refusal.outcome
    except BadCredential as error:
        return Verification(State.MALFORMED, (str(error),))
    return _standing(parts.document, did_document, status_list, now)


def _read(text: str | bytes) -> SignedDocument:
    signed = parse(text)
    types = signed.get("type")
    if not isinstance(types, list) or "VerifiableCredential" not in types or not _BADGES & set(map(str, types)):
        raise BadCredential("It is not a badge: its type is not OpenBadgeCredential.")
    parts = take_apart(signed)
    check_plain(parts.document)
    for name in ("id", "issuer", "credentialSubject", "validFrom"):
        if name not in parts.document:
            raise BadCredential(f"It is not a badge: {name} is missing.")
    check_results(parts.document)
    return parts


def _check_signature(parts: SignedDocument, did_document: Mapping[str, Any]) -> None:
    issuer_id = facts_of(parts.document).issuer_id
    trusted = did_document.get("id")
    if not issuer_id or issuer_id != trusted:
        raise _Refused(
            State.UNKNOWN_ISSUER,
            f"It says it is from {issuer_id[:160] or 'nobody'}, but the issuer trusted here is {trusted}.",
        )
    try:
        key = signing_key(did_document, parts.method_id)
    except BadCredential as error:
        raise _Refused(State.UNKNOWN_ISSUER, str(error)) from error
    if not parts.is_signed_by(key):
        raise _Refused(State.FORGED, "The signature does not fit: something in it was changed after it was signed.")


def _standing(
    document: Document, did_document: Mapping[str, Any], status_list: str | None, now: datetime
) -> Verification:
    """What time and revocation make of a credential whose signature holds."""
    facts = facts_of(document)
    try:
        begins = validity_start(document)
        ends = instant(document["validUntil"], "validUntil") if "validUntil" in document else None
    except BadCredential as error:
        return Verification(State.MALFORMED, (str(error),))
    revocation, told = _revocation(document.get("credentialStatus"), did_document, status_list, now)
    signed = "The issuer's signature holds: nothing was changed since it was signed."
    if revocation is Revocation.REVOKED:
        return Verification(State.REVOKED, (signed, told), revocation, facts)
    if ends is not None and now > ends:
        return Verification(State.EXPIRED, (signed, f"It was valid until {ends.isoformat()}."), revocation, facts)
    if begins > now + _CLOCK_SKEW:
        reason = f"It is valid only from {begins.isoformat()}."
        return Verification(State.NOT_YET_VALID, (signed, reason), revocation, facts)
    return Verification(State.VALID, (signed, told), revocation, facts)


def _revocation(
    entry: object, did_document: Mapping[str, Any], status_list: str | None, now: datetime
) -> tuple[Revocation, str]:
    entries = entry if isinstance(entry, list) else [entry]
    if entries == [None]:
        return Revocation.NEVER, "It names no status list, so it cannot be revoked."
    if len(entries) != 1 or not isinstance(entries[0], dict):
        return Revocation.UNKNOWN, "Whether it was revoked is not known: its status is not one entry of a list."
    if status_list is None:
        address = str(entries[0].get("statusListCredential"))[:200]
        return Revocation.UNKNOWN, f"Whether it was revoked is not known: no status list was given. Fetch {address}."
    try:
        if is_revoked(entries[0], status_list, did_document, now):
            return Revocation.REVOKED, "The issuer has revoked it."
    except BadCredential as error:
        told = f"Whether it was revoked is not known. {error} {error.next_step}".strip()
        return Revocation.UNKNOWN, told
    return Revocation.NOT_REVOKED, "The issuer's status list says that it is not revoked."
