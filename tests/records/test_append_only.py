"""The history of a grade cannot be rewritten, not even by someone who speaks SQL."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from tests.support.autograder import outcome_of
from tests.support.records import TASKS
from tests.support.work import event_of, submission

from factory_academy.records.engine import open_engine

WHERE = "WHERE submission_id = 's1'"


@pytest.fixture
def graded(store, database_url):
    outcome = outcome_of(TASKS, 0.5)
    with store.transaction() as repositories:
        repositories.submissions.add(submission())
        repositories.grades.add(event_of("s1", outcome), outcome)
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    "statement", [f"UPDATE grade_event SET new_earned = 10 {WHERE}", f"DELETE FROM grade_event {WHERE}"]
)
def test_a_grade_event_can_neither_be_changed_nor_deleted(store, graded, statement):
    with pytest.raises(IntegrityError, match="append-only"), graded.begin() as connection:
        connection.execute(text(statement))
    with store.reading() as repositories:
        assert repositories.grades.find("s1").earned == 5.0


def test_a_grade_event_can_not_be_swapped_for_another(store, graded):
    if graded.dialect.name == "sqlite":
        columns = "id, submission_id, actor, at, reason, old_earned, possible, assignment_version, environment, seed"
        statement = (
            f"INSERT OR REPLACE INTO grade_event ({columns}, tasks, run, new_earned) "
            f"SELECT {columns}, tasks, run, 10 FROM grade_event {WHERE}"
        )
    else:
        statement = "TRUNCATE grade_event CASCADE"
    with pytest.raises(IntegrityError, match="append-only"), graded.begin() as connection:
        connection.execute(text(statement))
    with store.reading() as repositories:
        assert repositories.grades.find("s1").earned == 5.0


def test_a_submission_with_a_history_stays(store, graded):
    with pytest.raises(IntegrityError), graded.begin() as connection:
        connection.execute(text("DELETE FROM submission WHERE id = 's1'"))
