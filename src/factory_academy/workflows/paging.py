"""One page of a long list."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paging:
    """Where a list stands: ``number`` counts from 1 and is moved inside the list if it lies outside."""

    total: int
    size: int
    number: int = 1

    def __post_init__(self) -> None:
        if self.size < 1 or self.total < 0:
            raise ValueError(f"expected a size of 1 or more and no negative total, got {self.size} and {self.total}")
        object.__setattr__(self, "number", min(max(self.number, 1), self.pages))

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.total // self.size))

    @property
    def offset(self) -> int:
        """How many entries come before this page."""
        return (self.number - 1) * self.size

    @property
    def first(self) -> int:
        """The number of the first entry shown; 0 for an empty list."""
        return min(self.offset + 1, self.total)

    @property
    def last(self) -> int:
        """The number of the last entry shown."""
        return min(self.offset + self.size, self.total)
