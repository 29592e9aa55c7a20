"""What an author allows honest work to do that no reference solution does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

ALLOWED_KINDS = {
    "function": ("callable",),
    "class": ("class",),
    "estimator": ("object:sklearn",),
    "torch_module": ("object:torch",),
}
METHODS = {
    "estimator": ("fit", "predict", "predict_proba", "decision_function", "transform", "fit_transform", "get_params"),
    "torch_module": ("forward", "parameters", "named_parameters", "state_dict", "eval", "train", "zero_grad"),
}
RETURN_THEMSELVES = ("fit", "eval", "train")
_WAY = re.compile(r"[^\W\d]\w*(?:\(\)|\[\]|\.[^\W\d]\w*)*")
_STEP = re.compile(r"\(\)|\[\]|\.?\w+")


@dataclass(frozen=True, slots=True)
class Allowance:
    """For some tests, and what they reach on one way (``fit().predict()``): more kinds of thing, or ignored changes.

    ``kinds`` are keys of ``ALLOWED_KINDS``: things of which the judge asks data alone, so none can give the verdict.
    With ``ignore_changes`` the judge keeps its own arguments when a call changes them, as if it had passed copies.
    """

    tests: tuple[str, ...]
    at: str
    kinds: tuple[str, ...] = ()
    ignore_changes: bool = False

    def __post_init__(self) -> None:
        unknown = [kind for kind in self.kinds if kind not in ALLOWED_KINDS]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is no kind that may be allowed; expected {', '.join(ALLOWED_KINDS)}")
        if not _WAY.fullmatch(self.at):
            raise ValueError(f"{self.at!r} is no way to a value; expected a name and then (), [] or .name, as in f()[]")
        if not (self.tests and (self.kinds or self.ignore_changes)):
            raise ValueError("it allows nothing: expected tests, and kinds or ignore_changes")

    @property
    def granted(self) -> dict[tuple[str, ...], set[str]]:
        """Kinds by way; with a model, its methods too."""
        grants: dict[tuple[str, ...], set[str]] = {}
        for name in self.kinds:
            grants.setdefault(self.steps, set()).update(ALLOWED_KINDS[name])
            for method in METHODS.get(name, ()):
                way = (*self.steps, f".{method}")
                grants.setdefault(way, set()).add("callable")
                if method in RETURN_THEMSELVES:
                    grants.setdefault((*way, "()"), set()).update(ALLOWED_KINDS[name])
        return grants

    @property
    def steps(self) -> tuple[str, ...]:
        """The way, step by step, beginning with the name that the answer binds."""
        return tuple(_STEP.findall(self.at))


def allowances_to_bytes(allowances: Iterable[Allowance]) -> bytes:
    """The file ``allow.json`` of a bundle."""
    return (json.dumps([asdict(allowance) for allowance in allowances], sort_keys=True, indent=1) + "\n").encode()


def allowances_from_bytes(data: bytes) -> tuple[Allowance, ...]:
    """The allowances of a file that ``allowances_to_bytes`` made."""
    entries: Sequence[dict[str, object]] = json.loads(data)
    return tuple(
        Allowance(_texts(e["tests"]), str(e["at"]), _texts(e["kinds"]), e["ignore_changes"] is True) for e in entries
    )


def _texts(values: object) -> tuple[str, ...]:
    return tuple(map(str, values)) if isinstance(values, list) else ()
