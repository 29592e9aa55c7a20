"""What may come in: plain zips with plain names, within bounds; everything else is refused with a reason."""

import io
import stat
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory_academy.domain.bundle import zip_bytes
from factory_academy.errors import BadArchive, TooLarge
from factory_academy.grading.intake import check_archive, open_archive


def archive_of(*entries):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data, mode in entries:
            info = zipfile.ZipInfo("placeholder")
            info.filename = name
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return file.getvalue()


@given(
    st.dictionaries(
        st.from_regex(r"[a-z][a-z0-9_ \-]{0,20}(/[a-z][a-z0-9]{0,10}){0,3}\.(ipynb|csv)", fullmatch=True),
        st.binary(max_size=200),
        max_size=8,
    )
)
def test_what_goes_in_comes_out(files):
    assert open_archive(zip_bytes(files)) == files


@given(st.binary(max_size=300))
def test_any_bytes_are_an_archive_or_refused(data):
    with suppress(BadArchive, TooLarge):
        open_archive(data)


@given(st.data())
@settings(max_examples=200)
def test_an_archive_with_flipped_bytes_is_an_archive_or_refused(data):
    good = bytearray(zip_bytes({"a.ipynb": b"hello" * 50, "b/c.csv": b"1,2"}))
    for _ in range(data.draw(st.integers(1, 6))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    with suppress(BadArchive, TooLarge):
        open_archive(bytes(good))


@pytest.mark.parametrize(
    "name",
    ["../x", "a/../../x", "/etc/passwd", "C:/x", "c:x", "a\\b", "a\nb", "a\x7fb", "./x", "a//b", "x" * 300,
     "a/" * 25 + "x", "..", "\u2028x"],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused(name):
    with pytest.raises(BadArchive):
        check_archive(archive_of((name, b"x", 0o644)))


def test_a_nul_in_a_name_is_refused():
    data = archive_of(("a.ipynbXevil", b"x", 0o644)).replace(b"a.ipynbXevil", b"a.ipynb\x00evil")
    with pytest.raises(BadArchive):
        check_archive(data)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
def test_links_and_devices_are_refused(kind):
    with pytest.raises(BadArchive, match="link or a device"):
        check_archive(archive_of(("x", b"/etc/passwd", kind | 0o644)))


PAIRS = [("A.ipynb", "a.ipynb"), ("é.csv", "e\u0301.csv"), ("ﬁ", "fi"), ("a", "a/b"), ("a", "a")]


@pytest.mark.parametrize("names", PAIRS)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_that_fall_together_are_refused(names):
    with pytest.raises(BadArchive):
        check_archive(archive_of(*((name, b"x", 0o644) for name in names)))


def test_a_bomb_is_refused_by_ratio_and_by_size():
    with pytest.raises(BadArchive, match="tightly"):
        check_archive(archive_of(("bomb", b"\0" * (20 << 20), 0o644)))
    with pytest.raises(TooLarge):
        check_archive(archive_of(*((f"f{i}", b"\0" * (4 << 20), 0o644) for i in range(20))))


def test_an_archive_that_says_less_than_it_holds_is_refused():
    data = archive_of(("a", b"A" * 1000, 0o644))
    lying = data.replace((1000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    with pytest.raises((BadArchive, TooLarge)):
        open_archive(lying)
    with pytest.raises(TooLarge):
        open_archive(data, max_bytes=500)


def test_too_many_files_are_refused():
    with pytest.raises(TooLarge):
        check_archive(zip_bytes({f"f{i}": b"" for i in range(501)}))
    check_archive(zip_bytes({f"f{i}": b"" for i in range(500)}))
