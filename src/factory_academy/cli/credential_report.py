"""What ``credential verify`` prints, and how it exits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from factory_academy.credentials.facts import Facts
from factory_academy.credentials.integrity.strict_json import Document
from factory_academy.credentials.verify import State, Verification

NOT_GOOD, UNDECIDED = 1, 3
_WORDS = {
    State.VALID: "VALID",
    State.REVOKED: "REVOKED",
    State.EXPIRED: "EXPIRED",
    State.NOT_YET_VALID: "NOT YET VALID",
    State.FORGED: "FORGED OR CHANGED",
    State.UNKNOWN_ISSUER: "UNKNOWN ISSUER",
    State.MALFORMED: "NOT A CREDENTIAL THAT CAN BE READ",
}


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom the check believes: an issuer document, and how far that goes."""

    did_document: Document
    status_list: str | None
    source: str
    is_given: bool = True


def exit_code(outcome: Verification, trust: Trust, named: bool) -> int:
    """0 if it is proven, 1 if it is not good, 3 if something could not be decided."""
    if outcome.state is not State.VALID or not named:
        return NOT_GOOD
    return 0 if outcome.is_good and trust.is_given else UNDECIDED


def report(outcome: Verification, trust: Trust, code: int, named: bool, name: str) -> Iterator[str]:
    """The lines to print: the verdict, its reasons, then what the credential says."""
    if not named and outcome.state is State.VALID:
        yield "NOT FOR THIS PERSON"
    else:
        yield "SIGNATURE HOLDS, BUT NOT DECIDED" if code == UNDECIDED else _WORDS[outcome.state]
    yield from (f"  {reason}" for reason in outcome.reasons)
    if name and outcome.facts is not None:
        yield f"  It was {'' if named else 'not '}given to a person named {name}."
    if trust.source:
        yield f"  {trust.source}"
    if outcome.facts is not None:
        yield ""
        yield from _facts(outcome.facts)


def _facts(facts: Facts) -> Iterator[str]:
    rows = [
        ("Certificate", facts.title),
        ("Course", facts.achievement),
        ("Issued by", f"{facts.issuer_name} ({facts.issuer_id})"),
        ("Awarded", facts.awarded_at),
        *facts.results,
        *(("Skill", skill) for skill, _ in facts.skills),
        *(("Proven by", f"{work}: {what}") for work, what in facts.evidence),
        *(("Criteria" if not number else "", line) for number, line in enumerate(facts.narrative.splitlines())),
    ]
    width = max(len(label) for label, _ in rows) + 2
    yield from (f"{label:<{width}}{value}" for label, value in rows if value)


def plain(text: str) -> str:
    """Text without characters that could move the cursor or turn the writing round."""
    return "".join(c if c.isprintable() else " " for c in text)
