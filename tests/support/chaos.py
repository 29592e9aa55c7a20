"""A small academy under load whose processes are killed at random: portal, workers, what workers start, the database.

Everything is real but the hub: the portal takes submissions over HTTP from several trainees of two courses, workers
grade them in sandboxes, and whatever ends is started again, as the supervisor does.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import uvicorn

from factory_academy.bootstrap import Academy
from factory_academy.domain.course import Course, Section
from factory_academy.domain.enrolment import Enrolment
from factory_academy.domain.factory import Factory
from factory_academy.domain.person import Person, Role
from factory_academy.records.migrate import migrate
from factory_academy.settings import Settings
from tests.support.grading_work import answer, answers, assignment, check
from tests.support.portal_world import PREFIX, FakeHub, make_portal
from tests.support.postgres import PrivateServer
from tests.support.processes import children_of, grandchildren_of
from tests.support.running import free_ports, wait_for

CHECKOUT = Path(__file__).parents[2]
BEGAN = datetime(2026, 9, 1, tzinfo=UTC)
TRAINEES, COURSES, WORKERS = ("ada", "bob", "cleo"), ("course", "second"), ("grader-1", "grader-2")
SCHEDULER = "scheduler"
BACKLOG = 20
"""So many are handed in at once, so that there is always something to be graded."""

WORK = assignment(
    answer("double", "### BEGIN SOLUTION\ndef double(x):\n    return 2 * x\n### END SOLUTION"),
    check("test-double", "assert double(2) == 4", points=2),
)


def stock(academy: Academy) -> None:
    """Two courses with one assignment each, and three trainees in both."""
    migrate(academy.settings.records_url)
    with academy.records.transaction() as repositories:
        repositories.factories.ensure(Factory("bologna", "Bologna", "Bologna", "IT", "AI"))
        for trainee in TRAINEES:
            repositories.people.add(Person(trainee, f"{trainee.title()} Example", Role.TRAINEE))
        for course in COURSES:
            repositories.courses.ensure(Course(course, course.title()))
            repositories.courses.ensure_section(Section(f"{course}-now", course, "bologna", "Now", BEGAN))
            for trainee in TRAINEES:
                repositories.enrolments.add(Enrolment(trainee, f"{course}-now", BEGAN))
    for course in COURSES:
        academy.release_assignment(replace(WORK, course_id=course))
    academy.autograder.close()


@dataclass
class ChaosAcademy:
    """Parts that are started again when they end. ``database`` is a server that may be killed too.

    ``on_dask``: a Dask scheduler with a worker process of its own takes the place of the second grading worker.
    """

    home: Path
    port: int
    database_url: str
    database: PrivateServer | None
    on_dask: bool = False
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "ACADEMY_HOME": str(self.home), "ACADEMY_DATABASE_URL": self.database_url}

    @property
    def workers(self) -> tuple[str, ...]:
        return (WORKERS[0], SCHEDULER) if self.on_dask else WORKERS

    def academy(self) -> Academy:
        """The academy in this process, to look at its records."""
        return Academy(Settings(home=self.home, database_url=self.database_url))

    def keep_running(self) -> None:
        """Start what does not run, until it is over."""
        while not self.over.wait(0.1):
            for part in ("portal", *self.workers):
                if part not in self.processes or self.processes[part].poll() is not None:
                    self.processes[part] = self._start(part)
            if self.database is not None and not self.database.is_running:
                self.database.start()

    def _start(self, part: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "factory_academy.cli.main", "grader"]
        if part == SCHEDULER:
            command[-1:] = ["grade", "dispatch", "--on", "local", "--workers", "1"]
        if part == "portal":
            command = [sys.executable, "-m", "tests.support.chaos", str(self.home), self.database_url, str(self.port)]
        with (self.home / f"{part}.log").open("ab") as log:
            return subprocess.Popen(command, env=self.environment, cwd=CHECKOUT, stdout=log, stderr=log)

    def portal_answers(self) -> bool:
        """Whether the portal has come up."""
        with contextlib.suppress(httpx.HTTPError):
            url = f"http://127.0.0.1:{self.port}{PREFIX}/health"
            return httpx.get(url, timeout=2, trust_env=False).status_code == 200
        return False

    def stop(self) -> None:
        """Ask all parts to end."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
            process.wait()

    def hand_in(self, trainee: str, course: str, archive: bytes) -> str:
        """The receipt of a submission; tries again while the portal or the database is away, as a client does."""
        url = f"http://127.0.0.1:{self.port}{PREFIX}/api/v1/courses/{course}/assignments/work/submissions"
        headers = {"Authorization": f"token token-{trainee}", "Content-Type": "application/zip"}

        def receipt() -> str | None:
            with contextlib.suppress(httpx.HTTPError):
                answer = httpx.post(url, content=archive, headers=headers, timeout=30, trust_env=False)
                if answer.status_code in (200, 201):
                    return str(answer.json()["submission_id"])
                assert answer.status_code >= 500, answer.text
            return None

        return str(wait_for(receipt, "a receipt", seconds=180, pause=0.2))


@contextlib.contextmanager
def chaos_academy(
    home: Path, database_url: str = "", database: PrivateServer | None = None, on_dask: bool = False
) -> Iterator[ChaosAcademy]:
    """The academy, running while the block lasts."""
    home.mkdir(parents=True, exist_ok=True)
    running = ChaosAcademy(home, free_ports(1)[0], database_url, database, on_dask)
    stock(running.academy())
    keeper = threading.Thread(target=running.keep_running, daemon=True)
    keeper.start()
    try:
        yield running
    finally:
        running.over.set()
        keeper.join()
        running.stop()


SHARES = {"sandbox or judge": 30, "zygote": 25, "worker": 20, "database": 15, "portal": 10, SCHEDULER: 10}
"""Of a hundred kills: what takes long to start again is killed less often, or it would hardly ever run."""


@dataclass
class Killer:
    """Kills what ``chance`` says, when it says, and counts what was killed."""

    running: ChaosAcademy
    chance: random.Random
    killed: Counter[str] = field(default_factory=Counter)

    def kill(self, count: int, pauses: tuple[float, float] = (0.05, 0.6), within_seconds: float = 3600) -> None:
        """So many kills that hit a living process each; fewer only where the time is over."""
        until = time.monotonic() + within_seconds
        for kind in self._plan(count):
            if time.monotonic() > until:
                return
            time.sleep(self.chance.uniform(*pauses))
            patience = time.monotonic() + 10
            order = [kind, *(other for other in SHARES if other != kind)]
            hit = wait_for(
                lambda order=order, patience=patience: self._first_hit(
                    order if time.monotonic() > patience else order[:1]
                ),
                f"a {kind}, or anything, to kill",
                pause=0.1,
            )
            self.killed[str(hit)] += 1

    def _plan(self, count: int) -> list[str]:
        there = {"database": self.running.database is not None, SCHEDULER: self.running.on_dask}
        kinds = [kind for kind in SHARES if there.get(kind, True)]
        plan = kinds + self.chance.choices(kinds, [SHARES[kind] for kind in kinds], k=max(0, count - len(kinds)))
        self.chance.shuffle(plan)
        return plan[:count]

    def _first_hit(self, kinds: Sequence[str]) -> str | None:
        return next((kind for kind in kinds if self._hit(kind)), None)

    def _hit(self, kind: str) -> bool:
        if kind == "database":
            return self._hit_database()
        victims = _victims(self.running, kind)
        if not victims:
            return False
        victim = self.chance.choice(victims)
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
            return True
        return False

    def _hit_database(self) -> bool:
        database = self.running.database
        if database is None or not database.is_running or not _victims(self.running, "worker"):
            return False
        with contextlib.suppress(OSError, ValueError, IndexError):
            database.kill()
            return True
        return False


def _victims(running: ChaosAcademy, kind: str) -> list[int]:
    """Only what has come up: killed while it starts, it would never do anything, and nothing be proved."""
    if kind == "portal":
        return [running.processes["portal"].pid] if running.portal_answers() else []
    workers = {part: running.processes[part].pid for part in running.workers if part in running.processes}
    at_work = [pid for pid in workers.values() if children_of(pid)]
    if kind == SCHEDULER:
        return [pid for part, pid in workers.items() if part == SCHEDULER and pid in at_work]
    if kind == "worker":
        return at_work
    inner = children_of if kind == "zygote" else grandchildren_of
    return [victim for pid in at_work for victim in inner(pid)]


def hand_in_until(running: ChaosAcademy, chance: random.Random, done: threading.Event, at_least: int) -> list[str]:
    """Different submissions of everybody's, until ``done`` and so many; gives the receipts."""
    receipts: list[str] = []
    while not done.is_set() or len(receipts) < at_least:
        number = len(receipts)
        source = f"import time\ntime.sleep({chance.uniform(0, 0.4):.2f})\ndef double(x):\n    return x + x  # {number}"
        archive = answers(WORK, double=source)
        receipts.append(running.hand_in(chance.choice(TRAINEES), chance.choice(COURSES), archive))
        if number > BACKLOG:
            time.sleep(chance.uniform(0.0, 1.0))
    return receipts


@dataclass(frozen=True)
class Aftermath:
    """What became of everything, once the queue is empty."""

    submissions: int
    states: Counter[str]
    lost: int
    graded_twice: int
    without_event: int
    left: int
    reasons: Counter[str]
    not_passed: Counter[str]


def aftermath(running: ChaosAcademy, receipts: list[str], seconds: float = 300) -> Aftermath:
    """Wait until nothing waits and nothing is held, and count."""
    academy = running.academy()

    def is_quiet() -> bool:
        with contextlib.suppress(Exception), academy.records.reading() as repositories:
            return repositories.queue.waiting() + repositories.queue.held() == 0
        return False

    with contextlib.suppress(AssertionError):
        wait_for(is_quiet, "an empty queue", seconds=seconds, pause=0.3)
    with academy.records.reading() as repositories:
        found = [repositories.submissions.find(receipt) for receipt in receipts]
        there = [submission for submission in found if submission is not None]
        events = {s.id: len(repositories.grades.history(s.id)) for s in there}
        grades = repositories.grades.of_submissions([s.id for s in there])
        left = repositories.queue.waiting() + repositories.queue.held()
    unverdicted = {s.id for s in there if s.state.value == "infrastructure_failed"}
    return Aftermath(
        submissions=len(set(receipts)),
        states=Counter(s.state.value for s in there),
        lost=len(found) - len(there),
        graded_twice=sum(count > 1 for count in events.values()),
        without_event=sum(count == 0 and i not in unverdicted for i, count in events.items()),
        left=left + sum(not s.state.is_terminal for s in there),
        reasons=Counter(s.reason for s in there if s.state.value != "graded"),
        not_passed=Counter(
            f"{task.verdict.value}, {task.cause.value}: {task.message}"
            for grade in grades.values()
            for task in grade.tasks
            if task.earned < task.possible
        ),
    )


def serve(home: Path, database_url: str, port: int) -> None:
    """The portal, as a process of its own."""
    app = make_portal(Academy(Settings(home=home, database_url=database_url)), FakeHub())
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    serve(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
