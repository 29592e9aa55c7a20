from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import demo

import factory_academy.portal
from factory_academy.domain.course import TaskKind
from factory_academy.domain.grade import Cause, Verdict
from factory_academy.domain.person import Role
from factory_academy.domain.session import SessionState
from factory_academy.domain.submission import SubmissionState
from factory_academy.portal.pages import words as pages_words
from factory_academy.portal.pages.format import duration, percent, points, size, when
from factory_academy.portal.pages.plot import plot_of
from factory_academy.portal.pages.render import HTMX
from factory_academy.workflows.cohort_progress import CohortLine

STATIC = Path(factory_academy.portal.__file__).parent / "static"
TEXT_ON_GROUND = [
    *((text, ground) for text in ("text", "muted", "accent") for ground in ("ground", "surface", "sunken")),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("accent-strong", "accent-soft"),
    ("muted", "accent-soft"),
    *((tone, f"{tone}-soft") for tone in ("good", "warn", "bad", "calm")),
    *(("text", f"{tone}-soft") for tone in ("good", "warn", "bad")),
    ("bad", "surface"),
]
OUTLINES = [("line-strong", "surface"), ("line-strong", "ground"), ("focus", "ground"), ("focus", "surface")]


def tokens(scheme: str) -> dict[str, str]:
    """The colours of the style sheet by name."""
    css = (STATIC / "academy.css").read_text()
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    found: dict[str, str] = {}
    for block in blocks[: 1 if scheme == "light" else 2]:
        found |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    return found


def luminance(colour: str) -> float:
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
def test_text_can_be_read_on_its_ground(scheme, text, ground):
    colours = tokens(scheme)
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("line", "ground"), OUTLINES)
def test_the_outline_of_a_control_and_of_the_focus_can_be_seen(scheme, line, ground):
    colours = tokens(scheme)
    assert contrast(colours[line], colours[ground]) >= 3


def test_htmx_is_the_file_that_its_makers_publish():
    note = (STATIC / "vendor" / "htmx-LICENSE.txt").read_text()
    assert hashlib.sha256((STATIC / HTMX).read_bytes()).hexdigest() in note


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (pages_words.SUBMISSION, SubmissionState),
        (pages_words.VERDICT, Verdict),
        (pages_words.CAUSE, Cause),
        (pages_words.KIND, TaskKind),
        (pages_words.SESSION, SessionState),
        (pages_words.ROLE, Role),
    ],
)
def test_everything_that_can_be_has_words_of_its_own(words, kind):
    assert set(words) == set(kind)
    said = [w.text if isinstance(w, pages_words.Words) else w for w in words.values()]
    assert len(set(said)) == len(said)


def test_every_way_to_fail_says_what_to_do_next():
    for state, words in pages_words.SUBMISSION.items():
        assert words.advice or state in (SubmissionState.QUEUED, SubmissionState.RUNNING, SubmissionState.GRADED)


@given(st.floats(0, 1))
def test_only_all_of_it_is_called_a_hundred_per_cent(fraction):
    assert (percent(fraction) == "100 %") == (fraction == 1)
    assert 0 <= int(percent(fraction).removesuffix(" %")) <= 100


@given(st.floats(0, 10_000))
def test_points_are_written_short_and_right_to_a_hundredth(value):
    assert abs(float(points(value)) - value) <= 0.005000001
    assert not points(value).endswith((".", ".0"))


@given(st.timedeltas(timedelta(days=-3), timedelta(days=400)))
def test_a_duration_is_never_negative_and_never_empty(length):
    assert duration(length)
    assert "-" not in duration(length)


@given(st.integers(0, 2**60))
def test_a_size_has_a_number_below_1024_and_a_unit(count):
    number, _, unit = size(count).partition(" ")
    assert float(number) <= 1024 or unit == "TiB"


def test_a_time_is_shown_in_utc_with_the_instant_for_machines():
    rome = datetime(2026, 3, 2, 13, 5, tzinfo=timezone(timedelta(hours=1)))
    assert when(rome) == '<time datetime="2026-03-02T12:05:00+00:00">2 Mar 2026, 12:05 UTC</time>'
    assert when(datetime(2026, 3, 2, 12, 5, tzinfo=UTC)) == when(rome)


@st.composite
def lines(draw):
    trainees = draw(st.integers(1, 500))
    started = draw(st.integers(0, trainees))
    certified = draw(st.integers(0, started))
    return CohortLine(demo.FACTORIES[0], "Autumn", demo.PIPELINES, trainees, started, certified, 0.5)


@given(st.lists(lines(), max_size=8))
def test_no_bar_of_the_plot_is_wider_than_the_plot_and_all_trainees_are_in_it(some):
    plot = plot_of(some)
    assert len(plot.bars) == len(some)
    for bar in plot.bars:
        assert bar.parts
        for part, following in zip(bar.parts, bar.parts[1:], strict=False):
            assert part.start + part.width <= following.start + 0.01
        assert bar.parts[-1].start + bar.parts[-1].width <= 100.01
        assert bar.y + 40 <= plot.height
