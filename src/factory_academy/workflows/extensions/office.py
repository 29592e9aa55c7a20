"""All workflows of deadlines, made of the same few parts."""

from __future__ import annotations

from dataclasses import dataclass

from factory_academy.workflows.extensions.setting import GiveExtension, MyDeadline, SetDeadline, ViewDeadlines
from factory_academy.workflows.ports import Clock, Records


@dataclass(frozen=True, slots=True)
class DeadlineOffice:
    """Where deadlines are set and looked up."""

    records: Records
    clock: Clock

    @property
    def mine(self) -> MyDeadline:
        """When a trainee's own work is due."""
        return MyDeadline(self.records)

    @property
    def view(self) -> ViewDeadlines:
        """An assignment's deadlines, for those who teach it."""
        return ViewDeadlines(self.records)

    @property
    def set(self) -> SetDeadline:
        """Set when work is due, and what lateness costs."""
        return SetDeadline(self.records, self.clock)

    @property
    def extend(self) -> GiveExtension:
        """Give a trainee more time."""
        return GiveExtension(self.records, self.clock)
