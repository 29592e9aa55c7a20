"""Every person's home and uid on this machine."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from factory_academy.errors import InfrastructureFault
from factory_academy.isolation.spec import DiskImage, Mount
from factory_academy.sessions.images import grow_image

FIRST_UID = 200_000
IMAGE = "home.ext4"
FILES = "files"


@dataclass(frozen=True, slots=True)
class Home:
    """Where a person's files lie on this machine, and the uid they belong to. ``is_image``: a limited disk image."""

    person_id: str
    folder: Path
    uid: int
    is_image: bool

    @property
    def inside(self) -> str:
        """Where the person sees it."""
        return f"/home/{self.person_id}"

    def grow(self, size_bytes: int) -> None:
        """Make room up to this size if the home is an image that is smaller; call it while nobody uses the home.

        Raises:
            InfrastructureFault: the image could not be checked or grown; it is as it was.
        """
        if self.is_image and (self.folder / IMAGE).exists():
            grow_image(self.folder / IMAGE, size_bytes)

    def image(self, size_bytes: int) -> tuple[DiskImage, ...]:
        """The disk image to show inside, if it is one."""
        return (DiskImage(str(self.folder / IMAGE), self.inside, size_bytes),) if self.is_image else ()

    def mount(self) -> tuple[Mount, ...]:
        """The folder to show inside, if it is a plain one."""
        return () if self.is_image else (Mount(str(self.folder / FILES), self.inside, writable=True),)


@dataclass(frozen=True, slots=True)
class Homes:
    """Homes under one folder that only the academy may open.

    A person's uid is the owner of their folder there, so it needs no list that could be lost. New homes are disk
    images where those work (``use_images``); a home stays what it was made as.
    """

    folder: Path
    use_images: bool

    def ensure(self, person_id: str) -> Home:
        """The person's home, made if it is missing.

        Raises:
            InfrastructureFault: the home is a disk image and this machine cannot show one now.
        """
        own = self.folder / person_id
        with self._alone():
            if not own.exists():
                self._make(own)
        uid = own.stat().st_uid
        if (own / FILES).exists():
            return Home(person_id, own, uid, is_image=False)
        if not self.use_images:
            raise InfrastructureFault(
                f"The home of {person_id} is a disk image, which this machine cannot show now.",
                "Ask the operator: `factory-academy doctor` says what is missing.",
            )
        return Home(person_id, own, uid, is_image=True)

    def _make(self, own: Path) -> None:
        uid = self._next_uid()
        fresh = own.with_name(f".{own.name}.new")
        fresh.mkdir(mode=0o700, exist_ok=True)
        if not self.use_images:
            (fresh / FILES).mkdir(mode=0o700, exist_ok=True)
            _give(fresh / FILES, uid)
        _give(fresh, uid)
        fresh.rename(own)

    def _next_uid(self) -> int:
        taken = [entry.stat().st_uid for entry in self.folder.iterdir() if entry.is_dir()]
        return max([FIRST_UID - 1, *taken]) + 1

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _give(path: Path, uid: int) -> None:
    """Only root can give files away; without it all homes belong to whoever runs the academy."""
    if os.geteuid() == 0:
        os.chown(path, uid, uid)
