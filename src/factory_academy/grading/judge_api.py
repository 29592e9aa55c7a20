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
import math
import sys
import tempfile
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

from factory_academy.grading.quality.bands import banded as banded
from factory_academy.grading.quality.bands import curved as curved
from factory_academy.grading.quality.bands import measured, seeds_from

_LONGEST = 400


class CheckFailed(AssertionError):
    """A check did not hold. The fields are plain text that the trainee will read; ``code`` names a misconception."""

    def __init__(self, message: str, expected: str = "", got: str = "", next_step: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message, self.expected, self.got, self.next_step, self.code = message, expected, got, next_step, code


@dataclass(slots=True)
class Bench:
    """What the judge lays ready for the checks of one run; a trainee's kernel has the empty one."""

    hidden: bool = False
    seed: int = 0
    sources: Mapping[str, str] = field(default_factory=dict)
    call: Callable[..., Any] | None = None
    evaluate: Callable[[Mapping[str, Any]], dict[str, Any]] | None = None


bench = Bench()


def fail(message: str, *, expected: str = "", got: str = "", next_step: str = "", code: str = "") -> NoReturn:
    """Fail this test with words for the trainee.

    Raises:
        CheckFailed: always.
    """
    raise CheckFailed(str(message), str(expected), str(got), str(next_step), str(code))


def check(
    condition: bool, message: str, *, expected: str = "", got: str = "", next_step: str = "", code: str = ""
) -> None:
    """Fail with ``message`` unless ``condition`` holds. It must be a bool that the test formed by comparing.

    Raises:
        CheckFailed: it does not hold.
        TypeError: it is no bool (Python's or numpy's): nobody else may answer a check.
    """
    if type(condition) is not bool and f"{type(condition).__module__}.{type(condition).__name__}" != "numpy.bool":
        raise TypeError(f"judge.check needs True or False formed by the test, got {type(condition).__name__}")
    if not condition:
        fail(message, expected=expected, got=got, next_step=next_step, code=code)


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
    if _differ(got, expected, tolerance):
        told = (not bench.hidden) if show is None else show
        describe = _shown if told else _kind
        fail(
            f"{what} is not what it should be.",
            expected=describe(expected),
            got=describe(got),
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
        return error
    except Exception as error:
        fail(f"{what} must raise {names}.", expected=names, got=_error_kind(error), next_step=next_step, code=code)
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
    return dict(_artefact(name, max_bytes, lambda data, artefacts: artefacts.read_safetensors(data)))


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

    return dict(_artefact(name, max_bytes, run))


def parquet(name: str, *, max_bytes: int = 64 << 20, max_rows: int = 1_000_000) -> Any:
    """The table of a Parquet file that the trainee's code wrote, as a DataFrame, opened in a sandbox of its own.

    Raises:
        CheckFailed: it is not there, too large, or not that.
    """
    return _artefact(
        name, max_bytes, lambda data, artefacts: _evaluated(artefacts.request_parquet(data, max_rows), artefacts)
    )


def _artefact(name: str, max_bytes: int, use: Callable[[bytes, Any], Any]) -> Any:
    artefacts = importlib.import_module("factory_academy.grading.quality.artefacts")
    try:
        return use(artefacts.checked_size(file(name).read_bytes(), max_bytes), artefacts)
    except FileNotFoundError:
        raise CheckFailed(f"There is no file {name}.", "a file of that name, written by your code", "none") from None
    except artefacts.BadArtefact as error:
        raise CheckFailed(f"{name} cannot be judged: {error}.", got=str(error)) from None


def _evaluated(request: Mapping[str, Any], artefacts: Any) -> Any:
    return artefacts.value_of((bench.evaluate or artefacts.on_the_spot)(request))


_DICTIONARIES = (defaultdict, OrderedDict, Counter)


def _differ(got: Any, expected: Any, tolerance: float) -> bool:
    got, expected = _plain(got), _plain(expected)
    if isinstance(expected, float) and type(got) in (int, float):
        return not _close(got, expected, tolerance)
    if type(got) is not type(expected) and not (type(expected) is dict and type(got) in _DICTIONARIES):
        return True
    if isinstance(expected, dict):
        return got.keys() != expected.keys() or any(_differ(got[key], expected[key], tolerance) for key in expected)
    if isinstance(expected, (list, tuple)):
        return len(got) != len(expected) or any(
            _differ(one, other, tolerance) for one, other in zip(got, expected, strict=True)
        )
    if _is_from("numpy", expected):
        return _arrays_differ(got, expected, tolerance)
    if _is_from("pandas", expected):
        return _tables_differ(got, expected, tolerance)
    return bool(got != expected)


def _close(got: float, expected: float, tolerance: float) -> bool:
    if math.isnan(expected) or math.isnan(got):
        return math.isnan(expected) and math.isnan(got)
    return got == expected or math.isclose(got, expected, rel_tol=tolerance, abs_tol=tolerance)


def _arrays_differ(got: Any, expected: Any, tolerance: float) -> bool:
    numpy = sys.modules["numpy"]
    if got.shape != expected.shape or got.dtype.kind != expected.dtype.kind:
        return True
    if expected.dtype.kind in "fc":
        return not bool(numpy.allclose(got, expected, rtol=tolerance, atol=tolerance, equal_nan=True))
    return not bool(numpy.array_equal(got, expected))


def _tables_differ(got: Any, expected: Any, tolerance: float) -> bool:
    testing = sys.modules["pandas"].testing
    compare = getattr(testing, f"assert_{'index' if 'Index' in type(expected).__name__ else _table(expected)}_equal")
    try:
        compare(got, expected, rtol=max(tolerance, 1e-12), atol=max(tolerance, 1e-12))
    except AssertionError:
        return True
    return False


def _table(value: Any) -> str:
    return "frame" if type(value).__name__ == "DataFrame" else "series"


def _plain(value: Any) -> Any:
    if _is_from("numpy", value) and getattr(value, "shape", None) == () and hasattr(value, "item"):
        return value.item()
    return value


def _is_from(package: str, value: Any) -> bool:
    return type(value).__module__.partition(".")[0] == package and package in sys.modules


def _kind(value: Any) -> str:
    name = type(value).__name__
    if value is None or isinstance(value, bool):
        return "None" if value is None else "a bool"
    if hasattr(value, "shape"):
        return f"{name} of shape {tuple(value.shape)}"
    if isinstance(value, (list, tuple, dict, set, frozenset, str)):
        return f"{name} of length {len(value)}"
    return name


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({_kind(value)})"


def _error_kind(error: BaseException) -> str:
    name = type(error).__name__
    return name if type(error).__module__ == "builtins" else "an error of another class"
