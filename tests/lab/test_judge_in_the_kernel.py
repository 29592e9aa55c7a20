from __future__ import annotations

import subprocess
import sys

from tests.support.lab_session import LabSession


def ran(tmp_path, cell: str) -> subprocess.CompletedProcess[str]:
    environment = LabSession(tmp_path, "http://127.0.0.1:9").environment
    argv = [sys.executable, "-c", cell]
    return subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_failed_visible_test_reads_as_a_sentence_in_a_kernel(tmp_path):
    failed = ran(tmp_path, "import judge; judge.equal([1, 2], [1, 4], what='squares(2)')")
    assert failed.returncode == 1
    assert "squares(2) is not what it should be" in failed.stderr.strip().splitlines()[-1]


def test_a_visible_test_that_holds_says_nothing(tmp_path):
    held = ran(tmp_path, "import judge; judge.equal([1, 4], [1, 4]); judge.check(True, 'never')")
    assert (held.returncode, held.stdout, held.stderr) == (0, "", "")


def test_everything_that_authors_may_use_is_there(tmp_path):
    names = "CheckFailed, call, check, equal, fail, raises, seed, sources"
    assert ran(tmp_path, f"from judge import {names}; assert sources() == {{}} and seed() == 0").returncode == 0
