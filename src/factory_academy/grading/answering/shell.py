"""An IPython shell for one notebook: magics, display and top-level await; no history, no prompts, no questions."""

from __future__ import annotations

import builtins
import os
import subprocess
import sys
import traceback
import warnings
from dataclasses import dataclass
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
from traitlets.config import Config

from factory_academy.grading.answering.pictures import Pictures
from factory_academy.grading.author.values import run_beside


class NoInput(RuntimeError):
    """A cell asked the keyboard."""


PICTURES = Pictures()


class _PlainHook(DisplayHook):  # type: ignore[misc,unused-ignore]
    def write_output_prompt(self) -> None:
        """No prompt."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        PICTURES.show(format_dict)
        sys.stdout.write(f"{format_dict.get('text/plain', '')}")

    def log_output(self, format_dict: dict[str, Any]) -> None:
        """No log."""


class _PlainPublisher(DisplayPublisher):  # type: ignore[misc,unused-ignore]
    def publish(self, data: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        PICTURES.show(data)
        sys.stdout.write(f"{data.get('text/plain', '')}\n")

    def clear_output(self, wait: bool = False) -> None:
        """What was shown stays."""


class AnswerShell(InteractiveShell):  # type: ignore[misc,unused-ignore]
    """The shell; errors are reported by the caller, not printed."""

    def enable_gui(self, gui: Any = None) -> None:
        """There is no screen."""

    def showtraceback(self, *args: Any, **kwargs: Any) -> None:
        """The caller reports errors."""

    def showsyntaxerror(self, *args: Any, **kwargs: Any) -> None:
        """The caller reports errors."""

    def showindentationerror(self) -> None:
        """The caller reports errors."""

    def system(self, cmd: str) -> None:
        """Run a trainee's shell line, inside the sandbox."""
        command = ["/bin/sh", "-c", self.var_expand(cmd, depth=1)]  # type: ignore[no-untyped-call]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        sys.stdout.write(done.stdout.decode("utf-8", "replace"))
        self.user_ns["_exit_code"] = done.returncode


@dataclass(frozen=True, slots=True)
class CellError:
    """What a cell raised, and where in the cell (line from 1; 0 if unknown)."""

    error: BaseException
    line: int

    def text(self) -> str:
        """One line for people."""
        name, words = type(self.error).__name__, _safe_text(self.error)
        where = f" (line {self.line})" if self.line else ""
        return f"{name}: {words}{where}" if words else f"{name}{where}"


def make_shell(space: dict[str, Any] | None = None) -> AnswerShell:
    """A shell whose namespace is ``__main__``, or the one given."""
    config = Config()
    config.HistoryManager.enabled = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shell = AnswerShell.instance(
            config=config, displayhook_class=_PlainHook, display_pub_class=_PlainPublisher, user_ns=space
        )
    shell.colors = "nocolor"
    shell.cache_size = 0
    shell.autoawait = True
    builtins.input = _no_input
    return shell


def run_cell(shell: AnswerShell, source: str) -> CellError | None:
    """Run one cell; what it raised, if it did."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="To exit: use")
        result: ExecutionResult = shell.run_cell(source, store_history=False)  # type: ignore[no-untyped-call]
    error = result.error_before_exec or result.error_in_exec
    return None if error is None else CellError(error, _line(error))


def run_in_notebook(source: str, name: str) -> Any:
    """Run code of the author's with the notebook's names, without binding any there; gives what it binds to a name."""
    return run_beside(source, name, AnswerShell.instance().user_ns)


def _line(error: BaseException) -> int:
    if isinstance(error, SyntaxError):
        return error.lineno or 0
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "ipykernel" in frame.filename or
              frame.filename.startswith("<ipython-input")]  # fmt: skip
    return (frames[-1].lineno or 0) if frames else 0


def _safe_text(error: BaseException) -> str:
    try:
        return str(error)[:2000]
    except Exception:
        return "(its text cannot be made)"


def _no_input(prompt: object = "") -> str:
    raise NoInput("input() is not available while your work is graded: nobody is there to answer. Use a value instead.")


def prepare_process(folder: str) -> None:
    """Environment that this process shares with what it starts."""
    os.environ.setdefault("IPYTHONDIR", f"{folder}/.ipython")
    os.environ.setdefault("MPLBACKEND", "Agg")
    sys.path[:] = [entry for entry in sys.path if entry not in ("", os.getcwd())]
    sys.path.append(os.getcwd())
