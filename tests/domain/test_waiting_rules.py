from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from factory_academy.domain.submission import ATTEMPT_WINDOW, next_attempt_at
from factory_academy.domain.waiting import ENOUGH_GRADINGS, wait_until_verdict

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DURATIONS = st.lists(st.floats(0.01, 3600), min_size=ENOUGH_GRADINGS, max_size=20)
AHEAD, WORKERS = st.integers(0, 1000), st.integers(1, 50)
MOMENTS = st.lists(st.integers(1, 7200).map(lambda seconds: NOW - timedelta(seconds=seconds)), max_size=20)


@given(AHEAD, WORKERS, DURATIONS)
def test_a_wait_is_a_range_that_holds_at_least_one_grading(ahead, workers, durations):
    wait = wait_until_verdict(ahead, workers, durations)
    assert min(durations) <= wait.low_seconds <= wait.high_seconds


@given(AHEAD, AHEAD, WORKERS, DURATIONS)
def test_more_people_before_you_never_shorten_the_wait(ahead, more, workers, durations):
    sooner, later = (wait_until_verdict(n, workers, durations) for n in (ahead, ahead + more))
    assert sooner.low_seconds <= later.low_seconds
    assert sooner.high_seconds <= later.high_seconds


@given(AHEAD, WORKERS, WORKERS, DURATIONS)
def test_more_workers_never_lengthen_the_wait(ahead, workers, more, durations):
    few, many = (wait_until_verdict(ahead, n, durations) for n in (workers, workers + more))
    assert many.low_seconds <= few.low_seconds
    assert many.high_seconds <= few.high_seconds


@given(AHEAD, WORKERS, st.lists(st.floats(0.01, 60), max_size=ENOUGH_GRADINGS - 1))
def test_a_wait_that_nobody_can_know_says_so(ahead, workers, durations):
    unknown = wait_until_verdict(ahead, workers, durations)
    assert (unknown.low_seconds, unknown.high_seconds, unknown.is_known) == (None, None, False)
    assert "too few" in unknown.unknown_because
    assert "no grading worker" in wait_until_verdict(ahead, 0, [1.0] * 20).unknown_because


def test_what_a_worker_holds_can_be_over_at_any_moment():
    wait = wait_until_verdict(0, 1, [1.0, 2.0, 3.0], is_held=True)
    assert (wait.low_seconds, wait.high_seconds) == (0.0, 3.0)


@given(MOMENTS, st.integers(1, 10))
def test_within_any_hour_there_are_never_more_attempts_than_allowed(made, per_hour):
    next_at = next_attempt_at(made, per_hour, NOW)
    recent = [at for at in made if at > NOW - ATTEMPT_WINDOW]
    assert (next_at is None) == (len(recent) < per_hour)
    if next_at is not None:
        assert next_at > NOW
        assert next_attempt_at(made, per_hour, next_at) is None
        assert next_attempt_at(made, per_hour, next_at - timedelta(microseconds=1)) is not None
