"""Scores by what decides about them, so that nothing is tried twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from factory_academy.domain.grade import TaskScore
from factory_academy.records.repositories.statements import in_parts, insert
from factory_academy.records.repositories.texts import scores_from_text, scores_to_text
from factory_academy.records.rows.regrades import KeptScoreRow


class KeptScoreRepository:
    """A cache: whatever is in it could be had again by running the work."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def find(self, keys: Sequence[str]) -> Mapping[str, TaskScore]:
        """Those that are kept, by key."""
        found: dict[str, TaskScore] = {}
        for part in in_parts(keys):
            query = select(KeptScoreRow.key, KeptScoreRow.score).where(KeptScoreRow.key.in_(part))
            found |= {key: scores_from_text(score)[0] for key, score in self._db.execute(query)}
        return found

    def keep(self, scores: Mapping[str, TaskScore], at: datetime) -> None:
        """Add those that are new."""
        rows = [{"key": key, "score": scores_to_text([scores[key]]), "kept_at": at} for key in sorted(scores)]
        if rows:
            self._db.execute(insert(self._db, KeptScoreRow).on_conflict_do_nothing(), rows)
