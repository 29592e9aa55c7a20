"""The module ``judge`` of test cells and ``grader/`` modules: say on purpose what a trainee shall read.

In a graded run the judge imports it under the name ``judge``; in a trainee's own kernel the same functions work on
the spot. A failed check raises ``CheckFailed``, an AssertionError with the texts that feedback shows::

    import judge

    judge.check(got.index.is_unique, "An id appears twice.", got="a repeated id", code="DP4-M3",
                next_step="Group by the id before you split.")
    judge.equal(squares(3), [1, 4, 9], what="squares(3)")
    judge.raises(KeyError, factory, "Atlantis", what="factory('Atlantis')", code="ONB1-M2")
    judge.fail("The model saw the test rows.", code="DP4-M1")

Nothing else of a hidden test reaches a trainee: no source, no values, no message of another kind of error.
Standard library only; numpy and pandas are used where the values come from them.
"""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from factory_academy.grading.author.bench import CheckFailed as CheckFailed
from factory_academy.grading.author.bench import bench as bench
from factory_academy.grading.author.bench import check as check
from factory_academy.grading.author.bench import fail as fail
from factory_academy.grading.author.comparing import differ, error_kind, kind, kind_beside, shown
from factory_academy.grading.author.guards import no_mutation as no_mutation
from factory_academy.grading.author.guards import time_limit as time_limit
from factory_academy.grading.author.scoring import score as score
from factory_academy.grading.author.values import fresh as fresh
from factory_academy.grading.author.values import remote as remote
from factory_academy.grading.author.values import trusted as trusted
from factory_academy.grading.quality.bands import banded as banded
from factory_academy.grading.quality.bands import curved as curved
from factory_academy.grading.quality.bands import measured, seeds_from


def equal(
    got: Any,
    expected: Any,
    *,
    what: str = "the result",
    tolerance: float = 0.0,
    show: bool | None = None,
    next_step: str = "",
    code: str = "",
) -> None:
    """Fail unless ``got`` has the type and the value of ``expected``, inside containers too.

    numpy scalars count as Python's, and a Counter as a dict; True is not 1; a list is not a tuple; nan equals nan;
    ``tolerance`` is relative and, near 0, absolute. ``show``: whether both values may be read by the trainee; in a
    hidden test only their kinds are, unless you say so.

    Raises:
        CheckFailed: they differ.
    """
    if differ(got, expected, tolerance):
        told = (not bench.hidden) if show is None else show
        fail(
            f"{what} is not what it should be.",
            expected=shown(expected) if told else kind(expected),
            got=shown(got) if told else kind_beside(got, expected),
            next_step=next_step,
            code=code,
        )


def raises(
    exceptions: type[BaseException] | tuple[type[BaseException], ...],
    function: Callable[..., Any],
    *args: Any,
    what: str = "this call",
    next_step: str = "",
    code: str = "",
    **kwargs: Any,
) -> BaseException:
    """Fail unless ``function(*args, **kwargs)`` raises one of ``exceptions``; gives back what it raised.

    Raises:
        CheckFailed: it returned, or raised something else.
    """
    wanted = exceptions if isinstance(exceptions, tuple) else (exceptions,)
    names = " or ".join(exception.__name__ for exception in wanted)
    try:
        function(*args, **kwargs)
    except wanted as error:
        bench.raised = error
        return error
    except Exception as error:
        fail(f"{what} must raise {names}.", expected=names, got=error_kind(error), next_step=next_step, code=code)
    fail(f"{what} must raise {names}.", expected=names, got="no error", next_step=next_step, code=code)


def sources() -> dict[str, str]:
    """What the trainee handed in: text of each answer cell by grade_id. Empty in a trainee's own kernel."""
    return dict(bench.sources)


def seed() -> int:
    """The seed of this run, the same whenever the same work is graded again; 0 in a trainee's own kernel."""
    return bench.seed


def call(dotted: str, *args: Any, **kwargs: Any) -> Any:
    """Call a library function, e.g. ``"dataclasses.asdict"``, where the trainee's objects live.

    What comes back is the trainee's word: compare it as any other result.
    """
    if bench.call is not None:
        return bench.call(dotted, *args, **kwargs)
    module, _, name = dotted.rpartition(".")
    return getattr(importlib.import_module(module), name)(*args, **kwargs)


def file(name: str) -> Path:
    """A copy of a file that the trainee's code wrote, to be read by the test as the hostile bytes that it is.

    Give it to readers of plain formats (CSV, JSON, Parquet), never to pickle, joblib or torch.load.
    """
    if bench.call is None:
        return Path(name)
    data = bench.call("factory_academy.grading.answering.main.file_bytes", name)
    if type(data) is not bytes:
        raise FileNotFoundError(name)
    copy = Path(tempfile.mkdtemp()) / PurePosixPath(name).name
    copy.write_bytes(data)
    return copy


def over_seeds(measure: Callable[[], float], seeds: int = 5, take: str = "median") -> float:
    """A quality that chance has a part in, measured over several seeds: their median, mean, worst or best.

    The seeds follow from the submission's own, so that a regrade measures the same again.

    Raises:
        ValueError: ``take`` is unknown.
    """
    return measured(measure, seeds_from(bench.seed, seeds), take)


def safetensors(name: str, *, max_bytes: int = 64 << 20) -> dict[str, Any]:
    """The arrays of a safetensors file that the trainee's code wrote, by name.

    Raises:
        CheckFailed: it is not there, too large, or not that.
    """
    return dict(_artefact(name, {"max_bytes": max_bytes}, lambda data, artefacts: artefacts.read_safetensors(data)))


def onnx(
    name: str, inputs: Mapping[str, Any], *, max_bytes: int = 64 << 20, opset: tuple[int, int] = (13, 25),
    max_parameters: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Outputs by name of an ONNX model that the trainee's code exported, for inputs by name (numpy arrays).

    It runs in a sandbox of its own, which sees neither tests nor labels.

    Raises:
        CheckFailed: it is not there, too large, of another opset, uses other operators, or cannot be run.
    """

    def run(data: bytes, artefacts: Any) -> dict[str, Any]:
        return dict(_evaluated(artefacts.request_onnx(data, inputs, opset, max_parameters), artefacts))

    limits = {"max_bytes": max_bytes, "opset": " to ".join(map(str, opset)), "max_parameters": max_parameters}
    return dict(_artefact(name, limits, run))


def parquet(name: str, *, max_bytes: int = 64 << 20, max_rows: int = 1_000_000) -> Any:
    """The table of a Parquet file that the trainee's code wrote, as a DataFrame, opened in a sandbox of its own.

    Raises:
        CheckFailed: it is not there, too large, or not that.
    """
    limits = {"max_bytes": max_bytes, "max_rows": max_rows}
    return _artefact(
        name, limits, lambda data, artefacts: _evaluated(artefacts.request_parquet(data, max_rows), artefacts)
    )


def _artefact(name: str, limits: Mapping[str, Any], use: Callable[[bytes, Any], Any]) -> Any:
    artefacts = importlib.import_module("factory_academy.grading.quality.artefacts")
    try:
        return use(artefacts.checked_size(file(name).read_bytes(), limits["max_bytes"]), artefacts)
    except FileNotFoundError:
        raise CheckFailed(f"There is no file {name}.", "a file of that name, written by your code", "none") from None
    except artefacts.BadArtefact as error:
        why = artefacts.plainly(error, limits) if bench.hidden else str(error)
        raise CheckFailed(f"{name} cannot be judged: {why}.", got=why) from None


def _evaluated(request: Mapping[str, Any], artefacts: Any) -> Any:
    return artefacts.value_of((bench.evaluate or artefacts.on_the_spot)(request))
