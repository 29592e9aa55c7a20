"""Markers who meet in the same moment, on real databases: nothing is lost and nobody marks for another."""

import pytest
from tests.support.at_once import at_once
from tests.support.marking_hall import ANN, BEN, WHERE, MarkingHall
from tests.support.marking_work import ESSAY, ODD, PLAN
from tests.support.records import IVO, MIRA

from factory_academy.domain.submission import SubmissionState
from factory_academy.errors import Conflict
from factory_academy.records.store import RecordStore
from factory_academy.workflows.marking.mark import Given


@pytest.fixture
def hall(database_url):
    store = RecordStore(database_url)
    yield MarkingHall(store)
    store.close()


def test_marks_on_three_tasks_of_one_work_all_count(hall):
    for _ in range(4):
        hall.later(minutes=1)
        submission = hall.hand_in()
        work = hall.work(IVO, submission)

        def give(marker, task, work=work):
            return lambda: hall.office.mark(marker, *WHERE, work.id, task.id, Given(1.0))

        results = at_once(give(IVO, ESSAY), give(ANN, PLAN), give(BEN, ODD))
        assert not [r for r in results if isinstance(r, Exception)]
        assert hall.outcome(submission).earned == 9.0
        assert hall.find(submission).state is SubmissionState.GRADED
        assert [e.new_earned for e in hall.history(submission)] == [6.0, 7.0, 8.0, 9.0]


def test_of_several_first_marks_one_counts(hall):
    submission = hall.hand_in()
    work = hall.work()
    results = at_once(
        *(lambda who=who: hall.office.mark(who, *WHERE, work.id, ESSAY.id, Given(1.0)) for who in (IVO, ANN, BEN))
    )
    assert sum(isinstance(r, Conflict) for r in results) == 2
    assert len(hall.history(submission)) == 2


def test_the_next_work_goes_to_one_marker_each(hall):
    for trainee in ("mira", "jun"):
        hall.hand_in(trainee)
    taken = at_once(*(lambda who=who: hall.office.claim_next(who, *WHERE) for who in (IVO, ANN, BEN)))
    ids = [work.id for work in taken if work is not None]
    assert len(ids) == len(set(ids)) == 2


def test_an_appeal_is_opened_and_answered_once(hall):
    submission = hall.hand_in()
    hall.mark_all(submission)
    opened = at_once(*[lambda: hall.office.appeal(MIRA, submission.id, ESSAY.id, "I named two.")] * 4)
    (appeal,) = [a for a in opened if not isinstance(a, Exception)]
    before = len(hall.history(submission))
    at_once(*[lambda: hall.office.answer(ANN, appeal.id, 4.0, "You did.")] * 4)
    assert len(hall.history(submission)) == before + 1
