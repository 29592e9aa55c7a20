"""numpy arrays and scalars, scipy sparse matrices and torch tensors: shape, dtype and bytes, nothing else."""

from __future__ import annotations

import importlib
import re
import sys
from typing import Any

from factory_academy.grading.data.nodes import Decode, Malformed, NotData, Reader, Writer, integer, items, text

_DTYPE = re.compile(
    r"[<>|=]?(b1|[iu][1248]|f(2|4|8|16)|c(8|16|32)|[mM]8(\[(\d{1,4})?[a-zA-Z]{1,2}\])?|[SU]\d{1,6})", re.ASCII
)
_TORCH = ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool", "bfloat16",
          "complex64", "complex128")  # fmt: skip
_LONGEST_SPARSE = 1 << 24
"""Rows or columns of a sparse matrix: its index has a place for each, whatever was sent."""
_SPARSE = ("csr", "csc", "coo")


def read_dtype(node: Any) -> Any:
    """A numpy dtype of plain numbers, texts or times.

    Raises:
        Malformed: it is another one.
    """
    name = text(node, 40)
    if not _DTYPE.fullmatch(name):
        raise Malformed("no plain dtype")
    return _numpy().dtype(name)


def write_array(writer: Writer, value: Any) -> list[Any]:
    """Content of an ndarray, exactly of that type.

    Raises:
        NotData: its dtype is structured.
    """
    if value.dtype.kind == "O":
        return ["ao", list(value.shape), *[writer.node(item) for item in value.flat]]
    if not _DTYPE.fullmatch(value.dtype.str):
        raise NotData
    return ["a", value.dtype.str, list(value.shape), writer.buffer(value.tobytes())]


def read_array(reader: Reader, node: list[Any]) -> Any:
    """The ndarray of a content; its size comes from the bytes received."""
    numpy = _numpy()
    if node[0] == "ao":
        values = [reader.value(item) for item in node[2:]]
        array = numpy.empty(len(values), dtype=object)
        for place, value in enumerate(values):
            array[place] = value
        return array.reshape(_shape(node[1]))
    if node[0] != "a":
        raise Malformed("no array")
    return numpy.frombuffer(reader.buffer(node[3]), dtype=read_dtype(node[1])).copy().reshape(_shape(node[2]))


def write_scalar(value: Any) -> list[Any]:
    """Node of a numpy scalar.

    Raises:
        NotData: it is a structured one.
    """
    if not _DTYPE.fullmatch(value.dtype.str):
        raise NotData
    return ["ns", value.dtype.str, value.tobytes().hex()]


def write_tensor(writer: Writer, value: Any) -> list[Any]:
    """Content of a torch tensor or parameter, moved to the CPU and without its graph.

    Raises:
        NotData: it is sparse, quantised or meta.
    """
    torch = sys.modules["torch"]
    name = str(value.dtype).removeprefix("torch.")
    if name not in _TORCH or value.layout is not torch.strided or value.device.type == "meta":
        raise NotData
    flat = value.detach().cpu().contiguous()
    raw = flat.view(torch.int16) if name == "bfloat16" else flat
    flags = [bool(value.requires_grad), type(value) is torch.nn.Parameter]
    content = ["tt", name, list(value.shape), writer.buffer(raw.resolve_conj().numpy().tobytes()), *flags]
    gradient = value.grad if value.is_leaf else None
    return [*content, writer.graph(value), None if gradient is None else write_tensor(writer, gradient)]


def read_tensor(reader: Reader, node: list[Any]) -> Any:
    """The tensor of a content; its size comes from the bytes received."""
    torch = importlib.import_module("torch")
    name = text(node[1], 20)
    if name not in _TORCH:
        raise Malformed("no tensor dtype")
    data = bytearray(reader.buffer(node[3]))
    dtype = getattr(torch, name)
    flat = torch.frombuffer(data, dtype=dtype).clone() if data else torch.zeros(0, dtype=dtype)
    tensor = flat.reshape(_shape(node[2]))
    if node[6] is not None:
        return reader.bridged(tensor, node[6])
    if node[5] is True:
        tensor = torch.nn.Parameter(tensor, requires_grad=node[4] is True)
    tensor = tensor.requires_grad_(node[4] is True)
    if node[7] is not None:
        tensor.grad = read_tensor(reader, [*items(node[7])[:6], None, None])
    return tensor


def write_sparse(writer: Writer, value: Any) -> list[Any]:
    """Content of a scipy sparse matrix or array."""
    coo = value.tocoo()
    kind = "array" if type(value).__name__.endswith("array") else "matrix"
    parts = [write_array(writer, part) for part in (coo.data, coo.row, coo.col)]
    return ["sp", value.format, kind, list(value.shape), *parts]


def read_sparse(reader: Reader, node: list[Any]) -> Any:
    """The sparse matrix of a content; scipy checks its indices."""
    sparse = importlib.import_module("scipy.sparse")
    if node[1] not in _SPARSE or node[2] not in ("array", "matrix"):
        raise Malformed("no sparse format")
    data, row, col = (read_array(reader, items(part)) for part in node[4:7])
    if row.dtype.kind not in "iu" or col.dtype.kind not in "iu":
        raise Malformed("no indices")
    shape = tuple(integer(size, 0, _LONGEST_SPARSE) for size in items(node[3]))
    return getattr(sparse, f"coo_{node[2]}")((data, (row, col)), shape=shape).asformat(node[1])


def encode_library_scalar(value: Any) -> list[Any] | None:
    """Node of an immutable numpy or torch value; None if it is none."""
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if numpy is not None:
        if isinstance(value, numpy.generic):
            return write_scalar(value)
        if isinstance(value, numpy.dtype) and _DTYPE.fullmatch(value.str):
            return ["dty", value.str]
        if isinstance(value, numpy.dtype) and value.kind == "O":
            return ["dty", "O"]
        if isinstance(value, type) and issubclass(value, numpy.generic) and value.__module__ == "numpy":
            return ["nt", str(value.__name__)]
    if torch is not None:
        if type(value) is getattr(torch, "Size", None):
            return ["tsz", *value]
        if type(value) is getattr(torch, "dtype", None):
            return ["tdt", str(value).removeprefix("torch.")]
    return None


def _read_scalar(reader: Reader, node: list[Any]) -> Any:
    return _numpy().frombuffer(bytes.fromhex(text(node[2], 4_000_000)), dtype=read_dtype(node[1]), count=1)[0]


def _read_dtype_object(reader: Reader, node: list[Any]) -> Any:
    return _numpy().dtype("O") if node[1] == "O" else read_dtype(node[1])


def _read_numpy_type(reader: Reader, node: list[Any]) -> Any:
    found = getattr(_numpy(), text(node[1], 40), None)
    if not (isinstance(found, type) and issubclass(found, _numpy().generic)):
        raise Malformed("no numpy type")
    return found


def _read_torch_dtype(reader: Reader, node: list[Any]) -> Any:
    if node[1] not in _TORCH:
        raise Malformed("no tensor dtype")
    return getattr(importlib.import_module("torch"), node[1])


def _read_size(reader: Reader, node: list[Any]) -> Any:
    return importlib.import_module("torch").Size([integer(size, 0) for size in node[1:]])


DECODERS: dict[str, Decode] = {
    "ns": _read_scalar,
    "dty": _read_dtype_object,
    "nt": _read_numpy_type,
    "tdt": _read_torch_dtype,
    "tsz": _read_size,
}


def _shape(node: Any) -> tuple[int, ...]:
    sizes = tuple(integer(size, 0) for size in items(node))
    if len(sizes) > 32:
        raise Malformed("too many dimensions")
    return sizes


def _numpy() -> Any:
    return importlib.import_module("numpy")
