"""``factory-academy grader``: a grading worker, as the supervisor starts it."""

from __future__ import annotations

import logging
import signal
import threading
from types import FrameType

from factory_academy.bootstrap import Academy, open_academy
from factory_academy.cli.worker_names import vanished, worker_name
from factory_academy.domain.submission import SubmissionState
from factory_academy.errors import AcademyError, InfrastructureFault
from factory_academy.workflows.queue.patience import Patience
from factory_academy.workflows.queue.workers import WorkerComes, WorkerGoes

log = logging.getLogger("factory_academy.grader")
IDLE_SECONDS = 0.25
AWAY_SECONDS = 0.5
LONGEST_AWAY_SECONDS = 5.0


def grader() -> None:
    """Take submissions from the queue and grade them, until stopped; what is being graded is finished first."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    academy = open_academy()
    threading.Thread(target=academy.warm_up, name="warm-up", daemon=True).start()
    worker_id = worker_name()
    begin(academy, worker_id, Patience(sleep=lambda seconds: _rest(stop, seconds)))
    pause = 0.0
    while not stop.is_set():
        waited = grade_one(academy, worker_id)
        pause = min(LONGEST_AWAY_SECONDS, max(AWAY_SECONDS, 2 * pause)) if waited == AWAY_SECONDS else waited
        stop.wait(pause)
    end(academy, worker_id)
    academy.autograder.close()


def begin(academy: Academy, worker_id: str, patience: Patience) -> None:
    """Take over what workers of this machine left behind that are gone, and certify what they did not get to.

    Records that are away are waited for.
    """
    comes = WorkerComes(academy.records, academy.clock, vanished)
    left_behind = patience(lambda: comes(worker_id))
    patience(lambda: certify_outstanding(academy))
    log.info("worker %s waits for submissions; others left %d behind", worker_id, left_behind)


def end(academy: Academy, worker_id: str) -> None:
    """Say that this worker is gone; where that cannot be said, it is forgotten by and by."""
    try:
        WorkerGoes(academy.records)(worker_id)
    except (AcademyError, OSError):
        log.warning("worker %s could not sign off", worker_id)


def _rest(stop: threading.Event, seconds: float) -> None:
    if stop.wait(seconds):
        raise SystemExit(0)


def grade_one(academy: Academy, worker_id: str) -> float:
    """Grade the next submission, if any, and certify what it earned; gives the seconds to wait before the next look.

    Where nobody waits, it tries what a regrade needs.
    A database that is away is waited for: the submission stays in the queue.
    """
    try:
        submission = academy.grade_next(worker_id)
    except InfrastructureFault as fault:
        log.warning("the records are away, nothing is lost: %s", fault)
        return AWAY_SECONDS
    except Exception:
        log.exception("could not take up a submission; it stays in the queue")
        return AWAY_SECONDS
    if submission is None:
        return regrade_some(academy, worker_id)
    log.info("submission %s: %s (%s)", submission.id, submission.state, submission.reason)
    if submission.state in (SubmissionState.GRADED, SubmissionState.NEEDS_REVIEW):
        certify(academy, submission.trainee_id, submission.course_id)
    return 0.0


def regrade_some(academy: Academy, worker_id: str) -> float:
    """Try what a regrade needs, for a second or so; gives the seconds to wait before the next look."""
    try:
        tried = academy.regrade_next(worker_id)
    except Exception:
        log.exception("could not go on with a regrade; what it needs is tried later")
        return AWAY_SECONDS
    if tried:
        log.info("tried %s units of a regrade", tried)
    return 0.0 if tried else IDLE_SECONDS


def certify_outstanding(academy: Academy) -> None:
    """Issue what was earned when a worker was killed between the verdict and the certificate."""
    with academy.records.reading() as repositories:
        enrolled = {
            (enrolment.trainee_id, section.course_id)
            for section in repositories.courses.sections()
            for enrolment in repositories.enrolments.of_section(section.id)
        }
    for trainee_id, course_id in sorted(enrolled):
        certify(academy, trainee_id, course_id)


def certify(academy: Academy, trainee_id: str, course_id: str) -> None:
    """Issue the certificate of a course if this trainee has earned it; a fault of ours leaves it to the next start."""
    try:
        certificate = academy.certify(trainee_id, course_id)
    except Exception:
        log.exception("could not certify %s in %s; the next submission or start tries again", trainee_id, course_id)
        return
    if certificate is not None:
        log.info("certificate of %s in %s stands", trainee_id, course_id)
