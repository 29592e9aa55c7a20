import hashlib
import threading
from datetime import timedelta

import pytest
from tests.support.records import DP4, SPRING

from factory_academy.domain.submission import SubmissionState
from factory_academy.errors import BadArchive, InfrastructureFault, NotEnrolled, NotFound
from factory_academy.workflows.submit import Submit


def waiting(hall) -> int:
    with hall.records.reading() as repositories:
        return repositories.queue.waiting()


def test_what_is_handed_in_is_kept_queued_and_stamped_by_our_clock(hall):
    submission = hall.hand_in(b"my work")
    assert submission.state is SubmissionState.QUEUED
    assert submission.received_at == hall.clock()
    assert submission.assignment_version == DP4.version
    assert submission.content == hashlib.sha256(b"my work").hexdigest()
    assert hall.blobs.get(submission.content) == b"my work"
    assert hall.find(submission.id) == submission
    assert waiting(hall) == 1


def test_a_retry_gets_the_first_receipt_again(hall):
    first = hall.hand_in()
    hall.clock.advance(timedelta(minutes=1))
    assert hall.hand_in().receipt == first.receipt
    assert waiting(hall) == 1


def test_a_retry_after_the_verdict_gets_the_verdict_and_queues_nothing(hall):
    first = hall.hand_in()
    hall.grade_next("w1")
    again = hall.hand_in()
    assert (again.id, again.state) == (first.id, SubmissionState.GRADED)
    assert waiting(hall) == 0


def test_other_bytes_or_another_trainee_are_another_submission(hall):
    assert len({hall.hand_in(b"a").id, hall.hand_in(b"b").id, hall.hand_in(b"a", "jun").id}) == 3


def test_the_same_bytes_at_the_same_moment_are_one_submission(hall):
    receipts = []
    threads = [threading.Thread(target=lambda: receipts.append(hall.hand_in().receipt)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receipts) == 8
    assert len(set(receipts)) == 1
    assert waiting(hall) == 1


def test_only_the_enrolled_hand_in(hall):
    with pytest.raises(NotEnrolled):
        hall.hand_in(trainee="ivo")
    with hall.records.transaction() as repositories:
        repositories.enrolments.withdraw("mira", SPRING.id, hall.clock())
    with pytest.raises(NotEnrolled):
        hall.hand_in()


def test_nothing_is_handed_in_for_what_was_never_released(hall):
    with pytest.raises(NotFound):
        hall.submit("mira", "pipelines", "dp9", b"work")
    with pytest.raises(NotEnrolled):
        hall.submit("mira", "no-such-course", "dp4", b"work")


def test_a_bad_archive_is_refused_before_anything_is_kept(hall):
    def refuse(archive: bytes) -> None:
        raise BadArchive("expected a zip, got something else")

    kept = len(hall.blobs)
    with pytest.raises(BadArchive):
        Submit(hall.records, hall.blobs, refuse, hall.clock)("mira", "pipelines", "dp4", b"../")
    assert len(hall.blobs) == kept
    assert waiting(hall) == 0


def test_on_a_full_disk_nothing_is_recorded_and_a_retry_goes_through(hall):
    hall.blobs.full = True
    with pytest.raises(InfrastructureFault):
        hall.hand_in()
    assert waiting(hall) == 0
    hall.blobs.full = False
    assert hall.hand_in().state is SubmissionState.QUEUED
