"""The receipts that a trainee keeps, one JSON file each; losing one loses nothing, since the academy has them too."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from factory_academy.domain.submission import Receipt
from factory_academy.lab.work import write_whole


@dataclass(frozen=True, slots=True)
class Receipts:
    """The folder of receipts, ``~/.academy/receipts``."""

    folder: Path

    @classmethod
    def of_home(cls, home: Path) -> Receipts:
        """Those kept in a trainee's home."""
        return cls(home / ".academy" / "receipts")

    def keep(self, receipt: Receipt) -> Path:
        """Write a receipt; gives the file."""
        path = self._path(receipt.submission_id)
        write_whole(path, json.dumps({**self._read(path), **_as_json(receipt)}, indent=1).encode())
        return path

    def note_feedback(self, receipt: Receipt, standing: str) -> None:
        """Remember which result the feedback on disk is about."""
        path = self._path(receipt.submission_id)
        noted = {**self._read(path), **_as_json(receipt), "feedback": standing}
        write_whole(path, json.dumps(noted, indent=1).encode())

    def feedback(self, submission_id: str) -> str | None:
        """The result that the feedback on disk is about, if it was noted."""
        noted = self._read(self._path(submission_id)).get("feedback")
        return noted if isinstance(noted, str) else None

    def _path(self, submission_id: str) -> Path:
        return self.folder / f"{Path(submission_id).name}.json"

    def _read(self, path: Path) -> dict[str, Any]:
        try:
            value = json.loads(path.read_bytes())
        except (OSError, ValueError):
            return {}
        return value if isinstance(value, dict) else {}


def _as_json(receipt: Receipt) -> dict[str, str]:
    return {
        "submission_id": receipt.submission_id,
        "assignment_id": receipt.assignment_id,
        "content_sha256": receipt.content,
        "received_at": receipt.received_at.isoformat(),
    }
