"""Entry of a forked trainee process, already inside its sandbox."""

from __future__ import annotations

import os
import random
import socket
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from factory_academy.grading import judge_api
from factory_academy.grading.answering.outputs import Outputs
from factory_academy.grading.answering.service import Service
from factory_academy.grading.answering.shell import make_shell, prepare_process
from factory_academy.grading.data.wire import Wire
from factory_academy.grading.trials import parcel


def main(fds: Sequence[int], argument: bytes) -> None:
    """Serve the socket ``fds[0]`` until the judge hangs up."""
    order, files = parcel.unpack(argument)
    work = Path.cwd()
    parcel.lay_out(files, work)
    prepare_process(os.environ.get("TMPDIR", "/tmp"))
    outputs = Outputs(order["output_characters"])
    shell = make_shell()
    sys.modules["judge"] = judge_api
    seed_everything(order["seed"])
    warnings.simplefilter("default")
    outputs.connect()
    outputs.take()
    Service(Wire(socket.socket(fileno=fds[0])), shell, outputs).serve()


def seed_everything(seed: int) -> None:
    """Seed every generator that is loaded; torch computes on one thread, as its forks must."""
    random.seed(seed)
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if numpy is not None and hasattr(numpy, "random"):
        numpy.random.seed(seed % (1 << 32))
    if torch is not None and hasattr(torch, "manual_seed"):
        torch.manual_seed(seed)
        torch.set_num_threads(1)


def file_bytes(name: str) -> bytes:
    """A file of the trainee's, at most as large as one frame may be."""
    return Path(name).read_bytes()


def loaded_modules() -> list[str]:
    """Names of all modules that are loaded here; asked when a reference solution runs."""
    return sorted(sys.modules)
