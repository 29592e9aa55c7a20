"""Files that trainee code writes, in the judge's folder: those that the test read when the reference wrote them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from factory_academy.grading.border.rules import Rules
from factory_academy.grading.data.mirrored import Mirrored, checked_files

_MOST_BYTES = 64 << 20
_MOST_NAMES = 2000


class Files:
    """``offered`` came from the trainee's side; a test finds those of them that its contract names."""

    def __init__(self, folder: Path) -> None:
        self._mirrored = Mirrored(folder)
        self._offered: dict[str, bytes | None] = {}

    def changed(self) -> tuple[tuple[str, bytes | None], ...]:
        """What the test itself wrote since the last time."""
        return self._mirrored.changed()

    def restart(self) -> None:
        """Forget the files of a process that is gone, and tell the next one of none that the test wrote so far."""
        self._mirrored.changed()
        self._drop()

    def take(self, told: Any, rules: Rules, at_once: bool) -> None:
        """Keep what came; ``at_once``: a test's call wrote it, so lay it out as far as this test may find it.

        Raises:
            Malformed: these are no files of plain formats.
        """
        files = dict(checked_files(told))
        self._offered |= files
        size = sum(len(content or b"") for content in self._offered.values())
        if size > _MOST_BYTES or len(self._offered) > _MOST_NAMES:
            self._drop()
        elif at_once:
            self._lay_out(files, rules)

    def begin(self, rules: Rules) -> None:
        """Lay out what came earlier and this test may find; what tests wrote themselves stays theirs."""
        self._lay_out({name: self._offered[name] for name in self._offered if not self._mirrored.is_own(name)}, rules)

    def _lay_out(self, files: dict[str, bytes | None], rules: Rules) -> None:
        """A file of the test's own is replaced only where the reference replaced it during that test."""
        for name in files:
            is_own = self._mirrored.is_own(name)
            path = f"(test's file) {name}" if is_own else f"(file) {name}"
            rules.saw(path, "file")
            if rules.may_fetch(path) and not (is_own and rules.mode == "free"):
                self._mirrored.put(name, files[name])

    def _drop(self) -> None:
        for name in self._offered:
            if not self._mirrored.is_own(name):
                self._mirrored.put(name, None)
        self._offered.clear()
