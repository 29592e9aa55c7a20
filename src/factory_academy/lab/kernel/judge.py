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
    fresh,
    no_mutation,
    onnx,
    over_seeds,
    parquet,
    raises,
    remote,
    safetensors,
    score,
    seed,
    sources,
    time_limit,
    trusted,
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
    "fresh",
    "no_mutation",
    "onnx",
    "over_seeds",
    "parquet",
    "raises",
    "remote",
    "safetensors",
    "score",
    "seed",
    "sources",
    "time_limit",
    "trusted",
]
