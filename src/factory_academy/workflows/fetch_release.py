"""Give a trainee what they need to begin an assignment: the released files, and nothing hidden."""

from __future__ import annotations

from dataclasses import dataclass

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.errors import NotFound
from factory_academy.workflows.ports import Blobs, Records
from factory_academy.workflows.submit import assignment_for


@dataclass(frozen=True, slots=True)
class FetchRelease:
    """The files of the present version of an assignment, by path, for someone enrolled in its course."""

    records: Records
    blobs: Blobs

    def __call__(self, trainee_id: str, course_id: str, name: str) -> dict[str, bytes]:
        """The files.

        Raises:
            NotEnrolled: they are in no active section of the course.
            NotFound: there is no such released assignment.
        """
        with self.records.reading() as repositories:
            assignment = assignment_for(repositories, trainee_id, course_id, name)
            blob = repositories.courses.version_blob(assignment.version)
        if blob is None:
            raise NotFound(f"The files of {assignment.id} are not on record.", "Tell your instructor.")
        return AssignmentBundle.from_bytes(self.blobs.get(blob)).release_files()
