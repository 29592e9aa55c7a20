"""One notebook's trial: a trainee's process and a judge, each in its sandbox, and the worker that watches both."""

from __future__ import annotations

import json
import os
import select
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from factory_academy.domain.bundle import GradingLimits
from factory_academy.domain.grade import Cause
from factory_academy.grading.author.guards import TOO_LONG
from factory_academy.grading.trials.verdict_lines import read_line
from factory_academy.isolation.spec import Ending, Limits, SandboxSpec

ANSWERS = "factory_academy.grading.answering.main:main"
EVALUATOR = "factory_academy.grading.quality.evaluating:main"
MAX_EVALUATORS = 3
JUDGE = "factory_academy.grading.judging.main:main"
MAX_REPORT_BYTES = 64 << 20
_REPLACEMENTS = {Cause.TIME: 1, Cause.MEMORY: 1, Cause.ENDED: 3}
_AFTER_LIMITS = 5
_GRACE_SECONDS = 5.0
_NO_VALUE = (
    "What your code's process sent cannot be read: a value that is too large, or bytes written into the grader's own "
    "connection. It was stopped."
)


class Running(Protocol):
    """A forked process in its sandbox."""

    def wait(self, timeout: float | None = None) -> Ending | None:
        """How it ended, or None."""

    def kill(self) -> None:
        """End all of it."""

    def close(self) -> None:
        """End it and let go of it."""


class Forks(Protocol):
    """Forks processes; a zygote."""

    def fork(
        self, entry: str, spec: SandboxSpec, limits: Limits, fds: Sequence[int] = (), argument: bytes = b""
    ) -> Running:
        """Call ``entry`` in a new sandbox."""


@dataclass(frozen=True, slots=True)
class Loss:
    """A trainee process that was lost: why, and how the kernel says it ended."""

    cause: Cause
    how: str
    text: str


@dataclass(slots=True)
class Trial:
    """Runs until the judge says that it is over, its time is up, or it is gone.

    ``lines`` is all that the judge reported; ``is_over`` whether it came to the end; ``out_of_time`` whether the
    worker ended it.
    """

    zygote: Forks
    specs: tuple[SandboxSpec, SandboxSpec]
    boxes: tuple[Limits, Limits]
    limits: GradingLimits
    lines: list[dict[str, Any]] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    is_over: bool = False
    out_of_time: bool = False
    judge_ending: Ending | None = None
    _answers: Running | None = None
    _evaluators: list[Running] = field(default_factory=list)
    _control: socket.socket | None = None
    _parcel: bytes = b""
    _deadline: float = 0.0

    @property
    def is_broken_off(self) -> bool:
        """Whether the judge was gone before its time, by no fault of the trainee's: killed, or with nothing lost."""
        if self.is_over or self.out_of_time:
            return False
        is_killed = self.judge_ending is not None and self.judge_ending.how == "killed"
        return is_killed or not self.losses

    def run(self, answers_parcel: bytes, judge_parcel: bytes) -> None:
        """Hold the trial.

        Raises:
            CannotIsolate: a sandbox could not be built.
            InfrastructureFault: the zygote died.
        """
        self._parcel = answers_parcel
        self._deadline = time.monotonic() + self.limits.total_seconds + _GRACE_SECONDS
        report, report_inside = os.pipe()
        self._control, control_inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        line = self._new_answers()
        judge: Running | None = None
        try:
            fds = [line.fileno(), report_inside, control_inside.fileno()]
            judge = self.zygote.fork(JUDGE, self.specs[1], self.boxes[1], fds, judge_parcel)
            for end in (line, control_inside):
                end.close()
            os.close(report_inside)
            report_inside = -1
            self._listen(report)
            if not self.is_over and not self.out_of_time:
                self.judge_ending = judge.wait(_GRACE_SECONDS)
        finally:
            self._clean_up(judge, line, control_inside, report, report_inside)

    def _clean_up(self, judge: Running | None, line: socket.socket, inside: socket.socket, *pipes: int) -> None:
        for running in (judge, self._answers, *self._evaluators):
            if running is not None:
                running.close()
        for end in (line, inside, self._control):
            if end is not None:
                end.close()
        for pipe in pipes:
            if pipe >= 0:
                os.close(pipe)

    def _new_answers(self) -> socket.socket:
        """Fork a trainee process; gives the judge's end of the line to it."""
        theirs, ours = socket.socketpair()
        with theirs:
            self._answers = self.zygote.fork(ANSWERS, self.specs[0], self.boxes[0], [theirs.fileno()], self._parcel)
        return ours

    def _listen(self, report: int) -> None:
        poll, held, total = select.poll(), b"", 0
        poll.register(report, select.POLLIN)
        while not self.is_over:
            left = self._deadline - time.monotonic()
            if left <= 0 or not poll.poll(left * 1000):
                self.out_of_time = True
                return
            data = os.read(report, 1 << 16)
            total += len(data)
            if not data or total > MAX_REPORT_BYTES:
                return
            *whole, held = (held + data).split(b"\n")
            for line in whole:
                self._hear(line)

    def _hear(self, line: bytes) -> None:
        said = read_line(line)
        if said is None:
            return
        if said["t"] == "lost":
            self._replace(str(said.get("why")))
        elif said["t"] == "evaluator":
            self._evaluate()
        elif said["t"] == "end":
            self.is_over = True
        else:
            self.lines.append(said)

    def _evaluate(self) -> None:
        """Fork a process that opens exported files, a few times at most; it gets nothing of work or tests."""
        if self._control is None:
            return
        if len(self._evaluators) >= MAX_EVALUATORS:
            self._control.send(b"{}")
            return
        theirs, ours = socket.socketpair()
        with theirs, ours:
            self._evaluators.append(self.zygote.fork(EVALUATOR, self.specs[0], self.boxes[0], [theirs.fileno()], b""))
            socket.send_fds(self._control, [b"{}"], [ours.fileno()])

    def _replace(self, why: str) -> None:
        """Find out what became of the trainee's process and, where that is fair, start another."""
        if self._answers is None or self._control is None:
            return
        ending = self._answers.wait(2.0) if why == "gone" else None
        self._answers.close()
        loss = _loss(why, ending, self.limits)
        self.losses.append(loss)
        alike = sum(one.cause is loss.cause and (one.how == "limit") == (loss.how == "limit") for one in self.losses)
        most = _AFTER_LIMITS if loss.how == "limit" else _REPLACEMENTS[loss.cause]
        again = alike <= most and loss.how != "protocol"
        words = json.dumps({"cause": loss.cause.value, "text": loss.text}).encode()
        if not again or time.monotonic() > self._deadline - _GRACE_SECONDS:
            self._control.send(words)
            return
        with self._new_answers() as line:
            socket.send_fds(self._control, [words], [line.fileno()])


def _loss(why: str, ending: Ending | None, limits: GradingLimits) -> Loss:
    if why == "time":
        return Loss(Cause.TIME, "time", f"Your code ran longer than {limits.cell_seconds:g} seconds and was stopped.")
    if why == "limit":
        return Loss(Cause.TIME, "limit", TOO_LONG)
    if why == "protocol":
        return Loss(Cause.ENDED, "protocol", _NO_VALUE)
    if ending is None or ending.how == "killed":
        return Loss(Cause.ENDED, "killed", "Your code's process broke off its connection and was stopped.")
    if ending.how == "out_of_memory":
        return Loss(
            Cause.MEMORY, "out_of_memory", f"Your code needed more than {limits.memory_bytes >> 20} MiB of memory."
        )
    if ending.how == "signalled":
        return Loss(Cause.ENDED, "signalled", "Your code's process died: a crash in native code, or a signal.")
    return Loss(Cause.ENDED, "exited", "Your code ended its own process.")
