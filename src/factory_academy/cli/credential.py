"""``factory-academy credential``: check a credential, with no network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from factory_academy.bootstrap import Academy, open_academy
from factory_academy.credentials.did import address_of
from factory_academy.credentials.facts import Facts, facts_of, names
from factory_academy.credentials.package import Package, unpack
from factory_academy.credentials.strict_json import Document, parse
from factory_academy.credentials.verify import State, Verification, verify
from factory_academy.errors import AcademyError, BadCredential, BadInput

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

app = typer.Typer(help="Check credentials.", no_args_is_help=True)


@app.callback()
def credential() -> None:
    """Check credentials."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom the check believes: an issuer document, and how far that goes."""

    did_document: Document
    status_list: str | None
    source: str
    is_given: bool = True


@app.command("verify")
def verify_file(
    file: Annotated[Path, typer.Argument(help="A credential, or a credential package, as JSON.")],
    did: Annotated[Path | None, typer.Option(help="The issuer's did.json that you trust.")] = None,
    status: Annotated[Path | None, typer.Option(help="The issuer's signed status list.")] = None,
    name: Annotated[str, typer.Option(help="Also check that it was given to a person of this name.")] = "",
) -> None:
    """Say whether a credential is genuine and in force; exit 0 only if it is.

    Exit 1: it is not, or it cannot be read. Exit 3: the signature holds, but something could not be decided: whether
    it was revoked, or whether the issuer's document is the right one. Nothing is fetched from a network.
    """
    package = _read(file)
    trust = _trust(package, _document(did) if did else None, _text(status) if status else None)
    outcome = verify(
        package.credential, did_document=trust.did_document, status_list=trust.status_list, now=datetime.now(UTC)
    )
    named = not name or (outcome.facts is not None and names(parse(package.credential), name))
    code = _exit_code(outcome, trust, named)
    for line in _report(outcome, trust, code, named, name):
        typer.echo(_plain(line))
    raise typer.Exit(code)


def _exit_code(outcome: Verification, trust: Trust, named: bool) -> int:
    if outcome.state is not State.VALID or not named:
        return NOT_GOOD
    return 0 if outcome.is_good and trust.is_given else UNDECIDED


def _report(outcome: Verification, trust: Trust, code: int, named: bool, name: str) -> Iterator[str]:
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


def _plain(text: str) -> str:
    """Without characters that could move the cursor or turn the writing round."""
    return "".join(c if c.isprintable() else " " for c in text)


def _trust(package: Package, did_document: Document | None, status_list: str | None) -> Trust:
    listed = status_list or package.status_list
    if did_document is not None:
        return Trust(did_document, listed, "Trusted: the issuer document that you gave.")
    issuer_id = _issuer_id(package)
    academy = _home_of(issuer_id)
    if academy is not None:
        with academy.records.reading() as repositories:
            revoked = repositories.certificates.revoked_indices()
        own, fresh = academy.issuer.trust_for(package.credential, revoked)
        return Trust(own, status_list or fresh, "Trusted: this academy's own keys and records.")
    if verify(package.credential, did_document={}, now=datetime.now(UTC)).state is State.MALFORMED:
        return Trust({}, None, "", is_given=False)
    published = _plain(address_of(issuer_id)) or "the issuer's address"
    if package.issuer_document is not None:
        source = (
            f"The issuer document came with the file, and anyone can make such a file. Fetch {published} "
            "over a connection that you trust, and give it with --did."
        )
        return Trust(package.issuer_document, listed, source, is_given=False)
    raise BadCredential(
        f"Without the issuer's document nobody can tell whether {_plain(issuer_id)[:160] or 'the issuer'} signed this.",
        f"Fetch {published} and give it with --did.",
    )


def _issuer_id(package: Package) -> str:
    try:
        return facts_of(parse(package.credential)).issuer_id
    except BadCredential:
        return ""


def _home_of(issuer_id: str) -> Academy | None:
    """The academy of this machine if it has issued under that name; whatever is wrong with it, it is not."""
    try:
        academy = open_academy()
        return academy if academy.issuer.has_key and academy.issuer.has_issued_as(issuer_id) else None
    except AcademyError:
        return None


def _read(file: Path) -> Package:
    try:
        package = unpack(_bytes(file))
    except BadCredential as error:
        raise BadCredential(
            f"{file} cannot be read. {error}", "Give a credential, or a credential package, as downloaded."
        ) from error
    if package.credential == "null":
        raise BadCredential(f"{file} is a credential package with no credential in it.", "Download it again.")
    return package


def _document(file: Path) -> Document:
    try:
        return parse(_bytes(file))
    except BadCredential as error:
        raise BadCredential(f"{file} is not an issuer document. {error}", "Give the issuer's did.json.") from error


def _text(file: Path) -> str:
    try:
        return _bytes(file).decode()
    except UnicodeDecodeError as error:
        raise BadInput(f"{file} is not a status list: it is not text.", "Fetch it from the issuer again.") from error


def _bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(2 * 1024 * 1024)
    except OSError as error:
        raise BadInput(f"{file} cannot be opened: {error.strerror}.", "Give the path of a JSON file.") from error
