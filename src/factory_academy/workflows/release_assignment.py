"""Make a version of an assignment the one that trainees fetch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.course import Assignment
from factory_academy.errors import BadCourse, NotFound
from factory_academy.workflows.ports import Autograder, Blobs, Clock, Records


@dataclass(frozen=True, slots=True)
class ReleaseAssignment:
    """Record the reference solution's contract and release; a version that is already released is left alone.

    ``require_reference`` refuses a reference that does not earn every automatic point; without it such an
    assignment is released as not hardened, and cannot certify. ``examine`` marks the tests that a trainee's code could
    answer for itself, whose points do not certify; told to be strict, it refuses those that are not marked already.
    """

    records: Records
    blobs: Blobs
    autograder: Autograder
    clock: Clock
    examine: Callable[[AssignmentBundle, bool], AssignmentBundle]

    def __call__(self, bundle: AssignmentBundle, require_reference: bool = True) -> Assignment:
        """The assignment in the version that is present now.

        Raises:
            NotFound: its course is not on record.
            BadCourse: the reference solution does not earn every automatic point, or the examination refuses a test.
            InfrastructureFault, CannotIsolate: the reference could not be run; nothing was released.
        """
        source_version = bundle.version
        with self.records.reading() as repositories:
            course = repositories.courses.find(bundle.course_id)
        if course is None:
            raise NotFound(
                f"The course {bundle.course_id!r} is not on record.", "Load the course before its assignments."
            )
        present = course.assignment(bundle.name)
        if present is not None and source_version in (present.version, present.source_version):
            return present
        hardened = self.examine(self._hardened(bundle, require_reference), require_reference)
        assignment = Assignment(
            course_id=bundle.course_id,
            name=bundle.name,
            title=bundle.title,
            tasks=hardened.tasks,
            version=hardened.version,
            source_version=source_version,
            hardened=hardened.is_hardened,
            max_seconds=int(bundle.limits.total_seconds),
            attempts_per_hour=bundle.attempts_per_hour,
        )
        blob = self.blobs.put(hardened.to_bytes())
        with self.records.transaction() as repositories:
            repositories.courses.release(assignment, blob, self.clock())
            for task_id, rubric in repositories.rubrics.of_version(present.version if present else "").items():
                if any(task.id == task_id for task in assignment.tasks):
                    repositories.rubrics.attach(assignment.version, task_id, rubric.version)
        return assignment

    def _hardened(self, bundle: AssignmentBundle, require_reference: bool) -> AssignmentBundle:
        try:
            return self.autograder.record_contract(bundle)
        except BadCourse:
            if require_reference:
                raise
            return bundle
