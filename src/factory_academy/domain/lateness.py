"""What lateness costs: always computed when read, from the time of receipt, the deadline and the policy; never stored.

All instants are UTC and all spans are spans of real time, so a day is 24 hours whatever clocks on walls do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

_ZERO = timedelta(0)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LatePolicy:
    """What late work loses, as data. Fractions are of the points, 0–1; the plain policy takes nothing.

    ``fixed_fraction`` is lost at once, ``per_day_fraction`` with each day begun after the deadline, never below
    ``floor_fraction``. Within ``grace`` nothing is lost; later than ``cut_off`` after the deadline everything is.
    """

    per_day_fraction: float = 0.0
    fixed_fraction: float = 0.0
    floor_fraction: float = 0.0
    grace: timedelta = _ZERO
    cut_off: timedelta | None = None

    def __post_init__(self) -> None:
        for name in ("per_day_fraction", "fixed_fraction", "floor_fraction"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must lie in 0 to 1, got {getattr(self, name)}")
        if self.grace < _ZERO:
            raise ValueError(f"grace must not be negative, got {self.grace}")
        if self.cut_off is not None and self.cut_off < self.grace:
            raise ValueError(f"cut_off must not come before grace ends, got {self.cut_off} and {self.grace}")

    @property
    def version(self) -> str:
        """The first 12 hex digits of the sha256 of its values: two policies with one version are the same."""
        spans = (self.grace, "never" if self.cut_off is None else self.cut_off)
        values = (self.per_day_fraction, self.fixed_fraction, self.floor_fraction, *spans)
        return hashlib.sha256("|".join(str(value) for value in values).encode()).hexdigest()[:12]

    def kept(self, late_by: timedelta) -> float:
        """The fraction of the points that work keeps which came so long after its deadline."""
        if late_by <= _ZERO or late_by <= self.grace:
            return 1.0
        if self.cut_off is not None and late_by > self.cut_off:
            return 0.0
        lost = self.fixed_fraction + self.per_day_fraction * _days_begun(late_by)
        return max(self.floor_fraction, 1.0 - lost, 0.0)

    @property
    def words(self) -> str:
        """The policy in a sentence for trainees."""
        parts = []
        if self.grace:
            parts.append(f"nothing is lost within {span_words(self.grace)}")
        if self.fixed_fraction:
            parts.append(f"late work loses {self.fixed_fraction:.0%}")
        if self.per_day_fraction:
            parts.append(f"each day begun costs {self.per_day_fraction:.0%}")
        if self.floor_fraction and (self.fixed_fraction or self.per_day_fraction):
            parts.append(f"at least {self.floor_fraction:.0%} is kept")
        if self.cut_off is not None:
            after = f"later than {span_words(self.cut_off)} after" if self.cut_off else "after"
            parts.append(f"work that comes {after} the deadline earns nothing")
        text = "; ".join(parts) or "late work loses nothing"
        return f"{text[0].upper()}{text[1:]}."


@dataclass(frozen=True, slots=True)
class Deadline:
    """When one trainee's work is due, and what lateness costs. ``due_at`` is the section's; None: it is never late."""

    due_at: datetime | None = None
    policy: LatePolicy = field(default_factory=LatePolicy)
    extension: timedelta = _ZERO

    def __post_init__(self) -> None:
        if self.extension < _ZERO:
            raise ValueError(f"an extension must not be negative, got {self.extension}")

    @property
    def effective_at(self) -> datetime | None:
        """The section's deadline and the personal extension together."""
        return None if self.due_at is None else self.due_at + self.extension


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late one submission is and what that leaves of its points, 0–1, with the reason in a sentence."""

    deadline: Deadline
    late_by: timedelta
    kept_fraction: float
    why: str

    def points(self, earned: float) -> float:
        """What is left of points earned."""
        return round(earned * self.kept_fraction, 6)


def lateness_of(deadline: Deadline, received_at: datetime) -> Lateness:
    """The lateness of work that the server received then."""
    effective = deadline.effective_at
    if effective is None:
        return Lateness(deadline, _ZERO, 1.0, "There is no deadline.")
    late_by = max(received_at - effective, _ZERO)
    kept = deadline.policy.kept(late_by)
    extended = f", with your extension of {span_words(deadline.extension)}" if deadline.extension else ""
    if not late_by:
        return Lateness(deadline, late_by, kept, f"Received in time{extended}.")
    how = f"Received {span_words(late_by)} late{extended}"
    if kept == 1:
        return Lateness(deadline, late_by, kept, f"{how}, which costs nothing.")
    return Lateness(deadline, late_by, kept, f"{how}, so {kept:.0%} of the points count. {deadline.policy.words}")


@dataclass(frozen=True, slots=True)
class Counted:
    """One submission's points before and after lateness."""

    submission_id: str
    earned: float
    lateness: Lateness

    @property
    def points(self) -> float:
        """Points after lateness."""
        return self.lateness.points(self.earned)


def counting(results: Iterable[Counted]) -> Counted | None:
    """The submission that counts: most points after its own lateness, the earliest given among equals.

    Each has its own lateness, so worthless work in time does not make good work that came late count in full, and
    handing in once more never costs anything.
    """
    return max(results, key=lambda result: result.points, default=None)


def span_words(span: timedelta) -> str:
    """A span for people, in its largest two units."""
    minutes = max(1, -(-span // timedelta(minutes=1)))
    units = (("day", minutes // 1440), ("hour", minutes // 60 % 24), ("minute", minutes % 60))
    said = [f"{n} {name}{'' if n == 1 else 's'}" for name, n in units if n]
    return " and ".join(said[:2])


def _days_begun(late_by: timedelta) -> int:
    return -(-late_by // _DAY)


@dataclass(frozen=True, slots=True)
class DeadlineRule:
    """What someone set for an assignment: in one section, or in all that set nothing themselves (``section_id`` None).

    ``due_at`` or ``policy`` None leaves that to the wider rule. ``set_by`` None means the course's own files.
    """

    course_id: str
    assignment_name: str
    section_id: str | None
    due_at: datetime | None
    policy: LatePolicy | None
    set_at: datetime
    set_by: str | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """More time that a trainee was given for an assignment, after the section's deadline; zero takes it back."""

    course_id: str
    assignment_name: str
    trainee_id: str
    extra: timedelta
    reason: str
    given_by: str
    given_at: datetime

    def __post_init__(self) -> None:
        if self.extra < _ZERO or self.extra % timedelta(seconds=1):
            raise ValueError(f"an extension is a whole number of seconds and not negative, got {self.extra}")


def deadline_of(
    usual_due_at: datetime | None, rules: Iterable[DeadlineRule], section_id: str | None, extra: timedelta = _ZERO
) -> Deadline:
    """The deadline in a section, with a trainee's extension: the last rule of a scope counts, the section's first."""
    last = {rule.section_id: rule for rule in rules}
    scopes = [last[scope] for scope in (section_id, None) if scope in last]
    due_at = next((rule.due_at for rule in scopes if rule.due_at is not None), usual_due_at)
    policy = next((rule.policy for rule in scopes if rule.policy is not None), None)
    return Deadline(due_at, policy or LatePolicy(), extra)
