from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.records import NOON
from tests.support.work import submission

from factory_academy.domain.course import Assignment, Course, Section, Task, TaskKind
from factory_academy.domain.enrolment import Enrolment, may_enrol
from factory_academy.domain.person import Person, Role
from factory_academy.domain.submission import SubmissionState

DAY = timedelta(days=1)


@given(role=st.sampled_from(Role), ends=st.none() | st.timedeltas(-DAY, DAY))
def test_trainees_may_enrol_until_the_section_ends(role, ends):
    section = Section("s", "c", "f", "S", NOON - 9 * DAY, None if ends is None else NOON + ends)
    open_still = ends is None or ends > timedelta(0)
    assert may_enrol(Person("a", "A", role), section, NOON) == (role is Role.TRAINEE and open_still)


@given(name=st.from_regex(r"[a-z][a-z0-9-]{0,29}", fullmatch=True))
def test_a_sign_in_name_is_short_plain_and_begins_with_a_letter(name):
    assert Person(name, "Somebody", Role.TRAINEE).id == name


@pytest.mark.parametrize("name", ["", "-a", "1a", "Mira", "a b", "a/b", "..", "a" * 31, "mira\n", "mïra", "a\0"])
def test_any_other_sign_in_name_cannot_be_made(name):
    with pytest.raises(ValueError, match="sign-in name"):
        Person(name, "Somebody", Role.TRAINEE)


@pytest.mark.parametrize("name", ["", "../x", "a b", "-a", "a" * 65, "a/b", "a.b"])
def test_an_assignment_name_is_safe_as_a_file_name(name):
    with pytest.raises(ValueError, match="assignment name"):
        Assignment("c", name, "A", (), "v")


@pytest.mark.parametrize("name", ["", "C", "1c", "c_d", "../c", "c/d"])
def test_a_course_id_is_safe_in_an_address(name):
    with pytest.raises(ValueError, match="course id"):
        Course(name, "C")


def test_a_task_cannot_be_worth_less_than_nothing():
    with pytest.raises(ValueError, match="negative"):
        Task("t", -1.0, TaskKind.VISIBLE)


def test_an_assignment_is_found_by_name_and_knows_its_points():
    some = (Task("a", 1.5, TaskKind.VISIBLE), Task("b", 2.0, TaskKind.MANUAL))
    assignment = Assignment("c", "a1", "A", some, "v")
    course = Course("c", "C", assignments=(assignment,))
    assert (assignment.id, assignment.possible) == ("c/a1", 3.5)
    assert (course.assignment("a1"), course.assignment("a2")) == (assignment, None)


def test_an_enrolment_is_active_until_it_is_withdrawn():
    assert Enrolment("a", "s", NOON).is_active
    assert not Enrolment("a", "s", NOON, NOON).is_active


def test_all_states_but_two_are_ends():
    ongoing = {state for state in SubmissionState if not state.is_terminal}
    assert ongoing == {SubmissionState.QUEUED, SubmissionState.RUNNING}


def test_a_receipt_says_what_for_what_and_when():
    receipt = submission("s1").receipt
    assert (receipt.submission_id, receipt.assignment_id, receipt.received_at) == ("s1", "pipelines/dp4", NOON)
