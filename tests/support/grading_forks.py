"""Stand-ins for the cellar: one that cannot isolate, one whose judge dies at once."""

from __future__ import annotations

from factory_academy.errors import CannotIsolate
from factory_academy.grading.trials.unsandboxed import UnsandboxedForks


class CannotFork:
    """A machine without sandboxes."""

    def __init__(self, python, preload, folder):
        pass

    def fork(self, entry, spec, limits, fds=(), argument=b""):
        raise CannotIsolate("no sandbox here", "Ask the operator.")

    def start(self):
        raise CannotIsolate("no sandbox here", "Ask the operator.")

    def import_also(self, modules):
        pass

    def close(self):
        pass


class JudgeDies(UnsandboxedForks):
    """A machine on which the judge's process ends before it says anything."""

    def __init__(self, python, preload, folder):
        super().__init__(folder)

    def fork(self, entry, spec, limits, fds=(), argument=b""):
        return super().fork("os:abort" if "judging" in entry else entry, spec, limits, fds, argument)
