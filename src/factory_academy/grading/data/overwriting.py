"""A mutable value takes the content of another of its type, and stays the object that others hold."""

from __future__ import annotations

import importlib
from typing import Any

from factory_academy.grading.data.nodes import Malformed
from factory_academy.grading.data.shared import library_kind


def overwrite(value: Any, source: Any) -> None:
    """Give a mutable value the content of another of its type.

    Raises:
        Malformed: it cannot take it.
    """
    if type(value) is not type(source):
        raise Malformed("a value changed its type")
    match library_kind(value):
        case "":
            _overwrite_container(value, source)
        case "df" | "se":
            value._update_inplace(source)
        case "a":
            if value.shape != source.shape or value.dtype != source.dtype:
                raise Malformed("an array changed its shape")
            value[...] = source
        case "tt":
            with importlib.import_module("torch").no_grad():
                value.set_(source.detach())
            if value.is_leaf:
                value.grad = source.grad
        case _:
            value.__dict__.update(source.__dict__)


def _overwrite_container(value: Any, source: Any) -> None:
    if isinstance(value, bytearray):
        value[:] = source
        return
    value.clear()
    if isinstance(value, dict):
        for key, item in source.items():
            value[key] = item
    elif isinstance(value, set):
        value.update(source)
    else:
        value.extend(source)
