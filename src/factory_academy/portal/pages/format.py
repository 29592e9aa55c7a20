"""Numbers, times and sizes as people read them; each is a filter of the templates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from markupsafe import Markup

from factory_academy.domain.course import Assignment
from factory_academy.domain.waiting import Wait


def points(value: float) -> str:
    """``8``, ``7.5``, ``0.33``: at most two decimals, none that say nothing."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def percent(fraction: float) -> str:
    """``64 %`` of a fraction 0–1; 100 only when it is all, so that 99.6 % does not look finished."""
    whole = round(fraction * 100)
    return f"{99 if whole == 100 and fraction < 1 else whole} %"


def when(at: datetime | None) -> str:
    """An instant to the minute in UTC, as a ``time`` element; a dash for none."""
    if at is None:
        return "–"
    utc = at.astimezone(UTC)
    text = f"{utc.day} {utc:%b %Y, %H:%M} UTC"
    return Markup('<time datetime="{}">{}</time>').format(utc.isoformat(timespec="seconds"), text)


def day(at: datetime | None) -> str:
    """The day of an instant in UTC, as a ``time`` element; a dash for none."""
    if at is None:
        return "–"
    utc = at.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(utc.date().isoformat(), f"{utc.day} {utc:%b %Y}")


def duration(length: timedelta) -> str:
    """``3 h 5 min``, ``12 min``, ``40 s``; nothing is left below zero."""
    seconds = max(0, int(length.total_seconds()))
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"


def size(count: int) -> str:
    """``3 GiB``, ``1.5 MiB``, ``512 bytes``."""
    value = float(count)
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{points(round(value, 1))} {unit}"
        value /= 1024
    return f"{points(round(value, 1))} TiB"


def plural(count: int, one: str, many: str = "") -> str:
    """``1 trainee``, ``2 trainees``."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def wait(expected: Wait | None) -> str:
    """``: about 20 s to 3 min``, ``: up to 3 min``, ``: how long is not known, since …``; empty where nothing waits."""
    if expected is None:
        return ""
    low, high = expected.low_seconds, expected.high_seconds
    if low is None or high is None:
        return f": how long is not known, since {expected.unknown_because}"
    least, most = (duration(timedelta(seconds=max(1, round(seconds)))) for seconds in (low, high))
    return f": up to {most}" if low < 1 else f": about {most}" if least == most else f": about {least} to {most}"


def short(digest: str) -> str:
    """The first twelve of a long hexadecimal name."""
    return digest[:12]


def attempts(assignment: Assignment | None) -> str:
    """How often one may hand in, as the middle of a sentence."""
    limit = assignment.attempts_per_hour if assignment else None
    if limit is None:
        return "as often as you like"
    return "once an hour" if limit == 1 else f"{limit} times an hour"


FILTERS = {
    "attempts": attempts,
    "points": points,
    "percent": percent,
    "when": when,
    "day": day,
    "duration": duration,
    "size": size,
    "plural": plural,
    "short": short,
    "wait": wait,
}
