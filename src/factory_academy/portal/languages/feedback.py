"""A submission's feedback in a trainee's language."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Header, Query

from factory_academy.domain.grade import GradingOutcome, TaskScore
from factory_academy.portal.languages.translate import Translator, language_of, translator
from factory_academy.workflows.course_view import SubmissionPage


def asked_language(
    language: Annotated[str, Query(max_length=10, description="Such as `es`; else what the browser asks for.")] = "",
    accept_language: Annotated[str, Header()] = "",
) -> str:
    """The language in which somebody wants to be told."""
    return language_of(language or accept_language)


Language = Annotated[str, Depends(asked_language)]


def told_in(view: SubmissionPage, language: str) -> SubmissionPage:
    """The view with everything the grader itself says in that language; points and verdicts are untouched."""
    tell = translator(language)
    submission = replace(view.submission, reason=tell(view.submission.reason))
    outcome = None if view.outcome is None else _outcome(view.outcome, tell)
    return replace(view, submission=submission, outcome=outcome)


def _outcome(outcome: GradingOutcome, tell: Translator) -> GradingOutcome:
    tasks = tuple(_task(task, tell) for task in outcome.tasks)
    return replace(outcome, reason=tell(outcome.reason), tasks=tasks)


def _task(task: TaskScore, tell: Translator) -> TaskScore:
    return replace(
        task,
        message=tell(task.message),
        expected=tell(task.expected),
        got=tell(task.got),
        next_step=tell(task.next_step),
    )
