"""Files that trainee code writes, in the judge's folder: those that the test read when the reference wrote them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from factory_academy.grading.border.rules import Rules
from factory_academy.grading.data.mirrored import Mirrored, checked_files

_MOST_BYTES = 64 << 20


class Files:
    """``offered`` came from the trainee's side; a test finds those of them that its contract names."""

    def __init__(self, folder: Path) -> None:
        self._mirrored = Mirrored(folder)
        self._offered: dict[str, bytes | None] = {}

    def changed(self) -> tuple[tuple[str, bytes | None], ...]:
        """What the test itself wrote since the last time."""
        return self._mirrored.changed()

    def restart(self) -> None:
        """Forget the files of a process that is gone."""
        for name in self._offered:
            self._mirrored.put(name, None)
        self._offered.clear()

    def take(self, told: Any, rules: Rules) -> None:
        """Lay out what came, as far as this test may find it.

        Raises:
            Malformed: these are no files of plain formats.
        """
        files = dict(checked_files(told))
        self._offered |= files
        if sum(len(content or b"") for content in self._offered.values()) > _MOST_BYTES:
            self._offered.clear()
        self._lay_out(files, rules)

    def begin(self, rules: Rules) -> None:
        """Lay out what came earlier and this test may find."""
        self._lay_out(self._offered, rules)

    def _lay_out(self, files: dict[str, bytes | None], rules: Rules) -> None:
        for name in files:
            rules.saw(f"(file) {name}", "file")
            if rules.may_fetch(f"(file) {name}"):
                self._mirrored.put(name, files[name])
