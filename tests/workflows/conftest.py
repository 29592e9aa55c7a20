from dataclasses import dataclass, field

import pytest
from tests.support.autograder import FixedAutograder
from tests.support.blobs import FakeBlobs
from tests.support.clock import FakeClock
from tests.support.issuer import FakeIssuer
from tests.support.records import FakeRecords, stocked
from tests.support.work import accept_anything, dp4_bundle

from factory_academy.domain.submission import Submission
from factory_academy.workflows.certify import Certify
from factory_academy.workflows.grade import GradeNext
from factory_academy.workflows.regrading.one import Regrade
from factory_academy.workflows.submit import Submit


@dataclass
class Hall:
    """The workflows of a submission's life over fakes."""

    records: FakeRecords = field(default_factory=FakeRecords)
    blobs: FakeBlobs = field(default_factory=FakeBlobs)
    autograder: FixedAutograder = field(default_factory=FixedAutograder)
    clock: FakeClock = field(default_factory=FakeClock)
    issuer: FakeIssuer = field(default_factory=FakeIssuer)

    def __post_init__(self) -> None:
        stocked(self.records, self.blobs.put(dp4_bundle().to_bytes()))
        self.submit = Submit(self.records, self.blobs, accept_anything, self.clock)
        self.grade_next = GradeNext(self.records, self.blobs, self.autograder, self.clock)
        self.regrade = Regrade(self.records, self.clock)
        self.certify = Certify(self.records, self.issuer, self.clock)

    def hand_in(self, archive: bytes = b"work", trainee: str = "mira") -> Submission:
        return self.submit(trainee, "pipelines", "dp4", archive)

    def find(self, submission_id: str) -> Submission:
        with self.records.reading() as repositories:
            return repositories.submissions.find(submission_id)

    def history(self, submission_id: str):
        with self.records.reading() as repositories:
            return repositories.grades.history(submission_id)


@pytest.fixture
def hall() -> Hall:
    return Hall()
