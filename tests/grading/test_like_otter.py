"""Sources of `otter assign` earn here what `otter run` gave for the same answers.

Otter's points were noted from version 7.0.0: `otter assign --no-run-tests`, then `otter run` on each submission, which
was the student version with the same texts in its answer cells.
"""

import json

import nbformat
import pytest
from tests.support import otter_sources
from tests.support.otter_sources import FILES, SUBMISSIONS

from factory_academy.curriculum.otter.importing import import_otter
from factory_academy.domain.bundle import zip_bytes
from factory_academy.domain.course import TaskKind

OTTER_GAVE = {
    "arithmetic": {
        "reference": {"q1": 2, "q2.1": 3.5, "q3": 3},
        "untouched": {"q1": 0, "q2.1": 0, "q3": 0},
        "some": {"q1": 1, "q2.1": 1, "q3": 3},
        "partial": {"q1": 1, "q2.1": 3.5, "q3": 0},
    },
    "by_assertion": {
        "reference": {"q1": 6, "q2": 1},
        "untouched": {"q1": 0, "q2": 0},
        "some": {"q1": 3, "q2": 1},
        "other": {"q1": 4.5, "q2": 1},
    },
    "tables": {
        "reference": {"means": 1.5, "counter": 1},
        "untouched": {"means": 0, "counter": 0},
        "loop": {"means": 1.5, "counter": 1},
        "wrong": {"means": 0.5, "counter": 2 / 3},
    },
}


@pytest.mark.parametrize("name", OTTER_GAVE)
def test_a_source_of_otter_earns_what_otter_gives(name, tmp_path, autograder):
    for path, text in FILES.get(name, {}).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    nbformat.write(getattr(otter_sources, name)(), tmp_path / f"{name}.ipynb")
    (_, (bundle,)), _ = import_otter(tmp_path)
    hardened = autograder.record_contract(bundle)
    for student, answers in SUBMISSIONS[name].items():
        outcome = autograder.grade(hardened, handed_in(bundle, answers), seed=1)
        assert points_by_title(bundle, outcome) == pytest.approx(OTTER_GAVE[name][student]), student


def handed_in(bundle, answers):
    """The reference, or the release version with these answers by grade_id."""
    (name,) = bundle.notebooks
    content = json.loads(bundle.files[f"{'source' if answers is None else 'release'}/{name}.ipynb"])
    for cell in content["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        cell["source"] = (answers or {}).get(grade_id, cell["source"])
    return zip_bytes({f"{name}.ipynb": json.dumps(content).encode()})


def points_by_title(bundle, outcome):
    titles = {task.id: task.title for task in bundle.tasks if task.kind is not TaskKind.MANUAL}
    earned = dict.fromkeys(titles.values(), 0.0)
    for task in outcome.tasks:
        if task.task_id in titles:
            earned[titles[task.task_id]] += task.earned
    return earned
