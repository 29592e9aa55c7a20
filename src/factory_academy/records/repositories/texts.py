"""Nouns of the domain ⇄ JSON text, for what is read and written whole. Pure; ASCII only, so any database holds it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from factory_academy.domain.course import CertificateRule, Task, TaskKind
from factory_academy.domain.grade import Cause, CellRun, GradingOutcome, TaskScore, Verdict
from factory_academy.domain.submission import SubmissionState


def tasks_to_text(tasks: Sequence[Task]) -> str:
    """The tasks of an assignment as JSON."""
    return _text([asdict(task) for task in tasks])


def tasks_from_text(text: str) -> tuple[Task, ...]:
    """The tasks that ``tasks_to_text`` wrote."""
    return tuple(Task(**{**task, "kind": TaskKind(task["kind"])}) for task in json.loads(text))


def rule_to_text(rule: CertificateRule) -> str:
    """A certificate rule as JSON."""
    return _text(asdict(rule))


def rule_from_text(text: str) -> CertificateRule:
    """The rule that ``rule_to_text`` wrote."""
    rule: dict[str, Any] = json.loads(text)
    lists = {
        "assignments": tuple(rule["assignments"]),
        "outcomes": tuple(rule["outcomes"]),
        "skills": tuple((name, address) for name, address in rule["skills"]),
    }
    return CertificateRule(**{**rule, **lists})


def names_to_text(names: Sequence[str]) -> str:
    """A list of names as JSON."""
    return _text(list(names))


def names_from_text(text: str) -> tuple[str, ...]:
    """The names that ``names_to_text`` wrote."""
    return tuple(json.loads(text))


def pairs_to_text(pairs: Sequence[tuple[str, str]]) -> str:
    """Pairs of texts, such as a certificate's evidence, as JSON."""
    return _text([list(pair) for pair in pairs])


def pairs_from_text(text: str) -> tuple[tuple[str, str], ...]:
    """The pairs that ``pairs_to_text`` wrote."""
    return tuple((first, second) for first, second in json.loads(text))


def scores_to_text(scores: Sequence[TaskScore]) -> str:
    """Task scores as JSON."""
    return _text([asdict(score) for score in scores])


def scores_from_text(text: str) -> tuple[TaskScore, ...]:
    """The scores that ``scores_to_text`` wrote."""
    return tuple(_score(score) for score in json.loads(text))


def run_to_text(outcome: GradingOutcome) -> str:
    """All of an outcome but its scores, as JSON."""
    return _text(
        {
            "state": outcome.state,
            "reason": outcome.reason,
            "cells": [asdict(cell) for cell in outcome.cells],
            "notes": outcome.notes,
            "environment": outcome.environment,
            "seed": outcome.seed,
            "seconds": outcome.seconds,
        }
    )


def outcome_from_texts(scores: str, run: str) -> GradingOutcome:
    """The outcome that ``scores_to_text`` and ``run_to_text`` wrote."""
    fields: dict[str, Any] = json.loads(run)
    return GradingOutcome(
        state=SubmissionState(fields["state"]),
        reason=fields["reason"],
        tasks=scores_from_text(scores),
        cells=tuple(CellRun(**{**cell, "pictures": tuple(cell.get("pictures", ()))}) for cell in fields["cells"]),
        notes=tuple(fields["notes"]),
        environment=fields["environment"],
        seed=fields["seed"],
        seconds=fields["seconds"],
    )


def _score(fields: dict[str, Any]) -> TaskScore:
    kind, verdict, cause = TaskKind(fields["kind"]), Verdict(fields["verdict"]), Cause(fields["cause"])
    return TaskScore(**{**fields, "kind": kind, "verdict": verdict, "cause": cause})


def _text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
