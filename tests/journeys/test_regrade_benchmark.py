"""The regrade benchmark, small: real workers, real sandboxes; counts and equality, no times."""

import shutil
import tempfile
from pathlib import Path

from benchmarks.regrade import TASK, measure

SUBMISSIONS = 40


def test_after_one_test_changed_only_it_is_tried_and_the_result_is_that_of_a_full_run():
    home = Path(tempfile.mkdtemp(prefix="fa-regrade-"))
    try:
        figures = measure(home, SUBMISSIONS, workers=2, sample=SUBMISSIONS)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    assert figures["changed"] == [TASK]
    assert (figures["tasks_tried"], figures["tasks_in_all"]) == (SUBMISSIONS, 5 * SUBMISSIONS)
    assert (figures["runs"], figures["failed"]) == (SUBMISSIONS, 0)
    assert figures["checked_against_full"] == SUBMISSIONS
    assert figures["differences"] == []
    directions = figures["directions"]
    assert sum(directions.values()) == SUBMISSIONS
    assert min(directions.values()) > 0
    assert figures["published"]["published"] == directions["up"]
    assert figures["published"]["kept"] == directions["down"]
