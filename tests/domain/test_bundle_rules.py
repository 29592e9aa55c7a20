import hashlib
import zipfile
from dataclasses import replace
from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st
from tests.support.nouns import names, tasks

from factory_academy.domain.bundle import AssignmentBundle, GradingLimits, zip_bytes

paths = st.tuples(st.sampled_from(["source", "release", "grader"]), names).map("/".join)
files = st.dictionaries(paths, st.binary(max_size=200), max_size=6)
limits = st.builds(
    GradingLimits,
    cell_seconds=st.floats(0.1, 1e4),
    total_seconds=st.floats(0.1, 1e4),
    memory_bytes=st.integers(1, 2**40),
    processes=st.integers(1, 999),
)
clean = tasks.map(lambda t: replace(t, id=t.id.encode("utf-8", "replace").decode(), title="x"))
bundles = st.builds(
    AssignmentBundle,
    course_id=st.just("c"),
    name=names,
    title=st.text(max_size=20),
    tasks=st.lists(clean, max_size=4).map(tuple),
    files=files,
    limits=limits,
    extra_files=st.lists(names, max_size=3).map(tuple),
    preload=st.lists(names, max_size=3).map(tuple),
)


@given(bundle=bundles)
def test_every_bundle_comes_back_from_its_bytes(bundle):
    found = AssignmentBundle.from_bytes(bundle.to_bytes())
    assert found == bundle
    assert found.version == bundle.version == hashlib.sha256(bundle.to_bytes()).hexdigest()


@given(some=files, data=st.data())
def test_an_archive_depends_on_names_and_contents_only(some, data):
    shuffled = dict(data.draw(st.permutations(list(some.items()))))
    assert zip_bytes(shuffled) == zip_bytes(some)


@given(bundle=bundles, path=paths, content=st.binary(max_size=20))
def test_any_change_is_another_version(bundle, path, content):
    changed = replace(bundle, files={**bundle.files, path: content})
    assert (changed.version == bundle.version) == (bundle.files.get(path) == content)


@given(bundle=bundles)
def test_trainees_get_what_is_released_and_nothing_else(bundle):
    released = bundle.release_files()
    assert {f"release/{p}": data for p, data in released.items()} == {
        p: data for p, data in bundle.files.items() if p.startswith("release/")
    }


def test_notebooks_are_named_without_suffix_and_in_order():
    bundle = AssignmentBundle(
        "c", "a", "A", (), {"source/b.ipynb": b"", "source/a.ipynb": b"", "source/x.csv": b"", "release/z.ipynb": b""}
    )
    assert bundle.notebooks == ("a", "b")
    assert not bundle.is_hardened
    assert replace(bundle, files={**bundle.files, "contract.json": b"{}"}).is_hardened


def test_files_in_an_archive_have_plain_permissions_and_no_date():
    (info,) = zipfile.ZipFile(BytesIO(zip_bytes({"a": b"1"}))).infolist()
    assert (info.external_attr >> 16, info.date_time) == (0o644, (1980, 1, 1, 0, 0, 0))
