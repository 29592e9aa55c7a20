"""Marks made in formgrader become marks like any other; everything else goes out to the gradebook."""

from dataclasses import dataclass, field

import pytest
from tests.support.blobs import FakeBlobs
from tests.support.headless import hand_in, headless_academy
from tests.support.marking_hall import KEY, LEA, WHERE, MarkingHall
from tests.support.marking_work import ESSAY, LOAD, ODD, PLAN, RUBRIC
from tests.support.records import IVO, MIRA

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.gradebook import FormgraderMark
from factory_academy.domain.person import Person, Role
from factory_academy.domain.submission import SubmissionState
from factory_academy.errors import NotFound
from factory_academy.workflows.gradebook.sync import SyncGradebook


@dataclass
class FakeGradebook:
    """Implements ``Gradebook``: what was made in formgrader, and what was written last."""

    made: list = field(default_factory=list)
    written: tuple = ()

    def marks(self):
        made, self.made = self.made, []
        return made

    def write(self, assignments):
        self.written = tuple(assignments)

    def works(self, name="essays"):
        return next(a.works for a in self.written if a.bundle.name == name)


class BlobsOfTheOthers(FakeBlobs):
    """The course's other assignments are on record without content: they have an empty bundle here."""

    def get(self, sha256):
        known = sha256 in self._kept
        return super().get(sha256) if known else AssignmentBundle(WHERE[0], "other", "Other", (), {}).to_bytes()


@pytest.fixture
def hall():
    return MarkingHall(blobs=BlobsOfTheOthers())


@pytest.fixture
def book():
    return FakeGradebook()


@pytest.fixture
def sync(hall, book):
    return SyncGradebook(hall.records, hall.blobs, hall.clock, KEY, hall._certify, lambda who, course: book)


def made(submission, task, points=None, comment="", extra_credit=0.0):
    return FormgraderMark("mira", WHERE[1], submission.id, task.id, points, comment, extra_credit)


def task_of(hall, submission, task):
    return next(t for t in hall.outcome(submission).tasks if t.task_id == task.id)


def test_a_score_and_its_comment_become_a_mark_and_an_event(hall, book, sync):
    submission = hall.hand_in()
    book.made = [made(submission, ESSAY, 3.0, "Well argued.")]
    done = sync(IVO, WHERE[0])
    assert (len(done.taken), done.not_carried) == (1, ())
    essay = task_of(hall, submission, ESSAY)
    assert (essay.earned, essay.by_hand, essay.message) == (3.0, True, "Well argued.")
    assert hall.history(submission)[-1].actor == "ivo"
    assert hall.certified == [("mira", "pipelines")]


def test_what_was_taken_in_is_in_the_gradebook_that_is_written_next(hall, book, sync):
    submission = hall.hand_in()
    book.made = [made(submission, ESSAY, 3.0, "Well argued.")]
    sync(IVO, WHERE[0])
    (work,) = book.works()
    assert (work.trainee, work.submission.id) == (MIRA, submission.id)
    assert work.by_hand == {ESSAY.id: "Well argued."}


def test_a_score_on_top_of_a_machines_verdict_counts_at_once(hall, book, sync):
    submission = hall.hand_in()
    book.made = [made(submission, LOAD, 2.0, "It only works by luck.")]
    assert sync(IVO, WHERE[0]).not_carried == ()
    assert task_of(hall, submission, LOAD).earned == 2.0


def test_the_last_score_makes_the_submission_graded(hall, book, sync):
    submission = hall.hand_in()
    book.made = [made(submission, task, 0.5) for task in (ESSAY, PLAN, ODD)]
    sync(IVO, WHERE[0])
    assert hall.find(submission).state is SubmissionState.GRADED


def test_a_comment_alone_is_kept_as_a_remark(hall, book, sync):
    submission = hall.hand_in()
    book.made = [made(submission, ESSAY, comment="Let us talk.")]
    assert sync(IVO, WHERE[0]).not_carried == ()
    with hall.records.reading() as repositories:
        (remark,) = repositories.marks.remarks(submission.id)
    assert remark.text.endswith("Let us talk.")
    assert not task_of(hall, submission, ESSAY).by_hand


@pytest.mark.parametrize(
    ("points", "extra", "words"),
    [(999.0, 0.0, "points"), (-1.0, 0.0, "points"), (None, 2.0, "extra credit")],
)
def test_what_cannot_be_taken_is_reported_with_the_reason_and_changes_nothing(hall, book, sync, points, extra, words):
    submission = hall.hand_in()
    book.made = [made(submission, ESSAY, points, extra_credit=extra)]
    (refused,) = sync(IVO, WHERE[0]).not_carried
    assert words in refused.why
    assert len(hall.history(submission)) == 1


def test_a_task_with_a_rubric_is_not_marked_by_points(hall, book, sync):
    submission = hall.hand_in()
    hall.office.set_rubric(IVO, *WHERE, ESSAY.id, RUBRIC)
    book.made = [made(submission, ESSAY, 3.0)]
    (refused,) = sync(IVO, WHERE[0]).not_carried
    assert "rubric" in refused.why


def test_extra_credit_beside_points_is_reported_and_the_points_count(hall, book, sync):
    submission = hall.hand_in()
    book.made = [made(submission, ESSAY, 3.0, extra_credit=1.0)]
    done = sync(IVO, WHERE[0])
    assert len(done.taken) == len(done.not_carried) == 1
    assert task_of(hall, submission, ESSAY).earned == 3.0


def test_where_two_people_mark_formgrader_gives_the_first_of_two_marks(hall, book, sync):
    hall.policy(second_fraction=1.0)
    submission = hall.hand_in()
    book.made = [made(submission, ESSAY, 3.0)]
    sync(IVO, WHERE[0])
    assert not task_of(hall, submission, ESSAY).by_hand
    assert hall.history(submission)[-1].actor == "autograder"


def test_a_mark_for_somebody_elses_trainee_is_not_taken(hall, book, sync):
    submission = hall.hand_in()
    book.made = [made(submission, ESSAY, 3.0)]
    with pytest.raises(NotFound):
        sync(LEA, WHERE[0])
    assert len(hall.history(submission)) == 1


def test_the_submission_that_counts_is_shown_and_the_newest_where_none_has_a_verdict(hall, book, sync):
    first = hall.hand_in()
    hall.later(hours=1)
    hall.hand_in(text="Another answer.")
    sync(IVO, WHERE[0])
    assert [work.submission.id for work in book.works()] == [first.id]


def test_formgraders_folder_is_written_and_read_in_a_real_academy(tmp_path):
    academy = headless_academy(tmp_path / "home")
    with academy.records.transaction() as repositories:
        repositories.people.add(Person("ivo", "Ivo Instructor", Role.INSTRUCTOR, "bologna"))
    hand_in(academy, 1)
    ivo = Person("ivo", "Ivo Instructor", Role.INSTRUCTOR, "bologna")
    assert academy.sync_gradebook(ivo, "course").works == 1
    assert academy.sync_gradebook(ivo, "course").taken == ()
    assert (academy.settings.gradebooks / "ivo" / "course" / "autograded" / "ada" / "work" / "work.ipynb").exists()
    academy.autograder.close()
