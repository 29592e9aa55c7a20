"""Frames between the two processes of a run: a JSON tree and raw buffers, with limits on everything.

u32 length of the tree | u32 number of buffers | u64 length of each buffer | tree | buffers
"""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Sequence
from typing import Any

MAX_TREE_BYTES = 32 << 20
MAX_NODES = 3_000_000
MAX_BUFFERS = 20_000
MAX_FRAME_BYTES = 256 << 20
_HEADER = struct.Struct("!II")


class WireError(Exception):
    """The other side is gone, broke the protocol, or sent more than allowed."""


class WireTimeout(WireError):
    """The other side did not answer in time."""


class Wire:
    """One end of the stream socket. Times are ``time.monotonic`` instants; None waits for ever."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def send(self, tree: Any, buffers: Sequence[bytes | memoryview] = (), deadline: float | None = None) -> None:
        """Send one frame.

        Raises:
            WireError: it is larger than allowed, or nobody listens.
        """
        text = json.dumps(tree, separators=(",", ":"), check_circular=False).encode()
        check_frame(text, [len(memoryview(buffer).cast("B")) for buffer in buffers])
        lengths = b"".join(struct.pack("!Q", memoryview(buffer).nbytes) for buffer in buffers)
        self._write(_HEADER.pack(len(text), len(buffers)) + lengths + text, deadline)
        for buffer in buffers:
            self._write(buffer, deadline)

    def receive(self, deadline: float | None = None) -> tuple[Any, list[bytes]]:
        """The next frame.

        Raises:
            WireTimeout: none came in time.
            WireError: it breaks a limit or is no frame, or the other side is gone.
        """
        tree_length, count = _HEADER.unpack(self._read(_HEADER.size, deadline))
        if tree_length > MAX_TREE_BYTES or count > MAX_BUFFERS:
            raise WireError("a frame is larger than allowed")
        lengths = struct.unpack(f"!{count}Q", self._read(8 * count, deadline))
        if sum(lengths) > MAX_FRAME_BYTES:
            raise WireError("a frame is larger than allowed")
        tree = parse_tree(self._read(tree_length, deadline))
        return tree, [self._read(length, deadline) for length in lengths]

    def close(self) -> None:
        """Hang up."""
        self._sock.close()

    def _read(self, length: int, deadline: float | None) -> bytes:
        parts, missing = [], length
        while missing:
            self._limit_by(deadline)
            try:
                part = self._sock.recv(min(missing, 1 << 20))
            except TimeoutError as error:
                raise WireTimeout("no answer in time") from error
            except OSError as error:
                raise WireError(str(error)) from error
            if not part:
                raise WireError("the other side is gone")
            parts.append(part)
            missing -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _write(self, data: bytes | memoryview, deadline: float | None) -> None:
        self._limit_by(deadline)
        try:
            self._sock.sendall(data)
        except TimeoutError as error:
            raise WireTimeout("the other side does not read") from error
        except OSError as error:
            raise WireError(str(error)) from error

    def _limit_by(self, deadline: float | None) -> None:
        if deadline is None:
            self._sock.settimeout(None)
            return
        left = deadline - time.monotonic()
        if left <= 0:
            raise WireTimeout("no answer in time")
        self._sock.settimeout(left)


def check_frame(text: bytes, lengths: Sequence[int]) -> None:
    """Refuse what the other side would refuse.

    Raises:
        WireError: the frame is larger than allowed.
    """
    too_long = len(text) > MAX_TREE_BYTES or len(lengths) > MAX_BUFFERS or sum(lengths) > MAX_FRAME_BYTES
    if too_long or _nodes(text) > MAX_NODES:
        raise WireError("a value is larger than allowed")


def parse_tree(text: bytes) -> Any:
    """The JSON tree of a frame from an untrusted sender.

    Raises:
        WireError: it is no JSON, or holds more nodes, depth or digits than allowed.
    """
    if _nodes(text) > MAX_NODES:
        raise WireError("a frame holds more values than allowed")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WireError("a frame is no JSON") from error


def _nodes(text: bytes) -> int:
    return text.count(b",") + text.count(b"[") + text.count(b"{")
