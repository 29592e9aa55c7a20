"""How often one may hand in is said as it is."""

from dataclasses import replace

import pytest
from tests.support.records import DP4

from factory_academy.portal.pages.format import attempts


@pytest.mark.parametrize(
    ("limit", "words"), [(None, "as often as you like"), (1, "once an hour"), (6, "6 times an hour")]
)
def test_a_limit_on_attempts_is_told_where_one_hands_in(limit, words):
    assert attempts(replace(DP4, attempts_per_hour=limit)) == words


def test_an_assignment_that_is_gone_limits_nothing():
    assert attempts(None) == "as often as you like"
