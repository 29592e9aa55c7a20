"""The issuer's name and the document that says which keys speak for it (did:web)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from factory_academy.credentials.integrity.multikey import multikey, public_key
from factory_academy.credentials.integrity.strict_json import Document
from factory_academy.errors import BadCredential, BadSetting


def did_of(portal_url: str) -> str:
    """The issuer's did:web; it resolves to ``<portal_url>/issuer/did.json``.

    Raises:
        BadSetting: the address has no host.
    """
    parts = urlsplit(portal_url)
    if not parts.hostname:
        raise BadSetting(f"{portal_url!r} is not an address people could open.", "Set public_url to https://<host>.")
    host = parts.hostname if parts.port is None else f"{parts.hostname}%3A{parts.port}"
    path = [quote(segment, safe="-._~") for segment in parts.path.split("/") if segment]
    return ":".join(["did:web", host, *path, "issuer"])


def address_of(did: str) -> str:
    """Where a did:web's document is published; empty for any other name."""
    method, _, rest = did.partition("did:web:")
    if method or not rest:
        return ""
    host, *path = (unquote(part) for part in rest.split(":"))
    return f"https://{host}/{'/'.join(path) or '.well-known'}/did.json"


def key_id(did: str, key: Ed25519PublicKey) -> str:
    """The name of a key: it follows from the key, so it never changes."""
    return f"{did}#{multikey(key)}"


def did_document(did: str, keys: Sequence[Ed25519PublicKey]) -> Document:
    """The DID document that lets every one of ``keys`` sign for ``did``."""
    methods = [
        {"id": key_id(did, key), "type": "Multikey", "controller": did, "publicKeyMultibase": multikey(key)}
        for key in keys
    ]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def signing_key(document: Mapping[str, Any], method_id: str) -> Ed25519PublicKey:
    """The key that ``method_id`` names, if the document lets it sign credentials.

    Raises:
        BadCredential: the key is unknown, withdrawn, another party's, not for signing, or not Ed25519.
    """
    method = _method(document, method_id)
    assertions = document.get("assertionMethod")
    names = [a.get("id") if isinstance(a, dict) else a for a in assertions] if isinstance(assertions, list) else []
    if method is None or method_id not in names:
        raise BadCredential(
            f"The key {method_id[:160]} is not among those that may sign for this issuer.",
            "The key may have been withdrawn, or the issuer document may be older than the key: fetch it again.",
        )
    if method.get("type") != "Multikey" or method.get("controller") != document.get("id") or "revoked" in method:
        raise BadCredential(f"The key {method_id[:160]} is withdrawn, or belongs to somebody else.")
    return public_key(method.get("publicKeyMultibase"))


def _method(document: Mapping[str, Any], method_id: str) -> Mapping[str, Any] | None:
    listed: list[Any] = []
    for name in ("verificationMethod", "assertionMethod"):
        entries = document.get(name)
        listed += entries if isinstance(entries, list) else []
    found = [m for m in listed if isinstance(m, dict) and m.get("id") == method_id]
    if len(found) > 1:
        raise BadCredential(f"The issuer document describes the key {method_id[:160]} twice.")
    return found[0] if found else None
