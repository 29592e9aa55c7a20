"""The safetensors format, read without trusting a byte: a JSON header with offsets, then plain numbers."""

from __future__ import annotations

import importlib
import json
import math
import struct
from itertools import pairwise
from typing import Any

MAX_HEADER_BYTES = 4 << 20
MAX_TENSORS = 20_000
_DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "|u1", "BOOL": "|b1", "BF16": "<u2",
}  # fmt: skip


class BadArtefact(ValueError):
    """A file is not what it says, or larger or newer than allowed; the message is for the trainee."""


def read_safetensors(data: bytes) -> dict[str, Any]:
    """The arrays of a file by name, as numpy arrays; bfloat16 as float32.

    Raises:
        BadArtefact: the header or an offset is wrong.
    """
    header, numbers = _header(data)
    arrays = {name: _array(name, entry, numbers) for name, entry in header.items() if name != "__metadata__"}
    spans = sorted(tuple(entry["data_offsets"]) for name, entry in header.items() if name != "__metadata__")
    if any(end > begin for (_, end), (begin, _) in pairwise(spans)):
        raise BadArtefact("two tensors of the file share bytes")
    return arrays


def _header(data: bytes) -> tuple[dict[str, Any], memoryview]:
    if len(data) < 8:
        raise BadArtefact("the file is too short to be safetensors")
    (length,) = struct.unpack("<Q", data[:8])
    if length > min(MAX_HEADER_BYTES, len(data) - 8):
        raise BadArtefact("the file's header is longer than the file, or than allowed")
    try:
        header = json.loads(data[8 : 8 + length])
    except (ValueError, RecursionError) as error:
        raise BadArtefact("the file's header is not JSON") from error
    if type(header) is not dict or len(header) > MAX_TENSORS:
        raise BadArtefact("the file's header is no table of tensors")
    return header, memoryview(data)[8 + length :]


def _array(name: str, entry: Any, numbers: memoryview) -> Any:
    numpy = importlib.import_module("numpy")
    match entry:
        case {"dtype": str(kind), "shape": list(shape), "data_offsets": [int(begin), int(end)]} if kind in _DTYPES:
            sizes = [size for size in shape if type(size) is int and 0 <= size < 1 << 40]
            dtype = numpy.dtype(_DTYPES[kind])
            fits = len(sizes) == len(shape) <= 32 and 0 <= begin <= end <= len(numbers)
            if not fits or end - begin != math.prod(sizes) * dtype.itemsize:
                raise BadArtefact(f"the tensor {name[:80]} does not fit its bytes")
            array = numpy.frombuffer(bytes(numbers[begin:end]), dtype=dtype).reshape(sizes)
            return _from_bfloat16(array) if kind == "BF16" else array.copy()
    raise BadArtefact(f"the tensor {name[:80]} is of a kind that is not known")


def _from_bfloat16(array: Any) -> Any:
    numpy = importlib.import_module("numpy")
    return (array.astype(numpy.uint32) << 16).view(numpy.float32).reshape(array.shape)
