"""Everything one trainee handed in, and the receipt of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from factory_academy.domain.grade import Grade
from factory_academy.domain.person import Person
from factory_academy.domain.submission import Submission
from factory_academy.domain.waiting import Wait
from factory_academy.workflows.my_courses import newest_first
from factory_academy.workflows.ports import Clock, Records
from factory_academy.workflows.queue.waiting import wait_of


@dataclass(frozen=True, slots=True)
class MySubmissions:
    """One trainee's submissions, newest first, with the grades of those that have one."""

    records: Records
    clock: Clock

    def __call__(
        self, trainee: Person, course_id: str | None = None, assignment_name: str | None = None
    ) -> tuple[tuple[Submission, ...], Mapping[str, Grade]]:
        """All of them, or those of one course or assignment; never anyone else's."""
        with self.records.reading() as repositories:
            mine = repositories.submissions.of_trainee(trainee.id, course_id)
            found = tuple(s for s in newest_first(mine) if assignment_name in (None, s.assignment_name))
            return found, repositories.grades.of_submissions([s.id for s in found])

    def position(self, submission: Submission) -> int | None:
        """How many submissions are served before this one; None once it is out of the queue."""
        return self.place(submission)[0]

    def place(self, submission: Submission) -> tuple[int | None, Wait | None]:
        """How many submissions are served before this one, and how long that takes; None once it has its verdict."""
        if submission.state.is_terminal:
            return None, None
        with self.records.reading() as repositories:
            position = repositories.queue.position(submission.id)
            return position, wait_of(repositories, submission, self.clock())
