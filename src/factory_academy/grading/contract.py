"""What the reference solution was seen to do under each test; outside it, a test may fail but cannot pass."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from factory_academy.domain.allowance import Allowance

FORMAT = 1
_SETS = ("mutates", "rebinds", "touches", "lent")


@dataclass(slots=True)
class TestContract:
    """One test: kinds of value seen at each access path, operators answered there, and effects.

    ``mutates``: paths whose call changed what it was given. ``rebinds``: names that calls bound anew. ``touches``:
    attributes of the test's own objects that calls used. ``lent``: paths at which the test's objects came back.
    ``ignored``: paths whose call may change what it was given, and the judge looks away, as if it had passed copies.
    ``given``: whether the judge runs the author's own cells itself, or takes their names from the trainee's process.
    """

    __test__ = False

    kinds: dict[str, set[str]] = field(default_factory=dict)
    operators: dict[str, set[str]] = field(default_factory=dict)
    mutates: set[str] = field(default_factory=set)
    rebinds: set[str] = field(default_factory=set)
    touches: set[str] = field(default_factory=set)
    lent: set[str] = field(default_factory=set)
    ignored: set[str] = field(default_factory=set)
    given: bool = True

    def to_json(self) -> dict[str, Any]:
        """As plain data, sorted."""
        return {
            "kinds": {path: sorted(kinds) for path, kinds in sorted(self.kinds.items())},
            "operators": {path: sorted(names) for path, names in sorted(self.operators.items())},
            **{name: sorted(getattr(self, name)) for name in _SETS},
            **({"ignored": sorted(self.ignored)} if self.ignored else {}),
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
            set(data.get("ignored", ())),
            bool(data["given"]),
        )

    def merged(self, other: TestContract) -> TestContract:
        """What either of two solutions was seen to do."""
        return TestContract(
            kinds=_union(self.kinds, other.kinds),
            operators=_union(self.operators, other.operators),
            mutates=self.mutates | other.mutates,
            rebinds=self.rebinds | other.rebinds,
            touches=self.touches | other.touches,
            lent=self.lent | other.lent,
            ignored=self.ignored | other.ignored,
            given=self.given and other.given,
        )

    def widened(self, allowance: Allowance) -> TestContract:
        """With what an author allows besides."""
        kinds = {_path(way): granted for way, granted in allowance.granted.items()}
        ignored = {_path(allowance.steps)} if allowance.ignore_changes else set()
        return self.merged(TestContract(kinds, ignored=ignored))


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


def merged_contracts(contracts: Sequence[Contract]) -> Contract:
    """The contract of all reference solutions: whatever one of them was seen to do."""
    return reduce(_merged, contracts, Contract({}))


def widened_contract(contract: Contract, allowances: Iterable[Allowance]) -> Contract:
    """The contract with what its author allows besides; an allowance for an unknown test does nothing."""
    tests = dict(contract.tests)
    for allowance in allowances:
        for task_id in tests.keys() & set(allowance.tests):
            tests[task_id] = tests[task_id].widened(allowance)
    return Contract(tests, contract.preload)


def _merged(one: Contract, other: Contract) -> Contract:
    ids = one.tests.keys() | other.tests.keys()
    tests = {i: _present(one.tests.get(i), other.tests.get(i)) for i in sorted(ids)}
    return Contract(tests, tuple(sorted({*one.preload, *other.preload})))


def _present(one: TestContract | None, other: TestContract | None) -> TestContract:
    return (one or TestContract()).merged(other or TestContract())


def _union(one: Mapping[str, set[str]], other: Mapping[str, set[str]]) -> dict[str, set[str]]:
    return {key: one.get(key, set()) | other.get(key, set()) for key in one.keys() | other.keys()}


def longer_path(path: str, step: str) -> str:
    """The access path one step on; a step that was taken before leads back there, so paths stay few and short.

    A call is the same step only after the same one: what a method gives is not what its class gives.
    """
    steps = path.split("\x1f")
    for place in range(1, len(steps)):
        if steps[place] == step and (step != "()" or steps[place - 1] == steps[-1]):
            return "\x1f".join(steps[: place + 1])
    return f"{path}\x1f{step}"


def _path(steps: Sequence[str]) -> str:
    path = steps[0]
    for step in steps[1:]:
        path = longer_path(path, step)
    return path


def readable(path: str) -> str:
    """An access path as people write it."""
    return path.replace("\x1f", "")
