"""What is not documented does not exist."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
import typer.main
from click import Command, Group

from factory_academy import errors
from factory_academy.cli.main import command_line
from factory_academy.domain.appeal import AppealState
from factory_academy.domain.grade import Verdict
from factory_academy.domain.marking import Stage
from factory_academy.domain.submission import SubmissionState
from factory_academy.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"


def commands(command: Command, words: str) -> Iterator[str]:
    if isinstance(command, Group):
        for name, child in command.commands.items():
            yield from commands(child, f"{words} {name}")
    else:
        yield words


@pytest.mark.parametrize("words", commands(typer.main.get_command(command_line()), "factory-academy"))
def test_every_command_is_documented(words):
    assert f"`{words}" in (DOCS / "reference" / "commands.md").read_text()


@pytest.mark.parametrize("name", [field.name for field in fields(Settings)])
def test_every_setting_is_documented(name):
    page = (DOCS / "reference" / "settings.md").read_text()
    assert f"| `{name}` | `ACADEMY_{name.upper()}` |" in page


@pytest.mark.parametrize(
    "code", sorted(c.code for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, errors.AcademyError))
)
def test_every_error_code_is_documented(code):
    assert f"| `{code}` |" in (DOCS / "reference" / "errors.md").read_text()


@pytest.mark.parametrize("word", [*SubmissionState, *Verdict])
def test_every_state_and_verdict_is_documented(word):
    assert f"| `{word}` |" in (DOCS / "reference" / "errors.md").read_text()


@pytest.mark.parametrize("word", [*Stage, *AppealState])
def test_every_stage_of_marking_and_of_an_appeal_is_documented(word):
    assert f"| `{word}` |" in (DOCS / "howto" / "mark-by-hand.md").read_text()


def test_every_link_of_the_docs_leads_somewhere():
    pages = [*DOCS.rglob("*.md"), *(DOCS.parent.glob("*.md"))]
    broken = [f"{page.name}: {target}" for page in pages for target in _links(page) if not target.exists()]
    assert not broken


def _links(page: Path) -> Iterator[Path]:
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        if "://" not in link:
            yield (page.parent / link).resolve()
