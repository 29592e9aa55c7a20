"""Signatures on documents: Data Integrity proofs of the suite ``eddsa-rdfc-2022``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from factory_academy.credentials.integrity.canonical import canonical
from factory_academy.credentials.integrity.moments import instant, written
from factory_academy.credentials.integrity.multikey import base58_bytes, base58_text
from factory_academy.credentials.integrity.strict_json import Document
from factory_academy.errors import BadCredential

SUITE = "eddsa-rdfc-2022"
_FIXED = {"type": "DataIntegrityProof", "cryptosuite": SUITE, "proofPurpose": "assertionMethod"}
_REQUIRED = {*_FIXED, "verificationMethod", "proofValue"}
_KNOWN = {*_REQUIRED, "created"}

Canonicalize = Callable[[Document], str]


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """A document taken apart: what is signed, by which key, and the signature."""

    document: Document
    options: Document
    method_id: str
    signature: bytes

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether ``key`` made this signature over this document.

        Raises:
            BadCredential: the document holds something that no signature could cover.
        """
        try:
            key.verify(self.signature, signed_bytes(self.document, self.options))
        except InvalidSignature:
            return False
        return True


def signed_bytes(document: Document, options: Document, canonicalize: Canonicalize = canonical) -> bytes:
    """The 64 bytes that are signed: the hash of the proof's options, then that of the document.

    Raises:
        BadCredential: the document holds something that no signature could cover.
    """
    texts = (canonicalize(options | {"@context": document.get("@context")}), canonicalize(document))
    return b"".join(hashlib.sha256(text.encode()).digest() for text in texts)


def sign(document: Document, key: Ed25519PrivateKey, method_id: str, created_at: datetime) -> Document:
    """``document`` with a proof, in a list of one as Open Badges wants it.

    Raises:
        BadCredential: the document holds something that no signature could cover.
    """
    options: Document = {**_FIXED, "created": written(created_at), "verificationMethod": method_id}
    signature = key.sign(signed_bytes(document, options))
    return document | {"proof": [options | {"proofValue": base58_text(signature)}]}


def take_apart(signed: Document) -> SignedDocument:
    """The parts of a signed document, their shape checked but not yet the signature.

    Raises:
        BadCredential: no proof, more than one, one of another kind, or one that says more than a signature covers.
    """
    proof = _only_proof(signed.get("proof"))
    missing = sorted(_REQUIRED - proof.keys())
    if missing:
        raise BadCredential(f"Its proof lacks {', '.join(missing)}.")
    if not proof.keys() <= _KNOWN or not all(isinstance(value, str) for value in proof.values()):
        raise BadCredential(f"Its proof may hold only these, as text: {', '.join(sorted(_KNOWN))}.")
    for name, expected in _FIXED.items():
        if proof[name] != expected:
            raise BadCredential(f"Its proof has the {name} {proof[name][:60]!r}; only {expected!r} is read here.")
    if "created" in proof:
        instant(proof["created"], "the proof's created")
    signature = base58_bytes(proof["proofValue"])
    if len(signature) != 64:
        raise BadCredential(f"Its signature is {len(signature)} bytes long, an Ed25519 one has 64.")
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    document = {name: value for name, value in signed.items() if name != "proof"}
    return SignedDocument(document, options, proof["verificationMethod"], signature)


def _only_proof(proofs: Any) -> dict[str, Any]:
    listed = proofs if isinstance(proofs, list) else [proofs]
    if len(listed) != 1 or not isinstance(listed[0], dict):
        count = 0 if proofs is None else len(listed)
        raise BadCredential(f"It carries {count} proofs; exactly one {SUITE} proof is read here.")
    return listed[0]
