"""What nbgrader lists: assignments to fetch, and submissions with their verdicts and feedback."""

from __future__ import annotations

from typing import Any

from nbgrader.exchange import abc

from factory_academy.errors import NotAllowed
from factory_academy.lab.client import HandedIn, Released
from factory_academy.lab.exchange import AcademyExchange, standing


class AcademyList(AcademyExchange, abc.ExchangeList):  # type: ignore[misc]
    """``nbgrader list`` and both halves of the assignment list in JupyterLab."""

    def copy_files(self) -> None:
        """Listing copies nothing."""

    def list_files(self) -> list[dict[str, Any]]:
        """What was released, or with --inbound or --cached what was handed in."""
        if self.inbound or self.cached:
            return self._submitted()
        self.log.info("Released assignments:")
        lines = [self._released(a) for a in self.client.released() if self._is_wanted(a.course_id, a.name)]
        for line in lines:
            fetched = " (already downloaded)" if line["status"] == "fetched" else ""
            self.log.info("%s %s%s", line["course_id"], line["assignment_id"], fetched)
        return lines

    def remove_files(self) -> list[dict[str, Any]]:
        """Refuse: nothing that was handed in can be taken away again."""
        raise NotAllowed("What was released or handed in cannot be removed.", "Hand in again; the best counts.")

    def _is_wanted(self, course_id: str, name: str) -> bool:
        return self.coursedir.course_id in ("", course_id) and self.coursedir.assignment_id in ("", name)

    def _released(self, assignment: Released) -> dict[str, Any]:
        work = self.folder_of(assignment.course_id, assignment.name)
        return {
            "course_id": assignment.course_id,
            "assignment_id": assignment.name,
            "status": "fetched" if work.is_fetched else "released",
            "path": str(work.path),
            "notebooks": [{"notebook_id": p.stem, "path": str(p)} for p in work.notebooks()],
        }

    def _submitted(self) -> list[dict[str, Any]]:
        self.log.info("Submitted assignments:")
        groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
        found = self.client.submissions(self.coursedir.course_id, self.coursedir.assignment_id)
        for submission in sorted(found, key=lambda s: s.receipt.received_at):
            line = self._submission(submission)
            groups.setdefault((submission.course_id, submission.assignment), []).append(line)
            words = "{course_id} {student_id} {assignment_id} {timestamp}".format(**line)
            self.log.info("%s %s", words, _feedback_words(line))
        return [
            {
                "course_id": course_id,
                "student_id": lines[0]["student_id"],
                "assignment_id": name,
                "status": "submitted",
                "submissions": lines,
            }
            for (course_id, name), lines in sorted(groups.items())
        ]

    def _submission(self, submission: HandedIn) -> dict[str, Any]:
        work = self.folder_of(submission.course_id, submission.assignment)
        page = self.feedback_file(submission, work.notebooks())
        present = standing(submission)
        is_here = page.is_file()
        is_updated = is_here and self.receipts.feedback(submission.receipt.submission_id) != present
        feedback = {
            "has_local_feedback": is_here,
            "has_exchange_feedback": submission.state.is_terminal,
            "feedback_updated": is_updated,
        }
        return {
            "course_id": submission.course_id,
            "student_id": submission.trainee_id,
            "assignment_id": submission.assignment,
            "timestamp": f"{self.stamp(submission.receipt)} ({present})",
            "status": "submitted",
            "path": str(work.path),
            "notebooks": [
                {
                    "notebook_id": p.stem,
                    "path": str(p),
                    "local_feedback_path": str(page) if is_here else None,
                    **feedback,
                }
                for p in work.notebooks()
            ],
            "local_feedback_path": str(page.parent) if is_here else None,
            **feedback,
        }


def _feedback_words(line: dict[str, Any]) -> str:
    if line["has_local_feedback"] and not line["feedback_updated"]:
        return "(feedback already fetched)"
    return "(feedback ready to be fetched)" if line["has_exchange_feedback"] else "(no feedback available)"
