"""``factory-academy credential``: check a credential, with no network."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from factory_academy.bootstrap import Academy, open_academy
from factory_academy.cli.credential_report import Trust, exit_code, plain, report
from factory_academy.credentials.facts import facts_of, names
from factory_academy.credentials.integrity.did import address_of
from factory_academy.credentials.integrity.strict_json import Document, parse
from factory_academy.credentials.package import Package, unpack
from factory_academy.credentials.verify import State, verify
from factory_academy.errors import AcademyError, BadCredential, BadInput, NotFound

app = typer.Typer(help="Check credentials, take them back, change the signing key.", no_args_is_help=True)


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
    code = exit_code(outcome, trust, named)
    for line in report(outcome, trust, code, named, name):
        typer.echo(plain(line))
    raise typer.Exit(code)


@app.command()
def revoke(
    certificate: Annotated[str, typer.Argument(help="A certificate's id, or its page's address.")],
) -> None:
    """Take a certificate back. Its page and the status list say so from now on; there is no way to undo it."""
    academy = open_academy()
    certificate_id = certificate.partition("/verify/")[2].partition("/")[0] or certificate
    with academy.records.transaction() as repositories:
        found = repositories.certificates.find(certificate_id)
        if found is None:
            raise NotFound(f"There is no certificate {certificate_id!r}.", "Take the id from the address of its page.")
        repositories.certificates.revoke(certificate_id, academy.clock())
    typer.echo(f"Revoked: {found.rule.title}, {found.trainee_name}, issued {found.issued_at:%Y-%m-%d}.")


@app.command("rotate-key")
def rotate_key() -> None:
    """Sign with a new key from now on. What the old key signed stays valid; its private half is destroyed."""
    academy = open_academy()
    academy.issuer.rotate_key()
    typer.echo(f"The new key is {academy.issuer.did_document()['assertionMethod'][0]}")


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
    published = plain(address_of(issuer_id)) or "the issuer's address"
    if package.issuer_document is not None:
        source = (
            f"The issuer document came with the file, and anyone can make such a file. Fetch {published} "
            "over a connection that you trust, and give it with --did."
        )
        return Trust(package.issuer_document, listed, source, is_given=False)
    raise BadCredential(
        f"Without the issuer's document nobody can tell whether {plain(issuer_id)[:160] or 'the issuer'} signed this.",
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
