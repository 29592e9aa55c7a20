"""A certificate as an Open Badges 3.0 credential, before it is signed."""

from __future__ import annotations

import base64
import re

from factory_academy.credentials.facts import identity_hash, one_line
from factory_academy.credentials.integrity.canonical import CREDENTIALS_V2, OPEN_BADGES
from factory_academy.credentials.integrity.did import did_of
from factory_academy.credentials.integrity.moments import written
from factory_academy.credentials.integrity.strict_json import Document
from factory_academy.credentials.status import status_entry
from factory_academy.domain.certificate import Certificate
from factory_academy.domain.course import CertificateRule

_SHA256 = re.compile(r"[0-9a-f]{64}")


def badge(certificate: Certificate, portal_url: str, salt: str) -> Document:
    """The credential of a certificate, without a proof. It names no person; see ``identity_hash``."""
    at = written(certificate.issued_at)
    return {
        "@context": [CREDENTIALS_V2, OPEN_BADGES],
        "id": credential_address(portal_url, certificate.id),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": one_line(certificate.rule.title),
        "issuer": {
            "id": did_of(portal_url),
            "type": ["Profile"],
            "name": one_line(certificate.factory_name),
            "url": portal_url,
        },
        "validFrom": at,
        "awardedDate": at,
        "credentialSubject": _subject(certificate, portal_url, salt),
        **_evidence(certificate),
        "credentialStatus": status_entry(portal_url, certificate.status_index),
    }


def credential_address(portal_url: str, certificate_id: str) -> str:
    """Where the signed credential can be fetched; also its id."""
    return f"{verify_address(portal_url, certificate_id)}/credential.json"


def verify_address(portal_url: str, certificate_id: str) -> str:
    """The public verification page, which the QR code holds."""
    return f"{portal_url}/verify/{certificate_id}"


def _subject(certificate: Certificate, portal_url: str, salt: str) -> Document:
    address = f"{portal_url}/courses/{certificate.course_id}"
    rule = certificate.rule
    results = [{"type": ["Result"], "resultDescription": f"{address}#score", "value": _percent(certificate.fraction)}]
    if rule.hours is not None:
        results.append({"type": ["Result"], "resultDescription": f"{address}#hours", "value": f"{rule.hours:g}"})
    return {
        "type": ["AchievementSubject"],
        "identifier": [
            {
                "type": "IdentityObject",
                "hashed": True,
                "identityHash": identity_hash(certificate.trainee_name, salt),
                "identityType": "name",
                "salt": salt,
            }
        ],
        "achievement": _achievement(certificate, address),
        "result": results,
    }


def _achievement(certificate: Certificate, address: str) -> Document:
    rule = certificate.rule
    described: Document = {
        "id": f"{address}#certificate",
        "type": ["Achievement"],
        "achievementType": "MicroCredential",
        "name": one_line(certificate.course_title),
        "description": one_line(f"{rule.title}: the graded work of the course {certificate.course_title}, passed."),
        "criteria": {"narrative": criteria(certificate)},
        "resultDescription": _result_descriptions(rule, address),
    }
    alignment = _alignment(rule)
    return described | ({"alignment": alignment} if alignment else {})


def criteria(certificate: Certificate) -> str:
    """What had to be done, in sentences; one line a learning outcome."""
    rule = certificate.rule
    named = ", ".join(name.partition("/")[2] or name for name, _ in certificate.evidence)
    lines = [
        f"At least {_percent(rule.pass_fraction)} % of the automatically graded points in each of these assignments: "
        f"{named or 'all of the course'}. Points come from tests, some of them hidden from the trainee, on versions "
        "of the assignments whose own reference solution earns every point."
    ]
    if rule.hours is not None:
        lines.append(f"Workload: {rule.hours:g} hours.")
    if rule.eqf_level is not None:
        lines.append(f"Level {rule.eqf_level} of the European Qualifications Framework, as the factory sees it.")
    lines += [f"- {one_line(outcome)}" for outcome in rule.outcomes]
    return "\n".join(one_line(line) for line in lines)


def _result_descriptions(rule: CertificateRule, address: str) -> list[Document]:
    score: Document = {
        "id": f"{address}#score",
        "type": ["ResultDescription"],
        "name": "Automatically graded points, per cent",
        "resultType": "Percent",
        "requiredValue": _percent(rule.pass_fraction),
        "valueMin": "0",
        "valueMax": "100",
    }
    hours: Document = {
        "id": f"{address}#hours",
        "type": ["ResultDescription"],
        "name": "Workload, hours",
        "resultType": "ext:WorkloadHours",
    }
    return [score] if rule.hours is None else [score, hours]


def _alignment(rule: CertificateRule) -> list[Document]:
    skills = _distinct([_target(name, url) for name, url in rule.skills])
    if rule.eqf_level is None:
        return skills
    level = {
        "type": ["Alignment"],
        "targetName": f"EQF level {rule.eqf_level}",
        "targetFramework": "European Qualifications Framework",
        "targetType": "ext:eqf",
        "targetUrl": f"http://data.europa.eu/snb/eqf/{rule.eqf_level}",
    }
    return [*skills, level]


def _target(name: str, url: str) -> Document:
    is_esco = url.startswith("http://data.europa.eu/esco/")
    framework = {"targetFramework": "ESCO", "targetType": "ext:esco"} if is_esco else {"targetType": "ext:skill"}
    return {"type": ["Alignment"], "targetName": one_line(name), **framework, "targetUrl": one_line(url)}


def _evidence(certificate: Certificate) -> Document:
    versions = [version for _, version in certificate.evidence]
    evidence = [_evidence_of(name, v, is_alone=versions.count(v) == 1) for name, v in certificate.evidence]
    return {"evidence": _distinct(evidence)} if evidence else {}


def _evidence_of(assignment_id: str, version: str, *, is_alone: bool) -> Document:
    described = {
        "type": ["Evidence"],
        "name": one_line(assignment_id),
        "genre": "Automatically graded assignment",
        "narrative": one_line(f"Assignment version, sha256 of notebook, tests and contract: {version}"),
    }
    if not is_alone or not _SHA256.fullmatch(version):
        return described
    digest = base64.urlsafe_b64encode(bytes.fromhex(version)).decode().rstrip("=")
    return {"id": f"ni:///sha-256;{digest}", **described}


def _distinct(documents: list[Document]) -> list[Document]:
    """Without repetitions: a signature would cover them once."""
    return [document for number, document in enumerate(documents) if document not in documents[:number]]


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.2f}".rstrip("0").rstrip(".")
