"""What the reference solution was seen to do under each test; outside it, a test may fail but cannot pass."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FORMAT = 1
_SETS = ("mutates", "rebinds", "touches", "lent")


@dataclass(slots=True)
class TestContract:
    """One test: kinds of value seen at each access path, operators answered there, and effects.

    ``mutates``: paths whose call changed what it was given. ``rebinds``: names that calls bound anew. ``touches``:
    attributes of the test's own objects that calls used. ``lent``: paths at which the test's objects came back.
    ``given``: whether the judge runs the author's own cells itself, or takes their names from the trainee's process.
    """

    __test__ = False

    kinds: dict[str, set[str]] = field(default_factory=dict)
    operators: dict[str, set[str]] = field(default_factory=dict)
    mutates: set[str] = field(default_factory=set)
    rebinds: set[str] = field(default_factory=set)
    touches: set[str] = field(default_factory=set)
    lent: set[str] = field(default_factory=set)
    given: bool = True

    def to_json(self) -> dict[str, Any]:
        """As plain data, sorted."""
        return {
            "kinds": {path: sorted(kinds) for path, kinds in sorted(self.kinds.items())},
            "operators": {path: sorted(names) for path, names in sorted(self.operators.items())},
            **{name: sorted(getattr(self, name)) for name in _SETS},
            "given": self.given,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> TestContract:
        """What ``to_json`` gave."""
        return cls(
            {path: set(kinds) for path, kinds in data["kinds"].items()},
            {path: set(names) for path, names in data["operators"].items()},
            set(data["mutates"]),
            set(data["rebinds"]),
            set(data["touches"]),
            set(data["lent"]),
            bool(data["given"]),
        )


@dataclass(frozen=True, slots=True)
class Contract:
    """Contracts of all tests of an assignment by task id, and the modules worth importing ahead."""

    tests: Mapping[str, TestContract]
    preload: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """The file ``contract.json``."""
        tests = {task_id: test.to_json() for task_id, test in sorted(self.tests.items())}
        return json.dumps({"format": FORMAT, "tests": tests, "preload": list(self.preload)}, indent=1).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Contract:
        """The contract of a file that ``to_bytes`` made."""
        fields = json.loads(data)
        tests = {task_id: TestContract.from_json(test) for task_id, test in fields["tests"].items()}
        return cls(tests, tuple(fields["preload"]))


def longer_path(path: str, step: str) -> str:
    """The access path one step on; a step that was taken before leads back there, so paths stay few and short."""
    steps = path.split("\x1f")
    if step in steps[1:]:
        return "\x1f".join(steps[: steps.index(step, 1) + 1])
    return f"{path}\x1f{step}"


def readable(path: str) -> str:
    """An access path as people write it."""
    return path.replace("\x1f", "")
