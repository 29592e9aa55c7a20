"""What people decided is kept the same way by the fake, SQLite and PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from tests.support.autograder import outcome_of
from tests.support.marking_work import ESSAY, RUBRIC, mark
from tests.support.records import DP4, NOON, SPRING, TASKS
from tests.support.work import event_of, submission

from factory_academy.domain.appeal import Appeal, AppealAnswer, AppealState
from factory_academy.domain.lateness import DeadlineRule, Extension, LatePolicy
from factory_academy.domain.marking import Claim, MarkingPolicy, MarkKind, Remark, Snippet
from factory_academy.errors import Conflict
from factory_academy.records.engine import open_engine

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SPANS = MarkingPolicy(0.2, 0.1, True, timedelta(days=3, microseconds=1), timedelta(0))


@pytest.fixture
def handed(records):
    with records.transaction() as repositories:
        for i, trainee in (("s1", "mira"), ("s2", "jun")):
            repositories.submissions.add(submission(i, trainee))
    return records


def test_marks_come_back_as_they_were_given_and_in_that_order(handed):
    first = mark("ivo", 1.5, comment="nul \0 and ü", levels=(("clarity", "some"),), rubric_version="r")
    second = mark("ivo", 4.0, MarkKind.MODERATION, NOON + HOUR)
    other = replace(second, submission_id="s2")
    with handed.transaction() as repositories:
        for one in (first, second, other):
            repositories.marks.add(one)
    with handed.reading() as repositories:
        found = repositories.marks.of_submissions(["s1", "s2", "no-such"])
        assert {i: [m.earned for m in marks] for i, marks in found.items()} == {"s1": [1.5, 4.0], "s2": [4.0]}
        assert found["s1"][1] == second
        assert replace(found["s1"][0], comment="") == replace(first, comment="")
        assert repositories.marks.of_submissions([]) == {}
        assert repositories.marks.is_used(DP4.version, ESSAY.id)
        assert not repositories.marks.is_used(DP4.version, "t1")
        assert not repositories.marks.is_used("e" * 64, ESSAY.id)


@pytest.mark.parametrize("change", [{"submission_id": "no-such"}, {"marker_id": "nobody"}])
def test_a_mark_needs_its_submission_and_its_marker(handed, change):
    with pytest.raises(Conflict), handed.transaction() as repositories:
        repositories.marks.add(replace(mark("ivo", 1.0), **change))


def test_one_marker_at_a_time_holds_a_task(handed):
    mine, theirs = Claim("s1", "essay", "ivo", NOON + HOUR), Claim("s1", "essay", "mira", NOON + 3 * HOUR)
    with handed.transaction() as repositories:
        assert repositories.marks.claim(mine, NOON)
        assert not repositories.marks.claim(theirs, NOON)
        assert repositories.marks.claim(replace(theirs, task_id="plan"), NOON)
        assert repositories.marks.claim(replace(mine, until=NOON + 2 * HOUR), NOON)
        assert not repositories.marks.claim(theirs, NOON + HOUR)
        repositories.marks.give_back("s1", "essay", "mira")
        held = repositories.marks.claims(["s1", "s2"], NOON)
        assert [(c.task_id, c.marker_id, c.until) for c in held] == [
            ("essay", "ivo", NOON + 2 * HOUR),
            ("plan", "mira", NOON + 3 * HOUR),
        ]
    with handed.transaction() as repositories:
        assert repositories.marks.claims(["s1"], NOON + 3 * HOUR) == []
        assert repositories.marks.claim(theirs, NOON + 2 * HOUR)
        repositories.marks.give_back("s1", "essay", "mira")
        assert repositories.marks.claim(mine, NOON)


def test_remarks_are_kept_in_order(handed):
    one = Remark("s1", "ivo", NOON, "First.")
    with handed.transaction() as repositories:
        repositories.marks.add_remark(one)
        repositories.marks.add_remark(replace(one, text="Second."))
        assert [r.text for r in repositories.marks.remarks("s1")] == ["First.", "Second."]
        assert repositories.marks.remarks("s1")[0] == one
        assert repositories.marks.remarks("s2") == []


def test_a_rubric_belongs_to_a_task_of_a_version(records):
    other = replace(RUBRIC, title="Another")
    with records.transaction() as repositories:
        for rubric in (RUBRIC, other, RUBRIC):
            repositories.rubrics.add(rubric, "ivo", NOON)
        repositories.rubrics.attach(DP4.version, "essay", RUBRIC.version)
        repositories.rubrics.attach(DP4.version, "plan", RUBRIC.version)
        repositories.rubrics.attach(DP4.version, "essay", other.version)
        repositories.rubrics.detach(DP4.version, "plan")
    with records.reading() as repositories:
        assert repositories.rubrics.of_version(DP4.version) == {"essay": other}
        assert repositories.rubrics.of_version("e" * 64) == {}
    with pytest.raises(Conflict), records.transaction() as repositories:
        repositories.rubrics.attach(DP4.version, "essay", "0" * 64)


def test_a_section_says_how_it_marks(records):
    with records.transaction() as repositories:
        assert repositories.rubrics.policy(SPRING.id, "dp4") is None
        repositories.rubrics.set_policy(SPRING.id, "dp4", MarkingPolicy())
        repositories.rubrics.set_policy(SPRING.id, "dp4", SPANS)
    with records.reading() as repositories:
        assert repositories.rubrics.policy(SPRING.id, "dp4") == SPANS
        assert repositories.rubrics.policies([SPRING.id, "no-such"], "dp4") == {SPRING.id: SPANS}
        assert repositories.rubrics.policies([SPRING.id], "dp5") == {}
    with pytest.raises(Conflict), records.transaction() as repositories:
        repositories.rubrics.set_policy("no-such", "dp4", SPANS)


def test_snippets_are_their_owners(records):
    one = Snippet("n1", "ivo", "pipelines", "Name the column.", NOON)
    with records.transaction() as repositories:
        repositories.rubrics.add_snippet(one)
        repositories.rubrics.add_snippet(replace(one, id="n2", made_at=NOON + HOUR))
        assert [s.id for s in repositories.rubrics.snippets("ivo", "pipelines")] == ["n1", "n2"]
        assert repositories.rubrics.snippets("mira", "pipelines") == []
        assert not repositories.rubrics.remove_snippet("n1", "mira")
        assert repositories.rubrics.remove_snippet("n1", "ivo")
        assert not repositories.rubrics.remove_snippet("n1", "ivo")


def test_a_task_has_one_appeal_and_an_appeal_one_answer(handed):
    appeal = Appeal("a1", "s1", "essay", "Because.", NOON, NOON + DAY)
    answer = AppealAnswer(AppealState.CHANGED, "ivo", NOON + HOUR, "You are right.")
    with handed.transaction() as repositories:
        assert repositories.appeals.add(appeal)
        assert not repositories.appeals.add(replace(appeal, id="a2"))
        assert repositories.appeals.add(replace(appeal, id="a3", task_id="plan", opened_at=NOON - HOUR))
    with handed.transaction() as repositories:
        assert repositories.appeals.find("a1") == appeal
        assert repositories.appeals.find("a9") is None
        assert repositories.appeals.answer("a1", answer)
        assert not repositories.appeals.answer("a1", replace(answer, reason="No."))
    with handed.reading() as repositories:
        assert repositories.appeals.find("a1") == replace(appeal, answer=answer)
        assert [a.id for a in repositories.appeals.of_submission("s1")] == ["a3", "a1"]
        assert [a.id for a in repositories.appeals.of_course("pipelines")] == ["a3"]
        assert [a.id for a in repositories.appeals.of_course("pipelines", open_only=False)] == ["a3", "a1"]
        assert repositories.appeals.of_course("ml") == []


def test_every_deadline_that_was_set_stays_on_record(records):
    policy = LatePolicy(0.1, 0.05, 0.5, timedelta(minutes=5), timedelta(days=3))
    wide = DeadlineRule("pipelines", "dp4", None, NOON, policy, NOON)
    narrow = DeadlineRule("pipelines", "dp4", SPRING.id, None, LatePolicy(), NOON + HOUR, "ivo")
    other = replace(wide, assignment_name="dp5", policy=None)
    with records.transaction() as repositories:
        for rule in (wide, narrow, other):
            repositories.deadlines.add(rule)
    with records.reading() as repositories:
        assert repositories.deadlines.of_assignment("pipelines", "dp4") == [wide, narrow]
        assert repositories.deadlines.of_course("pipelines") == [wide, narrow, other]
    with pytest.raises(Conflict), records.transaction() as repositories:
        repositories.deadlines.add(replace(narrow, section_id="no-such"))


def test_of_several_extensions_the_last_counts(records):
    given = Extension("pipelines", "dp4", "mira", DAY, "Ill.", "ivo", NOON)
    with records.transaction() as repositories:
        repositories.deadlines.extend(given)
        repositories.deadlines.extend(replace(given, extra=2 * DAY))
        repositories.deadlines.extend(replace(given, trainee_id="jun"))
        repositories.deadlines.extend(replace(given, trainee_id="jun", extra=timedelta(0)))
    with records.reading() as repositories:
        assert repositories.deadlines.extra("mira", "pipelines") == {"dp4": 2 * DAY}
        assert repositories.deadlines.extra("jun", "pipelines") == {}
        assert [e.extra for e in repositories.deadlines.extensions("pipelines", "dp4")][:2] == [DAY, 2 * DAY]
        assert repositories.deadlines.extensions("pipelines", "dp4")[0] == given


def test_an_event_remembers_who_wanted_it(handed):
    outcome = outcome_of(TASKS)
    with handed.transaction() as repositories:
        repositories.grades.add(replace(event_of("s1", outcome), asked_by="ivo"), outcome)
        assert [e.asked_by for e in repositories.grades.history("s1")] == ["ivo"]


@pytest.mark.parametrize("statement", ["UPDATE mark SET earned = 4", "DELETE FROM mark", "UPDATE rubric SET body = ''"])
def test_nobody_changes_a_mark_or_a_rubric_not_even_in_sql(store, database_url, statement):
    with store.transaction() as repositories:
        repositories.submissions.add(submission())
        repositories.marks.add(mark("ivo", 1.0))
        repositories.rubrics.add(RUBRIC, "ivo", NOON)
    engine = open_engine(database_url)
    with pytest.raises(IntegrityError, match="kept for ever"), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
