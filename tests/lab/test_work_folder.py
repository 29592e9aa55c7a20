from __future__ import annotations

import json
from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory_academy.domain.bundle import zip_bytes
from factory_academy.domain.submission import Receipt
from factory_academy.errors import BadInput, Conflict, InfrastructureFault, NotFound
from factory_academy.lab.client import AcademyClient
from factory_academy.lab.receipts import Receipts
from factory_academy.lab.work import WorkFolder

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NOTEBOOK = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()
RELEASE = {"dp4.ipynb": NOTEBOOK, "data/rows.csv": b"a,b\n"}


def client_answering(body: bytes, status: int = 200) -> AcademyClient:
    transport = httpx.MockTransport(lambda request: httpx.Response(status, content=body))
    return AcademyClient("http://portal/services/portal", "t", transport, pause=lambda seconds: None)


@pytest.fixture
def work(tmp_path):
    return WorkFolder(tmp_path, "data-pipelines", "dp4")


def test_fetching_lays_down_the_released_files(work):
    work.fetch(client_answering(zip_bytes(RELEASE)))
    assert (work.path / "data" / "rows.csv").read_bytes() == b"a,b\n"
    assert [p.name for p in work.notebooks()] == ["dp4.ipynb"]


def test_fetching_again_never_touches_what_is_there(work):
    work.path.mkdir(parents=True)
    (work.path / "dp4.ipynb").write_text("my answer")
    with pytest.raises(Conflict, match="already have a copy"):
        work.fetch(client_answering(zip_bytes(RELEASE)))
    assert (work.path / "dp4.ipynb").read_text() == "my answer"


def test_a_fetch_that_breaks_leaves_no_half_folder(work):
    with pytest.raises(InfrastructureFault):
        work.fetch(client_answering(b"gone", 503))
    with pytest.raises(OSError, match="exists"):
        work.fetch(client_answering(zip_bytes({"a": b"1", "a/b": b"2"})))
    assert not work.path.exists()
    assert list(work.path.parent.iterdir()) == []


def test_replacing_brings_back_what_is_missing_and_keeps_work(work):
    work.path.mkdir(parents=True)
    mine = NOTEBOOK.replace(b"[]", b'[{"cell_type": "code"}]')
    (work.path / "dp4.ipynb").write_bytes(mine)
    restored = work.restore(client_answering(zip_bytes(RELEASE)), NOW)
    assert [p.name for p in restored] == ["rows.csv"]
    assert (work.path / "dp4.ipynb").read_bytes() == mine


@pytest.mark.parametrize("broken", [b"", b"not json", b"[]", b"{}", b"\xff\xfe", b"[" * 100_000])
def test_replacing_keeps_a_broken_notebook_beside_a_fresh_one(work, broken):
    work.path.mkdir(parents=True)
    (work.path / "dp4.ipynb").write_bytes(broken)
    work.restore(client_answering(zip_bytes(RELEASE)), NOW)
    assert (work.path / "dp4.ipynb").read_bytes() == NOTEBOOK
    assert (work.path / "dp4.ipynb.broken-20260301-120000").read_bytes() == broken


@given(name=st.text(max_size=20).filter(lambda s: not s.isascii() or not s or set(s) & set("./\\ \0\n+*$")))
def test_no_name_leads_out_of_the_home(name, tmp_path_factory):
    with pytest.raises(BadInput):
        WorkFolder(tmp_path_factory.getbasetemp(), "course", name)
    with pytest.raises(BadInput):
        WorkFolder(tmp_path_factory.getbasetemp(), name, "dp4")


def test_a_notebook_is_found_by_name_among_those_in_the_folder_only(work):
    work.fetch(client_answering(zip_bytes(RELEASE)))
    assert work.notebook().name == work.notebook("dp4").name == "dp4.ipynb"
    with pytest.raises(NotFound, match="it holds dp4"):
        work.notebook("../../other")


def test_a_receipt_is_kept_whole_and_its_feedback_is_remembered(tmp_path):
    receipts = Receipts.of_home(tmp_path)
    receipt = Receipt("1" * 32, "data-pipelines/dp4", "a" * 64, NOW)
    kept = receipts.keep(receipt)
    assert kept == tmp_path / ".academy" / "receipts" / f"{receipt.submission_id}.json"
    assert json.loads(kept.read_bytes())["received_at"] == "2026-03-01T12:00:00+00:00"
    assert receipts.feedback(receipt.submission_id) is None
    receipts.note_feedback(receipt, "graded, 8 of 10")
    receipts.keep(receipt)
    assert receipts.feedback(receipt.submission_id) == "graded, 8 of 10"


def test_a_broken_receipt_file_is_written_anew(tmp_path):
    receipts = Receipts(tmp_path)
    (tmp_path / "x.json").write_text("{half")
    receipts.keep(Receipt("x", "c/a", "b" * 64, NOW))
    assert json.loads((tmp_path / "x.json").read_bytes())["submission_id"] == "x"
