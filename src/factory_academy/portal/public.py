"""What anyone may see without signing in: a certificate and whether it is genuine, and the issuer's documents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, Response

from factory_academy.bootstrap import Academy
from factory_academy.credentials.badge import verify_address
from factory_academy.credentials.qr import qr_svg
from factory_academy.credentials.verify import State, Verification
from factory_academy.domain.certificate import Certificate
from factory_academy.errors import NotFound
from factory_academy.portal.deps import TheAcademy
from factory_academy.portal.pages.render import page
from factory_academy.portal.pages.words import Words
from factory_academy.workflows.ports import Repositories

router = APIRouter(include_in_schema=False)

UNLISTED: Mapping[str, str] = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"}
FOR_VERIFIERS: Mapping[str, str] = {"Access-Control-Allow-Origin": "*", "X-Robots-Tag": "noindex"}
MAX_LISTS = 99

_OUTCOME = {
    State.VALID: Words("Valid", "good", "This certificate is genuine and in force."),
    State.REVOKED: Words("Revoked", "bad", "The issuer has taken this certificate back. It proves nothing any more."),
    State.EXPIRED: Words("Expired", "warn", "This certificate is genuine, but its time is over."),
    State.NOT_YET_VALID: Words("Not yet valid", "warn", "This certificate is genuine, but its time has not begun."),
}
_BROKEN = Words(
    "Not valid",
    "bad",
    "What is on record here does not fit its signature. Do not rely on it, and tell the factory that is named on it.",
)


@dataclass(frozen=True, slots=True)
class Checked:
    """A certificate from the records with its credential, checked this moment."""

    certificate: Certificate
    credential: str
    outcome: Verification
    agrees: bool
    revoked: frozenset[int]
    assignments: tuple[tuple[str, str, str], ...]

    @property
    def words(self) -> Words:
        """What to tell a person: never "valid" unless the signature, the list and the record all say so."""
        if self.outcome.state is State.VALID and not (self.agrees and self.outcome.is_good):
            return _BROKEN
        return _OUTCOME.get(self.outcome.state, _BROKEN)


@router.get("/verify/{certificate_id}", response_class=HTMLResponse)
def verification(request: Request, certificate_id: str, academy: TheAcademy) -> HTMLResponse:
    """The certificate for everybody's eyes; its signature is checked anew at every look."""
    checked = _checked(academy, certificate_id)
    answer = page(
        request,
        "public/verification.html",
        checked=checked,
        certificate=checked.certificate,
        rule=checked.certificate.rule,
        state=checked.words,
        address=verify_address(academy.settings.portal_url, certificate_id),
        issuer_address=f"{academy.settings.portal_url}/issuer/did.json",
        now=academy.clock(),
    )
    answer.headers.update(UNLISTED)
    return answer


@router.get("/verify/{certificate_id}/credential.json")
def credential(certificate_id: str, academy: TheAcademy) -> Response:
    """The signed credential, as a wallet or verifier takes it."""
    checked = _checked(academy, certificate_id)
    return _download(checked.credential, f"{checked.certificate.course_id}-credential.json")


@router.get("/verify/{certificate_id}/package.json")
def package(certificate_id: str, academy: TheAcademy) -> Response:
    """The credential with copies of the issuer document and the status list, for a check with no network."""
    checked = _checked(academy, certificate_id)
    packed = academy.issuer.package(checked.credential, checked.revoked)
    return _download(packed, f"{checked.certificate.course_id}-credential-package.json")


@router.get("/verify/{certificate_id}/qr.svg")
def qr(certificate_id: str, academy: TheAcademy) -> Response:
    """The address of the verification page as a QR code."""
    with academy.records.reading() as repositories:
        _found(repositories, certificate_id)
    image = qr_svg(verify_address(academy.settings.portal_url, certificate_id))
    return Response(image, media_type="image/svg+xml", headers=dict(UNLISTED))


@router.get("/issuer/did.json")
def issuer_document(academy: TheAcademy) -> Response:
    """The keys that sign for this academy: what its did:web resolves to."""
    return _for_verifiers(json.dumps(academy.issuer.did_document(), indent=2))


@router.get("/issuer/status/{number}")
def status_list(number: Annotated[int, Path(ge=1, le=MAX_LISTS)], academy: TheAcademy) -> Response:
    """The signed list of revoked credentials; it names nobody."""
    with academy.records.reading() as repositories:
        revoked = repositories.certificates.revoked_indices()
    return _for_verifiers(academy.issuer.status_list(revoked, number))


def _checked(academy: Academy, certificate_id: str) -> Checked:
    with academy.records.reading() as repositories:
        certificate, credential_text = _found(repositories, certificate_id)
        revoked = repositories.certificates.revoked_indices()
        assignments = tuple(_assignment(repositories, name, version) for name, version in certificate.evidence)
    return Checked(
        certificate,
        credential_text,
        academy.issuer.check(credential_text, revoked),
        academy.issuer.agrees(certificate, credential_text),
        revoked,
        assignments,
    )


def _found(repositories: Repositories, certificate_id: str) -> tuple[Certificate, str]:
    certificate = repositories.certificates.find(certificate_id)
    credential_text = repositories.certificates.credential(certificate_id)
    if certificate is None or credential_text is None:
        raise NotFound(
            "There is no certificate at this address.",
            "Compare the address letter by letter, or ask the person who gave it to you to send the link.",
        )
    return certificate, credential_text


def _assignment(repositories: Repositories, name: str, version: str) -> tuple[str, str, str]:
    assignment = repositories.courses.assignment_of_version(version)
    return (assignment.title if assignment else name.partition("/")[2] or name), name, version


def _download(text: str, name: str) -> Response:
    headers = {**FOR_VERIFIERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type="application/json", headers=headers)


def _for_verifiers(text: str) -> Response:
    headers = {**FOR_VERIFIERS, "Cache-Control": "public, max-age=60"}
    return Response(text, media_type="application/json", headers=headers)
