"""What the trainee's side may do under one test: watched while the reference runs, enforced afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from factory_academy.grading.contract import TestContract, longer_path, readable
from factory_academy.grading.data.forwarding import ARITHMETIC, VERDICTS

Mode = Literal["record", "enforce", "free"]
CHANGED = "your code changed what it was given, which the reference does not"
_CALLABLE = {"callable", "class"}


class ContractBreach(BaseException):
    """The test cannot be judged for this work. Not an Exception, so that no test swallows it."""


class Spoilt(ContractBreach):
    """Trainee code meddled while the author's own cell ran; nothing that the cell made is to be used."""


class Lost(BaseException):
    """The trainee's process is gone or may not be listened to any more. ``why``: time, limit, gone or protocol."""

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


class Rules:
    """The contract of one test at work. ``breaches`` and ``taints`` say why it cannot pass."""

    def __init__(self, mode: Mode, contract: TestContract | None = None) -> None:
        self.mode = mode
        self.contract = contract or TestContract()
        self.breaches: list[str] = []
        self.taints: list[str] = []
        self.refusals: list[str] = []
        self.changed: set[str] = set()

    def is_full(self, paths: Iterable[str], kind: str) -> bool:
        """Whether a reference of this kind may do all that its kind does, under each of its paths."""
        return self.mode != "enforce" or all(_fits(kind, self.contract.kinds.get(path, set())) for path in paths)

    def saw(self, path: str, kind: str) -> None:
        """Note what was found at a path."""
        if self.mode == "record":
            self.contract.kinds.setdefault(path, set()).add(kind)

    def may_fetch(self, name: str) -> bool:
        """Whether a test may take this name from the trainee's side: it did when the reference ran."""
        return self.mode != "enforce" or name in self.contract.kinds

    def may_answer(self, paths: Iterable[str], operator: str) -> bool:
        """Whether the trainee's side may answer this operator: structure always, sums and verdicts by contract."""
        if operator not in ARITHMETIC and operator not in VERDICTS:
            return True
        if self.mode == "record":
            for path in paths:
                self.contract.operators.setdefault(path, set()).add(operator)
            return True
        if self.mode == "free":
            return operator in ARITHMETIC
        return all(operator in self.contract.operators.get(path, ()) for path in paths)

    def may_call(self, paths: Iterable[str]) -> bool:
        """Whether something at these paths may be called: the reference gave a function there, or called what it gave.

        What a call gives is data, or is held to the contract in its turn: so a function may stand for an object.
        """
        kinds = self.contract.kinds
        return self.mode != "enforce" or all(
            kinds.get(path, set()) & _CALLABLE or longer_path(path, "()") in kinds for path in paths
        )

    def is_field(self, paths: Iterable[str], name: str) -> bool:
        """Whether the reference gave named tuples at these paths, of which this is one field."""
        return self.mode == "enforce" and all(f"field {name}" in self.contract.kinds.get(path, ()) for path in paths)

    def effect(self, name: Literal["mutates", "rebinds", "lent"], what: str, words: str) -> None:
        """Note an effect of a call; where the reference had none, the test cannot pass any more."""
        seen: set[str] = getattr(self.contract, name)
        if self.mode == "record":
            seen.add(what)
        elif self.mode == "enforce" and what not in seen:
            self.changed |= {what} if name == "mutates" else set()
            self.taint(words)

    @property
    def may_try_with_copies(self) -> bool:
        """Whether all that stands against a pass is that calls changed what they were given."""
        return bool(self.taints) and self.taints == [CHANGED] and not (self.breaches or self.refusals)

    def with_copies(self) -> Rules:
        """Rules under which those calls are given copies."""
        return Rules(self.mode, self.contract.merged(TestContract(ignored=self.changed)))

    def looks_away(self, paths: Iterable[str]) -> bool:
        """Whether calls on these paths get copies, so that what they change in them is out of the test's sight."""
        return self.mode == "enforce" and bool(self.contract.ignored) and self.contract.ignored.issuperset(paths)

    def may_touch(self, attribute: str) -> bool:
        """Whether trainee code may use this attribute of a test's own object."""
        if self.mode == "record":
            self.contract.touches.add(attribute)
        return self.mode != "enforce" or attribute in self.contract.touches

    def breach(self, words: str) -> ContractBreach:
        """The exception that ends the test."""
        self.breaches.append(words)
        return ContractBreach(words)

    def taint(self, words: str) -> None:
        """The test may go on and fail, but not pass."""
        if words not in self.taints:
            self.taints.append(words)

    def refuse(self, words: str) -> None:
        """An operator of a trainee's object was not asked; if the test fails now, that may be why."""
        if words not in self.refusals:
            self.refusals.append(words)


def outside(path: str, name: str) -> str:
    """Why a value is not taken as what it claims to be."""
    return f"{readable(path)} is an object of the class {name}, where the reference solution gives plain data"


def _fits(kind: str, seen: set[str]) -> bool:
    if kind in seen or (kind.startswith("object") and "object" in seen):
        return True
    return kind in _CALLABLE and bool(seen & _CALLABLE)
