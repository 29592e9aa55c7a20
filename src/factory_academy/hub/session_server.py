"""What a session runs: JupyterHub's single-user server, without an import that costs two seconds and gives nothing."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path


def main() -> None:
    """Serve JupyterLab until stopped.

    jsonschema imports ``rfc3987_syntax`` if it can, which compiles a grammar for some two CPU seconds; only checks of
    the format "iri", which no schema here uses, need it. An entry of None makes the import fail at once.
    """
    with suppress(OSError):
        (Path.home() / "lost+found").rmdir()  # every new disk image has one, and nobody knows what it is
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    from jupyterhub.singleuser import main as serve

    serve()


if __name__ == "__main__":
    main()
