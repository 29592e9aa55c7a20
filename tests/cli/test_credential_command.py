from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.support.badges import CERTIFICATE, PORTAL
from typer.testing import CliRunner

from factory_academy.bootstrap import Academy
from factory_academy.cli.credential import app
from factory_academy.credentials.issuer import BadgeIssuer
from factory_academy.domain.course import Course
from factory_academy.domain.factory import Factory
from factory_academy.domain.person import Person, Role
from factory_academy.errors import AcademyError
from factory_academy.records.migrate import migrate
from factory_academy.settings import Settings

Run = Callable[..., "Ran"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a credential, its package, the issuer's document and a status list, as an employer has them."""
    issuer = BadgeIssuer(tmp_path / "issuer" / "issuer.pem", PORTAL)
    text = issuer.sign(CERTIFICATE)
    changed = json.loads(text)
    changed["credentialSubject"]["result"][0]["value"] = "100"
    files = {
        "credential.json": text,
        "changed.json": json.dumps(changed),
        "package.json": issuer.package(text, frozenset()),
        "revoked-package.json": issuer.package(text, frozenset({5})),
        "did.json": json.dumps(issuer.did_document()),
        "status.json": issuer.status_list(frozenset()),
        "revoked.json": issuer.status_list(frozenset({5})),
        "other-did.json": json.dumps(issuer.did_document() | {"id": "did:web:other.example"}),
        "not-json.json": "certificate!",
        "list.json": "[]",
        "not-a-badge.json": '{"hello": "world"}',
        "empty-package.json": '{"type": "factory-academy credential package"}',
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    return tmp_path


@dataclass(frozen=True)
class Ran:
    """What a run of the command left behind."""

    returncode: int
    stdout: str
    refusal: AcademyError | None


@pytest.fixture
def run(folder: Path) -> Run:
    """Run a command on files of the folder, on a machine with no academy unless one is given."""

    def run(*argv: str, home: Path | None = None, command: str = "verify") -> Ran:
        paths = [str(folder / a) if a.endswith((".json", ".")) else a for a in argv]
        environment = {"ACADEMY_HOME": str(home or folder / "no-academy")}
        result = CliRunner().invoke(app, [command, *paths], env=environment)
        refusal = result.exception if isinstance(result.exception, AcademyError) else None
        assert refusal or result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return Ran(result.exit_code, result.stdout, refusal)

    return run


def test_a_good_credential_with_a_trusted_document_and_list_exits_zero(run):
    ran = run("credential.json", "--did", "did.json", "--status", "status.json")
    assert ran.returncode == 0, ran.stdout
    assert ran.stdout.startswith("VALID\n")
    assert "Pipeline builder" in ran.stdout
    assert "87.5" in ran.stdout


def test_a_package_with_the_trusted_document_exits_zero(run):
    assert run("package.json", "--did", "did.json").returncode == 0


def test_a_package_alone_proves_nothing_and_says_how_to_go_on(run):
    ran = run("package.json")
    assert ran.returncode == 3
    assert ran.stdout.startswith("SIGNATURE HOLDS, BUT NOT DECIDED")
    assert "https://academy.example/services/portal/issuer/did.json" in ran.stdout


def test_without_a_status_list_nothing_is_promised(run):
    ran = run("credential.json", "--did", "did.json")
    assert ran.returncode == 3
    assert "Whether it was revoked is not known" in ran.stdout


@pytest.mark.parametrize(
    ("argv", "headline"),
    [
        (("credential.json", "--did", "did.json", "--status", "revoked.json"), "REVOKED"),
        (("revoked-package.json", "--did", "did.json"), "REVOKED"),
        (("revoked-package.json",), "REVOKED"),
        (("changed.json", "--did", "did.json"), "FORGED OR CHANGED"),
        (("credential.json", "--did", "other-did.json"), "UNKNOWN ISSUER"),
        (("not-a-badge.json", "--did", "did.json"), "NOT A CREDENTIAL"),
        (("not-a-badge.json",), "NOT A CREDENTIAL"),
        (("did.json",), "NOT A CREDENTIAL"),
    ],
)
def test_what_is_not_good_exits_one_and_is_named(run, argv, headline):
    ran = run(*argv)
    assert ran.returncode == 1
    assert ran.stdout.startswith(headline)


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("absent.json",), "absent.json cannot be opened: No such file"),
        ((".",), "Is a directory"),
        (("not-json.json",), "not-json.json cannot be read. It is not JSON"),
        (("list.json",), "list"),
        (("empty-package.json",), "no credential in it"),
        (("credential.json",), "Without the issuer's document nobody can tell"),
        (("credential.json", "--did", "absent.json"), "absent.json cannot be opened"),
        (("credential.json", "--did", "not-json.json"), "not-json.json is not an issuer document"),
    ],
)
def test_what_cannot_be_read_is_named_with_the_next_step(run, argv, told):
    ran = run(*argv)
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert ran.refusal is not None
    assert told in str(ran.refusal)
    assert ran.refusal.next_step


def test_a_refusal_is_two_lines_on_stderr_and_never_a_traceback(tmp_path):
    ran = subprocess.run(
        [sys.executable, "-m", "factory_academy.cli.main", "credential", "verify", str(tmp_path / "absent.json")],
        env={**os.environ, "ACADEMY_HOME": str(tmp_path / "no-academy")},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert [line[:5] for line in ran.stderr.splitlines()[-1:]] == ["Next:"]
    assert "Traceback" not in ran.stderr


def test_the_holders_name_can_be_checked(run):
    argv = ("package.json", "--did", "did.json", "--name")
    assert run(*argv, CERTIFICATE.trainee_name).returncode == 0
    ran = run(*argv, "Somebody Else")
    assert ran.returncode == 1
    assert ran.stdout.startswith("NOT FOR THIS PERSON")


@pytest.fixture
def academy(folder: Path) -> Academy:
    """An academy on this machine that has issued the certificate; its credential lies in ``home.json``."""
    academy = Academy(Settings(home=folder / "home"))
    academy.settings.home.mkdir()
    migrate(academy.settings.records_url)
    with academy.records.transaction() as repositories:
        repositories.factories.ensure(Factory("bologna", "IT4LIA", "Bologna", "IT", "agri-food"))
        repositories.people.add(Person("mira", CERTIFICATE.trainee_name, Role.TRAINEE, "bologna"))
        repositories.courses.ensure(Course("pipelines", "Data pipelines"))
        text = academy.issuer.sign(CERTIFICATE)
        repositories.certificates.add(replace(CERTIFICATE), text)
    (folder / "home.json").write_text(text)
    return academy


def test_the_academy_that_issued_it_needs_nothing_but_the_file(run, academy):
    ran = run("home.json", home=academy.settings.home)
    assert ran.returncode == 0, ran.stdout
    assert "this academy's own keys and records" in ran.stdout


@pytest.mark.parametrize("named", [CERTIFICATE.id, f"{PORTAL}/verify/{CERTIFICATE.id}"])
def test_the_academy_that_revoked_it_says_so(run, academy, named):
    taken_back = run(named, home=academy.settings.home, command="revoke")
    assert taken_back.stdout == f"Revoked: Pipeline builder, {CERTIFICATE.trainee_name}, issued 2026-03-02.\n"
    ran = run("home.json", home=academy.settings.home)
    assert ran.returncode == 1
    assert ran.stdout.startswith("REVOKED")


def test_what_does_not_exist_cannot_be_revoked(run, academy):
    ran = run("nothing", home=academy.settings.home, command="revoke")
    assert ran.refusal is not None
    assert "no certificate 'nothing'" in str(ran.refusal)


def test_after_a_new_key_the_old_credential_is_still_good(run, academy):
    before = academy.issuer.did_document()["assertionMethod"]
    ran = run(home=academy.settings.home, command="rotate-key")
    assert before[0] not in ran.stdout
    assert academy.issuer.did_document()["assertionMethod"][1:] == before
    assert run("home.json", home=academy.settings.home).returncode == 0


def test_nothing_in_a_file_reaches_the_terminal_as_a_command(run, folder):
    evil = json.loads((folder / "credential.json").read_text())
    evil["issuer"]["id"] = "did:web:\x1b[2Jevil\u202e"
    (folder / "evil.json").write_text(json.dumps(evil))
    for argv in (("evil.json",), ("evil.json", "--did", "did.json")):
        ran = run(*argv)
        said = ran.stdout + str(ran.refusal)
        assert "\x1b" not in said
        assert "\u202e" not in said


def test_checking_on_another_academys_machine_makes_no_keys_there(run, folder):
    home = folder / "no-academy"
    run("package.json", home=home)
    assert not home.exists()
