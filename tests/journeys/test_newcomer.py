"""What somebody meets who starts an academy, stops it, and starts it again."""

import json
import os
import re
import socket
import stat
from contextlib import closing
from pathlib import Path

from tests.support.handing_in import reference_archive
from tests.support.running import ApiClient, Visitor, free_ports, running_academy, start_academy, wait_for


def test_a_second_up_says_that_the_academy_runs_already(academy):
    second = academy.command("up")
    assert second.returncode == 0
    assert f"The academy runs already: {academy.url}/" in second.stdout


def test_four_accounts_are_shown_once_with_passwords_of_their_own(academy):
    assert set(academy.accounts) >= {"ada", "ines", "marco", "otto"}
    assert len(set(academy.accounts.values())) == len(academy.accounts)


def test_a_wrong_password_is_refused_in_words(academy):
    visitor = Visitor(academy, "ada", "not-the-password")
    visitor.http.get("/hub/login")
    answer = visitor.http.post(
        "/hub/login", params=visitor._xsrf(), data={"username": "ada", "password": "no", **visitor._xsrf()}
    )
    assert answer.status_code in (401, 403)
    assert "The name or the password is wrong" in answer.text
    assert "Traceback" not in answer.text


def test_an_expired_token_is_refused_in_words(academy):
    answer = ApiClient(academy, "0" * 32).call("GET", "courses")
    assert answer.status_code == 401
    assert set(answer.json()) == {"code", "message", "next_step"}


def test_secrets_and_records_are_readable_by_their_owner_only(academy):
    assert stat.S_IMODE(academy.home.stat().st_mode) == 0o700
    secrets = [path for path in (academy.home / "keys").rglob("*") if path.is_file()]
    assert secrets
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets} == {0o600}


def test_every_listener_is_on_loopback(academy):
    pids = [academy.pid(part) for part in ("proxy", "hub", "portal", "grader-1")]
    addresses = {address for pid in pids for address in _listening(pid)}
    assert addresses
    assert addresses <= {"0100007F", "00000000000000000000000001000000"}


def test_doctor_says_what_this_machine_can_do(academy):
    told = academy.command("doctor", "--json")
    assert told.returncode == 0, told.stdout
    findings = {finding["what"]: finding for finding in json.loads(told.stdout)}
    assert {"Sandbox", "GPU", "Slurm", "Chromium", "PostgreSQL"} <= set(findings)
    assert all(finding["mend"] for finding in findings.values() if not finding["good"])


def test_a_busy_port_is_named_with_the_next_step(tmp_path):
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        try:
            start_academy(tmp_path / "home", port=port)
        except AssertionError as error:
            said = str(error)
    assert f"Port {port} (port) is not free" in said
    assert "Next: End that program, or choose another port" in said
    assert "Traceback" not in said


def test_ctrl_c_leaves_nothing_running_and_the_next_up_keeps_everything(tmp_path):
    ports = dict(zip(("port", "hub_port", "proxy_api_port", "portal_port"), map(str, free_ports(4)), strict=True))
    with running_academy(tmp_path / "home", **ports) as academy:
        ada = Visitor(academy, "ada", academy.accounts["ada"]).sign_in()
        ada.start_session(profile="cpu")
        token = ada.token()
        api = ApiClient(academy, token)
        receipt = api.hand_in("onboarding", "onb1", reference_archive("onboarding", "onb1")).json()
        assert api.verdict(receipt["submission_id"])["state"] == "graded"
        said = academy.stop()
    assert "Stopped." in said
    wait_for(lambda: not _processes_of(academy.home), "the end of every process", seconds=20)

    with running_academy(tmp_path / "home", **ports) as again:
        assert not again.accounts
        later = ApiClient(again, token).submission(receipt["submission_id"])
        assert later["state"] == "graded"
        ada.http.cookies.clear()
        assert ada.sign_in().start_session(profile="cpu").status_code in (201, 202)


def _processes_of(home):
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if f"ACADEMY_HOME={home}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.append(entry.name)
        except OSError:
            continue
    return [pid for pid in found if int(pid) != os.getpid()]


def _listening(pid):
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        if match := re.fullmatch(r"socket:\[(\d+)\]", os.readlink(descriptor)):
            inodes.add(match[1])
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and words[9] in inodes:
                yield words[1].rsplit(":", 1)[0]
