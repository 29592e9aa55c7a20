"""A worker starts ahead what the next submissions will need."""

import pytest
from tests.support.records import DP4

from factory_academy.errors import InfrastructureFault
from factory_academy.workflows.warm_up import WarmUp


class FakeWarmth:
    """Keeps ``places`` assignments warm; ``fault`` is raised instead."""

    def __init__(self, places=9, fault=None):
        self.places, self.fault, self.warmed = places, fault, []

    def warm(self, bundle):
        if self.fault:
            raise self.fault
        if len(self.warmed) == self.places:
            return False
        self.warmed.append(bundle.name)
        return True


def test_what_is_released_is_warmed_up_for_once(hall):
    hall.hand_in(b"one")
    hall.hand_in(b"two")
    warmth = FakeWarmth()
    assert WarmUp(hall.records, hall.blobs, warmth)() == 1
    assert warmth.warmed == [DP4.name]


def test_nothing_more_is_started_when_no_more_is_kept(hall):
    assert WarmUp(hall.records, hall.blobs, FakeWarmth(places=0))() == 0


@pytest.mark.parametrize("fault", [InfrastructureFault("the zygote died"), OSError("no memory")])
def test_a_fault_only_costs_warmth(hall, fault):
    assert WarmUp(hall.records, hall.blobs, FakeWarmth(fault=fault))() == 0
