"""The issuer's keys on disk: one that signs, and the public halves of those that did."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from factory_academy.credentials.integrity.multikey import multikey
from factory_academy.errors import InfrastructureFault


class KeyFolder:
    """The folder of ``key_path``. The private key is made when first asked for, readable by its owner alone.

    ``<name>-retired-<key>.pem`` beside it is the public half of a key that no longer signs; what it signed stays
    valid. Deleting such a file withdraws all that its key ever signed, which is what to do with a stolen key.
    """

    def __init__(self, key_path: Path) -> None:
        self._path = key_path
        self._addresses = key_path.with_name(f"{key_path.stem}-addresses.txt")

    @property
    def path(self) -> Path:
        """The private key's file."""
        return self._path

    @property
    def exists(self) -> bool:
        """Whether a signing key was made already."""
        return self._path.exists()

    def private_key(self) -> Ed25519PrivateKey:
        """The key that signs now.

        Raises:
            InfrastructureFault: the file cannot be made or read, others can read it, or it holds no Ed25519 key.
        """
        try:
            if not self._path.exists():
                self._create()
            self._check_private()
            key = load_pem_private_key(self._path.read_bytes(), password=None)
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise InfrastructureFault(
                f"The signing key {self._path} cannot be used: {error}", "Put back the key from a backup."
            ) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise InfrastructureFault(f"{self._path} is not an Ed25519 key.", "Put back the key from a backup.")
        return key

    def public_keys(self) -> Sequence[Ed25519PublicKey]:
        """The signing key first, then the retired ones.

        Raises:
            InfrastructureFault: a file cannot be read.
        """
        return [self.private_key().public_key(), *(_public(path) for path in self._retired())]

    def rotate(self) -> None:
        """Sign with a new key from now on; the old private key is destroyed, its public half kept.

        Raises:
            InfrastructureFault: the folder cannot be written.
        """
        old = self.private_key().public_key()
        retired = self._path.with_name(f"{self._path.stem}-retired-{multikey(old)}.pem")
        try:
            _write(retired, old.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
            fresh = self._temporary()
            fresh.replace(self._path)
        except OSError as error:
            raise InfrastructureFault(f"The signing key cannot be replaced: {error}", "Free the disk.") from error

    def addresses(self) -> Sequence[str]:
        """The portal addresses under which this academy has ever signed."""
        return self._addresses.read_text().split() if self._addresses.exists() else []

    def remember_address(self, address: str) -> None:
        """Keep the address: a credential holds it, and an academy may move.

        Raises:
            InfrastructureFault: the folder cannot be written.
        """
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if address not in self.addresses():
                with self._addresses.open("a") as file:
                    file.write(f"{address}\n")
        except OSError as error:
            raise InfrastructureFault(f"{self._addresses} cannot be written: {error}", "Free the disk.") from error

    def _create(self) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._temporary()
        try:
            self._path.hardlink_to(fresh)
        except FileExistsError:
            return
        finally:
            fresh.unlink()

    def _temporary(self) -> Path:
        pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        handle, name = tempfile.mkstemp(prefix=".new-", dir=self._path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        return Path(name)

    def _check_private(self) -> None:
        mode = self._path.stat().st_mode & 0o777
        if mode & 0o077:
            raise InfrastructureFault(
                f"The signing key {self._path} can be read by others (mode {mode:o}).",
                f"If nobody else can have read it: chmod 600 {self._path}. Otherwise replace the key.",
            )

    def _retired(self) -> Sequence[Path]:
        return sorted(self._path.parent.glob(f"{self._path.stem}-retired-*.pem"))


def _public(path: Path) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise InfrastructureFault(f"The retired key {path} cannot be read: {error}", "Put it back.") from error
    if not isinstance(key, Ed25519PublicKey):
        raise InfrastructureFault(f"{path} is not an Ed25519 public key.", "Put back the right file.")
    return key


def _write(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
