from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory_academy.domain.bundle import zip_bytes
from factory_academy.domain.submission import MAX_ARCHIVE_BYTES, MAX_ARCHIVE_FILES
from factory_academy.errors import BadArchive, TooLarge
from factory_academy.grading import intake
from factory_academy.lab.archive import pack, unpack

NAMES = st.text("abcXYZ019-_", min_size=1, max_size=12)
TREES = st.dictionaries(
    st.lists(NAMES, min_size=1, max_size=3).map(lambda parts: "/".join([*parts[:-1], f"{parts[-1]}.txt"])),
    st.binary(max_size=200),
    min_size=1,
    max_size=8,
)


def laid_down(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return folder


@given(files=TREES)
def test_what_was_packed_is_unpacked_again_and_the_bytes_depend_on_the_files_alone(files, tmp_path_factory):
    one = laid_down(tmp_path_factory.mktemp("one"), files)
    two = laid_down(tmp_path_factory.mktemp("two"), dict(reversed(files.items())))
    os.utime(next(p for p in two.rglob("*.txt")), (1, 1))
    assert pack(one) == pack(two)
    assert unpack(pack(one)) == {PurePosixPath(name): data for name, data in files.items()}


def test_what_jupyter_leaves_behind_is_not_handed_in(tmp_path):
    kept = {"dp4.ipynb": b"{}", ".ipynb_checkpoints/dp4.ipynb": b"old", "feedback/x.html": b"<p>", "m.pyc": b"0"}
    archive = pack(laid_down(tmp_path, kept), ignore=[".ipynb_checkpoints", "*.pyc", "feedback"])
    assert [str(p) for p in unpack(archive)] == ["dp4.ipynb"]


@pytest.mark.parametrize("kind", ["file", "folder", "dangling"])
def test_a_link_is_refused_by_name_and_never_followed(tmp_path, kind):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    work = laid_down(tmp_path / "work", {"a.ipynb": b"{}"})
    target = {"file": outside / "secret.txt", "folder": outside, "dangling": tmp_path / "nothing"}[kind]
    (work / "here").symlink_to(target)
    with pytest.raises(BadArchive, match="here is a link"):
        pack(work)


def test_a_pipe_is_refused_without_being_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadArchive, match="pipe is not a regular file"):
        pack(tmp_path)


def test_an_empty_folder_is_nothing_to_hand_in(tmp_path):
    with pytest.raises(BadArchive, match="nothing to hand in"):
        pack(tmp_path)


def test_too_many_bytes_are_refused_before_reading_with_the_largest_file_named(tmp_path):
    work = laid_down(tmp_path, {"dp4.ipynb": b"{}"})
    with (work / "model.bin").open("wb") as sparse:
        sparse.truncate(1 << 40)
    with pytest.raises(TooLarge, match=r"model\.bin with 1048576\.0 MiB"):
        pack(work)


def test_too_many_files_are_refused(tmp_path):
    for number in range(MAX_ARCHIVE_FILES + 1):
        (tmp_path / f"{number}.txt").touch()
    with pytest.raises(TooLarge, match=f"{MAX_ARCHIVE_FILES + 1}"):
        pack(tmp_path)


@pytest.mark.parametrize("name", ["../evil.ipynb", "/etc/passwd", "a/../../b", "a\\..\\b", ".."])
def test_an_archive_that_names_a_path_outside_is_refused(name):
    with pytest.raises(BadArchive):
        unpack(zip_bytes({name: b"x"}))


@given(garbage=st.binary(max_size=300))
def test_whatever_is_no_archive_is_refused_and_nothing_else_happens(garbage):
    with pytest.raises(BadArchive):
        unpack(garbage)


def test_half_an_archive_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", os.urandom(4000))
    with pytest.raises(BadArchive):
        unpack(out.getvalue()[:3000])


def test_the_session_has_the_limits_of_the_academy():
    assert (MAX_ARCHIVE_BYTES, MAX_ARCHIVE_FILES) == (intake.MAX_UNPACKED_BYTES, intake.MAX_FILES)


@given(files=TREES)
def test_what_a_session_packs_is_taken(files, tmp_path_factory):
    intake.check_archive(pack(laid_down(tmp_path_factory.mktemp("work"), files)))
