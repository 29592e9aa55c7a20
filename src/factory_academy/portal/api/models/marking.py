"""The shapes that the API of marking takes and gives."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from factory_academy.domain.marking import Mark, MarkingPolicy, Snippet
from factory_academy.domain.rubric import Criterion, Level, Rubric
from factory_academy.errors import BadInput
from factory_academy.portal.api.models.common import Model, PageOut
from factory_academy.workflows.marking.agreement import TaskAgreement
from factory_academy.workflows.marking.mark import MAX_COMMENT
from factory_academy.workflows.marking.queue import MarkingList, WorkView
from factory_academy.workflows.marking.works import Work, WorkTask

Text = Annotated[str, Field(max_length=MAX_COMMENT)]
Id = Annotated[str, Field(max_length=40)]
Fraction = Annotated[float, Field(ge=0, le=1)]


class LevelModel(Model):
    """One level of a criterion; ``description`` says what work at that level looks like."""

    id: Id
    title: Annotated[str, Field(max_length=200)]
    points: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    description: Annotated[str, Field(max_length=2000)]


class CriterionModel(Model):
    """One thing to look for, with its levels from least points to most."""

    id: Id
    title: Annotated[str, Field(max_length=200)]
    levels: Annotated[tuple[LevelModel, ...], Field(max_length=20)]


class RubricModel(Model):
    """A rubric. Its points are a share of the task's, whatever they sum to."""

    title: Annotated[str, Field(max_length=200)]
    criteria: Annotated[tuple[CriterionModel, ...], Field(max_length=30)]

    @classmethod
    def of(cls, rubric: Rubric) -> RubricModel:
        """From the domain."""
        criteria = (
            CriterionModel(
                id=one.id,
                title=one.title,
                levels=tuple(
                    LevelModel(id=level.id, title=level.title, points=level.points, description=level.description)
                    for level in one.levels
                ),
            )
            for one in rubric.criteria
        )
        return cls(title=rubric.title, criteria=tuple(criteria))

    def rubric(self) -> Rubric:
        """As the domain has it.

        Raises:
            BadInput: it is none that work can be marked by; the message says why.
        """
        try:
            criteria = (
                Criterion(one.id, one.title, tuple(Level(x.id, x.title, x.points, x.description) for x in one.levels))
                for one in self.criteria
            )
            return Rubric(self.title, tuple(criteria))
        except ValueError as error:
            raise BadInput(f"The rubric cannot be used: {error}.", "Mend it and send it again.") from error


class RubricIn(Model):
    """The rubric of a task; none means that the task is marked by points alone."""

    task_id: str
    rubric: RubricModel | None


class PolicyModel(Model):
    """How people mark an assignment in a section."""

    second_fraction: Annotated[Fraction, Field(description="The share of work that two people mark.")] = 0.0
    tolerance_fraction: Annotated[Fraction, Field(description="How far two marks that agree may differ.")] = 0.0
    release_together: Annotated[bool, Field(description="Trainees see marks once all are published.")] = False
    appeal_days: Annotated[float, Field(ge=0, le=366, description="How long a verdict can be appealed against.")] = 14
    answer_days: Annotated[float, Field(ge=0, le=366, description="How long an answer may take.")] = 10

    @classmethod
    def of(cls, policy: MarkingPolicy) -> PolicyModel:
        """From the domain."""
        return cls(
            second_fraction=policy.second_fraction,
            tolerance_fraction=policy.tolerance_fraction,
            release_together=policy.release_together,
            appeal_days=policy.appeal_time / timedelta(days=1),
            answer_days=policy.answer_time / timedelta(days=1),
        )

    def policy(self) -> MarkingPolicy:
        """As the domain has it."""
        appeal, answer = timedelta(days=self.appeal_days), timedelta(days=self.answer_days)
        return MarkingPolicy(self.second_fraction, self.tolerance_fraction, self.release_together, appeal, answer)


class PolicyIn(Model):
    """A policy for one section, or for all that you teach."""

    section_id: str | None = None
    policy: PolicyModel


class SetupOut(Model):
    """How an assignment is marked: rubrics by task of the present version, policies by section."""

    rubrics: dict[str, RubricModel]
    policies: dict[str, PolicyModel]


class MarkOut(Model):
    """One mark. Who gave it is not said; ``is_yours`` is."""

    kind: str
    is_yours: bool
    earned: float
    levels: dict[str, str]
    comment: str
    at: datetime

    @classmethod
    def of(cls, mark: Mark, reader_id: str) -> MarkOut:
        """From the domain, for this reader."""
        return cls(
            kind=mark.kind.value,
            is_yours=mark.marker_id == reader_id,
            earned=mark.earned,
            levels=dict(mark.levels),
            comment=mark.comment,
            at=mark.at,
        )


class WorkTaskOut(Model):
    """A task of a work. ``stage`` says what it waits for, ``held`` whether someone else is at it just now."""

    task_id: str
    title: str
    possible: float
    verdict: str
    stage: str
    is_open: bool
    may_mark: bool
    held: bool
    why: str
    marks: tuple[MarkOut, ...]

    @classmethod
    def of(cls, task: WorkTask, reader_id: str) -> WorkTaskOut:
        """From a workflow's answer."""
        return cls(
            task_id=task.score.task_id,
            title=task.score.title or task.score.task_id,
            possible=task.score.possible,
            verdict=task.score.verdict.value,
            stage=task.stage.value,
            is_open=task.is_open,
            may_mark=task.may_mark,
            held=task.held,
            why=task.score.message if task.is_open else "",
            marks=tuple(MarkOut.of(mark, reader_id) for mark in task.marks),
        )


class WorkOut(Model):
    """A work to mark. ``trainee`` is a pseudonym, stable in an assignment; ``name`` comes once all is published."""

    work_id: str
    trainee: str
    name: str | None
    is_open: bool
    tasks: tuple[WorkTaskOut, ...]

    @classmethod
    def of(cls, work: Work, reader_id: str) -> WorkOut:
        """From a workflow's answer."""
        return cls(
            work_id=work.id,
            trainee=work.pseudonym,
            name=work.trainee.full_name if work.trainee else None,
            is_open=work.is_open,
            tasks=tuple(WorkTaskOut.of(task, reader_id) for task in work.tasks),
        )


class WorksOut(Model):
    """A page of works. ``waiting`` counts, by task, what you may mark now; ``unpublished`` marks that are held back."""

    page: PageOut
    waiting: dict[str, int]
    unpublished: int
    works: tuple[WorkOut, ...]

    @classmethod
    def of(cls, found: MarkingList, reader_id: str) -> WorksOut:
        """From a workflow's answer."""
        paging = found.paging
        return cls(
            page=PageOut(number=paging.number, pages=paging.pages, total=paging.total),
            waiting=dict(found.waiting),
            unpublished=found.unpublished,
            works=tuple(WorkOut.of(work, reader_id) for work in found.works),
        )


class WorkViewOut(Model):
    """A work with what was handed in, as plain text by task; ``unreadable`` says why there is none."""

    work: WorkOut
    answers: dict[str, str]
    unreadable: str
    rubrics: dict[str, RubricModel]
    comment: str

    @classmethod
    def of(cls, view: WorkView, reader_id: str) -> WorkViewOut:
        """From a workflow's answer."""
        wanted = {task.score.task_id for task in view.work.tasks}
        return cls(
            work=WorkOut.of(view.work, reader_id),
            answers={task: text for task, text in view.answers.items() if task in wanted},
            unreadable=view.unreadable,
            rubrics={task: RubricModel.of(rubric) for task, rubric in view.rubrics.items()},
            comment=view.remark,
        )


class MarkIn(Model):
    """A mark: points, or a level of each criterion where the task has a rubric; and a comment for the trainee."""

    task_id: str
    points: Annotated[float | None, Field(ge=0, allow_inf_nan=False)] = None
    levels: Annotated[dict[str, str], Field(max_length=30, default_factory=dict)]
    comment: Text = ""


class TaskIn(Model):
    """One task of a work."""

    task_id: str


class HeldOut(Model):
    """Until when a task is held for you."""

    until: datetime


class TextIn(Model):
    """Some plain text."""

    text: Text


class SnippetOut(Model):
    """A comment that you keep to use again."""

    id: str
    text: str

    @classmethod
    def of(cls, snippet: Snippet) -> SnippetOut:
        """From the domain."""
        return cls(id=snippet.id, text=snippet.text)


class PublishIn(Model):
    """``partly``: also where some tasks still wait for a mark."""

    partly: bool = False


class PublishedOut(Model):
    """How many works were published, and how many tasks still wait for a mark."""

    works: int
    waiting: int


class AgreementOut(Model):
    """How far two markers agree on a task. Kappas are absent where chance alone leaves no room to disagree."""

    task_id: str
    title: str
    pairs: int
    same_fraction: float | None
    kappa: float | None
    weighted_kappa: float | None
    moderated: int

    @classmethod
    def of(cls, found: TaskAgreement) -> AgreementOut:
        """From a workflow's answer."""
        return cls(
            task_id=found.task_id,
            title=found.title,
            pairs=found.agreement.pairs,
            same_fraction=found.agreement.same_fraction,
            kappa=found.agreement.kappa,
            weighted_kappa=found.agreement.weighted_kappa,
            moderated=found.moderated,
        )
