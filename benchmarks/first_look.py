"""The first look: seconds from submit to verdict, and from click to a ready session, side by side with the peers.

Both pairs run in turn on this machine, in one go: the same DP-4 submission through this academy and through
`nbgrader autograde`; a session of this academy and one of JupyterHub's SimpleLocalProcessSpawner, each counted as
ready when its server has started a kernel on request. Only the ratios travel between machines.

usage: python benchmarks/first_look.py [--runs N] [--json PATH]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import secrets
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.handing_in import COURSES, bundle_of, reference_archive, reference_notebook
from tests.support.running import ApiClient, RunningAcademy, Visitor, free_ports, running_academy, wait_for

from factory_academy.cli.up import CHECKOUT, node_command
from factory_academy.curriculum.stock import build_folder

COURSE, ASSIGNMENT = "data-pipelines", "dp4"
STOCK_HUB = """
c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub_port}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api_port}"
c.ConfigurableHTTPProxy.command = {proxy!r}
c.JupyterHub.db_url = "sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{folder}/cookie_secret"
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = "{password}"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/homes/{{username}}"
c.Spawner.args = ["--allow-root"]
c.Spawner.default_url = "/lab"
"""


class StockHub:
    """JupyterHub as it comes, with the spawner that it ships for trying things out."""

    def __init__(self, folder: Path, url: str, password: str) -> None:
        self.home, self.url = folder, url
        self.accounts = {"bench": password}


@contextmanager
def stock_hub(folder: Path) -> Iterator[StockHub]:
    port, hub_port, api_port = free_ports(3)
    proxy = [node_command(), str(CHECKOUT / "hub_config/proxy/node_modules/.bin/configurable-http-proxy")]
    password = secrets.token_urlsafe(16)
    config = folder / "jupyterhub_config.py"
    config.write_text(
        STOCK_HUB.format(port=port, hub_port=hub_port, api_port=api_port, proxy=proxy, folder=folder, password=password)
    )
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with (folder / "hub.log").open("w") as log:
        argv = [sys.executable, "-m", "jupyterhub", "-f", str(config)]
        hub = subprocess.Popen(argv, cwd=folder, env={**os.environ, "PATH": path}, stdout=log, stderr=log)
    try:
        found = StockHub(folder, f"http://127.0.0.1:{port}", password)
        wait_for(lambda: _is_up(found.url), "the stock hub")
        yield found
    finally:
        hub.terminate()
        hub.wait(30)


def _is_up(url: str) -> bool:

    try:
        return httpx.get(f"{url}/hub/health", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def seconds_of(action: Callable[[], object]) -> float:
    begun = time.monotonic()
    action()
    return time.monotonic() - begun


def open_and_start_kernel(visitor: Visitor) -> None:
    """From the click to a kernel that the session has started."""
    visitor.start_session()
    wait_for(lambda: _kernel(visitor), f"a kernel of {visitor.name}", pause=0.05)


def _kernel(visitor: Visitor) -> bool:
    base = f"/user/{visitor.name}"
    visitor.http.get(f"{base}/lab")
    jar = [c for c in visitor.http.cookies.jar if c.name == "_xsrf" and c.path == f"{base}/"]
    if not jar:
        return False
    return visitor.http.post(f"{base}/api/kernels", headers={"X-XSRFToken": jar[0].value or ""}).status_code == 201


def close(visitor: Visitor) -> None:
    """End the session and wait until the hub says so."""
    headers = {"X-XSRFToken": visitor._xsrf()["_xsrf"]}
    visitor.http.delete(f"/hub/api/users/{visitor.name}/server", headers=headers)
    wait_for(lambda: not visitor.http.get(f"/hub/api/users/{visitor.name}").json()["servers"], "the session's end")


def verdict_here(api: ApiClient, number: int) -> float:
    """From submit to verdict; gives the points."""
    archive = reference_archive(COURSE, ASSIGNMENT, remark=f"run {number}")
    answer = api.hand_in(COURSE, ASSIGNMENT, archive)
    return float(api.verdict(answer.json()["submission_id"])["earned"])


def stock_course(folder: Path) -> Path:
    """DP-4 as a stock nbgrader course with one submission."""
    build_folder(COURSES / COURSE, folder)
    work = folder / "submitted" / "bench" / ASSIGNMENT
    work.mkdir(parents=True)
    for name, data in bundle_of(COURSE, ASSIGNMENT).release_files().items():
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_bytes(data)
    (work / f"{ASSIGNMENT}.ipynb").write_bytes(reference_notebook(COURSE, ASSIGNMENT))
    _nbgrader(folder, "generate_assignment", ASSIGNMENT, "--force", "--create")
    return folder


def _nbgrader(folder: Path, *words: str) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "HOME": str(folder)}
    argv = [sys.executable, "-m", "nbgrader", *words]
    done = subprocess.run(argv, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"nbgrader {words[0]} failed:\n{done.stderr[-2000:]}")


def verdict_of_nbgrader(folder: Path) -> float:
    """`nbgrader autograde`, from command to gradebook; gives the points."""
    _nbgrader(folder, "autograde", ASSIGNMENT, "--create", "--force")
    with sqlite3.connect(folder / "gradebook.db") as db:
        (points,) = db.execute("select sum(auto_score) from grade").fetchone()
    return float(points)


def compare(academy: RunningAcademy, stock: StockHub, course: Path, runs: int) -> dict[str, Any]:
    """All measurements, in turn."""
    ada = Visitor(academy, "ada", academy.accounts["ada"]).sign_in()
    stranger = Visitor(stock, "bench", stock.accounts["bench"]).sign_in()  # type: ignore[arg-type]
    api = ApiClient(academy, ada.token())
    points_here, points_there = verdict_here(api, 0), verdict_of_nbgrader(course)
    taken: dict[str, list[float]] = {name: [] for name in ("verdict", "autograde", "session", "simple_spawner")}
    for number in range(1, runs + 1):
        taken["verdict"].append(seconds_of(lambda number=number: verdict_here(api, number)))
        taken["autograde"].append(seconds_of(lambda: verdict_of_nbgrader(course)))
        taken["session"].append(seconds_of(lambda: open_and_start_kernel(ada)))
        close(ada)
        taken["simple_spawner"].append(seconds_of(lambda: open_and_start_kernel(stranger)))
        close(stranger)
    middle = {name: round(median(values), 2) for name, values in taken.items()}
    return {
        "runs": runs,
        "scores_equal": points_here == points_there,
        "points": points_here,
        "seconds": middle,
        "verdict_ratio": round(middle["autograde"] / middle["verdict"], 1),
        "session_ratio": round(middle["simple_spawner"] / middle["session"], 1),
        "conditions": f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}",
    }


def show(found: dict[str, Any]) -> None:
    seconds = found["seconds"]
    print(f"{'':<28}{'here':>8}{'peer':>8}{'ratio':>8}")
    print(
        f"{'submit to verdict, s':<28}{seconds['verdict']:>8}{seconds['autograde']:>8}{found['verdict_ratio']:>8}"
        "   nbgrader autograde"
    )
    print(
        f"{'click to kernel, s':<28}{seconds['session']:>8}{seconds['simple_spawner']:>8}{found['session_ratio']:>8}"
        "   SimpleLocalProcessSpawner (no sandbox)"
    )
    print(f"medians of {found['runs']}; scores equal: {found['scores_equal']}; {found['conditions']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="first-look-"))
    try:
        for part in ("stock", "course"):
            (folder / part).mkdir()
        course = stock_course(folder / "course")
        with running_academy(folder / "home") as academy, stock_hub(folder / "stock") as stock:
            found = compare(academy, stock, course, options.runs)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    show(found)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
