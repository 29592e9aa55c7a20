"""An image file of our own from pixels that somebody sent: nothing they encoded is ever decoded, or passed on."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

MAX_SIDE = 1000
MAX_PICTURES_OF_A_CELL = 6
MAX_ENCODED = 400_000


def drawn(told: Any) -> list[str]:
    """PNG files, as base64 text, of the pictures in a reply; whatever is no picture is left out."""
    pictures = told[:MAX_PICTURES_OF_A_CELL] if type(told) is list else []
    encoded = [base64.b64encode(png(*picture)).decode() for picture in pictures if _is_picture(picture)]
    return [text for text in encoded if len(text) <= MAX_ENCODED]


def png(width: int, height: int, pixels: bytes) -> bytes:
    """A PNG file (ISO/IEC 15948) of ``3 * width * height`` bytes: red, green, blue, row by row from the top."""
    row = 3 * width
    lines = b"".join(b"\0" + pixels[start : start + row] for start in range(0, row * height, row))
    head = struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(lines, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _is_picture(told: Any) -> bool:
    match told:
        case [int(width), int(height), bytes(pixels)]:
            sides = type(width) is int and type(height) is int and 0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE
            return sides and len(pixels) == 3 * width * height
    return False


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))
