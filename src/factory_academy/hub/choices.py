"""The page on which a person chooses a profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from factory_academy.bootstrap import Academy
from factory_academy.domain.session import Profile, unavailable_reason

_TEMPLATES = Path(__file__).with_name("templates")
_MIB, _GIB = 1 << 20, 1 << 30


@dataclass(frozen=True, slots=True)
class Choice:
    """One profile as the page shows it. ``why_not`` says why it cannot be chosen now; empty if it can."""

    profile: Profile
    limits: str
    why_not: str


def choices(academy: Academy) -> Sequence[Choice]:
    """Every profile, and whether it can start now."""
    inventory = academy.inventory
    devices, note = inventory.devices(), inventory.note
    with academy.records.reading() as repositories:
        leases = repositories.sessions.open_leases()
    return tuple(
        Choice(profile, _limits(profile), unavailable_reason(profile, devices, leases, note))
        for profile in academy.profiles.all()
    )


def choices_page(academy: Academy) -> str:
    """The choices as a form's inner HTML."""
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True)
    return environment.get_template("choices.html").render(choices=choices(academy))


def chosen(form: Mapping[str, list[str]]) -> dict[str, object]:
    """The spawn options of a sent form; what they hold is checked when the session is planned."""
    return {name: values[0] if len(values) == 1 else values for name, values in form.items() if name != "_xsrf"}


def _limits(profile: Profile) -> str:
    hours = profile.wall_time.total_seconds() / 3600
    return f"{_size(profile.memory_bytes)} memory, {_size(profile.disk_bytes)} disk, up to {hours:.3g} h"


def _size(size_bytes: int) -> str:
    return f"{size_bytes / _GIB:.3g} GiB" if size_bytes >= _GIB else f"{size_bytes / _MIB:.3g} MiB"
