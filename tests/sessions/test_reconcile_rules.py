from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory_academy.domain.session import SessionRecord, SessionState
from factory_academy.isolation.spec import Ending
from factory_academy.sessions.outcome import outcome_of
from factory_academy.sessions.reconcile import Step, next_step
from factory_academy.sessions.running import Presence

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
RUNNING = SessionRecord("1" * 32, "ada", "cpu", None, SessionState.RUNNING, NOON, NOON + 4 * HOUR)
STARTING = replace(RUNNING, state=SessionState.STARTING)
ENDED = replace(RUNNING, state=SessionState.STOPPED, ended_at=NOON + HOUR)
RECORDS = st.sampled_from([None, RUNNING, STARTING, ENDED])
TIMES = st.timedeltas(timedelta(0), 10 * HOUR).map(lambda passed: NOON + passed)


@given(RECORDS, TIMES)
def test_what_is_unknown_changes_nothing(record, now):
    assert next_step(record, Presence.UNKNOWN, now) is Step.KEEP


@given(st.sampled_from([None, ENDED]), TIMES)
def test_what_nobody_owns_is_stopped(record, now):
    assert next_step(record, Presence.RUNNING, now) is Step.STOP
    assert next_step(record, Presence.GONE, now) is Step.FORGET


@given(TIMES)
def test_a_session_runs_until_its_time_is_up(now):
    expected = Step.EXPIRE if now >= RUNNING.expires_at else Step.KEEP
    assert next_step(RUNNING, Presence.RUNNING, now) is expected


@given(TIMES)
def test_a_running_session_whose_process_is_gone_is_noted(now):
    assert next_step(RUNNING, Presence.GONE, now) is Step.NOTE_ENDED


def test_a_session_seen_alive_is_noted_as_running():
    assert next_step(STARTING, Presence.RUNNING, NOON) is Step.NOTE_RUNNING


def test_a_session_that_was_planned_a_moment_ago_may_still_begin():
    assert next_step(STARTING, Presence.GONE, NOON + timedelta(seconds=5)) is Step.KEEP
    assert next_step(STARTING, Presence.GONE, NOON + timedelta(minutes=2)) is Step.NOTE_ENDED


@given(RECORDS, st.sampled_from(list(Presence)), TIMES)
def test_only_a_session_with_time_left_is_left_running(record, presence, now):
    step = next_step(record, presence, now)
    if presence is Presence.RUNNING and step in (Step.KEEP, Step.NOTE_RUNNING):
        assert record is not None
        assert record.ended_at is None
        assert now < record.expires_at


@pytest.mark.parametrize(
    ("ending", "state", "word"),
    [
        (None, SessionState.LOST, "nothing says why"),
        (Ending("exited", 0, None, None, 1.0), SessionState.STOPPED, "from inside"),
        (Ending("exited", 1, None, None, 1.0), SessionState.LOST, "exit code 1"),
        (Ending("signalled", None, 11, None, 1.0), SessionState.LOST, "signal 11"),
        (Ending("out_of_memory", None, 9, None, 1.0), SessionState.LOST, "more memory"),
        (Ending("killed", None, 9, None, 1.0), SessionState.LOST, "killed from outside"),
    ],
)
def test_the_end_of_a_session_is_told_in_words(ending, state, word):
    assert outcome_of(ending)[0] is state
    assert word in outcome_of(ending)[1]
