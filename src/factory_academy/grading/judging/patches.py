"""What a test replaces with ``mock.patch`` is replaced in the trainee's process too, for as long."""

from __future__ import annotations

import types
from typing import Any
from unittest import mock


class Patches:
    """Watches ``mock.patch`` on modules of libraries. ``now`` is what stands in place of what."""

    def __init__(self) -> None:
        self.now: dict[str, Any] = {}
        patch: Any = mock._patch
        enter, leave = patch.__enter__, patch.__exit__
        now = self.now

        def __enter__(patcher: Any) -> Any:
            made = enter(patcher)
            target = patcher.target
            if isinstance(target, types.ModuleType) and target.__name__ != "__main__":
                now[f"{target.__name__}.{patcher.attribute}"] = getattr(target, patcher.attribute)
            return made

        def __exit__(patcher: Any, *told: Any) -> Any:
            target = patcher.target
            if isinstance(target, types.ModuleType):
                now.pop(f"{target.__name__}.{patcher.attribute}", None)
            return leave(patcher, *told)

        patch.__enter__, patch.__exit__ = __enter__, __exit__
