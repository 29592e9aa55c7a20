"""Figures and pictures that a cell shows, as plain pixels: whoever shows them again makes an image of their own."""

from __future__ import annotations

import base64
import importlib
import io
import sys
from typing import Any

MAX_PICTURES = 6
"""The most pictures of one notebook; further ones are left out."""

MAX_SIDE = 800
"""Larger pictures are made smaller, in pixels."""

Picture = tuple[int, int, bytes]
"""Width and height in pixels, then three bytes (red, green, blue) a pixel, row by row from the top."""


class Pictures:
    """Collects what cells show. Nothing in here may end a cell: a picture that cannot be had is left out."""

    def __init__(self) -> None:
        self._held: list[Picture] = []
        self._left = MAX_PICTURES
        self._shown: set[int] = set()

    def show(self, data: dict[str, Any]) -> bool:
        """Take the picture in what a cell displays; whether there was one."""
        encoded = data.get("image/png") or data.get("image/jpeg")
        if not encoded:
            return False
        try:
            raw = base64.b64decode(encoded) if isinstance(encoded, str) else bytes(encoded)
            self._keep(importlib.import_module("PIL.Image").open(io.BytesIO(raw)))
        except Exception:
            return False
        return True

    def take(self) -> list[list[Any]]:
        """What was shown since the last time, open figures included, each once."""
        self._look_at_figures()
        taken, self._held = self._held, []
        return [list(picture) for picture in taken]

    def _look_at_figures(self) -> None:
        helpers = sys.modules.get("matplotlib._pylab_helpers")
        try:
            managers = helpers.Gcf.get_all_fig_managers() if helpers else []
            for figure in [manager.canvas.figure for manager in managers]:
                if id(figure) not in self._shown and self._left and figure.get_axes():
                    self._shown.add(id(figure))
                    self._draw(figure)
        except Exception:
            return

    def _draw(self, figure: Any) -> None:
        file = io.BytesIO()
        dpi = min(100.0, MAX_SIDE / max(figure.get_size_inches()))
        figure.savefig(file, format="png", dpi=dpi)
        file.seek(0)
        self._keep(importlib.import_module("PIL.Image").open(file))

    def _keep(self, image: Any) -> None:
        if not self._left:
            return
        image.thumbnail((MAX_SIDE, MAX_SIDE))
        plain = image.convert("RGBA")
        ground = importlib.import_module("PIL.Image").new("RGBA", plain.size, "white")
        ground.alpha_composite(plain)
        flat = ground.convert("RGB")
        self._held.append((flat.width, flat.height, flat.tobytes()))
        self._left -= 1
