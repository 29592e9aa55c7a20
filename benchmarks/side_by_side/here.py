"""The same submissions through this academy: handed in, queued, and graded by its own workers, sandbox and judge on."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from factory_academy.bootstrap import Academy
from factory_academy.cli.up import part_environment
from factory_academy.curriculum.catalogue import as_assignment
from factory_academy.domain.bundle import AssignmentBundle, zip_bytes
from factory_academy.domain.course import Course
from factory_academy.domain.factory import Factory
from factory_academy.domain.person import Person, Role
from factory_academy.domain.submission import Submission
from factory_academy.records.migrate import migrate
from factory_academy.settings import Settings
from side_by_side import lab
from side_by_side.processes import CpuMeter, own_memory_bytes
from side_by_side.results import Graded

_LOOK_SECONDS = 0.005
_FACTORY = Factory("bench", "Bench", "Bench", "IT", "benchmarks")


@dataclass(frozen=True, slots=True)
class Measured:
    """The batch, and seconds from handing in to verdict: one at a time, and all at once. Memory by worker."""

    batch: Graded
    cold_start_seconds: float
    single: Sequence[float]
    at_once: Sequence[float]
    worker_bytes: Sequence[int]


def grade_here(submissions: Mapping[str, bytes], folder: Path, *, workers: int, singles: int, burst: int) -> Measured:
    """Start the workers cold, warm them with a submission each, then hand in the batch and measure."""
    bench = Bench(folder)
    bench.academy.autograder.close()
    began = time.monotonic()
    with graders(bench.academy.settings, workers) as (pids, meter):
        bench.wait([bench.hand_in(submissions[name]) for name in list(submissions)[:workers]])
        cold = time.monotonic() - began
        batch = _batch(bench, submissions, meter)
        single = [bench.seconds_to_verdict([notebook])[0] for notebook in _first(submissions, singles)]
        at_once = bench.seconds_to_verdict(_first(submissions, burst))
        return Measured(batch, cold, single, at_once, [own_memory_bytes(pid) for pid in pids])


def _batch(bench: Bench, submissions: Mapping[str, bytes], meter: CpuMeter) -> Graded:
    began, cpu = time.monotonic(), meter.seconds()
    receipts = {name: bench.hand_in(notebook) for name, notebook in submissions.items()}
    bench.wait(list(receipts.values()))
    seconds, cpu = time.monotonic() - began, meter.seconds() - cpu
    return Graded(seconds, cpu, {name: bench.points(receipt) for name, receipt in receipts.items()})


def _first(submissions: Mapping[str, bytes], wanted: int) -> list[bytes]:
    notebooks = list(submissions.values())
    return [notebooks[number % len(notebooks)] for number in range(wanted)]


class Bench:
    """An academy in a folder, with the lab released; each submission comes from a trainee of its own."""

    def __init__(self, folder: Path) -> None:
        self.academy = Academy(Settings(home=folder))
        self._numbers = count()
        migrate(self.academy.settings.records_url)
        bundle = lab.lab()
        self._release(bundle)

    def _release(self, bundle: AssignmentBundle) -> None:
        course = Course(bundle.course_id, "Bench", assignments=(as_assignment(bundle),))
        self.academy.load_catalogue.factories([_FACTORY])
        self.academy.load_catalogue.course(course, [bundle])
        self._course, self._assignment = bundle.course_id, bundle.name

    def hand_in(self, notebook: bytes) -> str:
        """Hand in as somebody new; gives the receipt."""
        trainee = f"t{next(self._numbers)}"
        with self.academy.records.transaction() as repositories:
            repositories.people.add(Person(trainee, trainee, Role.TRAINEE, _FACTORY.id), "")
        self.academy.enrol(trainee, f"{self._course}-{_FACTORY.id}")
        archive = zip_bytes({"work.ipynb": notebook})
        return self.academy.submit(trainee, self._course, self._assignment, archive).id

    def wait(self, receipts: Sequence[str]) -> None:
        """Until each has a verdict."""
        for receipt in receipts:
            while not self._find(receipt).state.is_terminal:
                time.sleep(_LOOK_SECONDS)

    def seconds_to_verdict(self, notebooks: Sequence[bytes]) -> list[float]:
        """Hand all of them in, then note for each how long its verdict took."""
        handed_in_at, taken = {}, []
        for notebook in notebooks:
            handed_in_at[self.hand_in(notebook)] = time.monotonic()
        while handed_in_at:
            for receipt in [one for one in handed_in_at if self._find(one).state.is_terminal]:
                taken.append(time.monotonic() - handed_in_at.pop(receipt))
            time.sleep(_LOOK_SECONDS if len(notebooks) == 1 else 10 * _LOOK_SECONDS)
        return taken

    def points(self, receipt: str) -> dict[str, float]:
        """Points by task."""
        with self.academy.records.reading() as repositories:
            grade = repositories.grades.find(receipt)
        return {task.task_id: task.earned for task in grade.tasks} if grade else {}

    def _find(self, receipt: str) -> Submission:
        with self.academy.records.reading() as repositories:
            found = repositories.submissions.find(receipt)
        if found is None:
            raise LookupError(receipt)
        return found


@contextmanager
def graders(settings: Settings, workers: int) -> Iterator[tuple[list[int], CpuMeter]]:
    """So many workers, as the supervisor starts them, while the block lasts; gives their process ids and a meter."""
    argv = [sys.executable, "-m", "factory_academy.cli.main", "grader"]
    settings.logs.mkdir(parents=True, exist_ok=True)
    with (settings.logs / "grader.log").open("ab") as log:
        running = [
            subprocess.Popen(argv, env=part_environment(settings), stdout=log, stderr=log) for _ in range(workers)
        ]
    pids = [process.pid for process in running]
    meter = CpuMeter(pids)
    try:
        yield pids, meter
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(60)
        meter.close()
