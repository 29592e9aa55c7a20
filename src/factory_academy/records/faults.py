"""What a database says when something is wrong → what a person is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from factory_academy.errors import AcademyError, Conflict, InfrastructureFault

_TELLING = (
    (
        ("no such table", "no such column", "does not exist"),
        "The records are not set up for this version of the academy.",
        "Run `factory-academy up`, which brings them up to date.",
    ),
    (
        ("disk is full", "no space left", "diskfull"),
        "The disk that keeps the records is full; nothing was lost.",
        "Free some space, then try again.",
    ),
    (
        ("locked", "timeout", "timed out"),
        "The records are very busy.",
        "Try again in a minute.",
    ),
    (
        ("malformed", "not a database", "disk i/o error"),
        "The file that keeps the records is damaged.",
        "Put back the last backup of academy.db.",
    ),
    (
        ("readonly", "read-only"),
        "The records can only be read, not written.",
        "Make the file and its folder writable for the academy.",
    ),
)


@contextmanager
def told_as_academy_errors() -> Iterator[None]:
    """Turn what SQLAlchemy raises into errors for people; anything else passes."""
    try:
        yield
    except SQLAlchemyError as error:
        raise academy_error(error) from error


def academy_error(error: SQLAlchemyError) -> AcademyError:
    """Conflict for a broken constraint, InfrastructureFault for all else. Quotes no statement and no address."""
    if isinstance(error, IntegrityError):
        return Conflict("This contradicts what is on record; nothing was changed.", "Reload the page and look again.")
    said = str(error).lower()
    for signs, message, step in _TELLING:
        if any(sign in said for sign in signs):
            return InfrastructureFault(message, step)
    return InfrastructureFault("The records cannot be reached.", "Try again in a minute; nothing was lost.")
