from datetime import UTC, datetime, timedelta

import pytest

from factory_academy.curriculum.catalogue import read_course
from factory_academy.domain.lateness import LatePolicy
from factory_academy.errors import BadCourse


def with_deadline(small, text):
    path = small / "source" / "one" / "assignment.toml"
    path.write_text(path.read_text().replace("[titles]", f"[deadline]\n{text}\n\n[titles]"))
    return small


def test_an_assignment_says_when_it_is_due_and_what_lateness_costs(small):
    text = "due_at = 2026-12-01T23:59:00+01:00\nper_day = 0.1\nfloor = 0.5\ngrace_hours = 0.25\ncut_off_hours = 72"
    course, _ = read_course(with_deadline(small, text))
    (one,) = course.assignments
    assert one.due_at == datetime(2026, 12, 1, 22, 59, tzinfo=UTC)
    assert one.late_policy == LatePolicy(0.1, 0.0, 0.5, timedelta(minutes=15), timedelta(days=3))


def test_another_date_is_no_other_version(small):
    before, _ = read_course(small)
    after, _ = read_course(with_deadline(small, "due_at = 2026-12-01T12:00:00Z"))
    assert before.assignments[0].due_at is None
    assert after.assignments[0].version == before.assignments[0].version


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("due_at = 2026-12-01T12:00:00", "due_at must be a date and time with an offset"),
        ('due_at = "tomorrow"', "due_at must be a date and time with an offset"),
        ("per_day = 2", "per_day_fraction must lie in 0 to 1"),
        ("grace_hours = 9\ncut_off_hours = 1", "cut_off must not come before grace ends"),
        ("per_week = 0.1", "unknown key per_week"),
    ],
)
def test_a_deadline_that_cannot_be_understood_is_named(small, text, said):
    with pytest.raises(BadCourse, match=said):
        read_course(with_deadline(small, text))
