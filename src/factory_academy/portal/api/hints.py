"""Hints for the mistakes that are known."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from factory_academy.domain.hints import HintLadder
from factory_academy.portal.api.trainee import SubmissionId
from factory_academy.portal.deps import SignedIn, TheAcademy

router = APIRouter(tags=["trainee"])


class HintLadderOut(BaseModel):
    """The hints for one known mistake that may be read now, and how many are still closed."""

    model_config = ConfigDict(extra="forbid")

    code: str
    hints: list[str]
    closed: int

    @classmethod
    def of(cls, ladder: HintLadder) -> HintLadderOut:
        """The answer for a ladder."""
        return cls(code=ladder.code, hints=list(ladder.shown), closed=ladder.closed)


@router.get("/submissions/{submission_id}/hints")
def hints(submission_id: SubmissionId, person: SignedIn, academy: TheAcademy) -> list[HintLadderOut]:
    """The hints about one of your submissions: each try that makes a known mistake again opens one more."""
    return [HintLadderOut.of(ladder) for ladder in academy.open_hints(person, submission_id).values()]
