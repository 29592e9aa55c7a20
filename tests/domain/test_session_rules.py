from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.devices import CPU, GPU, SLICE
from tests.support.records import NOON

from factory_academy.domain.session import (
    Device,
    DeviceKind,
    Lease,
    chosen_profile_id,
    free_device,
    unavailable_reason,
)

HOUR = timedelta(hours=1)
profiles = st.sampled_from([GPU, SLICE, replace(GPU, id="h100", model_contains="h100")])
devices = st.lists(
    st.builds(
        Device,
        uuid=st.sampled_from([f"D{n}" for n in range(6)]),
        kind=st.sampled_from(DeviceKind),
        model=st.sampled_from(["NVIDIA H100 80GB", "NVIDIA A100"]),
        memory_bytes=st.just(80 << 30),
    ),
    unique_by=lambda device: device.uuid,
    max_size=6,
)
leases = st.lists(
    st.builds(
        Lease,
        id=st.uuids().map(str),
        session_id=st.just("s"),
        device_uuid=st.sampled_from([f"D{n}" for n in range(6)]),
        begun_at=st.just(NOON),
        expires_at=st.just(NOON + HOUR),
        ended_at=st.sampled_from([None, NOON]),
    ),
    max_size=6,
)


def held(some: list[Lease]) -> set[str]:
    return {lease.device_uuid for lease in some if lease.ended_at is None}


@given(profile=profiles, inventory=devices, claims=leases)
def test_a_device_that_is_held_is_never_given_again(profile, inventory, claims):
    device = free_device(profile, inventory, claims)
    assert device is None or (device in inventory and profile.fits(device) and device.uuid not in held(claims))


@given(profile=profiles, inventory=devices, claims=leases)
def test_a_device_is_refused_only_when_none_that_fits_is_free(profile, inventory, claims):
    fitting = [d for d in inventory if profile.fits(d) and d.uuid not in held(claims)]
    assert (free_device(profile, inventory, claims) is None) == (not fitting)


@given(profile=profiles, inventory=devices)
def test_asking_until_nothing_is_left_gives_every_fitting_device_once(profile, inventory):
    claims: list[Lease] = []
    while (device := free_device(profile, inventory, claims)) is not None:
        claims.append(Lease(device.uuid, "s", device.uuid, NOON, NOON + HOUR))
    assert sorted(c.device_uuid for c in claims) == sorted(d.uuid for d in inventory if profile.fits(d))


@given(profile=profiles, inventory=devices, claims=leases, note=st.sampled_from(["", "No driver."]))
def test_a_profile_is_explained_exactly_when_it_cannot_start(profile, inventory, claims, note):
    why = unavailable_reason(profile, inventory, claims, note)
    assert bool(why) == (free_device(profile, inventory, claims) is None)
    assert unavailable_reason(CPU, inventory, claims, note) == ""


def test_the_note_of_the_inventory_explains_a_device_that_is_not_there():
    assert unavailable_reason(GPU, [], [], "No driver.") == "No driver."
    assert "no such GPU" in unavailable_reason(GPU, [], [], "")


@given(name=st.text(), boxed=st.booleans())
def test_a_named_profile_is_the_one_chosen_also_as_a_form_sends_it(name, boxed):
    assert chosen_profile_id({"profile": [name] if boxed else name}, "cpu") == name


def test_with_no_choice_the_default_is_chosen():
    assert chosen_profile_id({}, "cpu") == "cpu"


@given(more=st.dictionaries(st.text(), st.integers(), min_size=1))
def test_any_other_option_is_an_error(more):
    more.pop("profile", None)
    more["image"] = 1
    with pytest.raises(ValueError, match="only the option 'profile'"):
        chosen_profile_id({**more, "profile": "cpu"}, "cpu")


@pytest.mark.parametrize("value", [None, 7, [], ["a", "b"], [7], {"a": 1}, b"cpu", ("cpu",)])
def test_a_choice_that_is_not_text_is_an_error(value):
    with pytest.raises(ValueError, match="name of a profile"):
        chosen_profile_id({"profile": value}, "cpu")


@given(lasting=st.timedeltas(-HOUR, timedelta(0)))
def test_a_lease_that_ends_before_it_begins_cannot_be_made(lasting):
    with pytest.raises(ValueError, match="expire before"):
        Lease("l", "s", "D0", NOON, NOON + lasting)
