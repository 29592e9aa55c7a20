from __future__ import annotations

import os
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory_academy.errors import InfrastructureFault
from factory_academy.isolation.spec import DiskImage, Mount
from factory_academy.sessions.homes import FIRST_UID, Homes

IS_ROOT = os.geteuid() == 0  # without root all homes belong to whoever runs the academy
NAMES = st.lists(st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True), unique=True, min_size=1, max_size=8)


def test_a_home_is_a_disk_image_where_those_work(tmp_path):
    home = Homes(tmp_path / "homes", use_images=True).ensure("ada")
    assert home.mount() == ()
    assert home.image(5 << 30) == (DiskImage(str(tmp_path / "homes/ada/home.ext4"), "/home/ada", 5 << 30),)


def test_a_home_is_a_plain_folder_where_images_do_not_work(tmp_path):
    home = Homes(tmp_path / "homes", use_images=False).ensure("ada")
    assert home.image(5 << 30) == ()
    assert home.mount() == (Mount(str(tmp_path / "homes/ada/files"), "/home/ada", writable=True),)


def test_a_plain_home_stays_plain_when_images_begin_to_work(tmp_path):
    Homes(tmp_path, use_images=False).ensure("ada")
    assert not Homes(tmp_path, use_images=True).ensure("ada").is_image


def test_a_home_that_is_an_image_is_never_shown_as_an_empty_folder(tmp_path):
    Homes(tmp_path, use_images=True).ensure("ada")
    with pytest.raises(InfrastructureFault, match="home of ada is a disk image"):
        Homes(tmp_path, use_images=False).ensure("ada")


def test_nobody_but_the_academy_can_open_the_homes(tmp_path):
    homes = Homes(tmp_path / "homes", use_images=False)
    home = homes.ensure("ada")
    assert homes.folder.stat().st_mode & 0o777 == 0o700
    assert home.folder.stat().st_mode & 0o777 == 0o700


@given(NAMES)
@settings(max_examples=15, deadline=None)
def test_every_person_keeps_a_uid_of_their_own(tmp_path_factory, names):
    homes = Homes(tmp_path_factory.mktemp("homes"), use_images=False)
    first = {name: homes.ensure(name).uid for name in names}
    again = {name: homes.ensure(name).uid for name in reversed(names)}
    assert first == again
    assert len(set(first.values())) == (len(names) if IS_ROOT else 1)
    assert min(first.values()) == (FIRST_UID if IS_ROOT else os.geteuid())


def test_people_who_come_at_the_same_moment_get_different_uids(tmp_path):
    uids: list[int] = []
    homes = Homes(tmp_path, use_images=False)
    threads = [threading.Thread(target=lambda n=n: uids.append(homes.ensure(f"p{n}").uid)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(uids)) == (12 if IS_ROOT else 1)
