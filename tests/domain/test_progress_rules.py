from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.records import NOON

from factory_academy.domain.certificate import certifying, is_earned
from factory_academy.domain.course import Assignment, CertificateRule, Course, Task, TaskKind
from factory_academy.domain.grade import Grade, TaskScore, Verdict
from factory_academy.domain.progress import Progress, progress_of
from factory_academy.domain.submission import Submission

TASK = Task("t", 10.0, TaskKind.HIDDEN)
HARD, SOFT = "hard", "soft"
NAMES = ("a1", "a2", "a3")
COURSE = Course("c", "C", assignments=tuple(Assignment("c", n, n, (TASK,), HARD) for n in NAMES))


def grade(submission_id: str, fraction: float) -> Grade:
    score = TaskScore("t", 10.0 * fraction, 10.0, TaskKind.HIDDEN, Verdict.PARTLY)
    return Grade(submission_id, score.earned, 10.0, (score,))


@st.composite
def worked(draw):
    """Submissions of one trainee, and the grades of some of them."""
    handed_in, grades = [], {}
    for n in range(draw(st.integers(0, 10))):
        at = NOON + timedelta(minutes=draw(st.integers(0, 60)))
        name, version = draw(st.sampled_from([*NAMES, "gone"])), draw(st.sampled_from([HARD, SOFT]))
        handed_in.append(Submission(f"s{n}", "mira", "c", name, version, "0" * 64, 1, at))
        if draw(st.booleans()):
            grades[f"s{n}"] = grade(f"s{n}", draw(st.integers(0, 10)) / 10)
    return handed_in, grades


def progress(work) -> Progress:
    return progress_of("mira", COURSE, *work, frozenset({HARD}))


@given(work=worked(), data=st.data())
def test_progress_does_not_depend_on_the_order_in_which_work_is_read(work, data):
    handed_in, grades = work
    shuffled = data.draw(st.permutations(handed_in))
    first, second = progress((handed_in, grades)), progress((shuffled, grades))
    assert [a.fraction for a in first.assignments] == [a.fraction for a in second.assignments]
    assert [a.certifying_fraction for a in first.assignments] == [a.certifying_fraction for a in second.assignments]
    assert [a.submissions for a in first.assignments] == [a.submissions for a in second.assignments]


@given(work=worked(), name=st.sampled_from(NAMES), fraction=st.integers(0, 10))
def test_handing_in_once_more_never_costs_anything(work, name, fraction):
    handed_in, grades = work
    another = Submission("new", "mira", "c", name, HARD, "0" * 64, 1, NOON)
    before = progress(work)
    after = progress(([*handed_in, another], {**grades, "new": grade("new", fraction / 10)}))
    assert after.fraction >= before.fraction
    for earlier, later in zip(before.assignments, after.assignments, strict=True):
        assert later.fraction >= earlier.fraction
        assert later.certifying_fraction >= earlier.certifying_fraction


@given(work=worked())
def test_every_assignment_is_in_the_progress_and_every_share_is_one(work):
    found = progress(work)
    assert [a.assignment for a in found.assignments] == list(COURSE.assignments)
    assert 0 <= found.fraction <= 1
    for standing in found.assignments:
        assert 0 <= standing.certifying_fraction <= standing.fraction <= 1
        assert (standing.best is None) == (standing.best_submission_id is None)
        assert standing.certifying_version in ("", HARD)
        assert standing.submissions or standing.latest_at is None


def test_nothing_handed_in_is_no_progress():
    found = progress(([], {}))
    assert found.fraction == 0.0
    assert found.next_assignment == COURSE.assignments[0]
    assert Progress("mira", Course("c", "C")).fraction == 0.0
    assert Progress("mira", Course("c", "C")).next_assignment is None


def test_the_next_assignment_is_the_first_that_lacks_points():
    handed_in = [Submission(f"s{n}", "mira", "c", n, HARD, "0" * 64, 1, NOON) for n in NAMES]
    grades = {"sa1": grade("sa1", 1.0), "sa2": grade("sa2", 0.9), "sa3": grade("sa3", 1.0)}
    assert progress((handed_in, grades)).next_assignment.name == "a2"


rules = st.builds(
    CertificateRule,
    title=st.just("T"),
    pass_fraction=st.floats(0.01, 1),
    assignments=st.lists(st.sampled_from([*NAMES, "absent"]), max_size=3, unique=True).map(tuple),
)


@given(work=worked(), rule=rules)
def test_a_certificate_is_earned_exactly_when_each_deciding_assignment_reaches_the_rule(work, rule):
    found = progress(work)
    names = rule.assignments or NAMES
    shares = {a.assignment.name: a.certifying_fraction for a in found.assignments}
    assert is_earned(found, rule) == all(shares.get(n, -1.0) >= rule.pass_fraction for n in names)


@given(work=worked(), rule=rules, stricter=st.floats(0.01, 1))
def test_a_stricter_rule_is_never_easier(work, rule, stricter):
    strict = replace(rule, pass_fraction=max(rule.pass_fraction, stricter))
    if is_earned(progress(work), strict):
        assert is_earned(progress(work), rule)


def test_points_on_a_version_that_is_not_hardened_never_certify():
    handed_in = [Submission(f"s{n}", "mira", "c", n, SOFT, "0" * 64, 1, NOON) for n in NAMES]
    found = progress((handed_in, {s.id: grade(s.id, 1.0) for s in handed_in}))
    assert found.fraction == 1.0
    assert not is_earned(found, CertificateRule("T", pass_fraction=0.01))


def test_a_course_with_no_assignments_certifies_nobody():
    assert not is_earned(Progress("mira", Course("c", "C")), CertificateRule("T"))


def test_an_assignment_that_is_absent_is_one_not_passed():
    handed_in = [Submission("s", "mira", "c", "a1", HARD, "0" * 64, 1, NOON)]
    found = progress((handed_in, {"s": grade("s", 1.0)}))
    assert [a.assignment.name for a in certifying(found, CertificateRule("T", assignments=("a1",)))] == ["a1"]
    assert certifying(found, CertificateRule("T", assignments=("a1", "absent"))) == ()


@pytest.mark.parametrize("fraction", [0.0, -0.1, 1.01, float("nan")])
def test_a_rule_that_asks_for_nothing_or_too_much_cannot_be_made(fraction):
    with pytest.raises(ValueError, match="pass_fraction"):
        CertificateRule("T", pass_fraction=fraction)
