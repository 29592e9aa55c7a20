"""Run the portal as a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn

from factory_academy.bootstrap import open_academy
from factory_academy.errors import AcademyError, InfrastructureFault
from factory_academy.portal.app import create_app
from factory_academy.settings import Settings, read_settings

TOKEN_FILE = "portal.token"


def serve(settings: Settings) -> None:
    """Serve pages and API on the loopback port of the portal, until stopped; requests under way are finished first.

    Raises:
        InfrastructureFault: the hub and the portal have no common secret yet.
    """
    app = create_app(
        open_academy(settings),
        hub_api_url=f"http://127.0.0.1:{settings.hub_port}/hub/api",
        service_token=service_token(settings.keys / TOKEN_FILE),
    )
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=settings.portal_port,
        log_level="info",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )


def service_token(path: Path) -> str:
    """The secret by which hub and portal know each other; `factory-academy up` makes it.

    Raises:
        InfrastructureFault: there is none.
    """
    try:
        token = path.read_text().strip()
    except FileNotFoundError:
        token = ""
    if not token:
        raise InfrastructureFault(f"There is no portal secret at {path}.", "Start with `factory-academy up`.")
    return token


def main() -> None:
    """Serve; a refusal is one line on stderr and exit code 1, never a traceback."""
    try:
        serve(read_settings())
    except AcademyError as error:
        sys.exit(f"The portal cannot start. {error} {error.next_step}".strip())


if __name__ == "__main__":
    main()
