import hashlib
import subprocess
import sys
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.blobs import FakeBlobs

from factory_academy.errors import InfrastructureFault
from factory_academy.records.blobs import FolderBlobs


@pytest.fixture(params=["fake", "folder"])
def blobs(request, tmp_path):
    return FakeBlobs() if request.param == "fake" else FolderBlobs(tmp_path / "blobs")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "blobs"


@given(data=st.binary(max_size=4096))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
def test_bytes_come_back_by_their_sha256(blobs, data):
    name = blobs.put(data)
    assert name == hashlib.sha256(data).hexdigest()
    assert blobs.get(name) == data
    assert blobs.put(data) == name


def test_what_was_never_put_is_our_fault(blobs):
    with pytest.raises(InfrastructureFault):
        blobs.get("0" * 64)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "0" * 63, "G" * 64, "0" * 64 + "\n"])
def test_only_a_sha256_names_a_blob(folder, name):
    with pytest.raises(InfrastructureFault):
        FolderBlobs(folder).get(name)


def test_damaged_bytes_are_noticed_and_mended_by_putting_them_again(folder):
    blobs = FolderBlobs(folder)
    name = blobs.put(b"precious")
    (folder / name[:2] / name).write_bytes(b"preciouz")
    with pytest.raises(InfrastructureFault, match="damaged"):
        blobs.get(name)
    blobs.put(b"precious")
    assert blobs.get(name) == b"precious"


def test_only_their_owner_can_read_blobs(folder):
    name = FolderBlobs(folder).put(b"private")
    file = folder / name[:2] / name
    assert [p.stat().st_mode & 0o777 for p in (file, file.parent, folder)] == [0o600, 0o700, 0o700]


def test_many_threads_may_put_the_same_bytes(folder):
    blobs = FolderBlobs(folder)
    threads = [threading.Thread(target=blobs.put, args=(b"same" * 1000,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    files = [p for p in folder.rglob("*") if p.is_file()]
    assert [p.read_bytes() for p in files] == [b"same" * 1000]


def test_a_folder_that_cannot_be_made_is_told_in_words(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InfrastructureFault, match="cannot be kept") as refused:
        FolderBlobs(tmp_path / "file" / "blobs").put(b"x")
    assert refused.value.next_step


def test_a_disk_without_room_is_told_in_words_and_leaves_nothing_behind(folder):
    script = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from factory_academy.records.blobs import FolderBlobs\n"
        "from factory_academy.errors import InfrastructureFault\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: FolderBlobs(Path(sys.argv[1])).put(b'x' * 5000)\n"
        "except InfrastructureFault as fault: print(fault)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=True)
    assert "cannot be kept" in done.stdout
    assert [p for p in folder.rglob("*") if p.is_file()] == []
