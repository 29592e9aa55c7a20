"""A credential package: one file with all that a check with no network needs, except trust in the issuer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from factory_academy.credentials.integrity.strict_json import Document, parse

PACKAGE = "factory-academy credential package"
_MAX_BYTES = 1024 * 1024
_HOW = (
    "'credential' is a signed Open Badges 3.0 credential. 'issuerDocument' lists the keys of its issuer and "
    "'statusList' says, signed, what is revoked. The issuer document here is a copy and proves nothing by itself: "
    "take it from the issuer's own address, and compare."
)


@dataclass(frozen=True, slots=True)
class Package:
    """What a file holds: a credential, and perhaps copies of its issuer document and status list (JSON text)."""

    credential: str
    issuer_document: Document | None = None
    status_list: str | None = None


def pack(credential: str, issuer_document: Document, status_list: str) -> str:
    """The package as JSON text with two spaces of indentation."""
    members = {
        "type": PACKAGE,
        "howToVerify": _HOW,
        "credential": json.loads(credential),
        "issuerDocument": issuer_document,
        "statusList": json.loads(status_list),
    }
    return json.dumps(members, indent=2, ensure_ascii=False)


def unpack(data: bytes) -> Package:
    """The package in a file; a bare credential is a package with nothing else in it.

    Raises:
        BadCredential: the file is not one JSON object, or is too large.
    """
    document = parse(data, max_bytes=_MAX_BYTES)
    if document.get("type") != PACKAGE:
        return Package(json.dumps(document))
    issuer_document, status_list = document.get("issuerDocument"), document.get("statusList")
    return Package(
        json.dumps(document.get("credential")),
        issuer_document if isinstance(issuer_document, dict) else None,
        _text(status_list),
    )


def _text(document: Any) -> str | None:
    return json.dumps(document) if isinstance(document, dict) else None
