"""Regrading after one test cell changed: how long, how many tasks are tried, and whether the result is a full one's.

Many trainees hand in different answers to a small assignment, two grading workers grade them, one hidden test is
corrected, and the same workers regrade. Timed is all that an instructor waits for: plan, runs, score differences.

usage: python benchmarks/regrade.py [--submissions N] [--workers N] [--check] [--sample N] [--json PATH]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.grading_work import answer, answers, assignment, check, given, hidden_part

from factory_academy.bootstrap import Academy
from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.course import CertificateRule, Course
from factory_academy.domain.factory import Factory
from factory_academy.domain.person import Person, Role
from factory_academy.domain.regrade import Direction, ScoreChange, seed_of
from factory_academy.domain.submission import Submission
from factory_academy.records.migrate import migrate
from factory_academy.settings import Settings
from factory_academy.workflows.regrading.plan import Wanted
from factory_academy.workflows.regrading.report import RegradeReport

WHEN = datetime(2026, 1, 1, tzinfo=UTC)
OPERATOR = Person("operator", "Operator", Role.OPERATOR)
COURSE = Course("signals", "Signals", certificate=CertificateRule("Signals", pass_fraction=0.7))
TASK = "smooth-hidden"

SCALES = (
    "lowest, highest = values.min(), values.max()\n    return (values - lowest) / (highest - lowest)",
    "values = values - values.min()\n    return values / values.max()",
    "return np.array([(v - min(values)) / (max(values) - min(values)) for v in values])",
    "return values / values.max()",
)
SMOOTHS = (
    "return np.convolve(values, np.ones(width) / width, mode='valid')",
    "sums = np.cumsum(np.insert(values, 0, 0.0))\n    return (sums[width:] - sums[:-width]) / width",
    "return np.array([values[i:i + width].mean() for i in range(len(values) - width + 1)])",
    "return np.convolve(values, np.ones(width) / width, mode='same')",
    "return np.array([np.median(values[i:i + width]) for i in range(len(values) - width + 1)])",
)
PEAKS = (
    "return [i for i in range(1, len(values) - 1) if values[i - 1] < values[i] > values[i + 1]]",
    "middle = values[1:-1]\n    return (np.flatnonzero((middle > values[:-2]) & (middle > values[2:])) + 1).tolist()",
    "return [int(np.argmax(values))]",
)
WRONG_TEST = "assert len(smooth(np.arange(6.0), 3)) == 6"
RIGHT_TEST = "assert np.allclose(smooth(np.array([0.0, 9.0, 0.0, 3.0]), 3), [3.0, 4.0])"


def make_assignment(hidden_test: str) -> AssignmentBundle:
    """Three answers and five tests; the hidden one of ``smooth`` is given."""
    bundle = assignment(
        given("import numpy as np", "setup"),
        answer("scale", solved("def scale(values):", SCALES[0])),
        check("scale-visible", "assert scale(np.array([1.0, 3.0])).tolist() == [0.0, 1.0]"),
        check("scale-hidden", hidden_part("assert np.allclose(scale(np.array([2.0, 4.0, 3.0])), [0, 1, 0.5])"), 2),
        answer("smooth", solved("def smooth(values, width):", SMOOTHS[0 if "allclose" in hidden_test else 3])),
        check(TASK, hidden_part(hidden_test), 4),
        answer("peaks", solved("def peaks(values):", PEAKS[0])),
        check("peaks-visible", "assert list(peaks(np.array([0.0, 2.0, 1.0]))) == [1]"),
        check("peaks-hidden", hidden_part("assert list(peaks(np.array([0.0, 2, 1, 5, 0]))) == [1, 3]"), 2),
    )
    return replace(bundle, course_id=COURSE.id, name="filters", title="Filters")


def solved(head: str, body: str) -> str:
    """An answer cell with its solution between the marks that keep it out of the release."""
    return f"{head}\n    ### BEGIN SOLUTION\n    {body}\n    ### END SOLUTION"


def make_submission(bundle: AssignmentBundle, number: int) -> bytes:
    """One of 60 ways to answer, in words that nobody else uses."""
    scale, rest = number % len(SCALES), number // len(SCALES)
    smooth, peaks = rest % len(SMOOTHS), rest // len(SMOOTHS) % len(PEAKS)
    return answers(
        bundle,
        scale=f"def scale(values):\n    # way {number}\n    {SCALES[scale]}",
        smooth=f"def smooth(values, width):\n    # way {number}\n    {SMOOTHS[smooth]}",
        peaks=f"def peaks(values):\n    # way {number}\n    {PEAKS[peaks]}",
    )


def measure(home: Path, submissions: int, workers: int, sample: int) -> dict[str, Any]:
    """Grade, correct, regrade, compare."""
    academy = stocked_academy(home, submissions)
    try:
        with grading_workers(home, workers) as pids:
            began = time.monotonic()
            _wait(lambda: _all_graded(academy))
            grading_seconds = time.monotonic() - began
            corrected = academy.release_assignment(make_assignment(RIGHT_TEST))
            load, used_before = os.getloadavg()[0], cpu_seconds(pids)
            began = time.monotonic()
            regrade = academy.plan_regrade(COURSE.id, corrected.name, OPERATOR, Wanted())
            plan_seconds = time.monotonic() - began
            academy.start_regrade(regrade.id, OPERATOR)
            _wait(lambda: _is_over(academy, regrade.id))
            run_seconds = time.monotonic() - began - plan_seconds
            report = academy.view_regrade(regrade.id, OPERATOR)
            seconds, cpu = time.monotonic() - began, cpu_seconds(pids) - used_before
        differences = compare_with_full(academy, report, sample)
        published = academy.publish_regrade(regrade.id, OPERATOR)
    finally:
        academy.autograder.close()
        academy.records.close()
    return {
        "submissions": submissions,
        "workers": workers,
        "seconds": round(seconds, 2),
        "plan_seconds": round(plan_seconds, 2),
        "run_seconds": round(run_seconds, 2),
        "workers_cpu_seconds": round(cpu, 2),
        "first_grading_seconds": round(grading_seconds, 2),
        "changed": list(regrade.changed),
        "tasks_tried": report.progress.tasks_to_try,
        "tasks_in_all": submissions * len(corrected.tasks),
        "runs": report.progress.units,
        "failed": report.progress.failed,
        "directions": dict(report.directions),
        "published": dict(published.decisions),
        "checked_against_full": min(sample, submissions),
        "differences": differences,
        "conditions": {"load_before": round(load, 2), "cpus": os.cpu_count(), "python": platform.python_version()},
    }


def stocked_academy(home: Path, submissions: int) -> Academy:
    """An academy whose trainees have all handed in."""
    academy = Academy(Settings(home=home))
    migrate(academy.settings.records_url)
    with academy.records.transaction() as repositories:
        repositories.factories.ensure(Factory("bologna", "IT4LIA", "Bologna", "IT", "agri-food"))
        repositories.courses.ensure(COURSE)
        for number in range(submissions):
            repositories.people.add(Person(f"trainee-{number:05}", f"Trainee {number}", Role.TRAINEE, "bologna"))
    bundle = make_assignment(WRONG_TEST)
    released = academy.release_assignment(bundle)
    archives = [make_submission(bundle, number) for number in range(submissions)]
    contents = [academy.blobs.put(archive) for archive in archives]
    with academy.records.transaction() as repositories:
        for number, content in enumerate(contents):
            trainee, id = f"trainee-{number:05}", f"submission-{number:05}"
            size = len(archives[number])
            handed_in = Submission(id, trainee, COURSE.id, released.name, released.version, content, size, WHEN)
            repositories.submissions.add(handed_in)
            repositories.queue.add(id, WHEN)
    return academy


@contextmanager
def grading_workers(home: Path, count: int) -> Iterator[list[int]]:
    """Grading workers as the academy starts them; gives their process ids."""
    environment = {**os.environ, "ACADEMY_HOME": str(home)}
    argv = [sys.executable, "-m", "factory_academy.cli.main", "grader"]
    log = (home / "graders.log").open("w")
    processes = [subprocess.Popen(argv, env=environment, stderr=log) for _ in range(count)]
    try:
        yield [process.pid for process in processes]
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(60)
        log.close()


def cpu_seconds(pids: list[int]) -> float:
    """What these processes and all that they started have used, also those that have ended."""
    parents, used = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        pid = int(stat.parent.name)
        parents[pid], used[pid] = int(fields[1]), sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    family = set(pids)
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(used.get(pid, 0.0) for pid in family)


def compare_with_full(academy: Academy, report: RegradeReport, sample: int) -> list[str]:
    """Submissions of which a full run of the new version says anything else than the regrade."""
    changes = [line.change for line in report.lines if line.change]
    step = max(1, len(changes) // max(sample, 1))
    return [change.submission_id for change in changes[::step][:sample] if not _is_full(academy, report, change)]


def _is_full(academy: Academy, report: RegradeReport, change: ScoreChange) -> bool:
    with academy.records.reading() as repositories:
        submission = repositories.submissions.find(change.submission_id)
        blob = repositories.courses.version_blob(report.regrade.version)
    if submission is None or blob is None:
        return False
    bundle, archive = AssignmentBundle.from_bytes(academy.blobs.get(blob)), academy.blobs.get(submission.content)
    seed = seed_of(academy.fingerprints.answers(bundle, archive))
    full = academy.autograder.grade(bundle, archive, seed).tasks
    return [(s.task_id, s.earned, s.verdict) for s in full] == [
        (s.task_id, s.earned, s.verdict) for s in change.new.tasks
    ]


def _all_graded(academy: Academy) -> bool:
    with academy.records.reading() as repositories:
        return repositories.queue.waiting() + repositories.queue.held() == 0


def _is_over(academy: Academy, regrade_id: str) -> bool:
    with academy.records.reading() as repositories:
        return repositories.regrades.progress(regrade_id).is_over


def _wait(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.1)


def main() -> None:
    """Measure and say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--sample", type=int, default=50, help="compare this many with a full run")
    parser.add_argument("--check", action="store_true", help="compare all with a full run")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    sample = options.submissions if options.check else options.sample
    with tempfile.TemporaryDirectory(prefix="fa-regrade-", ignore_cleanup_errors=True) as folder:
        figures = measure(Path(folder), options.submissions, options.workers, sample)
    ups = figures["directions"]
    print(f"{figures['submissions']} submissions regraded in {figures['seconds']} s by {figures['workers']} workers")
    print(f"plan {figures['plan_seconds']} s, runs {figures['run_seconds']} s", end=", ")
    print(f"of which the workers computed {figures['workers_cpu_seconds']} s", end="; ")
    print(f"load before {figures['conditions']['load_before']}")
    print(
        f"tasks tried: {figures['tasks_tried']} of {figures['tasks_in_all']}, of {', '.join(figures['changed'])} only"
    )
    print(f"{ups[Direction.UP]} up, {ups[Direction.DOWN]} down, {ups[Direction.SAME]} same")
    print(f"compared with a full run: {figures['checked_against_full']}, differences: {len(figures['differences'])}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    if figures["differences"] or figures["failed"]:
        raise SystemExit("a regrade must say what a full run says")


if __name__ == "__main__":
    main()
