from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory_academy.domain.lateness import (
    Counted,
    Deadline,
    DeadlineRule,
    Extension,
    LatePolicy,
    counting,
    deadline_of,
    lateness_of,
    span_words,
)

DUE = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
ROME = ZoneInfo("Europe/Rome")
ZERO, MINUTE, HOUR, DAY, YEAR = (timedelta(minutes=m) for m in (0, 1, 60, 1440, 525_600))
shares = st.sampled_from([0.0, 0.05, 0.1, 0.25, 0.5, 1.0]) | st.floats(0, 1)
spans = st.timedeltas(ZERO, 30 * DAY)
moments = st.timedeltas(-YEAR, YEAR).map(lambda late_by: DUE + late_by)
extensions = st.sampled_from([ZERO, HOUR, 2 * DAY]) | st.integers(0, 10**6).map(lambda s: timedelta(seconds=s))


@st.composite
def policies(draw):
    grace = draw(st.just(ZERO) | spans)
    cut_off = draw(st.none() | spans.map(lambda more: grace + more))
    return LatePolicy(draw(shares), draw(shares), draw(shares), grace, cut_off)


@st.composite
def deadlines(draw):
    return Deadline(draw(st.none() | moments), draw(policies()), draw(extensions))


@given(deadlines(), moments, st.timedeltas(ZERO, YEAR))
def test_waiting_longer_never_keeps_more_and_what_is_kept_is_a_fraction(deadline, received_at, longer):
    sooner, later = lateness_of(deadline, received_at), lateness_of(deadline, received_at + longer)
    assert 0 <= later.kept_fraction <= sooner.kept_fraction <= 1


@given(policies(), moments, extensions)
def test_work_in_time_keeps_everything(policy, due_at, extra):
    assert lateness_of(Deadline(due_at, policy, extra), due_at + extra).kept_fraction == 1


@given(deadlines(), moments, extensions)
def test_more_time_never_keeps_less(deadline, received_at, extra):
    longer = replace(deadline, extension=deadline.extension + extra)
    assert lateness_of(longer, received_at).kept_fraction >= lateness_of(deadline, received_at).kept_fraction


@given(policies(), spans)
def test_late_work_keeps_the_floor_until_the_cut_off_and_then_nothing(policy, late_by):
    kept = policy.kept(late_by)
    if policy.cut_off is not None and late_by > policy.cut_off:
        assert kept == 0
    else:
        assert kept >= policy.floor_fraction


@given(policies(), spans)
def test_within_the_grace_period_nothing_is_lost(policy, late_by):
    if late_by <= policy.grace:
        assert policy.kept(late_by) == 1


@given(spans)
def test_the_plain_policy_takes_nothing(late_by):
    assert LatePolicy().kept(late_by) == 1


@given(policies(), policies())
def test_policies_with_one_version_are_the_same(one, other):
    assert (one.version == other.version) == (repr(one) == repr(other))


@given(st.lists(st.tuples(st.floats(0, 100), moments), min_size=1, max_size=6), deadlines(), st.floats(0, 100), moments)
def test_handing_in_once_more_never_costs_anything(handed, deadline, earned, received_at):
    """Lessons, row 69: neither worthless work in time nor any other play with the order of work is worth a point."""
    before = [Counted(str(n), points, lateness_of(deadline, at)) for n, (points, at) in enumerate(handed)]
    after = [*before, Counted("more", earned, lateness_of(deadline, received_at))]
    assert counting(after).points >= counting(before).points
    assert counting(after).points == max(result.lateness.points(result.earned) for result in after)


@given(policies(), st.floats(1, 100), st.timedeltas(MINUTE, YEAR))
def test_worthless_work_in_time_does_not_make_good_work_that_came_late_count_in_full(policy, earned, late_by):
    deadline = Deadline(DUE, policy)
    good = Counted("good", earned, lateness_of(deadline, DUE + late_by))
    worthless = Counted("worthless", 0.0, lateness_of(deadline, DUE - HOUR))
    assert counting([good, worthless]).points == counting([worthless, good]).points == good.points


@given(policies(), st.timedeltas(MINUTE, 20 * DAY))
def test_an_extension_after_grading_resets_the_penalty_and_taking_it_back_brings_it_again(policy, late_by):
    received_at = DUE + late_by
    before = lateness_of(Deadline(DUE, policy), received_at)
    with_more_time = lateness_of(Deadline(DUE, policy, 21 * DAY), received_at)
    assert (with_more_time.kept_fraction, with_more_time.late_by) == (1, ZERO)
    assert lateness_of(Deadline(DUE, policy), received_at) == before


@pytest.mark.parametrize("day", [datetime(2026, 3, 28, 12), datetime(2026, 10, 24, 12)])
def test_a_day_is_24_hours_when_clocks_change(day):
    due_at = day.replace(tzinfo=ROME)
    policy = LatePolicy(per_day_fraction=0.1)
    same_time_next_day = (due_at + DAY).astimezone(UTC)
    elapsed = same_time_next_day - due_at.astimezone(UTC)
    assert elapsed != DAY
    assert policy.kept(elapsed) == (0.9 if elapsed < DAY else 0.8)
    in_utc = lateness_of(Deadline(due_at.astimezone(UTC), policy), due_at.astimezone(UTC) + DAY)
    assert in_utc.kept_fraction == 0.9


def test_lateness_is_told_in_words():
    policy = LatePolicy(0.1, floor_fraction=0.5, grace=timedelta(minutes=15), cut_off=timedelta(days=7))
    late = lateness_of(Deadline(DUE, policy, HOUR), DUE + HOUR + timedelta(hours=25))
    assert late.why == (
        "Received 1 day and 1 hour late, with your extension of 1 hour, so 80% of the points count. "
        "Nothing is lost within 15 minutes; each day begun costs 10%; at least 50% is kept; "
        "work that comes later than 7 days after the deadline earns nothing."
    )
    assert lateness_of(Deadline(DUE), DUE + HOUR).why == "Received 1 hour late, which costs nothing."
    assert lateness_of(Deadline(DUE), DUE).why == "Received in time."
    assert lateness_of(Deadline(), DUE).why == "There is no deadline."
    assert LatePolicy(cut_off=ZERO).words == "Work that comes after the deadline earns nothing."
    assert LatePolicy().words == "Late work loses nothing."
    assert span_words(timedelta(seconds=1)) == "1 minute"


@pytest.mark.parametrize(
    "values",
    [
        {"per_day_fraction": 1.1},
        {"floor_fraction": -0.1},
        {"fixed_fraction": float("nan")},
        {"grace": -HOUR},
        {"grace": DAY, "cut_off": HOUR},
    ],
)
def test_a_policy_holds_no_nonsense(values):
    with pytest.raises(ValueError, match="must"):
        LatePolicy(**values)


def test_an_extension_is_whole_seconds_and_never_less_time():
    for extra in (-HOUR, timedelta(microseconds=1)):
        with pytest.raises(ValueError, match="whole number"):
            Extension("c", "a", "ada", extra, "why", "ines", DUE)
    with pytest.raises(ValueError, match="must not be negative"):
        Deadline(DUE, extension=-HOUR)


def test_of_each_scope_the_last_rule_counts_and_what_it_leaves_open_comes_from_the_wider_one():
    strict, mild = LatePolicy(cut_off=ZERO), LatePolicy(0.1)
    wide = DeadlineRule("c", "a", None, DUE, strict, DUE)
    rules = [
        replace(wide, due_at=DUE - DAY),
        wide,
        DeadlineRule("c", "a", "s1", DUE + DAY, mild, DUE, "ines"),
        DeadlineRule("c", "a", "s1", DUE + 2 * DAY, None, DUE, "ines"),
        DeadlineRule("c", "a", "s2", None, mild, DUE, "ines"),
    ]
    assert deadline_of(None, rules, "s1") == Deadline(DUE + 2 * DAY, strict)
    assert deadline_of(None, rules, "s2", HOUR) == Deadline(DUE, mild, HOUR)
    assert deadline_of(DUE - DAY, rules, None) == Deadline(DUE, strict)
    assert deadline_of(DUE, [], "s1") == Deadline(DUE)
