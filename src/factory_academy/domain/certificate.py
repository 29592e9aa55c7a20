"""What a trainee has earned, and what proves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from factory_academy.domain.course import CertificateRule
from factory_academy.domain.progress import AssignmentProgress, Progress


@dataclass(frozen=True, slots=True)
class Certificate:
    """An earned certificate. ``id`` is unguessable; it is also the end of the public verification address."""

    id: str
    trainee_id: str
    trainee_name: str
    course_id: str
    course_title: str
    factory_id: str
    factory_name: str
    rule: CertificateRule
    fraction: float
    issued_at: datetime
    evidence: tuple[tuple[str, str], ...] = ()
    status_index: int = 0
    revoked_at: datetime | None = None


def is_earned(progress: Progress, rule: CertificateRule) -> bool:
    """Whether every assignment the rule names reaches its fraction on a hardened version.

    With no assignments named, all of the course's count. No assignments at all earn nothing.
    """
    named = certifying(progress, rule)
    return bool(named) and all(a.certifying_fraction >= rule.pass_fraction for a in named)


def certifying(progress: Progress, rule: CertificateRule) -> tuple[AssignmentProgress, ...]:
    """The standings that decide about the certificate; a named assignment that is absent is one not passed."""
    if not rule.assignments:
        return progress.assignments
    by_name = {a.assignment.name: a for a in progress.assignments}
    if any(name not in by_name for name in rule.assignments):
        return ()
    return tuple(by_name[name] for name in rule.assignments)
