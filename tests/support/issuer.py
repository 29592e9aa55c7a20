"""An issuer that signs with nothing."""

from __future__ import annotations

import json

from factory_academy.domain.certificate import Certificate


class FakeIssuer:
    """Implements ``Issuer``; ``signed`` remembers what it signed."""

    def __init__(self) -> None:
        self.signed: list[Certificate] = []

    def sign(self, certificate: Certificate) -> str:
        self.signed.append(certificate)
        return json.dumps({"id": certificate.id, "status": certificate.status_index})
