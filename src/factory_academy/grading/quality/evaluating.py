"""A process that opens exported files for the judge: a sandbox of its own, no trainee code, no test, no label in it.

Native readers of a model or a table may be attacked by the file they read. Whoever took this process over would know
what it was sent, the file and the inputs, and could answer with other numbers: no more than any wrong model can.
"""

from __future__ import annotations

import importlib
import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from factory_academy.grading.answering.shell import prepare_process
from factory_academy.grading.data.codec import Packer, Unpacker
from factory_academy.grading.data.nodes import Malformed, NotData
from factory_academy.grading.data.shared import Shared
from factory_academy.grading.data.wire import Wire, WireError
from factory_academy.grading.quality.tensors import BadArtefact

TMP = "/tmp"
_DOMAINS = ("", "ai.onnx", "ai.onnx.ml")


def main(fds: Sequence[int], argument: bytes) -> None:
    """Answer one request after the other on the socket ``fds[0]`` until the judge hangs up."""
    prepare_process(TMP)
    wire = Wire(socket.socket(fileno=fds[0]))
    while True:
        try:
            request = receive(wire, "J")
            send(wire, answer(request), "S")
        except WireError:
            return


def answer(request: Mapping[str, Any]) -> dict[str, Any]:
    """``{"value": …}``, or ``{"error": words for the trainee}``."""
    try:
        return {"value": READERS[request["kind"]](request["data"], request["options"])}
    except BadArtefact as error:
        return {"error": str(error)}
    except Exception as error:
        return {"error": f"the file could not be used ({type(error).__name__})"}


def run_onnx(data: bytes, options: Mapping[str, Any]) -> dict[str, Any]:
    """Outputs by name of an ONNX model for ``options["inputs"]``, after its opset, domains and size were looked at.

    Raises:
        BadArtefact: the model is not one of those allowed.
    """
    model = importlib.import_module("onnx").load_model_from_string(data)
    _look_at_opsets(model, options["opset"])
    parameters = sum(_size(tensor) for tensor in model.graph.initializer)
    if options["max_parameters"] is not None and parameters > options["max_parameters"]:
        raise BadArtefact(f"the model has {parameters} parameters; allowed are {options['max_parameters']}")
    runtime = importlib.import_module("onnxruntime")
    settings = runtime.SessionOptions()
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    settings.log_severity_level = 4
    session = runtime.InferenceSession(data, settings, providers=["CPUExecutionProvider"])
    wanted = {entry.name for entry in session.get_inputs()}
    inputs = options["inputs"]
    if wanted != set(inputs):
        raise BadArtefact(f"the model's inputs must be {sorted(inputs)}, got {sorted(wanted)}")
    names = [entry.name for entry in session.get_outputs()]
    return dict(zip(names, session.run(names, dict(inputs)), strict=True))


def read_parquet(data: bytes, options: Mapping[str, Any]) -> Any:
    """The table of a Parquet file, with at most ``options["max_rows"]`` rows.

    Raises:
        BadArtefact: it has more.
    """
    arrow, parquet = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    file = parquet.ParquetFile(arrow.BufferReader(data))
    if file.metadata.num_rows > options["max_rows"]:
        raise BadArtefact(f"the table has {file.metadata.num_rows} rows; allowed are {options['max_rows']}")
    return file.read().to_pandas()


READERS: Mapping[str, Callable[[bytes, Mapping[str, Any]], Any]] = {"onnx": run_onnx, "parquet": read_parquet}


def send(wire: Wire, value: Any, owner: str, deadline: float | None = None) -> None:
    """Send plain data.

    Raises:
        WireError: nobody listens, or it is larger than allowed.
    """
    packer = Packer(Shared(owner), _no_reference)
    try:
        message = {"v": packer.node(value), **packer.tables()}
    except NotData:
        packer = Packer(Shared(owner), _no_reference)
        message = {"v": packer.node({"error": "the result holds something that is no plain data"}), **packer.tables()}
    wire.send(message, packer.buffers, deadline)


def receive(wire: Wire, foreign: str, deadline: float | None = None) -> Any:
    """Plain data from the other side, whose tags begin with ``foreign``.

    Raises:
        WireError: nothing came, or what came is no data.
    """
    message, buffers = wire.receive(deadline)
    unpacker = Unpacker(Shared("S" if foreign == "J" else "J"), _unknown, buffers, foreign)
    try:
        unpacker.read_tables(message)
        return unpacker.top(message.get("v"))
    except (Malformed, AttributeError) as error:
        raise WireError("the other side sent what is no value") from error


def _look_at_opsets(model: Any, allowed: Sequence[int]) -> None:
    for entry in model.opset_import:
        if entry.domain not in _DOMAINS:
            raise BadArtefact(f"the model uses operators of {entry.domain[:80]!r}; only ONNX's own are allowed")
        if entry.domain != "ai.onnx.ml" and not allowed[0] <= entry.version <= allowed[1]:
            raise BadArtefact(f"the model's opset is {entry.version}; allowed are {allowed[0]} to {allowed[1]}")


def _size(tensor: Any) -> int:
    size = 1
    for length in tensor.dims:
        size *= length
    return size


def _no_reference(packer: Packer, value: Any) -> list[Any]:
    raise NotData


def _unknown(unpacker: Unpacker, node: list[Any]) -> Any:
    raise Malformed("no reference")
