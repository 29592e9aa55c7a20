"""The API of marking by people: what waits, marks under blind names, agreement, publishing; rubrics and policies."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from factory_academy.portal.api.models.marking import (
    AgreementOut,
    HeldOut,
    MarkIn,
    PolicyIn,
    PolicyModel,
    PublishedOut,
    PublishIn,
    RubricIn,
    RubricModel,
    SetupOut,
    SnippetOut,
    TaskIn,
    TextIn,
    WorkOut,
    WorksOut,
    WorkViewOut,
)
from factory_academy.portal.api.teaching import PageNumber
from factory_academy.portal.api.trainee import AssignmentName, CourseId
from factory_academy.portal.deps import Instructor, TheAcademy
from factory_academy.workflows.marking.mark import Given

router = APIRouter(prefix="/teaching/courses/{course_id}", tags=["instructor"])
ASSIGNMENT = "/assignments/{name}/marking"
WorkId = Annotated[str, Path(description="A work's id in the list; it is no receipt.")]
OneTask = Annotated[str | None, Query(description="Only this task.")]


@router.get(ASSIGNMENT)
def marking(
    course_id: CourseId,
    name: AssignmentName,
    instructor: Instructor,
    academy: TheAcademy,
    task: OneTask = None,
    everything: Annotated[bool, Query(description="Also what was marked, and what is not yours to mark.")] = False,
    page: PageNumber = 1,
) -> WorksOut:
    """What waits for you to mark, under pseudonyms, in an order that says nothing about who was early."""
    found = academy.marking.queue(instructor, course_id, name, task_id=task, everything=everything, page=page)
    return WorksOut.of(found, instructor.id)


@router.post(f"{ASSIGNMENT}/next")
def next_to_mark(
    course_id: CourseId, name: AssignmentName, instructor: Instructor, academy: TheAcademy, task: OneTask = None
) -> WorkOut | None:
    """Take the next work: its open tasks are held for you for half an hour. `null` when nothing waits for you."""
    work = academy.marking.claim_next(instructor, course_id, name, task)
    return WorkOut.of(work, instructor.id) if work else None


@router.get(f"{ASSIGNMENT}/agreement")
def marking_agreement(
    course_id: CourseId, name: AssignmentName, instructor: Instructor, academy: TheAcademy
) -> tuple[AgreementOut, ...]:
    """How far those who marked the same work agree, task by task."""
    return tuple(AgreementOut.of(found) for found in academy.marking.agreement(instructor, course_id, name))


@router.get(f"{ASSIGNMENT}/setup")
def marking_setup(course_id: CourseId, name: AssignmentName, instructor: Instructor, academy: TheAcademy) -> SetupOut:
    """The rubrics of the version released now, and how each of your sections marks."""
    setup = academy.marking.setup(instructor, course_id, name)
    return SetupOut(
        rubrics={task: RubricModel.of(rubric) for task, rubric in setup.rubrics.items()},
        policies={section: PolicyModel.of(policy) for section, policy in setup.policies.items()},
    )


@router.put(f"{ASSIGNMENT}/rubric", status_code=204)
def set_rubric(
    course_id: CourseId, name: AssignmentName, instructor: Instructor, academy: TheAcademy, chosen: RubricIn
) -> None:
    """Choose the rubric of a manual task; once someone has marked the task it stays."""
    rubric = chosen.rubric.rubric() if chosen.rubric else None
    academy.marking.set_rubric(instructor, course_id, name, chosen.task_id, rubric)


@router.put(f"{ASSIGNMENT}/policy")
def set_marking_policy(
    course_id: CourseId, name: AssignmentName, instructor: Instructor, academy: TheAcademy, chosen: PolicyIn
) -> tuple[str, ...]:
    """Say how people mark in a section, or in all that you teach; gives the sections that it holds for."""
    return academy.marking.set_policy(instructor, course_id, name, chosen.policy.policy(), chosen.section_id)


@router.post(f"{ASSIGNMENT}/publish")
def publish_marks(
    course_id: CourseId, name: AssignmentName, instructor: Instructor, academy: TheAcademy, how: PublishIn
) -> PublishedOut:
    """Let trainees see marks that were held back until all are there."""
    published = academy.marking.publish(instructor, course_id, name, how.partly)
    return PublishedOut(works=published.works, waiting=published.waiting)


@router.get(f"{ASSIGNMENT}/{{work_id}}")
def work_to_mark(
    course_id: CourseId, name: AssignmentName, work_id: WorkId, instructor: Instructor, academy: TheAcademy
) -> WorkViewOut:
    """A work with what was handed in, the rubrics, and the marks that you may see."""
    return WorkViewOut.of(academy.marking.view(instructor, course_id, name, work_id), instructor.id)


@router.post(f"{ASSIGNMENT}/{{work_id}}/marks", status_code=201)
def mark(
    course_id: CourseId,
    name: AssignmentName,
    work_id: WorkId,
    instructor: Instructor,
    academy: TheAcademy,
    given: MarkIn,
) -> WorkOut:
    """Mark a task. With the last mark that it waits for, the grade has a new event."""
    said = Given(given.points, given.levels, given.comment)
    work = academy.marking.mark(instructor, course_id, name, work_id, given.task_id, said)
    return WorkOut.of(work, instructor.id)


@router.put(f"{ASSIGNMENT}/{{work_id}}/claim")
def claim_task(
    course_id: CourseId,
    name: AssignmentName,
    work_id: WorkId,
    instructor: Instructor,
    academy: TheAcademy,
    task: TaskIn,
) -> HeldOut:
    """Hold a task for yourself for half an hour from now."""
    return HeldOut(until=academy.marking.hold(instructor, course_id, name, work_id, task.task_id))


@router.delete(f"{ASSIGNMENT}/{{work_id}}/claim", status_code=204)
def give_task_back(
    course_id: CourseId,
    name: AssignmentName,
    work_id: WorkId,
    instructor: Instructor,
    academy: TheAcademy,
    task: Annotated[str, Query(description="The task that others may have.")],
) -> None:
    """Let others have a task that you held."""
    academy.marking.hold.give_back(instructor, course_id, name, work_id, task)


@router.put(f"{ASSIGNMENT}/{{work_id}}/comment", status_code=204)
def comment_on_work(
    course_id: CourseId,
    name: AssignmentName,
    work_id: WorkId,
    instructor: Instructor,
    academy: TheAcademy,
    comment: TextIn,
) -> None:
    """Say something about a work as a whole; its trainee reads it once all of it is marked."""
    academy.marking.remark(instructor, course_id, name, work_id, comment.text)


@router.get("/snippets")
def snippets(course_id: CourseId, instructor: Instructor, academy: TheAcademy) -> tuple[SnippetOut, ...]:
    """The comments that you keep to use again."""
    return tuple(SnippetOut.of(snippet) for snippet in academy.marking.snippets(instructor, course_id))


@router.post("/snippets", status_code=201)
def keep_snippet(course_id: CourseId, instructor: Instructor, academy: TheAcademy, comment: TextIn) -> SnippetOut:
    """Keep a comment to use again."""
    return SnippetOut.of(academy.marking.snippets.add(instructor, course_id, comment.text))


@router.delete("/snippets/{snippet_id}", status_code=204)
def remove_snippet(course_id: CourseId, snippet_id: str, instructor: Instructor, academy: TheAcademy) -> None:
    """Forget a comment that you kept."""
    academy.marking.snippets.remove(instructor, snippet_id)
