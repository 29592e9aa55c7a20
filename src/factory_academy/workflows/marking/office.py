"""All workflows of marking, made of the same few parts."""

from __future__ import annotations

from dataclasses import dataclass

from factory_academy.workflows.marking.agreement import MarkingAgreement
from factory_academy.workflows.marking.appeals import AnswerAppeal, AppealsToAnswer, OpenAppeal
from factory_academy.workflows.marking.deciding import Certifying
from factory_academy.workflows.marking.mark import MarkTask, PublishMarks, RemarkOnWork
from factory_academy.workflows.marking.my_marking import ViewMyMarking
from factory_academy.workflows.marking.ports import Answers
from factory_academy.workflows.marking.queue import ClaimNext, HoldTask, MarkingQueue, ViewWork
from factory_academy.workflows.marking.rubrics import SetMarkingPolicy, SetRubric, Snippets, ViewMarkingSetup
from factory_academy.workflows.ports import Blobs, Clock, Records


@dataclass(frozen=True, slots=True)
class MarkingOffice:
    """Where marking begins. ``key`` is the secret behind the names that markers see instead of trainees'."""

    records: Records
    blobs: Blobs
    answers: Answers
    clock: Clock
    key: bytes
    certify: Certifying

    @property
    def queue(self) -> MarkingQueue:
        """What waits for a marker."""
        return MarkingQueue(self.records, self.clock, self.key)

    @property
    def claim_next(self) -> ClaimNext:
        """Take the next work."""
        return ClaimNext(self.records, self.clock, self.key)

    @property
    def hold(self) -> HoldTask:
        """Claim one task of a work, or give it back."""
        return HoldTask(self.records, self.clock, self.key)

    @property
    def view(self) -> ViewWork:
        """A work for its marker's eyes."""
        return ViewWork(self.records, self.blobs, self.answers, self.clock, self.key)

    @property
    def mark(self) -> MarkTask:
        """Give a mark."""
        return MarkTask(self.records, self.clock, self.key, self.certify)

    @property
    def remark(self) -> RemarkOnWork:
        """Comment on a work as a whole."""
        return RemarkOnWork(self.records, self.clock, self.key)

    @property
    def publish(self) -> PublishMarks:
        """Let trainees see marks that were held back."""
        return PublishMarks(self.records, self.clock, self.key, self.certify)

    @property
    def agreement(self) -> MarkingAgreement:
        """How far markers agree."""
        return MarkingAgreement(self.records, self.key)

    @property
    def setup(self) -> ViewMarkingSetup:
        """How an assignment is marked."""
        return ViewMarkingSetup(self.records)

    @property
    def set_rubric(self) -> SetRubric:
        """Choose the rubric of a manual task."""
        return SetRubric(self.records, self.clock)

    @property
    def set_policy(self) -> SetMarkingPolicy:
        """Say how people mark in a section."""
        return SetMarkingPolicy(self.records)

    @property
    def snippets(self) -> Snippets:
        """Comments to use again."""
        return Snippets(self.records, self.clock)

    @property
    def mine(self) -> ViewMyMarking:
        """How a trainee's own submission was judged."""
        return ViewMyMarking(self.records)

    @property
    def appeal(self) -> OpenAppeal:
        """Ask for another look at a task."""
        return OpenAppeal(self.records, self.clock)

    @property
    def appeals(self) -> AppealsToAnswer:
        """What trainees asked to be looked at again."""
        return AppealsToAnswer(self.records)

    @property
    def answer(self) -> AnswerAppeal:
        """Decide about an appeal."""
        return AnswerAppeal(self.records, self.clock, self.certify)
