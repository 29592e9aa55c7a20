from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import pytest

from factory_academy.curriculum.catalogue import read_course
from factory_academy.curriculum.data import csv_of, data_files, read_register
from factory_academy.errors import BadCourse


def test_every_registered_dataset_is_what_the_register_promises(courses: Path):
    register = read_register(courses / "DATA.toml")
    assert set(register) == {"credit_data", "elecdemand"}
    for dataset in register.values():
        text = csv_of(dataset)
        assert text.count(b"\n") == dataset.rows + 1
        assert dataset.licence
        assert dataset.attribution
        assert dataset.allowed_use


def test_trainees_get_the_data_of_their_assignment(courses: Path):
    register = read_register(courses / "DATA.toml")
    _, (dp4,) = read_course(courses / "data-pipelines")
    for name in ("credit_data", "elecdemand"):
        assert hashlib.sha256(dp4.release_files()[f"data/{name}.csv"]).hexdigest() == register[name].sha256


def test_no_data_are_kept_in_the_repository(courses: Path):
    assert not [p for p in courses.rglob("*") if p.suffix in (".csv", ".parquet", ".xz", ".pkl")]


def test_changed_data_are_refused(courses: Path):
    dataset = dataclasses.replace(read_register(courses / "DATA.toml")["credit_data"], sha256="0" * 64)
    with pytest.raises(BadCourse, match=r"credit_data.*expected 000"):
        csv_of(dataset)


def test_an_absent_package_is_named_with_the_command_that_installs_it(courses: Path):
    dataset = dataclasses.replace(read_register(courses / "DATA.toml")["credit_data"], package="no-such-package")
    with pytest.raises(BadCourse, match="not installed") as refusal:
        csv_of(dataset)
    assert "pip install 'no-such-package==0.2.10'" in refusal.value.next_step


def test_an_unknown_dataset_is_refused():
    with pytest.raises(BadCourse, match="unknown dataset 'x'; the register knows nothing"):
        data_files(("x",), {}, "here")


def test_a_dataset_without_licence_is_refused(courses: Path, tmp_path: Path):
    text = (courses / "DATA.toml").read_text()
    line = next(line for line in text.splitlines() if line.startswith("licence"))
    path = tmp_path / "DATA.toml"
    path.write_text(text.replace(line, 'licence = ""'))
    with pytest.raises(BadCourse, match="has no licence"):
        read_register(path)
    path.write_text(text.replace("existing notice", "hearsay"))
    with pytest.raises(BadCourse, match="evidence must be one of"):
        read_register(path)
