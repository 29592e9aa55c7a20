"""``import judge`` in a trainee's own kernel: the functions that test cells use, working on the spot.

A failed check raises an error whose text says what was expected, what was got and what to do next.
"""

from factory_academy.grading.judge_api import (
    CheckFailed,
    banded,
    call,
    check,
    curved,
    equal,
    fail,
    file,
    onnx,
    over_seeds,
    parquet,
    raises,
    safetensors,
    seed,
    sources,
)

__all__ = [
    "CheckFailed",
    "banded",
    "call",
    "check",
    "curved",
    "equal",
    "fail",
    "file",
    "onnx",
    "over_seeds",
    "parquet",
    "raises",
    "safetensors",
    "seed",
    "sources",
]
