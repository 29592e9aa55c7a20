"""A session's way to the academy: the portal's REST API, spoken with the session's own token."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from factory_academy.domain.submission import Receipt, SubmissionState
from factory_academy.errors import AcademyError, InfrastructureFault

PAUSES_SECONDS = (0.5, 1.0, 2.0)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_AWAY = (502, 503, 504)
_LATER = "Nothing is lost. Try again in a minute; if it stays so, tell your operator."


class RefusedByPortal(AcademyError):
    """The portal said no; ``refusal`` is the stable code that it gave."""

    code = "refused_by_portal"

    def __init__(self, message: str, next_step: str = "", refusal: str = "") -> None:
        super().__init__(message, next_step)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Released:
    """An assignment that can be fetched."""

    course_id: str
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A submission as the portal lists it; points are None until it is graded."""

    receipt: Receipt
    course_id: str
    assignment: str
    trainee_id: str
    state: SubmissionState
    reason: str
    earned: float | None
    possible: float | None


class AcademyClient:
    """Asks the portal; whatever may be lost on the way is asked again, since every request may safely be repeated."""

    def __init__(
        self,
        portal_url: str,
        token: str,
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = httpx.Client(
            base_url=f"{portal_url.rstrip('/')}/api/v1",
            headers={"Authorization": f"token {token}"},
            timeout=httpx.Timeout(60.0, connect=5.0),
            transport=transport,
            trust_env=urlsplit(portal_url).hostname not in _LOOPBACK,
        )
        self._pause = pause

    @classmethod
    def of_session(cls, environ: Mapping[str, str]) -> AcademyClient:
        """The client of the session with this environment.

        Raises:
            InfrastructureFault: the session was not given the portal's address or a token.
        """
        missing = [name for name in ("ACADEMY_PORTAL_URL", "JUPYTERHUB_API_TOKEN") if not environ.get(name)]
        if missing:
            raise InfrastructureFault(
                f"This session was not given {' and '.join(missing)}, so it cannot reach the academy.",
                "Stop the session and start it again from your home page.",
            )
        return cls(environ["ACADEMY_PORTAL_URL"], environ["JUPYTERHUB_API_TOKEN"])

    def released(self) -> tuple[Released, ...]:
        """Every assignment of your courses, in course order."""
        courses = self._json("GET", "/courses")
        return tuple(Released(c["id"], a["name"], a["title"]) for c in courses for a in c["assignments"])

    def release(self, course_id: str, name: str) -> bytes:
        """The files to begin an assignment with, as a zip archive."""
        return self._ask("GET", f"/courses/{quote(course_id, '')}/assignments/{quote(name, '')}/release").content

    def submit(self, course_id: str, name: str, archive: bytes) -> Receipt:
        """Hand in an archive; the same bytes always get the same receipt."""
        path = f"/courses/{quote(course_id, '')}/assignments/{quote(name, '')}/submissions"
        return _receipt(
            self._json("POST", path, content=archive, headers={"Content-Type": "application/zip"}),
        )

    def submissions(self, course_id: str = "", name: str = "") -> tuple[HandedIn, ...]:
        """What you handed in, newest first; all of it, or for one course or assignment."""
        wanted = {key: value for key, value in (("course", course_id), ("assignment", name)) if value}
        return tuple(_handed_in(line) for line in self._json("GET", "/submissions", params=wanted))

    def feedback(self, submission_id: str) -> bytes:
        """The feedback page of a graded submission, as HTML."""
        return self._ask("GET", f"/submissions/{quote(submission_id, '')}/feedback").content

    def _json(self, method: str, path: str, **content: Any) -> Any:
        try:
            return self._ask(method, path, **content).json()
        except ValueError as error:
            raise InfrastructureFault("The academy's answer cannot be read.", "Try again in a minute.") from error

    def _ask(self, method: str, path: str, **content: Any) -> httpx.Response:
        fault: AcademyError = InfrastructureFault("The academy does not answer.")
        for pause in (*PAUSES_SECONDS, 0.0):
            try:
                answer = self._http.request(method, path, **content)
                if answer.status_code not in _AWAY:
                    return _accepted(answer)
                fault = _refusal(answer)
            except httpx.TransportError as error:
                fault = InfrastructureFault(f"The academy does not answer ({type(error).__name__}).", _LATER)
            self._pause(pause)
        raise fault


def _accepted(answer: httpx.Response) -> httpx.Response:
    if answer.is_success:
        return answer
    raise _refusal(answer)


def _refusal(answer: httpx.Response) -> AcademyError:
    try:
        said = answer.json()
        return RefusedByPortal(str(said["message"]), str(said["next_step"]), str(said["code"]))
    except (ValueError, KeyError, TypeError):
        what = "is away for a moment" if answer.status_code in _AWAY else "gave an answer that is not its own"
        return InfrastructureFault(f"The academy {what} (HTTP {answer.status_code}).", _LATER)


def _receipt(said: Mapping[str, Any]) -> Receipt:
    received_at = datetime.fromisoformat(said["received_at"])
    return Receipt(said["submission_id"], said["assignment_id"], said["content"], received_at)


def _handed_in(said: Mapping[str, Any]) -> HandedIn:
    assignment_id = f"{said['course_id']}/{said['assignment']}"
    return HandedIn(
        receipt=_receipt({**said, "assignment_id": assignment_id}),
        course_id=said["course_id"],
        assignment=said["assignment"],
        trainee_id=said["trainee_id"],
        state=SubmissionState(said["state"]),
        reason=said["reason"],
        earned=said["earned"],
        possible=said["possible"],
    )
