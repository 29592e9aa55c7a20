from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest
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


WORKS = {
    "a score gives the sum so far, and says what was missed": """
        assert judge.score(1, 'small') == 1 and judge.score(2 == 3, 'large', 'Think big.') == 1
    """,
    "a copy is a copy": "xs = [1]; ys = judge.fresh(xs); ys.append(2); assert xs == [1]",
    "a given value is that of the notebook": "labels = [1]; assert judge.trusted('labels') == [1]",
    "a class is derived here": """
        class Shape:
            def double(self): return 2 * self.area()
        Square = judge.remote('class Square(Shape):\\n    def area(self): return 9')
        assert Square().double() == 18 and judge.remote('n = 3', 'n') == 3 and 'n' not in globals()
    """,
    "what is in time and changes nothing holds": """
        xs = [[1]]
        with judge.time_limit(30), judge.no_mutation(xs): sorted(xs)
    """,
}
TOO_LONG = "The test took longer than it may."
FAILS = {
    "with judge.time_limit(0.2):\n    while True: pass": TOO_LONG,
    "with judge.time_limit(0.2):\n    with judge.time_limit(60):\n        while True: pass": TOO_LONG,
    "xs = [[1]]\nwith judge.no_mutation(xs, what='the rows'):\n    xs[0].append(2)": "Your code changed the rows.",
    "judge.remote('ok = 1 == 1')": "judge.remote gives no True or False",
    "judge.trusted('nothing')": "name 'nothing' is not defined",
    "judge.score(float('nan'))": "judge.score needs a number from 0, got nan",
    "judge.score('3')": "judge.score needs a number formed by the test, got str",
}


@pytest.mark.parametrize("why", WORKS)
def test_helpers_work_on_the_spot(tmp_path, why):
    done = ran(tmp_path, f"import judge\n{textwrap.dedent(WORKS[why])}")
    assert done.returncode == 0, done.stderr
    assert ("Not earned:\n    large\n    Think big." in done.stdout) == ("score" in why)


@pytest.mark.parametrize("cell", FAILS)
def test_helpers_say_on_the_spot_what_does_not_hold(tmp_path, cell):
    failed = ran(tmp_path, f"import judge\n{cell}")
    assert failed.returncode == 1
    assert FAILS[cell] in failed.stderr.strip().splitlines()[-1]
