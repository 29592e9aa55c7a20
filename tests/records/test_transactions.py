"""What holds for transactions, in the fake and in each database."""

import threading

import pytest
from tests.support.records import BOLOGNA

from factory_academy.domain.factory import Factory
from factory_academy.errors import InfrastructureFault

ATHENS = Factory("athens", "Pharos", "Athens", "GR", "health")


def test_what_a_failed_transaction_wrote_was_never_written(records):
    def write_and_fall() -> None:
        with records.transaction() as repositories:
            repositories.factories.ensure(ATHENS)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fall()
    with records.transaction() as repositories:
        assert repositories.factories.all() == [BOLOGNA]


def test_what_a_transaction_wrote_is_there_for_the_next(records):
    with records.transaction() as repositories:
        repositories.factories.ensure(ATHENS)
    with records.reading() as repositories:
        assert repositories.factories.all() == [ATHENS, BOLOGNA]


def test_who_reads_cannot_write(records):
    with pytest.raises(InfrastructureFault), records.reading() as repositories:
        repositories.factories.ensure(ATHENS)
    with records.transaction() as repositories:
        assert repositories.factories.all() == [BOLOGNA]
        repositories.factories.ensure(ATHENS)


def test_transactions_of_many_threads_all_count(records):
    def take() -> None:
        for _ in range(5):
            with records.transaction() as repositories:
                taken.append(repositories.certificates.next_status_index())

    taken: list[int] = []
    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(20))


def test_readers_wait_for_no_writer(store):
    with store.transaction() as writing:
        writing.factories.ensure(ATHENS)
        with store.reading() as reading:
            assert reading.factories.all() == [BOLOGNA]


def test_a_reader_sees_one_moment(store):
    with store.reading() as reading:
        assert reading.factories.find("athens") is None
        with store.transaction() as writing:
            writing.factories.ensure(ATHENS)
        assert reading.factories.all() == [BOLOGNA]
