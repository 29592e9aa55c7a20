"""A cluster is kept busy while submissions wait, and built anew when it is lost."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory_academy.cli.cluster import dask_clusters
from factory_academy.cli.cluster.dispatcher import LONGEST_PAUSE_SECONDS, ClusterLost, Dispatcher
from factory_academy.errors import BadSetting


@dataclass
class FakeUnit:
    cluster: "FakeCluster"
    graded_count: int = 0
    done: bool = False

    def is_done(self):
        self.cluster.look()
        return self.done

    def graded(self):
        return self.graded_count

    def end(self, graded):
        self.done, self.graded_count = True, graded


@dataclass
class FakeCluster:
    units: list = field(default_factory=list)
    lost: bool = False
    closed: bool = False

    def look(self):
        if self.lost:
            raise ClusterLost("the scheduler is gone")

    def start_unit(self, seconds):
        self.look()
        self.units.append(FakeUnit(self))
        return self.units[-1]

    def close(self):
        self.closed = True


@dataclass
class Site:
    due: int = 0
    away: bool = False
    clusters: list = field(default_factory=list)

    def open_cluster(self):
        if self.away:
            raise ClusterLost("nobody answers")
        self.clusters.append(FakeCluster())
        return self.clusters[-1]

    def dispatcher(self, workers=2):
        return Dispatcher(workers, lambda: self.due, self.open_cluster, sleep=lambda pause: None)


def test_no_cluster_is_built_while_nothing_waits():
    site = Site()
    site.dispatcher().step()
    assert not site.clusters


@given(st.integers(0, 20), st.integers(1, 8))
def test_as_many_units_run_as_submissions_wait_and_never_more_than_workers(due, workers):
    site = Site(due)
    dispatcher = site.dispatcher(workers)
    for _ in range(3):
        dispatcher.step()
    assert sum(len(cluster.units) for cluster in site.clusters) == min(due, workers)


def test_a_unit_that_ended_makes_room_for_the_next_and_its_count_is_kept():
    site = Site(5)
    dispatcher = site.dispatcher(workers=1)
    dispatcher.step()
    (cluster,) = site.clusters
    cluster.units[0].end(graded=3)
    dispatcher.step()
    assert (len(cluster.units), dispatcher.graded) == (2, 3)


def test_a_lost_cluster_is_closed_and_built_anew():
    site = Site(1)
    dispatcher = site.dispatcher()
    dispatcher.step()
    site.clusters[0].lost = True
    dispatcher.step()
    dispatcher.step()
    assert site.clusters[0].closed
    assert len(site.clusters[1].units) == 1
    assert dispatcher.losses == 1


def test_a_cluster_that_cannot_be_had_is_asked_for_less_and_less_often():
    site, pauses = Site(1, away=True), []
    looks = iter([False] * 10 + [True])
    dispatcher = Dispatcher(2, lambda: site.due, site.open_cluster, sleep=pauses.append)
    dispatcher.run(lambda: next(looks))
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE_SECONDS


def test_stopping_gives_the_workers_back():
    site = Site(1)
    looks = iter([False, True])
    site.dispatcher().run(lambda: next(looks))
    assert site.clusters[0].closed


def test_what_was_sent_before_the_stop_ends_first_and_counts():
    site, looks = Site(1), iter([False, True])

    def let_end(pause):
        for unit in site.clusters[0].units:
            unit.end(graded=4)

    dispatcher = Dispatcher(2, lambda: site.due, site.open_cluster, sleep=let_end)
    dispatcher.run(lambda: next(looks))
    assert dispatcher.graded == 4


class FailedFuture:
    """A Dask future of a unit that raised."""

    status = "error"

    def done(self):
        return True

    def exception(self):
        return RuntimeError("no database")


def test_a_unit_that_failed_graded_nothing_and_the_log_says_why(caplog):
    assert dask_clusters._DaskUnit(None, FailedFuture()).graded() == 0
    assert "no database" in caplog.text


def test_a_cluster_that_cannot_be_started_is_a_lost_one():
    def make():
        raise RuntimeError("no room for a scheduler")

    with pytest.raises(ClusterLost, match="no room"):
        dask_clusters._made(make)


@pytest.mark.parametrize("address", ["tcp://10.0.0.1:8786", "10.0.0.1:8786", "ws://x"])
def test_a_scheduler_that_is_not_encrypted_is_refused(address):
    with pytest.raises(BadSetting, match="tls://"):
        dask_clusters.at(address)


def test_a_scheduler_without_certificates_of_ours_is_a_setting_to_mend():
    with pytest.raises(BadSetting, match="no certificates"):
        dask_clusters.at("tls://127.0.0.1:1")()
