"""QR codes that lead a phone to a verification page."""

from __future__ import annotations

import io

import segno


def qr_svg(address: str) -> str:
    """A QR code of ``address`` as a stand-alone SVG image, dark on white with the quiet zone scanners need."""
    image = io.BytesIO()
    _code(address).save(image, kind="svg", scale=4, border=4, dark="#000", light="#fff", nl=False)
    return image.getvalue().decode()


def qr_png(address: str) -> bytes:
    """The same as a PNG image."""
    image = io.BytesIO()
    _code(address).save(image, kind="png", scale=8, border=4)
    return image.getvalue()


def _code(address: str) -> segno.QRCode:
    return segno.make_qr(address, error="m")
