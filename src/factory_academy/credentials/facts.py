"""What a reader takes from a badge, as text for people."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from factory_academy.credentials.integrity.strict_json import Document
from factory_academy.errors import BadCredential

_SPACES = re.compile(r"[\x00-\x20\x7f-\x9f]+")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a badge says, as text for people. Empty where it says nothing."""

    id: str
    title: str
    issuer_id: str
    issuer_name: str
    achievement: str
    description: str
    narrative: str
    awarded_at: str
    results: tuple[tuple[str, str], ...] = ()
    skills: tuple[tuple[str, str], ...] = ()
    evidence: tuple[tuple[str, str], ...] = ()


def facts_of(document: Document) -> Facts:
    """What a badge says; parts of an unexpected shape are left out."""
    issuer, subject = document.get("issuer"), _one(document.get("credentialSubject"))
    achievement = _one(subject.get("achievement"))
    labels = {_text(_one(d).get("id")): _one(d) for d in _all(achievement.get("resultDescription"))}
    results = [(labels.get(_text(_one(r).get("resultDescription")), {}), _one(r)) for r in _all(subject.get("result"))]
    return Facts(
        id=_text(document.get("id")),
        title=_text(document.get("name")) or _text(achievement.get("name")),
        issuer_id=issuer if isinstance(issuer, str) else _text(_one(issuer).get("id")),
        issuer_name=_text(_one(issuer).get("name")),
        achievement=_text(achievement.get("name")),
        description=_text(achievement.get("description")),
        narrative=_text(_one(achievement.get("criteria")).get("narrative")),
        awarded_at=_text(document.get("awardedDate")) or _text(document.get("validFrom")),
        results=tuple((_text(label.get("name")) or "Result", _text(r.get("value"))) for label, r in results),
        skills=_pairs(achievement.get("alignment"), "targetName", "targetUrl"),
        evidence=_pairs(document.get("evidence"), "name", "narrative"),
    )


def check_results(document: Document) -> None:
    """Refuse a result that carries its own description: moved there, it would mean the same and read otherwise.

    Raises:
        BadCredential: a result describes what it is about, or the achievement does not.
    """
    subject = _one(document.get("credentialSubject"))
    named = [_one(result).get("resultDescription", "") for result in _all(subject.get("result"))]
    described = _all(_one(subject.get("achievement")).get("resultDescription"))
    if not all(isinstance(name, str) for name in named) or not all(isinstance(d, dict) for d in described):
        raise BadCredential("What its results are about is described in an unusual place.")


def salt_of(document: Document) -> str:
    """The salt of the recipient's hashed name; empty if the badge has none."""
    for identity in _all(_one(document.get("credentialSubject")).get("identifier")):
        if isinstance(identity, dict) and identity.get("identityType") == "name" and identity.get("hashed") is True:
            return _text(identity.get("salt"))
    return ""


def names(document: Document, name: str) -> bool:
    """Whether the badge was given to a person of this name; False too if it holds no hashed name."""
    salt = salt_of(document)
    given = [
        _text(_one(i).get("identityHash")) for i in _all(_one(document.get("credentialSubject")).get("identifier"))
    ]
    return bool(salt) and identity_hash(name, salt) in given


def identity_hash(name: str, salt: str) -> str:
    """A name as Open Badges hashes it. The name is put in one Unicode form first, its spaces made single."""
    return "sha256$" + hashlib.sha256((one_line(name) + salt).encode()).hexdigest()


def one_line(text: str) -> str:
    """One line of text in Unicode form NFC, with no control characters."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def _one(value: Any) -> dict[str, Any]:
    first = value[0] if isinstance(value, list) and value else value
    return first if isinstance(first, dict) else {}


def _all(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _pairs(value: Any, left: str, right: str) -> tuple[tuple[str, str], ...]:
    return tuple((_text(_one(v).get(left)), _text(_one(v).get(right))) for v in _all(value))
