"""Kill the processes of an academy under load at random, and count what was lost, graded twice or left behind.

    python benchmarks/kills.py --kills 300 --database sqlite|postgresql [--seed N] [--json PATH]

Workers, warm processes, sandboxes and judges, the portal and (with PostgreSQL) the database are killed in turn of
chance while submissions stream in. The exit code is 0 only if nothing was lost, graded twice or left.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.chaos import Aftermath, ChaosAcademy, Killer, aftermath, chaos_academy, hand_in_until
from tests.support.postgres import private_server, server_binaries


def main() -> int:
    """Run, print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", type=int, default=20261124)
    parser.add_argument("--seconds", type=float, default=3600, help="kill no longer than this")
    parser.add_argument("--dask", action="store_true", help="kill a Dask scheduler too, in place of a worker")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    figures = measured(chosen.kills, chosen.database, chosen.seed, chosen.seconds, chosen.dask)
    told = json.dumps(figures, indent=1)
    print(told)
    if chosen.json:
        chosen.json.write_text(told + "\n")
    return int(bool(figures["lost"] or figures["graded_twice"] or figures["without_event"] or figures["left"]))


def measured(kills: int, database: str, seed: int, within_seconds: float, on_dask: bool) -> dict[str, Any]:
    """The figures of one run."""
    load = os.getloadavg()[0]
    with (
        tempfile.TemporaryDirectory(prefix="academy-kills-") as folder,
        _academy(Path(folder), database, on_dask) as running,
    ):
        began = time.monotonic()
        killed, receipts = under_fire(running, kills, seed, within_seconds)
        after = aftermath(running, receipts)
        seconds = time.monotonic() - began
    return {
        "database": database,
        "dask": on_dask,
        "kills": sum(killed.values()),
        "killed": dict(killed),
        "seed": seed,
        **_figures(after),
        "seconds": round(seconds, 1),
        "conditions": f"{os.cpu_count()} processors, load {load:.1f} before",
    }


def under_fire(running: ChaosAcademy, kills: int, seed: int, within_seconds: float) -> tuple[dict[str, int], list[str]]:
    """Kill while submissions stream in; gives what was killed, and the receipts."""
    done = threading.Event()
    receipts: list[str] = []
    streaming = threading.Thread(
        target=lambda: receipts.extend(hand_in_until(running, random.Random(seed + 1), done, at_least=kills // 4))
    )
    streaming.start()
    killer = Killer(running, random.Random(seed))
    try:
        killer.kill(kills, within_seconds=within_seconds)
    finally:
        done.set()
        streaming.join()
    return dict(killer.killed), receipts


@contextlib.contextmanager
def _academy(folder: Path, database: str, on_dask: bool) -> Iterator[ChaosAcademy]:
    folder.chmod(0o755)
    if database == "sqlite":
        with chaos_academy(folder / "home", on_dask=on_dask) as running:
            yield running
        return
    binaries = server_binaries()
    if binaries is None:
        raise SystemExit("PostgreSQL's server is not installed: apt-get install postgresql")
    with private_server(binaries) as server:
        with chaos_academy(folder / "home", f"{server.url}/postgres", server, on_dask) as running:
            yield running
        if not server.is_running:
            server.start()


def _figures(after: Aftermath) -> dict[str, Any]:
    return {
        **asdict(after),
        "states": dict(after.states),
        "reasons": dict(after.reasons),
        "not_passed": dict(after.not_passed),
    }


if __name__ == "__main__":
    sys.exit(main())
