from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from factory_academy.hub.sign_in_limit import SignInLimit


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def limited(free=3):
    clock = Clock()
    return SignInLimit(free_failures=free, window_seconds=300, wait_seconds=30, clock=clock), clock


def test_a_few_wrong_passwords_cost_nothing():
    limit, _ = limited()
    for _ in range(2):
        limit.note_failure("ada")
    assert limit.seconds_to_wait("ada") == 0


def test_many_wrong_passwords_cost_a_short_wait_for_that_name_only():
    limit, clock = limited()
    for _ in range(3):
        limit.note_failure("ada")
    assert limit.seconds_to_wait("ada") == 30
    assert limit.seconds_to_wait("ben") == 0
    clock.now += 30
    assert limit.seconds_to_wait("ada") == 0


def test_the_right_password_makes_it_forget():
    limit, _ = limited()
    for _ in range(3):
        limit.note_failure("ada")
    limit.note_success("ada")
    assert limit.seconds_to_wait("ada") == 0


def test_old_failures_are_forgotten_and_hold_no_memory():
    limit, clock = limited()
    for number in range(50):
        limit.note_failure(f"guess{number}")
    clock.now += 301
    limit.note_failure("ada")
    assert list(limit._failures) == ["ada"]


@given(st.lists(st.floats(0, 400), max_size=40))
def test_nobody_ever_waits_longer_than_the_wait(pauses):
    limit, clock = limited()
    for pause in pauses:
        limit.note_failure("ada")
        clock.now += pause
        assert 0 <= limit.seconds_to_wait("ada") <= 30
