"""Mutable values that both sides hold: a tag for each, and whether one has changed since they last agreed."""

from __future__ import annotations

import copy
import hashlib
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterable
from typing import Any

SMALL_BYTES = 1 << 16
LEARNT_BYTES = 1 << 23
"""Up to this size parameters are looked at always: an optimiser of one side changes what the other computes with."""

MAX_SHARED = 256
_ATOMS = frozenset({int, float, str, bool, bytes, type(None)})
_CONTAINERS = (list, dict, set, bytearray, deque, OrderedDict, defaultdict, Counter)


def is_shared_kind(value: Any) -> bool:
    """Whether a value is mutable data, by exact type."""
    return type(value) in _CONTAINERS or library_kind(value) != ""


def library_kind(value: Any) -> str:
    """``a`` array, ``df`` table, ``se`` column, ``tt`` tensor, ``sp`` sparse matrix; else empty. By exact type."""
    kind = type(value)
    package = kind.__module__.partition(".")[0]
    module = sys.modules.get(package)
    if module is None:
        return ""
    if package == "numpy":
        return "a" if kind is getattr(module, "ndarray", None) and value.dtype.names is None else ""
    if package == "pandas":
        if kind is getattr(module, "DataFrame", None):
            return "df"
        return "se" if kind is getattr(module, "Series", None) else ""
    if package == "torch":
        return "tt" if kind is getattr(module, "Tensor", None) or kind is module.nn.Parameter else ""
    if package == "scipy" and hasattr(sys.modules.get("scipy.sparse"), "issparse"):
        sparse = sys.modules["scipy.sparse"]
        return "sp" if sparse.issparse(value) and value.format in ("csr", "csc", "coo") else ""
    return ""


def copy_of(value: Any) -> Any:
    """A value of its own with the same content; what it holds stays shared."""
    kind = library_kind(value)
    if kind == "tt":
        copied = value.detach().clone()
        if type(value) is not type(copied):
            copied = type(value)(copied, requires_grad=value.requires_grad)
        if value.is_leaf and value.grad is not None:
            copied.grad = value.grad.clone()
        return copied
    return value.copy() if kind else copy.copy(value)


class Shared:
    """The mutable values that both sides know. ``owner`` marks the tags that this side gives out: S or J."""

    def __init__(self, owner: str) -> None:
        self._owner, self._count = owner, 0
        self.values: dict[str, Any] = {}
        self._tags: dict[int, str] = {}
        self._agreed: dict[str, Any] = {}

    def tag(self, value: Any) -> str | None:
        """The tag of a value that both sides know, or None."""
        return self._tags.get(id(value))

    def add(self, value: Any) -> str:
        """Give a new value a tag."""
        self._count += 1
        tag = f"{self._owner}{self._count}"
        self.put(tag, value)
        return tag

    def put(self, tag: str, value: Any) -> None:
        """Know a value by the other side's tag."""
        self.values[tag] = value
        self._tags[id(value)] = tag

    def reachable(self, tags: Iterable[str]) -> set[str]:
        """These tags and those of all that their values hold, at any depth."""
        found, waiting = set[str](), [self.values[tag] for tag in tags if tag in self.values]
        seen: set[int] = set()
        while waiting:
            value = waiting.pop()
            if id(value) in seen:
                continue
            seen.add(id(value))
            tag = self._tags.get(id(value))
            found |= {tag} if tag else set()
            waiting += _held(value)
        return found

    def agree(self, tag: str) -> None:
        """Both sides hold the same content now."""
        self._agreed[tag] = _snapshot(self.values[tag])

    def changed(self, touched: Iterable[str]) -> list[str]:
        """Tags of the values that changed here since both sides agreed; large ones are looked at only if touched."""
        looked_at = set(touched)
        return [
            tag
            for tag, value in self.values.items()
            if (tag in looked_at or _is_small(value)) and not _same(self._agreed.get(tag), _snapshot(value))
        ]

    def oldest_surplus(self, keep: Iterable[str]) -> list[str]:
        """The oldest tags beyond the number worth keeping, without those in ``keep``."""
        surplus = len(self.values) - MAX_SHARED
        if surplus <= 0:
            return []
        kept = set(keep)
        return [tag for tag in self.values if tag not in kept][: surplus + MAX_SHARED // 2]

    def forget(self, tags: Iterable[str] | None = None) -> None:
        """Forget these values, or all."""
        for tag in list(self.values) if tags is None else tags:
            value = self.values.pop(tag, None)
            self._agreed.pop(tag, None)
            if self._tags.get(id(value)) == tag:
                del self._tags[id(value)]


def _held(value: Any) -> list[Any]:
    """What a container holds, as far as that can hold something itself."""
    if isinstance(value, dict):
        inside: Iterable[Any] = [part for pair in value.items() for part in pair]
    elif type(value) in (list, tuple, set, frozenset, deque):
        inside = value
    elif library_kind(value) == "a" and value.dtype.kind == "O":
        inside = value.flat
    else:
        return []
    return [item for item in inside if type(item) not in _ATOMS]


def _is_small(value: Any) -> bool:
    if type(value) in _CONTAINERS:
        return len(value) * 16 <= SMALL_BYTES
    kind = library_kind(value)
    if kind in ("a", "sp"):
        return getattr(value, "nbytes", SMALL_BYTES + 1) <= SMALL_BYTES
    if kind == "tt":
        most = LEARNT_BYTES if value.is_leaf and value.requires_grad else SMALL_BYTES
        return int(value.numel()) * int(value.element_size()) <= most
    return bool(value.size * 64 <= SMALL_BYTES)


def _snapshot(value: Any) -> Any:
    """Something to compare later; it keeps the items alive, so that their ids stay theirs."""
    if isinstance(value, dict):
        return [part for pair in value.items() for part in pair]
    if isinstance(value, (list, deque)):
        return list(value)
    if isinstance(value, set):
        return sorted(value, key=id)
    if isinstance(value, bytearray):
        return bytes(value)
    kind = library_kind(value)
    if kind == "a":
        return _array_print(value)
    if kind == "df":
        columns = [_column_print(value.iloc[:, place].array) for place in range(value.shape[1])]
        return [_index_print(value.index), _index_print(value.columns), *columns]
    if kind == "se":
        return [_index_print(value.index), value.name, _column_print(value.array)]
    if kind == "tt":
        return [_tensor_print(value), _tensor_print(value.grad) if value.is_leaf and value.grad is not None else None]
    return [_array_print(part) for part in (value.tocoo().data, value.tocoo().row, value.tocoo().col)]


def _tensor_print(value: Any) -> Any:
    raw = value.detach().cpu().contiguous()
    return _digest(raw.view(sys.modules["torch"].uint8).numpy().tobytes()) if raw.numel() and raw.dim() else str(raw)


def _array_print(array: Any) -> Any:
    if array.dtype.kind == "O":
        return [array.shape, *array.flat]
    return _digest(f"{array.dtype.str}{array.shape}".encode() + array.tobytes())


def _column_print(array: Any) -> Any:
    numpy = sys.modules["numpy"]
    if isinstance(array.dtype, numpy.dtype) or type(array.dtype).__name__ == "NumpyEADtype":
        return _array_print(numpy.asarray(array))
    if hasattr(array, "asi8"):
        return _digest(str(array.dtype).encode() + array.asi8.tobytes())
    return [str(array.dtype), *map(repr, array.astype(object))]


def _index_print(index: Any) -> Any:
    pandas = sys.modules["pandas"]
    if isinstance(index, pandas.RangeIndex):
        return [index.start, index.stop, index.step, index.name]
    if isinstance(index, pandas.MultiIndex):
        return [list(index.names), *map(repr, index)]
    return [index.name, _column_print(index.array)]


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()


def _same(one: Any, other: Any) -> bool:
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if type(one) in (int, float, str, bool, bytes):
        return bool(one == other)
    if type(one) in (list, tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return False
