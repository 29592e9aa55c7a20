"""Marking over fakes: three instructors, two trainees, and an assignment that people decide about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.course import Assignment, Task
from factory_academy.domain.factory import Factory
from factory_academy.domain.grade import GradeEvent, GradingOutcome
from factory_academy.domain.marking import MarkingPolicy
from factory_academy.domain.person import Person, Role
from factory_academy.domain.submission import Submission
from factory_academy.workflows.extensions.office import DeadlineOffice
from factory_academy.workflows.marking.mark import Given
from factory_academy.workflows.marking.office import MarkingOffice
from factory_academy.workflows.marking.works import Work
from factory_academy.workflows.ports import Records
from tests.support.blobs import FakeBlobs
from tests.support.clock import FakeClock
from tests.support.marking_work import ESSAY, LOAD, ODD, PLAN, for_people
from tests.support.records import IVO, SPRING, FakeRecords, stocked
from tests.support.work import event_of

TASKS = (LOAD, ESSAY, PLAN, ODD)
VERSION = "e5" * 32
ESSAYS = Assignment("pipelines", "essays", "Three sentences", TASKS, VERSION, hardened=True)
ANN = Person("ann", "Ann Instructor", Role.INSTRUCTOR, "bologna")
BEN = Person("ben", "Ben Instructor", Role.INSTRUCTOR, "bologna")
LEA = Person("lea", "Lea Elsewhere", Role.INSTRUCTOR, "lumi")
KEY = b"a key for tests only" * 2
WHERE = ("pipelines", "essays")


def fixed_answers(bundle: AssignmentBundle, archive: bytes) -> dict[str, str]:
    """Implements ``Answers``: the archive's own text, for every manual task."""
    return {task.id: archive.decode() for task in bundle.tasks if task.id in (ESSAY.id, PLAN.id)}


@dataclass
class MarkingHall:
    """The workflows of marking, with work that waits for people."""

    records: Records = field(default_factory=FakeRecords)
    blobs: FakeBlobs = field(default_factory=FakeBlobs)
    clock: FakeClock = field(default_factory=FakeClock)
    certified: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        stocked(self.records)
        bundle = AssignmentBundle(*WHERE, ESSAYS.title, TASKS, {"source/essays.ipynb": b"{}"})
        blob = self.blobs.put(bundle.to_bytes())
        with self.records.transaction() as repositories:
            repositories.factories.ensure(Factory("lumi", "LUMI", "Kajaani", "FI", "skills"))
            for person in (ANN, BEN, LEA):
                repositories.people.add(person)
            repositories.courses.release(ESSAYS, blob, self.clock())
        self.office = MarkingOffice(self.records, self.blobs, fixed_answers, self.clock, KEY, self._certify)
        self.deadlines = DeadlineOffice(self.records, self.clock)

    def _certify(self, trainee_id: str, course_id: str) -> None:
        self.certified.append((trainee_id, course_id))

    def hand_in(self, trainee: str = "mira", tasks: Sequence[Task] = TASKS, text: str = "My answer.") -> Submission:
        """Work that was graded as far as a machine can."""
        outcome = for_people(*tasks)
        with self.records.transaction() as repositories:
            count = len(repositories.submissions.of_assignment(*WHERE))
            content = self.blobs.put(f"{trainee} {count} {text}".encode())
            submission = Submission(
                f"s{count}", trainee, *WHERE, VERSION, content, 9, self.clock(), outcome.state, outcome.reason
            )
            repositories.submissions.add(submission)
            event: GradeEvent = replace(event_of(submission.id, outcome, at=self.clock()), assignment_version=VERSION)
            repositories.grades.add(event, outcome)
        return submission

    def policy(self, **fields: object) -> None:
        """Mark in this way from now on."""
        self.office.set_policy(IVO, *WHERE, MarkingPolicy(**fields))  # type: ignore[arg-type]

    def work(self, marker: Person = IVO, submission: Submission | None = None) -> Work:
        """A work as this marker sees it: of this submission, or the only one there is."""
        works = self.office.queue(marker, *WHERE, everything=True).works
        return next(w for w in works if submission is None or w.submission.id == submission.id)

    def mark(
        self, marker: Person, task: Task, points: float, submission: Submission | None = None, comment: str = ""
    ) -> Work:
        """Give points for a task."""
        work_id = self.work(marker, submission).id
        return self.office.mark(marker, *WHERE, work_id, task.id, Given(points, comment=comment))

    def mark_all(self, submission: Submission | None = None, marker: Person = IVO) -> Work:
        """Give all that waits half of its points."""
        waiting = [t.score for t in self.work(marker, submission).tasks if t.is_open]
        for score in waiting:
            work_id = self.work(marker, submission).id
            work = self.office.mark(marker, *WHERE, work_id, score.task_id, Given(score.possible / 2))
        return work

    def find(self, submission: Submission) -> Submission:
        """The submission as it is now."""
        with self.records.reading() as repositories:
            found = repositories.submissions.find(submission.id)
        assert found is not None
        return found

    def outcome(self, submission: Submission) -> GradingOutcome:
        """What its last event says."""
        with self.records.reading() as repositories:
            found = repositories.grades.outcome(submission.id)
        assert found is not None
        return found

    def history(self, submission: Submission) -> Sequence[GradeEvent]:
        """Its grade events."""
        with self.records.reading() as repositories:
            return repositories.grades.history(submission.id)

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(**span))


SECTION = SPRING.id
