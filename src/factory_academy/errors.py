"""Every refusal a person can meet, each with a stable code that the doors translate."""

from __future__ import annotations

import math
from datetime import datetime
from typing import ClassVar


class AcademyError(Exception):
    """Something was refused. ``code`` is stable; ``next_step`` says what the person can do now."""

    code: ClassVar[str] = "academy_error"
    status: ClassVar[int] = 400

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(message)
        self.next_step = next_step


class NotFound(AcademyError):
    """What was asked for does not exist, or the person may not know that it does."""

    code = "not_found"
    status = 404


class NotAllowed(AcademyError):
    """The person's role does not permit this."""

    code = "not_allowed"
    status = 403


class NotEnrolled(AcademyError):
    """A trainee asked for something in a section they are not in."""

    code = "not_enrolled"
    status = 403


class Conflict(AcademyError):
    """What was asked contradicts what is on record, such as a second person with one sign-in name."""

    code = "conflict"
    status = 409


class BadInput(AcademyError):
    """A value that came from outside has the wrong shape; the message says what was expected and got."""

    code = "bad_input"
    status = 422


class BadNotebook(BadInput):
    """A file is not a notebook that can be read."""

    code = "bad_notebook"


class BadArchive(BadInput):
    """An archive is broken, too large, or names files it must not name."""

    code = "bad_archive"


class TooLarge(AcademyError):
    """More bytes or files than the limit allows."""

    code = "too_large"
    status = 413


class TooManyAttempts(AcademyError):
    """An assignment was handed in as often as it may be within an hour. What ended as our fault does not count."""

    code = "too_many_attempts"
    status = 429

    def __init__(self, assignment_id: str, per_hour: int, next_at: datetime, now: datetime) -> None:
        minutes = max(1, math.ceil((next_at - now).total_seconds() / 60))
        times = "once" if per_hour == 1 else f"{per_hour} times"
        super().__init__(
            f"{assignment_id} can be handed in {times} an hour, and you have done that.",
            f"Hand in again from {next_at:%H:%M:%S} UTC on, in {minutes} min; until then the tests in your notebook "
            "say how far you are.",
        )
        self.next_at = next_at


class BadCourse(BadInput):
    """A folder is not a course, or its course.toml cannot be understood."""

    code = "bad_course"


class UnknownProfile(BadInput):
    """A session was asked for with a profile that is not offered."""

    code = "unknown_profile"


class BadOptions(BadInput):
    """A session was asked for with options outside the allow-list."""

    code = "bad_options"


class NoCapacity(AcademyError):
    """Every device that would fit is leased."""

    code = "no_capacity"
    status = 503


class SignInRefused(AcademyError):
    """The name or the password is wrong, or the token has expired."""

    code = "sign_in_refused"
    status = 401


class CannotIsolate(AcademyError):
    """This machine cannot give untrusted code a sandbox, so it is not run."""

    code = "cannot_isolate"
    status = 503


class InfrastructureFault(AcademyError):
    """The fault is ours: a full disk, a missing tool, a database that is away."""

    code = "infrastructure_fault"
    status = 503


class BadSetting(AcademyError):
    """A setting has a value that cannot be used."""

    code = "bad_setting"


class BadCredential(AcademyError):
    """A credential is malformed, or its signature does not hold."""

    code = "bad_credential"
