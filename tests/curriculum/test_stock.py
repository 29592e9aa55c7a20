from __future__ import annotations

from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from tests.support.stock_nbgrader import run_nbgrader

from factory_academy.curriculum.stock import build_folder
from factory_academy.domain.bundle import AssignmentBundle


def released_by_stock_nbgrader(course: Path, folder: Path) -> AssignmentBundle:
    """Build the course, let stock nbgrader release it again, and compare both releases."""
    _, (bundle,) = build_folder(course, folder)
    path = folder / "release" / bundle.name / f"{bundle.name}.ipynb"
    ours = nbformat.read(path, as_version=4)
    run_nbgrader("generate_assignment", bundle.name, "--force", cwd=folder)
    stock = nbformat.read(path, as_version=4)
    for one, other in zip(ours.cells, stock.cells, strict=True):
        assert (one.source, one.metadata) == (other.source, other.metadata)
    files = {p.relative_to(path.parent).as_posix() for p in path.parent.rglob("*") if p.is_file()}
    assert files == set(bundle.release_files())
    return bundle


def test_stock_nbgrader_releases_dp4_as_we_do(courses: Path, tmp_path: Path):
    assert released_by_stock_nbgrader(courses / "data-pipelines", tmp_path).name == "dp4"


def test_stock_nbgrader_releases_onb1_as_we_do_and_gives_its_reference_all_points(courses: Path, tmp_path: Path):
    bundle = released_by_stock_nbgrader(courses / "onboarding", tmp_path)
    handed_in = tmp_path / "submitted" / "ada" / "onb1" / "onb1.ipynb"
    handed_in.parent.mkdir(parents=True)
    handed_in.write_bytes(bundle.files["source/onb1.ipynb"])
    run_nbgrader("autograde", "onb1", "--create", cwd=tmp_path)
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
        assert gradebook.find_submission("onb1", "ada").score == sum(task.points for task in bundle.tasks) == 20
