"""One self-contained page of feedback: every text escaped, no script, nothing fetched, nothing of a hidden test."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from factory_academy.domain.grade import CellRun, GradingOutcome, TaskScore, Verdict

_WORDS = {
    Verdict.PASSED: ("Passed", "✓"),
    Verdict.FAILED: ("Not passed", "✗"),
    Verdict.PARTLY: ("Partly", "◐"),
    Verdict.NOT_JUDGED: ("Waits for a person", "?"),
    Verdict.NOT_RUN: ("Not reached", "–"),
    Verdict.MANUAL: ("A person marks it", "✎"),
}
_STYLE = """
:root{color-scheme:light dark;--line:#8888;--good:#1a7f37;--bad:#b42318;--wait:#8a6100}
@media (prefers-color-scheme:dark){:root{--good:#4ac26b;--bad:#ff8a80;--wait:#e3b341}}
body{font:1rem/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
article{border:1px solid var(--line);border-radius:.5rem;padding:.75rem 1rem;margin:.75rem 0}
article h3{font-size:1rem;margin:0;display:flex;justify-content:space-between;gap:1rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:.5rem 0 0}dt{font-weight:600}dd{margin:0}
dd,p,pre{overflow-wrap:anywhere;white-space:pre-wrap}
pre{max-height:20rem;overflow:auto;margin:.5rem 0 0;font-size:.875rem}
.passed{color:var(--good)}.failed,.not_run{color:var(--bad)}.partly,.not_judged,.manual{color:var(--wait)}
""".strip()
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def feedback_page(outcome: GradingOutcome, title: str, footer: str = "") -> str:
    """The page as HTML text. ``title`` names the assignment, ``footer`` may name submission and time."""
    points = f"{outcome.earned:g} of {outcome.possible:g} points"
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>{escape(title)}: {escape(points)}</title><style>{_STYLE}</style></head><body><main>",
        f"<h1>{escape(title)}</h1><p><strong>{escape(points)}</strong></p><p>{escape(outcome.reason)}</p>",
        "<h2>Tasks</h2>",
        *(_task(score) for score in outcome.tasks),
        *_notes(outcome.notes),
        *_cells(outcome.cells),
        f"<p><small>{escape(footer)}</small></p>" if footer else "",
        "</main></body></html>",
    ]
    return "\n".join(part for part in parts if part)


def _task(score: TaskScore) -> str:
    words, sign = _WORDS[score.verdict]
    name = escape(score.title or score.task_id)
    rows = (
        ("Expected", score.expected),
        ("Got", score.got),
        ("Next step", score.next_step),
        ("Code", score.code),
    )
    details = "".join(f"<dt>{label}</dt><dd>{escape(value)}</dd>" for label, value in rows if value)
    return (
        f"<article><h3><span>{name}</span><span>{score.earned:g} / {score.possible:g}</span></h3>"
        f'<p class="{score.verdict.value}"><span aria-hidden="true">{sign}</span> {words}</p>'
        + (f"<p>{escape(score.message)}</p>" if score.message else "")
        + (f"<dl>{details}</dl>" if details else "")
        + "</article>"
    )


def _notes(notes: tuple[str, ...]) -> Iterator[str]:
    if notes:
        yield "<h2>Notes</h2><ul>" + "".join(f"<li>{escape(note)}</li>" for note in notes) + "</ul>"


def _cells(cells: tuple[CellRun, ...]) -> Iterator[str]:
    told = [cell for cell in cells if cell.output or cell.error]
    if told:
        yield "<h2>How your cells ran</h2>"
    for cell in told:
        seconds = f"{cell.seconds:.1f} s"
        yield (
            f"<article><h3><span>{escape(cell.label)}</span><span>{seconds}</span></h3>"
            + (f'<p class="failed">{escape(cell.error)}</p>' if cell.error else "")
            + (f"<pre>{escape(cell.output)}</pre>" if cell.output else "")
            + "</article>"
        )
