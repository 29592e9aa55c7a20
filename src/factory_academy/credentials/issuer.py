"""The signer of credentials: one key, one did:web, one status list."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from factory_academy.credentials.badge import badge
from factory_academy.credentials.facts import facts_of, names, salt_of
from factory_academy.credentials.integrity.did import did_document, did_of, key_id
from factory_academy.credentials.integrity.proof import sign
from factory_academy.credentials.integrity.strict_json import Document, parse
from factory_academy.credentials.keys import KeyFolder
from factory_academy.credentials.package import pack
from factory_academy.credentials.status import number_at, status_list
from factory_academy.credentials.verify import Verification, verify
from factory_academy.domain.certificate import Certificate
from factory_academy.errors import BadCredential


def _utc_now() -> datetime:
    return datetime.now(UTC)


class BadgeIssuer:
    """Signs certificates as Open Badges 3.0, publishes its keys and its status list, and checks what it signed.

    ``key_path`` is the private key (made on first use); ``portal_url`` is how people reach the portal, and so part
    of the issuer's name. An academy that moves keeps checking what it signed under its former addresses.
    """

    def __init__(self, key_path: Path, portal_url: str, clock: Callable[[], datetime] = _utc_now) -> None:
        self._keys = KeyFolder(key_path)
        self._portal_url = portal_url.rstrip("/")
        self._clock = clock

    @property
    def did(self) -> str:
        """The issuer's name, a did:web."""
        return did_of(self._portal_url)

    @property
    def has_key(self) -> bool:
        """Whether this academy has ever made a signing key."""
        return self._keys.exists

    def has_issued_as(self, issuer_id: str) -> bool:
        """Whether that is this academy's name, or was when it signed something."""
        return issuer_id in {self.did, *(did_of(address) for address in self._keys.addresses())}

    def sign(self, certificate: Certificate) -> str:
        """The certificate as a signed credential, JSON text with two spaces of indentation.

        Raises:
            BadCredential: the certificate holds something that cannot be signed, such as a skill without an address.
            InfrastructureFault: the key cannot be made or read.
        """
        self._keys.remember_address(self._portal_url)
        return self._signed(badge(certificate, self._portal_url, secrets.token_hex(16)))

    def did_document(self) -> Document:
        """The public document that lists the keys of this issuer, the retired ones too."""
        return did_document(self.did, self._keys.public_keys())

    def status_list(self, revoked: frozenset[int], number: int = 1) -> str:
        """The signed status list of that number; ``revoked`` holds the status indices of revoked certificates."""
        return self._signed(status_list(self._portal_url, revoked, number, self._clock()))

    def check(self, credential_text: str, revoked: frozenset[int]) -> Verification:
        """Verify a credential as the academy that issued it, which knows what is revoked."""
        trusted, listed = self.trust_for(credential_text, revoked)
        return verify(credential_text, did_document=trusted, status_list=listed, now=self._clock())

    def package(self, credential_text: str, revoked: frozenset[int]) -> str:
        """A credential of this academy with copies of what checking it offline needs (JSON text)."""
        return pack(credential_text, *self.trust_for(credential_text, revoked))

    def trust_for(self, credential_text: str, revoked: frozenset[int]) -> tuple[Document, str]:
        """The issuer document and a fresh status list that fit a credential of this academy."""
        home = self._at_home_of(credential_text)
        return home.did_document(), home.status_list(revoked, _list_number(credential_text))

    def agrees(self, certificate: Certificate, credential_text: str) -> bool:
        """Whether a credential says exactly what the certificate says, its holder's name included."""
        try:
            document = parse(credential_text)
            home = self._at_home_of(credential_text)
            expected = badge(certificate, home._portal_url, salt_of(document))
        except BadCredential:
            return False
        same = {name: value for name, value in document.items() if name != "proof"} == expected
        return same and names(document, certificate.trainee_name)

    def rotate_key(self) -> None:
        """Sign with a new key from now on; what the old one signed stays valid."""
        self._keys.rotate()

    def _at_home_of(self, credential_text: str) -> BadgeIssuer:
        """This issuer at the address under which it signed the credential; as it is if it never did."""
        try:
            issuer_id = facts_of(parse(credential_text)).issuer_id
        except BadCredential:
            return self
        for address in self._keys.addresses():
            if did_of(address) == issuer_id and address != self._portal_url:
                return BadgeIssuer(self._keys.path, address, self._clock)
        return self

    def _signed(self, document: Document) -> str:
        key = self._keys.private_key()
        issuer = self.did
        signed = sign(document, key, key_id(issuer, key.public_key()), self._clock())
        return json.dumps(signed, indent=2, ensure_ascii=False)


def _list_number(credential_text: str) -> int:
    """The number of the status list that a credential points to; 1 if it does not say."""
    try:
        return number_at(parse(credential_text).get("credentialStatus"))
    except BadCredential:
        return 1
