"""Lists stay quick when there is much to list: a page costs a fixed number of queries, whatever it is a page of."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event
from tests.support.autograder import outcome_of
from tests.support.records import NOON, TASKS, stocked
from tests.support.work import event_of, submission

from factory_academy.domain.person import Person, Role
from factory_academy.records.store import RecordStore
from factory_academy.workflows.ports import SubmissionFilter

MANY, TRAINEES = 5_000, 50


@pytest.fixture(scope="module")
def full_store(sqlite_template, tmp_path_factory) -> Iterator[RecordStore]:
    store = RecordStore(sqlite_template.copy(tmp_path_factory.mktemp("many")))
    stocked(store)
    outcome = outcome_of(TASKS, 0.5)
    with store.transaction() as repositories:
        for n in range(TRAINEES):
            repositories.people.add(Person(f"t{n}", f"Trainee {n}", Role.TRAINEE, "bologna"))
        for n in range(MANY):
            at = NOON + timedelta(seconds=n)
            repositories.submissions.add(submission(f"s{n}", f"t{n % TRAINEES}", at))
            repositories.queue.add(f"s{n}", at)
            repositories.grades.add(event_of(f"s{n}", outcome), outcome)
    yield store
    store.close()


@contextmanager
def counted(store: RecordStore) -> Iterator[list[str]]:
    """The SELECTs made meanwhile."""
    selects: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        if statement.startswith("SELECT"):
            selects.append(statement)

    event.listen(store._engine, "before_cursor_execute", note)
    try:
        yield selects
    finally:
        event.remove(store._engine, "before_cursor_execute", note)


def test_a_page_of_5000_submissions_with_grades_and_names_is_three_queries(full_store):
    with counted(full_store) as selects, full_store.transaction() as repositories:
        page = repositories.submissions.of_assignment("pipelines", "dp4", limit=100, offset=4_000)
        grades = repositories.grades.of_submissions([s.id for s in page])
        people = repositories.people.of_ids([s.trainee_id for s in page])
    assert (len(page), len(grades), len(people)) == (100, 100, TRAINEES)
    assert len(selects) == 3


def test_the_grades_of_5000_submissions_are_one_query(full_store):
    with counted(full_store) as selects, full_store.transaction() as repositories:
        grades = repositories.grades.of_submissions([f"s{n}" for n in range(MANY)])
    assert len(grades) == MANY
    assert len(selects) == 1


def test_counting_and_filtering_5000_submissions_is_one_query_each(full_store):
    wanted = SubmissionFilter("pipelines", trainee_ids=frozenset(f"t{n}" for n in range(TRAINEES)))
    with counted(full_store) as selects, full_store.transaction() as repositories:
        assert repositories.submissions.count_matching(wanted) == MANY
        assert len(repositories.submissions.matching(wanted, limit=20, offset=2_000)) == 20
        assert sum(repositories.submissions.count_by_state().values()) == MANY
    assert len(selects) == 3


def test_taking_a_job_out_of_5000_is_three_queries(full_store):
    with counted(full_store) as selects, full_store.transaction() as repositories:
        assert repositories.queue.lease("w", NOON + timedelta(days=1), timedelta(seconds=30)).submission_id == "s0"
    assert len(selects) == 3


def test_every_list_is_found_by_an_index(full_store):
    def plan(query: str) -> str:
        with full_store._engine.connect() as connection:
            return " ".join(str(row) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}"))

    newest_first = "ORDER BY received_at DESC, id DESC LIMIT 100"
    for where in ("course_id = 'a'", "course_id = 'a' AND assignment_name = 'b'", "trainee_id = 'a'"):
        planned = plan(f"SELECT * FROM submission WHERE {where} {newest_first}")
        assert "USING INDEX" in planned
        assert "TEMP B-TREE" not in planned
