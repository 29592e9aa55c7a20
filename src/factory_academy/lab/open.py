"""``academy/open``: the address behind the portal's "Continue" button. Fetches the assignment if need be, opens it."""

from __future__ import annotations

import asyncio
import os
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web

from factory_academy.errors import AcademyError
from factory_academy.lab.client import AcademyClient
from factory_academy.lab.work import WorkFolder


class OpenHandler(JupyterHandler):
    """Leads to the notebook of an assignment in this very session, and nowhere else."""

    @web.authenticated
    async def get(self) -> None:
        """Fetch if absent, then redirect to JupyterLab with the notebook open."""
        wanted = {name: self.get_query_argument(name, "") for name in ("course", "assignment", "notebook")}
        try:
            notebook = await asyncio.to_thread(opened, Path(self.settings["server_root_dir"]).expanduser(), **wanted)
        except AcademyError as error:
            self._refuse(error)
        else:
            self.redirect(url_path_join(self.base_url, "lab/tree", quote(notebook)))

    def _refuse(self, error: AcademyError) -> None:
        self.set_status(error.status)
        lab = escape(url_path_join(self.base_url, "lab"))
        self.finish(
            f'<!doctype html><html lang="en"><head><title>Cannot open</title></head><body><h1>{escape(str(error))}</h1>'
            f'<p>{escape(error.next_step)}</p><p><a href="{lab}">Go to JupyterLab</a></p></body></html>'
        )


def opened(root: Path, course: str, assignment: str, notebook: str) -> str:
    """The path of a notebook below ``root``, fetched if the assignment was not there yet.

    Raises:
        AcademyError: the names are no names, or it cannot be fetched.
    """
    work = WorkFolder(root, course, assignment)
    if not work.is_fetched:
        work.fetch(AcademyClient.of_session(os.environ))
    return work.notebook(notebook).relative_to(root).as_posix()


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "factory_academy.lab.open"}]


def _load_jupyter_server_extension(server: Any) -> None:
    address = url_path_join(server.web_app.settings["base_url"], "academy/open")
    server.web_app.add_handlers(".*$", [(address, OpenHandler)])
