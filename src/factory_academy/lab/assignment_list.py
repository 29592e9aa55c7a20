"""nbgrader's own assignment list for JupyterLab, with refusals as sentences where it would show a traceback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nbgrader.server_extensions import assignment_list

from factory_academy.lab.exchange import last_refusal

UNEXPECTED = "Something broke in your session. Save your work, stop the session and start it again."


class ReadableAssignmentList(assignment_list.handlers.AssignmentList):  # type: ignore[misc]
    """Answers as nbgrader's does; only the words of a failure are ours.

    nbgrader's handler lists anew after fetching and never says that it failed; so the next list says it, once.
    """

    _untold = ""

    def list_assignments(self, course_id: str | None = None) -> dict[str, Any]:
        """Everything of a course, or why the last fetch brought nothing."""
        untold, self._untold = self._untold, ""
        if untold:
            return {"success": False, "value": untold}
        answer: dict[str, Any] = super().list_assignments(course_id=course_id)
        return answer

    def list_released_assignments(self, course_id: str | None = None) -> dict[str, Any]:
        """What can be fetched, and what was."""
        return self._readable(super().list_released_assignments, course_id=course_id)

    def list_submitted_assignments(self, course_id: str | None = None) -> dict[str, Any]:
        """What was handed in."""
        return self._readable(super().list_submitted_assignments, course_id=course_id)

    def fetch_assignment(self, course_id: str, assignment_id: str) -> dict[str, Any]:
        """Lay down an assignment's files."""
        return self._told(self._readable(super().fetch_assignment, course_id, assignment_id))

    def fetch_feedback(self, course_id: str, assignment_id: str) -> dict[str, Any]:
        """Lay down the feedback of what was handed in."""
        return self._told(self._readable(super().fetch_feedback, course_id, assignment_id))

    def submit_assignment(self, course_id: str, assignment_id: str) -> dict[str, Any]:
        """Hand in."""
        return self._readable(super().submit_assignment, course_id, assignment_id)

    def _told(self, answer: dict[str, Any]) -> dict[str, Any]:
        self._untold = "" if answer["success"] else answer["value"]
        return answer

    def _readable(self, act: Callable[..., dict[str, Any]], *args: Any, **kwargs: Any) -> dict[str, Any]:
        last_refusal.set("")
        answer = act(*args, **kwargs)
        if answer["success"]:
            return answer
        return {"success": False, "value": last_refusal.get() or UNEXPECTED}


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "factory_academy.lab.assignment_list"}]


def _load_jupyter_server_extension(server: Any) -> None:
    assignment_list.load_jupyter_server_extension(server)
    manager = ReadableAssignmentList(parent=server)
    manager.root_dir = server.root_dir
    server.web_app.settings["assignment_list_manager"] = manager
