"""One sitting of the judge: drives the trainee's process through the notebook and tries every test."""

from __future__ import annotations

import builtins
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from factory_academy.domain.grade import Cause, Verdict
from factory_academy.grading import judge_api
from factory_academy.grading.answering.outputs import CappedText
from factory_academy.grading.border.files import Files
from factory_academy.grading.border.lending import Lending
from factory_academy.grading.border.link import Names
from factory_academy.grading.border.rules import ContractBreach, Lost, Rules, Spoilt
from factory_academy.grading.border.visitors import Visitors
from factory_academy.grading.contract import TestContract
from factory_academy.grading.data.wire import Wire
from factory_academy.grading.judging import verdicts
from factory_academy.grading.judging.adapters import Adapters
from factory_academy.grading.judging.cells import Finished, TestCell, run_test
from factory_academy.grading.judging.drawing import drawn
from factory_academy.grading.judging.patches import Patches
from factory_academy.grading.judging.space import Origins, Space
from factory_academy.grading.work import names

Report = Callable[[dict[str, Any]], None]
GIVEN = "(given cells)"
_LATER_SECONDS = 1.0


class Bailiff(Protocol):
    """Brings trainee processes; the worker behind the control socket."""

    def first(self) -> Wire:
        """The process that is there already."""

    def another(self, why: str) -> tuple[Wire | None, Cause, str]:
        """Say that a process was lost; gives the next one (None: there is none), and what became of the last."""


@dataclass(slots=True)
class Pinned:
    """A hidden test with the names it needs, as they were when its turn came; it is tried after all cells."""

    cell: TestCell
    rules: Rules
    space: dict[str, Any]
    fetched: dict[str, Any]
    missing: frozenset[str]


@dataclass(slots=True)
class Court:
    """``steps`` are cells to run there and tests to try here, in the notebook's order."""

    order: Mapping[str, Any]
    bailiff: Bailiff
    report: Report
    run_plain: Callable[[str, dict[str, Any]], None]
    is_tests_own: Callable[[str], bool]
    shell_on: Callable[[dict[str, Any]], Any]
    contracts: dict[str, TestContract] = field(default_factory=dict)
    is_aside: bool = False
    _told: set[str] = field(default_factory=set)
    _visitors: Visitors = field(init=False)
    _space: Space = field(init=False)
    _lending: Lending = field(init=False)
    _patches: Patches = field(init=False)
    _files: Files = field(init=False)
    _adapters: Adapters = field(init=False)
    _cause: Cause = Cause.ENDED
    _why: str = ""
    _pinned: list[Pinned] = field(default_factory=list)

    def sit(self) -> None:
        """Run and try everything, and report each result as it is known."""
        self._space = Space(Origins.from_order(self.order), self.run_plain, self._aside)
        self._space.stand_for_main()
        self._patches, self._files = Patches(), Files(Path.cwd())
        self._adapters = Adapters(lambda: self._visitors.library)
        self._space.names["get_ipython"] = lambda: self.shell_on(self._space.names)
        self._receive(self.bailiff.first())
        steps = self.order["steps"]
        for place, step in enumerate(steps):
            try:
                self._take(step)
            except Lost as loss:
                if not self._recover(loss, step, place):
                    return self._give_up(steps[place + 1 :])
        while self._pinned:
            pinned = self._pinned.pop(0)
            try:
                self._try_pinned(pinned)
            except Lost as loss:
                if not self._recover(loss, None, len(steps), pinned):
                    return self._give_up([])

    def _receive(self, wire: Wire) -> None:
        lending = Lending(self.is_tests_own)
        held = Names(self._space.names, bindable=frozenset(self.order["answers"]))
        self._visitors = Visitors(wire, lending, held)
        self._lending = lending
        self._files.restart()
        self._visitors.link.patches, self._visitors.link.files = self._patches.now, self._files
        judge_api.bench.call = self._visitors.library
        judge_api.bench.beside = self._visitors.beside
        judge_api.bench.limited = self._visitors.link.limited

    def breach(self, words: str) -> ContractBreach:
        """The exception that ends the test that runs now."""
        return self._visitors.link.rules.breach(words)

    def _take(self, step: Mapping[str, Any]) -> None:
        if step["kind"] == "run":
            self._run_there(step)
        elif step["hidden"]:
            self._pin_or_lose(_cell(step))
        else:
            self._try(_cell(step))

    def _run_there(self, step: Mapping[str, Any], silent: bool = False) -> None:
        link = self._visitors.link
        link.begin(Rules("free"), time.monotonic() + self.order["cell_seconds"])
        silent = silent or step["quiet"]
        try:
            said = link.command("run", lambda packer: {"source": step["source"]})
        except Lost as loss:
            if not silent:
                words = self._lost_words(loss)
                self.report({"t": "cell", "label": step["label"], "seconds": 0.0, "output": "", "error": words})
            raise
        if not silent:
            self.report({"t": "cell", "label": step["label"], **_cell_line(said)})

    def _aside(self, run: Callable[[], None]) -> None:
        """Run an author's own cell under a contract of its own, whichever test asked for it first.

        Where calls changed what they were given, and the reference did not, it runs again and gives them copies.

        Raises:
            Spoilt: trainee code did more than that, or the cell ended with an error after a change.
            Exception: what the cell raised.
        """
        link = self._visitors.link
        with link.apart(self._rules(GIVEN)):
            self._run_aside(run)
            if link.rules.may_try_with_copies:
                link.undo()
                link.rules = link.rules.with_copies()
                self._run_aside(run)
            if link.rules.taints or link.rules.breaches:
                link.undo()
                raise Spoilt("trainee code meddled with a cell of the author's")

    def _run_aside(self, run: Callable[[], None]) -> None:
        link = self._visitors.link
        self.is_aside = True
        try:
            run()
        except (Exception, ContractBreach) as error:
            if link.rules.taints:
                link.undo()
                raise Spoilt("trainee code meddled with a cell of the author's, which then failed") from error
            raise
        finally:
            self.is_aside = False

    def _lost_words(self, loss: Lost) -> str:
        if loss.why == "time":
            return f"It ran longer than {self.order['cell_seconds']:g} seconds and was stopped."
        return "The process ended while this cell ran."

    def _rules(self, task_id: str) -> Rules:
        mode = self.order["mode"]
        if mode == "record":
            contract = self.contracts.setdefault(task_id, TestContract())
            contract.given = task_id not in self.order["without_given"]
            return Rules(mode, contract)
        known = self.order["contracts"].get(task_id)
        if known is None and task_id == GIVEN and self.order["contracts"]:
            return Rules("enforce")
        return Rules("free") if known is None else Rules("enforce", TestContract.from_json(known))

    def _prepare(self, cell: TestCell, watch: bool) -> tuple[Rules, dict[str, Any], frozenset[str]]:
        rules = self._rules(cell.task_id)
        self._adapters.prepare(names.imported_modules(cell.source))
        self._visitors.link.begin(rules, time.monotonic() + self.order["cell_seconds"])
        try:
            fetched, missing = self._space.fill(
                cell.source, cell.position, rules.contract.given, lambda name: self._fetch(name, watch)
            )
        except ContractBreach:
            return rules, {}, frozenset()
        return rules, fetched, missing

    def _fetch(self, name: str, watch: bool) -> Any:
        value, rules = self._visitors.fetch(name, watch), self._visitors.link.rules
        if not rules.may_fetch(name):
            raise rules.breach(f"{name} would be taken from your notebook, where the reference does not define it")
        return value

    def _try(self, cell: TestCell) -> None:
        try:
            rules, fetched, missing = self._prepare(cell, watch=True)
            self._judge(Pinned(cell, rules, {}, fetched, missing))
        except Lost as loss:
            raise _During(cell, loss) from loss

    def _pin_or_lose(self, cell: TestCell) -> None:
        try:
            self._pinned.append(self._pin(cell))
        except Lost as loss:
            raise _During(cell, loss) from loss

    def _pin(self, cell: TestCell) -> Pinned:
        rules, fetched, missing = self._prepare(cell, watch=False)
        here = self._space.names
        space = {name: here[name] for name in names.needed(cell.source) if name in here}
        for name in fetched:
            self._space.names.pop(name, None)
        self._visitors.link.forget()
        return Pinned(cell, rules, space, fetched, missing)

    def _try_pinned(self, pinned: Pinned) -> None:
        link = self._visitors.link
        link.begin(pinned.rules, time.monotonic() + self.order["cell_seconds"])
        self._space.names.update(pinned.space)
        try:
            link.command("watch", lambda packer: {"names": sorted(pinned.fetched)})
            self._judge(pinned)
        except Lost as loss:
            raise _During(pinned.cell, loss) from loss

    def _judge(self, pinned: Pinned) -> None:
        link, cell, trainees = self._visitors.link, pinned.cell, frozenset(pinned.fetched)
        before = dict(self._space.names)
        finished = self._finish(pinned)
        line = verdicts.judged(cell, finished, pinned.rules, pinned.missing, trainees)
        if pinned.rules.may_try_with_copies and verdicts.earns_all(cell, finished, trainees):
            line = self._verdict_with_copies(pinned, before) or line
        self._tell(line)
        link.deadline = max(link.deadline, time.monotonic() + 5)
        if cell.hidden:
            self._files.changed()
        link.forget()
        for name, value in pinned.fetched.items():
            if name in self.order["answers"] or self._space.names.get(name) is value:
                self._space.names.pop(name, None)

    def _finish(self, pinned: Pinned) -> Finished:
        cell, link = pinned.cell, self._visitors.link
        link.names.fetched.update(pinned.fetched)
        judge_api.bench.begin(cell.hidden)
        judge_api.bench.trusted = lambda name: self._space.trusted(name, cell.position)
        stdout, sys.stdout = sys.stdout, CappedText(10_000)
        self._lending.errors.clear()
        try:
            _refuse_builtins_for(pinned.missing)
            link.begin_files()
            finished = run_test(cell, self._space.names, link.deadline - time.monotonic() + _LATER_SECONDS)
        except (ContractBreach, NameError) as error:
            finished = Finished(error=error)
        finally:
            sys.stdout = stdout
        swallowed = [error for error in self._lending.errors if isinstance(error, AssertionError)]
        if finished.error is None and swallowed:
            finished = Finished(error=swallowed[0])
        return finished

    def _verdict_with_copies(self, pinned: Pinned, before: Mapping[str, Any]) -> dict[str, Any] | None:
        """The verdict of a test that would pass but for changed arguments, if it passes too when calls get copies.

        ``before``: the names of the tests as they were before the first time.

        The first time a test that asks whether its arguments stay as they are would have failed; the second time
        nothing that it compares with can have been changed. Passing both, the changes made no difference.
        """
        link = self._visitors.link
        link.undo()
        link.forget()
        link.begin(pinned.rules.with_copies(), link.deadline)
        link.command("watch", lambda packer: {"names": sorted(pinned.fetched)})
        self._space.names.clear()
        self._space.names.update(before)
        finished = self._finish(pinned)
        line = verdicts.judged(pinned.cell, finished, link.rules, pinned.missing, frozenset(pinned.fetched))
        return line if line["verdict"] == Verdict.PASSED.value else None

    def _recover(self, loss: Lost, step: Mapping[str, Any] | None, place: int, during: Pinned | None = None) -> bool:
        """Go on with another process, brought to the same place; False where there is none."""
        wire, self._cause, self._why = self.bailiff.another(loss.why)
        cell = during.cell if during else loss.cell if isinstance(loss, _During) else None
        if cell is not None:
            self._tell(verdicts.lost(cell, self._cause, self._why, str(loss) if loss.why == "limit" else ""))
        if wire is None:
            return False
        waiting = [pinned.cell for pinned in self._pinned]
        self._pinned.clear()
        self._space.forget_trainee()
        self._receive(wire)
        try:
            self._replay(place, waiting)
        except Lost:
            self._pinned = [Pinned(cell, Rules("free"), {}, {}, frozenset()) for cell in waiting]
            return False
        return True

    def _replay(self, place: int, waiting: list[TestCell]) -> None:
        left = {cell.task_id for cell in waiting}
        for step in self.order["steps"][:place]:
            if step["kind"] == "run":
                self._run_there(step, silent=True)
            elif step["hidden"] and step["task_id"] in left:
                self._pinned.append(self._pin(_cell(step)))

    def ask_library(self, dotted: str) -> Any:
        """Call a library function in the trainee's process."""
        self._visitors.link.begin(Rules("free"), time.monotonic() + self.order["cell_seconds"])
        return self._visitors.library(dotted)

    def _give_up(self, steps: list[Mapping[str, Any]]) -> None:
        cells = [pinned.cell for pinned in self._pinned] + [_cell(step) for step in steps if step["kind"] == "test"]
        for cell in cells:
            self._tell(verdicts.not_run(cell, self._cause, self._why))

    def _tell(self, line: dict[str, Any]) -> None:
        if line["id"] in self._told:
            return
        self._told.add(line["id"])
        self.report(verdicts.with_hint(line, self.order["hints"]))


class _During(Lost):
    """The process was lost while this test was tried."""

    def __init__(self, cell: TestCell, loss: Lost) -> None:
        super().__init__(loss.why, str(loss))
        self.cell = cell


def _refuse_builtins_for(missing: frozenset[str]) -> None:
    """A task may ask for a name that builtins have too; the builtin is no answer."""
    for name in missing:
        if hasattr(builtins, name):
            raise NameError(f"name {name!r} is not defined", name=name)


def _cell(step: Mapping[str, Any]) -> TestCell:
    return TestCell(
        step["task_id"], step["label"], step["title"], step["source"], step["points"], step["hidden"], step["position"]
    )


def _cell_line(said: Any) -> dict[str, Any]:
    said = said if type(said) is dict else {}
    seconds = said.get("seconds")
    line: dict[str, Any] = {"seconds": seconds if type(seconds) is float else 0.0}
    line |= {key: said[source][:most] if type(said.get(source)) is str else "" for key, source, most in _CELL_TEXTS}
    raised = said.get("names")
    line["names"] = [name[:200] for name in raised if type(name) is str][:20] if type(raised) is list else []
    line["pictures"] = drawn(said.get("pictures"))
    return line


_CELL_TEXTS = (("output", "out", 1 << 20), ("error", "error", 2000))
