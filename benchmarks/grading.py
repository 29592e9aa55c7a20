"""Grading side by side: the same submissions through `nbgrader autograde`, `otter run` and here, in one run.

Each gets the same lab (benchmarks/side_by_side/lab.py) in its own format and the same notebooks; their points are
compared. The limit is the CPU time of the same cells executed bare in one warm process. Only ratios travel between
machines.

usage: python benchmarks/grading.py [--submissions N] [--workers N] [--without-otter] [--json PATH]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from side_by_side import lab
from side_by_side.here import Measured, grade_here
from side_by_side.limit import bare_seconds
from side_by_side.results import Graded, percentile
from side_by_side.with_nbgrader import grade_with_nbgrader
from side_by_side.with_otter import grade_with_otter

BURST = 50


def compare(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """All measurements, one after the other."""
    bundle = lab.lab()
    submissions = {f"trainee-{number}": lab.submission(bundle, number) for number in range(options.submissions)}
    load = os.getloadavg()[0]
    here = grade_here(
        submissions, folder / "here", workers=options.workers, singles=options.submissions, burst=options.burst
    )
    _tell("here", here.batch.seconds, here.batch.cpu_seconds)
    limit = bare_seconds(submissions)
    _tell("the limit", limit, limit)
    nbgrader = grade_with_nbgrader(bundle, submissions, folder / "nbgrader")
    _tell("nbgrader autograde", nbgrader.seconds, nbgrader.cpu_seconds)
    otter = grade_with_otter(submissions, folder / "otter") if options.otter else None
    return {
        "submissions": options.submissions,
        "workers": options.workers,
        **_scores(here, nbgrader, otter),
        **_times(here, limit, nbgrader, otter),
        **_waiting(here),
        "conditions": _conditions(load),
    }


def _tell(what: str, seconds: float, cpu_seconds: float) -> None:
    """A long run says how far it is."""
    load = os.getloadavg()[0]
    print(f"{what}: {seconds:.2f} s, CPU {cpu_seconds:.2f} s, load {load:.1f}", file=sys.stderr, flush=True)


def _scores(here: Measured, nbgrader: Graded, otter: Graded | None) -> dict[str, Any]:
    ours, theirs = here.batch.scores, nbgrader.scores
    unequal = sorted(name for name in ours if ours[name] != theirs[name])
    found: dict[str, Any] = {"scores_equal": not unequal, "unequal": unequal, "points": here.batch.totals()}
    if otter:
        totals = otter.totals()
        found["unequal_otter"] = sorted(name for name, points in here.batch.totals().items() if totals[name] != points)
    return found


def _times(here: Measured, limit: float, nbgrader: Graded, otter: Graded | None) -> dict[str, Any]:
    cpu = {"here": round(here.batch.cpu_seconds, 2), "nbgrader": round(nbgrader.cpu_seconds, 2)}
    if otter:
        cpu["otter"] = round(otter.cpu_seconds, 2)
    return {
        "nbgrader_seconds": round(nbgrader.seconds, 2),
        "otter_seconds": round(otter.seconds, 2) if otter else None,
        "here_seconds": round(here.batch.seconds, 2),
        "ratio_nbgrader": round(nbgrader.seconds / here.batch.seconds, 1),
        "ratio_otter": round(otter.seconds / here.batch.seconds, 1) if otter else None,
        "limit_seconds": round(limit, 2),
        "cpu_ratio": round(here.batch.cpu_seconds / limit, 2),
        "cpu_seconds": cpu,
    }


def _waiting(here: Measured) -> dict[str, Any]:
    return {
        "cold_start_seconds": round(here.cold_start_seconds, 2),
        "single_p50_seconds": round(percentile(here.single, 0.5), 3),
        "single_p95_seconds": round(percentile(here.single, 0.95), 3),
        "at_once": len(here.at_once),
        "at_once_p95_seconds": round(percentile(here.at_once, 0.95), 2),
        "worker_mib": [size >> 20 for size in here.worker_bytes],
    }


def _conditions(load: float) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    return (
        f"{len(os.sched_getaffinity(0))} cores, {memory} GiB, "
        f"load {load:.1f} before and {os.getloadavg()[0]:.1f} after, Python {platform.python_version()}; "
        "workers warm, but for cold_start_seconds; sandbox and judge on"
    )


def show(found: dict[str, Any]) -> None:
    """The table."""
    cpu = found["cpu_seconds"]
    print(f"{found['submissions']} submissions{'':<9}{'wall, s':>10}{'CPU, s':>10}{'ratio':>8}")
    workers = f"here, {found['workers']} workers"
    print(f"{workers:<22}{found['here_seconds']:>10}{cpu['here']:>10}")
    print(f"{'nbgrader autograde':<22}{found['nbgrader_seconds']:>10}{cpu['nbgrader']:>10}{found['ratio_nbgrader']:>8}")
    if found["otter_seconds"]:
        print(f"{'otter run':<22}{found['otter_seconds']:>10}{cpu['otter']:>10}{found['ratio_otter']:>8}")
    print(f"{'the limit':<22}{'':>10}{found['limit_seconds']:>10}   our CPU is {found['cpu_ratio']} times that")
    print(f"scores equal to nbgrader's: {found['scores_equal']}; other than Otter's: {found.get('unequal_otter', '-')}")
    print(
        f"submit to verdict: p50 {found['single_p50_seconds']} s, p95 {found['single_p95_seconds']} s; "
        f"{found['at_once']} at once: p95 {found['at_once_p95_seconds']} s; "
        f"from workers' start to first verdicts {found['cold_start_seconds']} s"
    )
    print(f"memory by worker: {', '.join(f'{size} MiB' for size in found['worker_mib'])}")
    print(found["conditions"])


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=40)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--burst", type=int, default=BURST)
    parser.add_argument("--without-otter", dest="otter", action="store_false")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="grading-"))
    try:
        found = compare(options, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    show(found)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
