"""Rubrics and policies ⇄ JSON text. Pure; ASCII only, so any database holds it."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from factory_academy.domain.lateness import LatePolicy
from factory_academy.domain.marking import MarkingPolicy
from factory_academy.domain.rubric import Criterion, Level, Rubric


def rubric_to_text(rubric: Rubric) -> str:
    """A rubric as JSON."""
    return json.dumps(asdict(rubric), separators=(",", ":"))


def rubric_from_text(text: str) -> Rubric:
    """The rubric that ``rubric_to_text`` wrote."""
    fields: dict[str, Any] = json.loads(text)
    criteria = (
        Criterion(one["id"], one["title"], tuple(Level(**level) for level in one["levels"]))
        for one in fields["criteria"]
    )
    return Rubric(fields["title"], tuple(criteria))


def policy_to_text(policy: MarkingPolicy | LatePolicy) -> str:
    """A policy as JSON; spans in microseconds."""
    values = {name: _plain(value) for name, value in asdict(policy).items()}
    return json.dumps(values, separators=(",", ":"))


def marking_policy_from_text(text: str) -> MarkingPolicy:
    """The policy that ``policy_to_text`` wrote."""
    return MarkingPolicy(**_fields(text, ("appeal_time", "answer_time")))


def late_policy_from_text(text: str) -> LatePolicy:
    """The policy that ``policy_to_text`` wrote."""
    return LatePolicy(**_fields(text, ("grace", "cut_off")))


def _plain(value: object) -> object:
    return value // timedelta(microseconds=1) if isinstance(value, timedelta) else value


def _fields(text: str, spans: tuple[str, ...]) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(text)
    return {
        name: timedelta(microseconds=value) if name in spans and value is not None else value
        for name, value in fields.items()
    }
