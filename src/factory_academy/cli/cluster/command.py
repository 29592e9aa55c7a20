"""``factory-academy grade dispatch``: send waiting submissions to a cluster."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Annotated

import typer

from factory_academy.bootstrap import Academy, open_academy
from factory_academy.cli.cluster import dask_clusters
from factory_academy.cli.cluster.dispatcher import Cluster, Dispatcher
from factory_academy.errors import AcademyError, BadSetting

log = logging.getLogger("factory_academy.dispatch")


def dispatch(
    on: Annotated[str, typer.Option(help="`local`, `slurm`, or a Dask scheduler's tls:// address.")] = "local",
    workers: Annotated[int, typer.Option(help="How many workers at most.", min=1)] = 2,
    queue: Annotated[str, typer.Option(help="Slurm: the partition.")] = "",
    memory: Annotated[str, typer.Option(help="Slurm: memory of a job.")] = "4GiB",
    walltime: Annotated[str, typer.Option(help="Slurm: time limit of a job.")] = "01:00:00",
    host: Annotated[str, typer.Option(help="Slurm: this machine's address, as nodes reach it.")] = "127.0.0.1",
) -> None:
    """Grade on a cluster through Dask, until stopped. The queue stays in the database: no lost scheduler loses work."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("distributed").setLevel(logging.WARNING)
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    academy = open_academy()
    scratch = academy.settings.run / "cluster"
    clusters: dict[str, Callable[[], Callable[[], Cluster]]] = {
        "local": lambda: dask_clusters.local(workers, scratch),
        "slurm": lambda: dask_clusters.slurm(
            workers, scratch, queue=queue, memory=memory, walltime=walltime, host=host
        ),
    }
    if on not in clusters and "://" not in on:
        raise BadSetting(f"--on must be local, slurm or a tls:// address, got {on!r}.", "Choose one of these.")
    open_cluster = clusters[on]() if on in clusters else dask_clusters.at(on)
    dispatcher = Dispatcher(
        workers, lambda: _due(academy, workers), open_cluster, sleep=lambda pause: _rest(stop, pause)
    )
    log.info("sending submissions to %s, %d workers at most", on, workers)
    dispatcher.run(stop.is_set)
    typer.echo(f"graded {dispatcher.graded} submissions; the cluster was lost {dispatcher.losses} times")


def _rest(stop: threading.Event, pause: float) -> None:
    """Sleep, but not through the request to stop; after it, sleep as asked."""
    if stop.is_set():
        time.sleep(pause)
    stop.wait(pause)


def _due(academy: Academy, workers: int) -> int:
    """Submissions that a worker could take now, and work for all while a regrade runs; a lost database is awaited."""
    try:
        with academy.records.reading() as repositories:
            regrading = repositories.regrades.is_due(academy.clock())
            return repositories.queue.due(academy.clock()) + (workers if regrading else 0)
    except (AcademyError, OSError):
        log.exception("could not look at the queue; it is looked at again")
        return 0
