from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, event
from tests.support import demo
from tests.support.clock import FakeClock
from tests.support.demo import G, one
from tests.support.devices import CPU, GPU, FakeInventory, FakeProfiles
from tests.support.records import FakeRecords

from factory_academy.domain.course import Assignment, Course, Task, TaskKind
from factory_academy.domain.grade import Grade, TaskScore, Verdict
from factory_academy.domain.person import Person, Role
from factory_academy.domain.progress import progress_of
from factory_academy.domain.submission import Submission
from factory_academy.errors import NotEnrolled, NotFound
from factory_academy.records.migrate import migrate
from factory_academy.records.store import RecordStore
from factory_academy.workflows.cohort_progress import NO_COHORT, CohortProgress
from factory_academy.workflows.course_view import ViewAssignment, ViewCourse, ViewSubmission
from factory_academy.workflows.enrol import Enrol
from factory_academy.workflows.my_courses import EnrolledCourse, MyCertificates, MyCourses, resume_of
from factory_academy.workflows.my_session import MySession
from factory_academy.workflows.operations import Operations
from factory_academy.workflows.paging import Paging
from factory_academy.workflows.teaching import Roster, TaughtCourses, TaughtSubmission, TaughtSubmissions

PEOPLE = {p.id: p for p in (*demo.TRAINEES, *demo.STAFF)}
ADA, BRUNO, IVO, MARTA = (PEOPLE[name] for name in ("ada", "bruno", "ivo", "marta"))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """The demo world in a real database; no test changes it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('records') / 'academy.db'}"
    migrate(url)
    records = RecordStore(url)
    demo.seed(records)
    return records


@pytest.fixture(scope="module")
def fake():
    """The demo world in memory; no test changes it."""
    records = FakeRecords()
    demo.seed(records)
    return records


@pytest.fixture(params=["store", "fake"])
def records(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def clock():
    return FakeClock(demo.NOW)


def test_a_trainee_sees_their_courses_with_progress_and_goes_on_where_they_worked_last(records, clock):
    home = MyCourses(records, clock)(ADA)
    assert {c.course.id: round(c.progress.fraction, 2) for c in home.courses} == {
        "onboarding": 1.0,
        "data-pipelines": 0.83,
    }
    assert home.resume is not None
    assert (home.resume.assignment.name, home.resume.begun) == ("dp4", True)
    assert [line.submission.received_at for line in home.recent] == sorted(
        (line.submission.received_at for line in home.recent), reverse=True
    )
    assert home.places == ()
    assert home.session is not None


def test_a_newcomer_is_offered_the_sections_of_their_own_factory(records, clock):
    home = MyCourses(records, clock)(PEOPLE["ulla"])
    assert home.courses == ()
    assert home.resume is None
    assert {place.section.id for place in home.places} == {"onboarding-kajaani", "data-pipelines-kajaani"}


def test_a_section_that_has_ended_is_not_offered(records, clock):
    clock.advance(timedelta(days=61))
    assert MyCourses(records, clock)(PEOPLE["ulla"]).places == ()


def test_a_course_names_what_keeps_its_certificate_back(records):
    view = ViewCourse(records)(ADA, "data-pipelines")
    assert [a.assignment.name for a in view.missing] == ["dp4"]
    assert view.certificate is None
    assert view.latest["dp4"].submission.state is G.QUEUED
    assert ViewCourse(records)(BRUNO, "data-pipelines").missing == ()


def test_an_assignment_lists_what_was_handed_in_newest_first(records):
    view = ViewAssignment(records)(ADA, "data-pipelines", "dp4")
    assert [line.submission.state for line in view.submissions] == [G.QUEUED, G.GRADED, G.CRASHED]
    assert view.standing.best is not None
    assert view.standing.best.earned == 12


def test_a_course_is_for_those_who_are_in_it(records):
    with pytest.raises(NotEnrolled):
        ViewCourse(records)(PEOPLE["sofia"], "data-pipelines")
    with pytest.raises(NotFound):
        ViewCourse(records)(ADA, "no-such-course")
    with pytest.raises(NotFound):
        ViewAssignment(records)(ADA, "data-pipelines", "dp99")


def test_a_submission_is_for_its_trainee_and_their_instructors(records):
    submission = one("ada", G.GRADED, "dp4")
    assert ViewSubmission(records, FakeClock(demo.NOW))(ADA, submission).title == "Leak-free splits and features"
    assert TaughtSubmission(records)(IVO, submission).trainee == ADA
    for stranger in (BRUNO, IVO, MARTA):
        with pytest.raises(NotFound):
            ViewSubmission(records, FakeClock(demo.NOW))(stranger, submission)
    for stranger in (PEOPLE["anna"], MARTA, PEOPLE["otto"], BRUNO):
        with pytest.raises(NotFound):
            TaughtSubmission(records)(stranger, submission)


def test_a_waiting_submission_says_how_many_are_before_it(records):
    view = ViewSubmission(records, FakeClock(demo.NOW))(ADA, one("ada", G.QUEUED))
    assert view.position == 1
    assert view.outcome is None


def test_an_instructor_teaches_the_sections_of_their_factory_and_one_of_none_teaches_all(records):
    taught = TaughtCourses(records)(IVO)
    assert {line.section.factory_id for course in taught for line in course.sections} == {"bologna"}
    everywhere = TaughtCourses(records)(Person("xena", "Xena", Role.INSTRUCTOR))
    assert {line.section.factory_id for course in everywhere for line in course.sections} == {
        "athens",
        "bologna",
        "kajaani",
    }
    assert TaughtCourses(records)(MARTA) == ()


def test_a_roster_is_by_name_with_progress_and_certificate(records):
    page = Roster(records)(IVO, "data-pipelines")
    assert [line.person.id for line in page.lines] == [
        "ada", "bruno", "chiara", "dusan", "elena", "farid", "greta", "irene",
    ]  # fmt: skip
    assert {line.person.id for line in page.lines if line.certificate} == {"bruno"}
    assert page.lines[1].progress.fraction == 1.0


def test_submissions_are_narrowed_by_assignment_and_state(records):
    find = TaughtSubmissions(records)
    assert find(IVO, "data-pipelines").paging.total == 18
    only = find(IVO, "data-pipelines", assignment_name="dp1", state=G.GRADED)
    assert {(line.handed_in.submission.assignment_name, line.handed_in.submission.state) for line in only.lines} == {
        ("dp1", G.GRADED)
    }
    assert find(PEOPLE["anna"], "data-pipelines").paging.total == 1


def test_cohorts_add_up_to_the_people_in_their_courses(records):
    page = CohortProgress(records)(MARTA)
    for line in page.lines:
        assert line.certified + line.under_way + line.not_begun == line.trainees
        assert min(line.certified, line.under_way, line.not_begun) >= 0
    assert sum(line.trainees for line in page.lines) == len(page.standings) == 17
    assert {line.cohort for line in page.lines} == {"Spring 2026", "Autumn 2026", NO_COHORT}
    assert {c.factory_id for c in page.certificates} == {"bologna"}


def test_a_certificate_taken_back_does_not_count_as_certified(records):
    standing = next(
        s
        for s in CohortProgress(records)(MARTA).standings
        if s.person.id == "farid" and s.progress.course.id == "onboarding"
    )
    assert standing.certificate is None
    assert MyCertificates(records)(PEOPLE["farid"])[0].revoked_at is not None


def test_an_operator_sees_open_sessions_first_with_their_devices(records, clock):
    page = Operations(records, FakeInventory(demo.DEVICES), clock)()
    assert page.open_sessions == 4
    assert [line.is_open for line in page.sessions] == sorted((line.is_open for line in page.sessions), reverse=True)
    assert {line.device.uuid: line.person.id for line in page.devices if line.person} == {
        demo.GPU.uuid: "bruno",
        demo.SLICE_A.uuid: "chiara",
    }
    assert (page.waiting, page.held) == (2, 1)
    assert [d.person.id for d in page.dead_letters if d.person] == ["irene"]
    assert sum(page.by_state.values()) == len(demo.HAND_INS)


def test_a_session_says_how_long_it_may_still_run_and_what_else_is_on_offer(records, clock):
    ask = MySession(records, FakeProfiles(CPU, GPU), FakeInventory(demo.DEVICES), clock)
    page = ask(ADA)
    assert page.time_left == timedelta(hours=6, minutes=24)
    assert [bool(choice.why_not) for choice in page.choices] == [False, True]
    assert ask(PEOPLE["dusan"]).last is not None
    assert ask(PEOPLE["ulla"]).session is None


def statements(question) -> int:
    """How many SQL statements a question takes."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        question()
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return len(seen)


@pytest.fixture
def growing(tmp_path):
    """The demo world in a database of its own, which a test may change."""
    url = f"sqlite:///{tmp_path / 'academy.db'}"
    migrate(url)
    records = RecordStore(url)
    demo.seed(records)
    return records


def test_no_page_asks_more_questions_when_there_are_more_people(growing, clock):
    devices = FakeInventory(demo.DEVICES)
    questions = {
        "roster": lambda: Roster(growing)(IVO, "data-pipelines"),
        "submissions": lambda: TaughtSubmissions(growing)(IVO, "data-pipelines"),
        "taught": lambda: TaughtCourses(growing)(IVO),
        "cohorts": lambda: CohortProgress(growing)(MARTA),
        "operations": lambda: Operations(growing, devices, clock)(),
        "home": lambda: MyCourses(growing, clock)(ADA),
    }
    before = {name: statements(question) for name, question in questions.items()}
    with growing.transaction() as repositories:
        pattern = repositories.submissions.find(one("bruno", G.GRADED, "dp1"))
        for n in range(20):
            repositories.people.add(Person(f"t{n:02}", f"Trainee {n:02}", Role.TRAINEE, "bologna"))
    enrol = Enrol(growing, clock)
    for n in range(20):
        enrol(f"t{n:02}", "data-pipelines-bologna")
    with growing.transaction() as repositories:
        assert pattern is not None
        for n in range(20):
            repositories.submissions.add(replace(pattern, id=f"{n:032x}", trainee_id=f"t{n:02}"))
    after = {name: statements(question) for name, question in questions.items()}
    assert after == before
    assert max(after.values()) <= 30


@given(st.integers(0, 10_000), st.integers(1, 200), st.integers(-5, 10_000))
def test_a_page_number_always_lies_inside_the_list_and_its_entries_too(total, size, number):
    paging = Paging(total, size, number)
    assert 1 <= paging.number <= paging.pages
    assert 0 <= paging.offset <= total
    assert paging.last - paging.first < size
    assert (paging.first == 0) == (total == 0)


@given(st.integers(0, 500), st.integers(1, 50))
def test_the_pages_of_a_list_show_every_entry_once(total, size):
    pages = [Paging(total, size, n) for n in range(1, Paging(total, size).pages + 1)]
    shown = [n for p in pages for n in range(p.offset, p.last)]
    assert shown == list(range(total))


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 4)), max_size=12))
def test_where_to_go_on_is_never_something_that_is_finished(work):
    """Each pair is an assignment that was handed in and how many of 4 points it earned, in this order."""
    task = Task("t", 4.0, TaskKind.HIDDEN)
    course = Course("c", "C", assignments=tuple(Assignment("c", f"a{n}", f"A{n}", (task,), f"v{n}") for n in range(3)))
    submissions = [
        Submission(f"s{i}", "ada", "c", f"a{n}", f"v{n}", "0", 1, demo.NOW + timedelta(minutes=i))
        for i, (n, _) in enumerate(work)
    ][::-1]
    grades = {
        f"s{i}": Grade(f"s{i}", earned, 4.0, (TaskScore("t", earned, 4.0, TaskKind.HIDDEN, Verdict.PARTLY),))
        for i, (_, earned) in enumerate(work)
    }
    progress = progress_of("ada", course, submissions, grades)
    resume = resume_of([EnrolledCourse(demo.SECTIONS[0], progress)], submissions)
    finished = {a.assignment.name for a in progress.assignments if a.fraction >= 1}
    if len(finished) == 3:
        assert resume is None
        return
    assert resume is not None
    assert resume.assignment.name not in finished
    assert resume.begun == (resume.assignment.name in {f"a{n}" for n, _ in work})
    begun_unfinished = {f"a{n}" for n, _ in work} - finished
    assert resume.begun or not begun_unfinished
