"""One typed Settings, read once: from ``ACADEMY_HOME/academy.toml``, then from ``ACADEMY_*`` in the environment."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from factory_academy.errors import BadSetting

_CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. Ports are loopback TCP ports; ``port`` is the one people open in a browser.

    home: folder of all state (``ACADEMY_HOME``).
    host: address to listen on; only loopback unless told otherwise.
    port, hub_port, proxy_api_port, portal_port: the public proxy, the hub, the proxy's own API, the portal.
    public_url: how people reach the academy; empty means ``http://<host>:<port>``.
    database_url: an SQLAlchemy address; empty means SQLite in the home.
    courses: the folder with one folder a course.
    profiles: the profiles file.
    graders: how many workers grade at once.
    default_factory: the factory whose sections demo accounts join.
    allow_unsandboxed: run trainees' code with no sandbox where none can be had. Names a risk; leave it off.
    """

    home: Path
    host: str = "127.0.0.1"
    port: int = 8000
    hub_port: int = 8001
    proxy_api_port: int = 8002
    portal_port: int = 8003
    public_url: str = ""
    database_url: str = ""
    courses: Path = _CHECKOUT / "courses"
    profiles: Path = _CHECKOUT / "hub_config" / "profiles.toml"
    graders: int = 1
    default_factory: str = "bologna"
    allow_unsandboxed: bool = False

    @property
    def url(self) -> str:
        """How people reach the academy, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def portal_url(self) -> str:
        """How people reach the portal, without a slash at the end."""
        return f"{self.url}/services/portal"

    @property
    def records_url(self) -> str:
        """The SQLAlchemy address of the records."""
        return self.database_url or f"sqlite:///{self.home / 'academy.db'}"

    @property
    def blobs(self) -> Path:
        """Handed-in work and assignment versions, by content."""
        return self.home / "blobs"

    @property
    def gradebooks(self) -> Path:
        """nbgrader's gradebooks, a folder for each instructor and course; they can be written again at any time."""
        return self.home / "gradebooks"

    @property
    def homes(self) -> Path:
        """Everybody's files."""
        return self.home / "homes"

    @property
    def keys(self) -> Path:
        """Secrets, readable by their owner only."""
        return self.home / "keys"

    @property
    def logs(self) -> Path:
        """What each process said."""
        return self.home / "logs"

    @property
    def run(self) -> Path:
        """Process ids and sockets; nothing that must outlive a restart of the machine."""
        return self.home / "run"


def default_home(environ: Mapping[str, str] = os.environ) -> Path:
    """``ACADEMY_HOME``, else the user-data folder of the platform."""
    if environ.get("ACADEMY_HOME"):
        return Path(environ["ACADEMY_HOME"]).expanduser().resolve()
    data = environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(data).expanduser() / "factory-academy"


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings of this machine.

    Raises:
        BadSetting: an unknown name or a value of the wrong kind; the message says which and what was expected.
    """
    home = default_home(environ)
    settings = Settings(home=home)
    kinds = {f.name: type(getattr(settings, f.name)) for f in fields(settings) if f.name != "home"}
    chosen: dict[str, Any] = {}
    file = home / "academy.toml"
    if file.exists():
        try:
            chosen.update(tomllib.loads(file.read_text()))
        except tomllib.TOMLDecodeError as error:
            raise BadSetting(f"{file} is not valid TOML: {error}", "Mend the line it names.") from error
    for name in kinds:
        value = environ.get(f"ACADEMY_{name.upper()}")
        if value is not None:
            chosen[name] = value
    unknown = sorted(set(chosen) - set(kinds))
    if unknown:
        raise BadSetting(f"{file} sets {', '.join(unknown)}, which is no setting.", f"Known: {', '.join(kinds)}.")
    converted: dict[str, Any] = {name: _converted(name, value, kinds[name]) for name, value in chosen.items()}
    return replace(settings, **converted)


def _converted(name: str, value: object, kind: type) -> object:
    text = str(value)
    if kind is bool and text.lower() in ("true", "false", "1", "0"):
        return text.lower() in ("true", "1")
    if kind is int and text.isdecimal():
        return int(text)
    if issubclass(kind, Path):
        return Path(text).expanduser()
    if kind is str:
        return text
    expected = {bool: "true or false", int: "a whole number"}[kind]
    raise BadSetting(f"The setting {name} must be {expected}, got {text!r}.", f"Set ACADEMY_{name.upper()} anew.")
