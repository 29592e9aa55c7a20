"""The feedback page that people get, for an outcome that no database has seen."""

from factory_academy.domain.grade import Grade, GradingOutcome
from factory_academy.portal.api import feedback as api_feedback
from factory_academy.workflows.course_view import SubmissionPage
from tests.support.work import submission


def feedback_page(outcome: GradingOutcome, course_title: str) -> str:
    """The page as the portal renders it."""
    graded = submission(state=outcome.state, reason=outcome.reason)
    grade = Grade(graded.id, outcome.earned, outcome.possible, outcome.tasks)
    return api_feedback.feedback_page(SubmissionPage(graded, None, course_title, None, outcome, grade, None))
