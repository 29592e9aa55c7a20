"""What states, verdicts and causes are called in front of people, and how loudly: good, warn, bad, live or calm."""

from __future__ import annotations

from dataclasses import dataclass

from factory_academy.domain.course import TaskKind
from factory_academy.domain.grade import Cause, Grade, TaskScore, Verdict
from factory_academy.domain.person import Role
from factory_academy.domain.session import SessionState
from factory_academy.domain.submission import Submission, SubmissionState


@dataclass(frozen=True, slots=True)
class Words:
    """A few words, and the tone they are shown in; the words alone must be enough."""

    text: str
    tone: str = "calm"
    advice: str = ""


SUBMISSION = {
    SubmissionState.QUEUED: Words("Waiting to be graded", "live"),
    SubmissionState.RUNNING: Words("Being graded", "live"),
    SubmissionState.GRADED: Words("Graded", "good"),
    SubmissionState.NEEDS_REVIEW: Words(
        "A person will look", "warn", "What a machine can decide is decided. An instructor looks at the rest."
    ),
    SubmissionState.TIMEOUT: Words(
        "Ran too long", "bad", "Find the cell that takes so long in the run below, make it faster and submit again."
    ),
    SubmissionState.OUT_OF_MEMORY: Words(
        "Out of memory", "bad", "Work on smaller pieces, or free what you no longer need, and submit again."
    ),
    SubmissionState.CRASHED: Words(
        "Crashed", "bad", "Restart the kernel, run all cells from the top, and submit again once that works."
    ),
    SubmissionState.EXITED: Words(
        "Ended itself", "bad", "Remove calls such as exit() or quit() from your cells and submit again."
    ),
    SubmissionState.UNREADABLE: Words(
        "Not readable", "bad", "Save the notebook in JupyterLab, check that it opens there, and submit again."
    ),
    SubmissionState.MISSING: Words(
        "Notebook missing", "bad", "Keep the notebook's name as it was released and submit again."
    ),
    SubmissionState.TOO_LARGE: Words(
        "Too large", "bad", "Clear large outputs, remove files that were not asked for, and submit again."
    ),
    SubmissionState.REFUSED: Words("Not run", "bad", "Tell your instructor the receipt number on this page."),
    SubmissionState.INFRASTRUCTURE_FAILED: Words(
        "Our fault", "warn", "You need not do anything: your work is kept and costs no attempt. An operator is told."
    ),
}

VERDICT = {
    Verdict.PASSED: Words("Passed", "good"),
    Verdict.FAILED: Words("Not passed", "bad"),
    Verdict.PARTLY: Words("Partly passed", "warn"),
    Verdict.NOT_JUDGED: Words("Not judged, a person will look", "warn"),
    Verdict.NOT_RUN: Words("Not reached", "calm"),
    Verdict.MANUAL: Words("Marked by a person", "calm"),
}

CAUSE = {
    Cause.NONE: "",
    Cause.ASSERTION: "A check did not hold.",
    Cause.EXCEPTION: "An error was raised while this was checked.",
    Cause.TIME: "It ran longer than this task allows.",
    Cause.MEMORY: "It needed more memory than this task allows.",
    Cause.CONTRACT: "It does something that no solution to this task needs.",
    Cause.MISSING_NAME: "The name that the task asks for is not defined.",
    Cause.ENDED: "The process had ended before this could be checked.",
}

KIND = {
    TaskKind.VISIBLE: "by a test in the notebook",
    TaskKind.HIDDEN: "by a hidden test",
    TaskKind.MANUAL: "by a person",
}

TEST = {
    TaskKind.VISIBLE: "Test in the notebook",
    TaskKind.HIDDEN: "Hidden test",
    TaskKind.MANUAL: "Marked by a person",
}

SESSION = {
    SessionState.STARTING: Words("Starting", "live"),
    SessionState.RUNNING: Words("Running", "good"),
    SessionState.STOPPED: Words("Stopped", "calm"),
    SessionState.LOST: Words("Lost", "bad"),
}

ROLE = {
    Role.TRAINEE: "Trainee",
    Role.INSTRUCTOR: "Instructor",
    Role.FACTORY_MANAGER: "Factory manager",
    Role.OPERATOR: "Operator",
}


def of_submission(submission: Submission, grade: Grade | None) -> Words:
    """What to call a submission in a list: only one that earned all its automatic points looks like a success."""
    if submission.state is SubmissionState.GRADED and (grade is None or grade.automatic_fraction < 1):
        return Words(SUBMISSION[submission.state].text)
    return SUBMISSION[submission.state]


def why(task: TaskScore) -> str:
    """One sentence on a task's verdict: the judge's own message, else what its cause means."""
    return task.message or CAUSE[task.cause]
