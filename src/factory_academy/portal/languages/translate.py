"""Sentences with names in them, told in another language; what no file knows stays as it is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
ENGLISH = "en"
LANGUAGES = (ENGLISH, *sorted(path.stem for path in _HERE.glob("*.toml")))
_PLACE = re.compile(r"\{(\w+)\}")
_FREE = frozenset({"error", "why", "title", "what", "code", "names", "name", "label", "notebook"})
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class _Template:
    pattern: re.Pattern[str]
    told: str
    literal_length: int


class Translator:
    """Translates the grader's own sentences into one language. What an author or a trainee wrote is left alone."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else ENGLISH
        sentences = _sentences(self.language)
        self._exact = {english: told for english, told in sentences.items() if "{" not in english}
        templates = [_template(english, told) for english, told in sentences.items() if "{" in english]
        self._templates = sorted(templates, key=lambda t: -t.literal_length)

    def __call__(self, text: str, depth: int = _DEEPEST) -> str:
        """The text in this language; unchanged where it is none of the grader's sentences."""
        if not self._exact or not text or not depth:
            return text
        if text in self._exact:
            return self._exact[text]
        for template in self._templates:
            found = template.pattern.fullmatch(text)
            if found:
                parts = {name: self(part, depth - 1) for name, part in found.groupdict().items()}
                return _PLACE.sub(lambda place, parts=parts: parts[place[1]], template.told)  # type: ignore[misc]
        return text


@cache
def translator(language: str) -> Translator:
    """The translator of a language; English, which changes nothing, for one that is not known."""
    return Translator(language)


def language_of(accepted: str) -> str:
    """The best of our languages for an ``Accept-Language`` header (RFC 9110); English where none fits."""
    wanted: list[tuple[float, int, str]] = []
    for part in accepted[:1000].split(","):
        tag, _, quality = part.partition(";")
        weight = _weight(quality)
        if weight > 0:
            wanted.append((-weight, len(wanted), tag.strip().lower().partition("-")[0]))
    return next((tag for _, _, tag in sorted(wanted) if tag in LANGUAGES), ENGLISH)


def _weight(quality: str) -> float:
    name, _, value = quality.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


@cache
def _sentences(language: str) -> Mapping[str, str]:
    return {} if language == ENGLISH else tomllib.loads((_HERE / f"{language}.toml").read_text(encoding="utf-8"))


def _template(english: str, told: str) -> _Template:
    """A pattern in which few places may hold anything, so that a long text is looked at a few times, not for ever."""
    parts = _PLACE.split(english)
    pattern = "".join(
        re.escape(part) if place % 2 == 0 else f"(?P<{part}>{'.+?' if part in _FREE else '[^:]{1,60}?'})"
        for place, part in enumerate(parts)
    )
    return _Template(re.compile(pattern, re.DOTALL), told, sum(len(part) for part in parts[::2]))
