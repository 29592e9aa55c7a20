"""Hypothesis strategies for the nouns of the domain."""

from __future__ import annotations

from hypothesis import strategies as st

from factory_academy.domain.course import CertificateRule, Task, TaskKind
from factory_academy.domain.grade import Cause, CellRun, GradingOutcome, TaskScore, Verdict
from factory_academy.domain.submission import SubmissionState

points = st.floats(0, 1000, allow_nan=False)
words = st.text(st.characters(), max_size=20)
names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,9}", fullmatch=True)
terminal_states = st.sampled_from([state for state in SubmissionState if state.is_terminal])
tasks = st.builds(Task, id=words, points=points, kind=st.sampled_from(TaskKind), title=words)


@st.composite
def scores(draw: st.DrawFn) -> TaskScore:
    possible = draw(points)
    earned = draw(st.one_of(st.just(0.0), st.just(possible), st.floats(0, possible)))
    kind, verdict, cause = draw(st.sampled_from(TaskKind)), draw(st.sampled_from(Verdict)), draw(st.sampled_from(Cause))
    texts = [draw(words) for _ in range(6)]
    return TaskScore(draw(words), earned, possible, kind, verdict, cause, *texts)


cells = st.builds(CellRun, label=words, seconds=st.floats(0, 1e6), output=words, error=words)
outcomes = st.builds(
    GradingOutcome,
    state=terminal_states,
    reason=words,
    tasks=st.lists(scores(), max_size=4).map(tuple),
    cells=st.lists(cells, max_size=3).map(tuple),
    notes=st.lists(words, max_size=3).map(tuple),
    environment=words,
    seed=st.integers(0, 2**32 - 1),
    seconds=st.floats(0, 1e6),
)
rules = st.builds(
    CertificateRule,
    title=words,
    pass_fraction=st.floats(0.001, 1),
    assignments=st.lists(names, max_size=3).map(tuple),
    eqf_level=st.none() | st.integers(1, 8),
    hours=st.none() | st.floats(0, 1e4),
    outcomes=st.lists(words, max_size=3).map(tuple),
    skills=st.lists(st.tuples(words, words), max_size=3).map(tuple),
)
