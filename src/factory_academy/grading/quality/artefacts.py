"""What test cells call to judge an exported file; in a trainee's own kernel the file is opened on the spot."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from factory_academy.grading.data.wire import Wire, WireError, WireTimeout
from factory_academy.grading.quality import evaluating
from factory_academy.grading.quality.tensors import BadArtefact, read_safetensors

__all__ = ["BadArtefact", "Evaluator", "checked_size", "on_the_spot", "plainly", "read_safetensors", "request_onnx",
           "request_parquet", "value_of"]  # fmt: skip
Request = Mapping[str, Any]
Evaluate = Callable[[Request], dict[str, Any]]
MAX_BYTES = 64 << 20
EVALUATION_SECONDS = 30.0


def checked_size(data: bytes, max_bytes: int) -> bytes:
    """The bytes, if there are not too many.

    Raises:
        BadArtefact: there are.
    """
    if len(data) > max_bytes:
        raise BadArtefact(f"the file has {len(data)} bytes; allowed are {max_bytes}")
    return data


def request_onnx(
    data: bytes, inputs: Mapping[str, Any], opset: tuple[int, int], max_parameters: int | None
) -> dict[str, Any]:
    """What an evaluator is asked for a model's outputs."""
    options = {"inputs": dict(inputs), "opset": list(opset), "max_parameters": max_parameters}
    return {"kind": "onnx", "data": data, "options": options}


def request_parquet(data: bytes, max_rows: int) -> dict[str, Any]:
    """What an evaluator is asked for a table."""
    return {"kind": "parquet", "data": data, "options": {"max_rows": max_rows}}


def on_the_spot(request: Request) -> dict[str, Any]:
    """The answer without an evaluator, as in a trainee's own kernel, where the file is the trainee's own."""
    return evaluating.answer(request)


def value_of(said: Any) -> Any:
    """The value in an evaluator's answer.

    Raises:
        BadArtefact: it says why there is none.
    """
    if type(said) is not dict or not (said.keys() <= {"value", "error"}):
        raise BadArtefact("the file could not be used")
    if "error" in said:
        raise BadArtefact(str(said["error"])[:500])
    return said["value"]


_PLAINLY = {
    "the file has ": "it is too large; allowed are {max_bytes} bytes",
    "the table has ": "it has too many rows; allowed are {max_rows}",
    "the model has ": "the model has too many parameters; allowed are {max_parameters}",
    "the model's opset ": "the model is of another opset; allowed are {opset}",
    "the model uses ": "the model uses operators other than ONNX's own",
    "the model's inputs ": "the model's inputs have other names than asked for",
    "the file could not be used within": "using it took too long",
    "opening the file ended": "opening it ended the process that did it: too much memory, or a broken file",
}


def plainly(error: Exception, limits: Mapping[str, Any]) -> str:
    """Why a file was refused, with nothing in it that the file chose: its names and numbers could carry things out."""
    found = (words for beginning, words in _PLAINLY.items() if str(error).startswith(beginning))
    return next(found, "it is not such a file as was asked for").format(**limits)


class Evaluator:
    """The judge's line to a process that opens files. ``fork`` brings a fresh one; a lost one is replaced next time."""

    def __init__(self, fork: Callable[[], Wire], seconds: float = EVALUATION_SECONDS) -> None:
        self._fork, self._seconds = fork, seconds
        self._wire: Wire | None = None

    def __call__(self, request: Request) -> dict[str, Any]:
        """The answer to a request; one that takes too long or ends the process is an error like any other."""
        try:
            if self._wire is None:
                self._wire = self._fork()
            deadline = time.monotonic() + self._seconds
            evaluating.send(self._wire, dict(request), "J", deadline)
            said: dict[str, Any] = evaluating.receive(self._wire, "S", deadline)
            return said
        except WireTimeout:
            self._let_go()
            return {"error": f"the file could not be used within {self._seconds:g} seconds"}
        except WireError:
            self._let_go()
            return {"error": "opening the file ended the process that did it: too much memory, or a broken file"}

    def _let_go(self) -> None:
        if self._wire is not None:
            self._wire.close()
        self._wire = None
