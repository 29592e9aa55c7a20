"""Clusters that Dask runs: processes of this machine, Slurm jobs, or a scheduler that is there already.

Whoever can talk to a Dask scheduler can run code on its workers, so every connection is encrypted and both ends show
a certificate: made for the occasion for workers that we start, the site's own for a scheduler at an address.
"""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from factory_academy.cli.cluster.dispatcher import Cluster, ClusterLost, Unit
from factory_academy.cli.cluster.unit import grade_for
from factory_academy.errors import BadSetting

log = logging.getLogger("factory_academy.dispatch")
_ANSWER_SECONDS = 10
_DEATH_TIMEOUT_SECONDS = 60


def local(workers: int, scratch: Path) -> Callable[[], Cluster]:
    """Worker processes of this machine."""

    def make() -> Any:
        return _distributed().LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, host="127.0.0.1", scheduler_port=0,
            dashboard_address=None, security=_new_certificates(), protocol="tls://",
            local_directory=str(scratch), silence_logs=logging.ERROR, memory_limit=None,
        )  # fmt: skip

    return lambda: DaskCluster(_made(make))


def slurm(workers: int, scratch: Path, *, queue: str, memory: str, walltime: str, host: str) -> Callable[[], Cluster]:
    """Slurm jobs of one worker each, as many as there is work for. ``scratch`` is seen by all nodes.

    ``host`` is the address at which the nodes reach this machine. Jobs inherit this process's environment, as Slurm
    does by itself, so no setting and no secret stands in a job's script. Further options: Dask's own configuration.
    """

    def make() -> Any:
        scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        on_loopback = ["--host", "127.0.0.1"] if host.startswith("127.") else []
        options: dict[str, Any] = {"queue": queue} if queue else {}
        cluster = _library("dask_jobqueue").SLURMCluster(
            cores=1, processes=1, memory=memory, walltime=walltime, job_name="fa-grading", python=sys.executable,
            security=_new_certificates(), protocol="tls://", shared_temp_directory=str(scratch),
            local_directory=str(scratch), log_directory=str(scratch / "logs"), silence_logs=logging.ERROR,
            scheduler_options={"host": host, "port": 0, "dashboard_address": None},
            death_timeout=_DEATH_TIMEOUT_SECONDS, worker_extra_args=[*on_loopback, "--no-dashboard"], **options,
        )  # fmt: skip
        cluster.adapt(minimum_jobs=0, maximum_jobs=workers, wait_count=20, interval="2s")
        return cluster

    return lambda: DaskCluster(_made(make))


def at(address: str) -> Callable[[], Cluster]:
    """A scheduler that a site runs; its certificates come from Dask's configuration (``distributed.comm.tls``).

    Raises:
        BadSetting: the address is not encrypted.
    """
    if not address.startswith("tls://"):
        raise BadSetting(
            f"A scheduler's address must begin with tls://, got {address!r}: whoever reaches an open scheduler "
            "can run code on its workers.",
            "Start the scheduler with --tls-ca-file, --tls-cert and --tls-key, and give its tls:// address.",
        )
    return lambda: DaskCluster(None, address)


class DaskCluster:
    """Units of work as Dask tasks. ``cluster`` is closed with it; a scheduler at an address is left alone."""

    def __init__(self, cluster: Any, address: str = "") -> None:
        self._cluster = cluster
        try:
            self._client: Any = _distributed().Client(cluster or address, timeout=_ANSWER_SECONDS)
        except (OSError, ValueError) as error:
            self._let_go()
            raise ClusterLost(str(error)) from error
        except TypeError as error:
            raise BadSetting(
                f"There are no certificates for {address}.",
                "Name them in Dask's configuration: distributed.comm.tls.ca-file, and client.cert and client.key.",
            ) from error

    def start_unit(self, seconds: float) -> Unit:
        """Send one there."""
        self._look()
        return _DaskUnit(self, self._client.submit(grade_for, seconds, pure=False))

    def close(self) -> None:
        """Give the workers back, if they are ours."""
        _closed(self._client, 2)
        self._let_go()

    def _look(self) -> None:
        if self._client.status != "running":
            raise ClusterLost(f"the scheduler's connection is {self._client.status}")

    def _let_go(self) -> None:
        if self._cluster is not None:
            _closed(self._cluster, 10)


class _DaskUnit:
    def __init__(self, cluster: DaskCluster, future: Any) -> None:
        self._cluster, self._future = cluster, future

    def is_done(self) -> bool:
        """Whether it ended, well or not."""
        self._cluster._look()
        if self._future.status in ("cancelled", "lost"):
            raise ClusterLost("the scheduler forgot what it was doing")
        return bool(self._future.done())

    def graded(self) -> int:
        """How many submissions it graded; why it failed goes to the log."""
        if self._future.status == "finished":
            return int(self._future.result())
        log.warning("a unit of work failed: %r", self._future.exception())
        return 0


def _made(make: Callable[[], Any]) -> Any:
    """A cluster that Dask could start.

    Raises:
        ClusterLost: it could not.
    """
    try:
        return make()
    except (OSError, RuntimeError) as error:
        raise ClusterLost(str(error)) from error


def _closed(part: Any, seconds: float) -> None:
    """Close a client or cluster; what is lost already may answer with any error, and is let go of all the same."""
    try:
        part.close(timeout=seconds)
    except Exception as error:
        log.info("%s did not close in order: %r", type(part).__name__, error)


def _new_certificates() -> Any:
    return _distributed().Security.temporary()


def _distributed() -> Any:
    return _library("distributed")


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise BadSetting(
            f"Grading on a cluster needs the package {name.replace('_', '-')}, which is not installed.",
            "Install the academy with its extra `cluster`: pip install 'factory-academy[cluster]'.",
        ) from error
