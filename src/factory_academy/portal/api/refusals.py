"""How the API shows which tests refused to judge whom."""

from __future__ import annotations

from pydantic import Field

from factory_academy.portal.api.models.common import Model
from factory_academy.workflows.refusals.counting import Refusals


class RefusalsOut(Model):
    """One test of one version of an assignment: how often it formed no verdict, for whom, and what its author can do.

    ``causes`` counts those that nobody has settled, by cause; ``decided`` those that a person has.
    """

    assignment: str
    version: str
    task: str
    title: str
    tried: int = Field(ge=1)
    refused: int = Field(ge=0)
    rate: float = Field(ge=0, le=1)
    causes: dict[str, int]
    decided: int = Field(ge=0)
    submissions: tuple[str, ...]
    next_step: str

    @classmethod
    def of(cls, line: Refusals) -> RefusalsOut:
        """What a workflow counted."""
        return cls(
            assignment=line.assignment_name,
            version=line.version,
            task=line.task_id,
            title=line.title,
            tried=line.tried,
            refused=line.refused,
            rate=line.rate,
            causes={str(cause): number for cause, number in line.causes.items()},
            decided=line.decided,
            submissions=line.submissions,
            next_step=line.next_step,
        )
