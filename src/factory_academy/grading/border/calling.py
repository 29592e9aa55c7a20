"""Requests to do something with an object of the trainee's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from factory_academy.grading.data.codec import Packer


def call_message(
    on: Any, do: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Callable[[Packer], dict[str, Any]]:
    """Builds the request to do something with an object."""

    def build(packer: Packer) -> dict[str, Any]:
        return {
            "do": do,
            "on": packer.node(on),
            "args": [packer.node(arg) for arg in args],
            "kwargs": {name: packer.node(value) for name, value in kwargs.items()},
        }

    return build
