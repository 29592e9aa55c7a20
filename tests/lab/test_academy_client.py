from __future__ import annotations

import httpx
import pytest

from factory_academy.errors import InfrastructureFault
from factory_academy.lab.client import PAUSES_SECONDS, AcademyClient, RefusedByPortal

RECEIPT = {
    "submission_id": "s1",
    "assignment_id": "c/a",
    "content": "0" * 64,
    "received_at": "2026-03-01T12:00:00Z",
    "state": "queued",
    "position": 0,
}


class Script:
    """Answers the n-th request with the n-th item; an exception is raised."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.pauses: list[float] = []

    def client(self) -> AcademyClient:
        return AcademyClient("http://portal/services/portal/", "tok", httpx.MockTransport(self), self.pauses.append)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_a_lost_answer_is_asked_for_again_with_the_same_bytes():
    script = Script(httpx.ReadError("gone"), httpx.Response(502), httpx.Response(200, json=RECEIPT))
    receipt = script.client().submit("c", "a", b"archive")
    assert receipt.submission_id == "s1"
    assert receipt.received_at.utcoffset().total_seconds() == 0
    assert [r.content for r in script.requests] == [b"archive"] * 3
    assert script.pauses == list(PAUSES_SECONDS[:2])


def test_an_academy_that_stays_away_is_said_to_be_away():
    script = Script(*[httpx.ConnectError("refused")] * 4)
    with pytest.raises(InfrastructureFault, match="does not answer") as refused:
        script.client().released()
    assert "Nothing is lost" in refused.value.next_step


def test_a_fault_that_lasts_is_told_in_the_portals_own_words():
    problem = {"code": "infrastructure_fault", "message": "The disk is full.", "next_step": "Tell your operator."}
    script = Script(*[httpx.Response(503, json=problem)] * 4)
    with pytest.raises(RefusedByPortal, match="The disk is full"):
        script.client().submit("c", "a", b"x")
    assert script.pauses[:3] == list(PAUSES_SECONDS)


def test_a_refusal_is_passed_on_in_the_portals_own_words():
    problem = {"code": "not_enrolled", "message": "You are not enrolled.", "next_step": "Ask for a place."}
    script = Script(httpx.Response(403, json=problem))
    with pytest.raises(RefusedByPortal, match="You are not enrolled") as refused:
        script.client().release("c", "a")
    assert (refused.value.refusal, refused.value.next_step) == ("not_enrolled", "Ask for a place.")
    assert script.pauses == []


@pytest.mark.parametrize("body", [b"<html>proxy</html>", b"[]", b'{"message": "x"}'])
def test_an_answer_that_is_not_the_academys_is_no_traceback(body):
    with pytest.raises(InfrastructureFault, match="not its own"):
        Script(httpx.Response(404, content=body)).client().released()


def test_the_token_goes_into_the_header_and_names_are_quoted():
    script = Script(httpx.Response(200, content=b"zip"))
    script.client().release("c/../x", "a?b")
    assert script.requests[0].headers["authorization"] == "token tok"
    assert script.requests[0].url.raw_path == b"/services/portal/api/v1/courses/c%2F..%2Fx/assignments/a%3Fb/release"


def test_a_session_without_an_address_says_so():
    with pytest.raises(InfrastructureFault, match="ACADEMY_PORTAL_URL"):
        AcademyClient.of_session({"JUPYTERHUB_API_TOKEN": "t"})
