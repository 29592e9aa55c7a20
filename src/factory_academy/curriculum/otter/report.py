"""What an import could not carry over, said in words for the author."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that is different now: ``what`` was met at ``where``, and what became of it."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(slots=True)
class Report:
    """Everything of one source that has no equal here. ``where`` is the notebook."""

    where: str
    notes: list[Note] = field(default_factory=list)

    def add(self, place: str, what: str) -> None:
        """Note one thing. ``place`` is a question, a cell or a key; empty for the whole notebook."""
        note = Note(f"{self.where}, {place}" if place else self.where, what)
        if note not in self.notes:
            self.notes.append(note)
