from __future__ import annotations

import subprocess
import sys

CELL = "import judge; judge.equal([1, 2], [1, 4], what='squares(2)', next_step='Square each number.')"


def test_a_failed_visible_test_reads_as_a_sentence_in_a_kernel():
    ran = subprocess.run([sys.executable, "-c", CELL], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 1
    last = ran.stderr.strip().splitlines()[-1]
    assert "squares(2) is not what it should be" in last


def test_a_visible_test_that_holds_says_nothing():
    cell = "import judge; judge.equal([1, 4], [1, 4]); judge.check(True, 'never')"
    ran = subprocess.run([sys.executable, "-c", cell], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
