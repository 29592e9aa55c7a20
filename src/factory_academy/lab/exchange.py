"""nbgrader's exchange over HTTPS: what its commands and its JupyterLab list do, done through the portal."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nbgrader.exchange import abc
from traitlets import Bool

from factory_academy.domain.submission import Receipt
from factory_academy.errors import AcademyError, BadInput, NotAllowed, NotFound
from factory_academy.lab.archive import pack, unpack
from factory_academy.lab.client import AcademyClient, HandedIn
from factory_academy.lab.receipts import Receipts
from factory_academy.lab.work import WorkFolder, missing_and_extra, write_whole

last_refusal: ContextVar[str] = ContextVar("last_refusal", default="")


class AcademyExchange(abc.Exchange):  # type: ignore[misc]
    """What all our exchange classes share: the client, the work folder, and refusals as one sentence."""

    path_includes_course = Bool(True, help="Work lies at <course>/<assignment>.").tag(config=True)

    def start(self) -> Any:
        """Do it; whatever is refused ends in nbgrader's own error with our sentence."""
        last_refusal.set("")
        try:
            return super().start()
        except AcademyError as error:
            self.fail(f"{error} {error.next_step}".strip())
        except OSError as error:
            self.fail(f"{error.filename or 'A file'}: {error.strerror}. Free some space or mend its permissions.")

    def fail(self, msg: str) -> NoReturn:
        """Stop, with a message for the person."""
        last_refusal.set(msg)
        self.log.critical(msg)
        raise abc.ExchangeError(msg)

    def init_src(self) -> None:
        """Everything is looked up when it is needed."""
        self.client = AcademyClient.of_session(os.environ)

    def init_dest(self) -> None:
        """Refuse to act for anybody else: the academy goes by the session's token, not by a name."""
        wanted, me = self.coursedir.student_id, os.environ.get("JUPYTERHUB_USER", "")
        if wanted not in ("", "*", me):
            raise NotAllowed(f"You are {me}; you cannot do this as {wanted}.", "Leave --student out.")

    @property
    def root(self) -> Path:
        """The folder that holds the work."""
        return Path(self.assignment_dir).resolve()

    @property
    def receipts(self) -> Receipts:
        """The trainee's receipts."""
        return Receipts.of_home(Path.home())

    def work(self) -> WorkFolder:
        """The folder of the assignment that was named.

        Raises:
            BadInput: no course was named, and the assignment's name does not say which one.
        """
        name = Path(self.coursedir.assignment_id).name
        return WorkFolder(self.root, self.coursedir.course_id or self._only_course_with(name), name)

    def folder_of(self, course_id: str, name: str) -> WorkFolder:
        """The folder of any assignment."""
        return WorkFolder(self.root, course_id, name)

    def stamp(self, receipt: Receipt) -> str:
        """The server's time of receipt in the configured time zone, and the start of the receipt's number."""
        try:
            zone = ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            self.fail(f"Exchange.timezone must be a time zone such as Europe/Rome, got {self.timezone!r}.")
        at = receipt.received_at.astimezone(zone)
        return f"{at.strftime(self.timestamp_format)} {receipt.submission_id[:8]}"

    def feedback_file(self, submission: HandedIn, notebooks: Sequence[Path]) -> Path:
        """Where the feedback of a submission lies, fetched or not."""
        work = self.folder_of(submission.course_id, submission.assignment)
        stem = notebooks[0].stem if len(notebooks) == 1 else submission.assignment
        return work.path / "feedback" / self.stamp(submission.receipt) / f"{stem}.html"

    def _only_course_with(self, name: str) -> str:
        courses = sorted({a.course_id for a in self.client.released() if a.name == name})
        if not courses:
            raise NotFound(f"None of your courses has an assignment {name!r}.", "See `nbgrader list`.")
        if len(courses) > 1:
            raise BadInput(f"{name!r} is in {' and '.join(courses)}.", f"Add --course={courses[0]} or another.")
        return courses[0]


class AcademyFetchAssignment(AcademyExchange, abc.ExchangeFetchAssignment):  # type: ignore[misc]
    """``nbgrader fetch_assignment``."""

    def copy_files(self) -> None:
        """Lay down the released files, or with --replace bring back those that are missing or broken."""
        work = self.work()
        if work.is_fetched and self.replace_missing_files:
            restored = work.restore(self.client, datetime.now(UTC))
            self.log.info("Brought back: %s", ", ".join(p.name for p in restored) or "nothing was missing")
        else:
            work.fetch(self.client)
        self.log.info("Fetched as: %s %s", work.course_id, work.name)
        self.log.info("Destination: %s", work.path)


class AcademySubmit(AcademyExchange, abc.ExchangeSubmit):  # type: ignore[misc]
    """``nbgrader submit``."""

    def copy_files(self) -> None:
        """Hand in the folder and keep the receipt."""
        work = self.work()
        if not work.is_fetched:
            raise NotFound(f"Assignment not found at: {work.path}", "Fetch it first, and save your work there.")
        self._compare_notebooks(work)
        receipt = self.client.submit(work.course_id, work.name, pack(work.path, self.coursedir.ignore))
        kept = self.receipts.keep(receipt)
        self.log.info("Submitted as: %s %s %s", work.course_id, work.name, self.stamp(receipt))
        self.log.info("Receipt %s, kept in %s", receipt.submission_id, kept)

    def _compare_notebooks(self, work: WorkFolder) -> None:
        released = [p.name for p in unpack(self.client.release(work.course_id, work.name)) if p.suffix == ".ipynb"]
        missing, extra = missing_and_extra(released, [p.name for p in work.notebooks()])
        if missing and self.strict:
            raise NotFound(f"Not submitted: {', '.join(missing)} is missing.", "Bring it back: fetch with --replace.")
        if missing:
            self.log.warning("Missing, so without points: %s", ", ".join(missing))
        if extra:
            self.log.warning("Extra, and not graded: %s", ", ".join(extra))


class AcademyFetchFeedback(AcademyExchange, abc.ExchangeFetchFeedback):  # type: ignore[misc]
    """``nbgrader fetch_feedback``."""

    def copy_files(self) -> None:
        """Lay down the feedback page of every submission that has its verdict."""
        work = self.work()
        submissions = self.client.submissions(work.course_id, work.name)
        if not submissions:
            self.log.warning("You have not handed in %s %s yet.", work.course_id, work.name)
        for submission in submissions:
            if not submission.state.is_terminal:
                self.log.warning("%s has no verdict yet: %s", self.stamp(submission.receipt), submission.state.value)
                continue
            path = self.feedback_file(submission, work.notebooks())
            write_whole(path, self.client.feedback(submission.receipt.submission_id))
            self.receipts.note_feedback(submission.receipt, standing(submission))
            self.log.info("Fetched feedback: %s", path)


class NotHere(AcademyExchange):
    """What instructors' commands of nbgrader would do: releasing and collecting are not done from a session."""

    def copy_files(self) -> None:
        """Say where it is done instead."""
        raise NotAllowed("This is not done from a session.", "Instructors release and grade on the academy's pages.")


class AcademyReleaseAssignment(NotHere, abc.ExchangeReleaseAssignment):  # type: ignore[misc]
    """``nbgrader release_assignment``."""


class AcademyReleaseFeedback(NotHere, abc.ExchangeReleaseFeedback):  # type: ignore[misc]
    """``nbgrader release_feedback``."""


class AcademyCollect(NotHere, abc.ExchangeCollect):  # type: ignore[misc]
    """``nbgrader collect``."""


def standing(submission: HandedIn) -> str:
    """The result of a submission in words, such as ``graded, 8 of 10``."""
    words = submission.state.value.replace("_", " ")
    if submission.earned is None or submission.possible is None:
        return words
    return f"{words}, {submission.earned:g} of {submission.possible:g}"
