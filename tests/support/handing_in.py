"""Notebooks and archives to hand in, made from the courses of this checkout."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from factory_academy.curriculum.bundling.variants import read_variant
from factory_academy.curriculum.catalogue import read_course
from factory_academy.domain.bundle import AssignmentBundle, zip_bytes

COURSES = Path(__file__).parents[2] / "courses"


@cache
def bundle_of(course: str, assignment: str) -> AssignmentBundle:
    """An assignment as it is built from the courses folder."""
    _, bundles = read_course(COURSES / course)
    return next(bundle for bundle in bundles if bundle.name == assignment)


def reference_notebook(course: str, assignment: str, remark: str = "") -> bytes:
    """The release with the reference solution in its answer cells; the remark makes the bytes differ."""
    return _answered(bundle_of(course, assignment), _reference(bundle_of(course, assignment)), remark)


def wrong_notebook(course: str, assignment: str, *mutants: str) -> bytes:
    """The release with the reference solution, but for the answers of these listed wrong solutions."""
    folder = COURSES / course / "source" / assignment / "mutants"
    wrong = {cell: text for mutant in mutants for cell, text in read_variant(folder / f"{mutant}.py").cells.items()}
    bundle = bundle_of(course, assignment)
    return _answered(bundle, {**_reference(bundle), **wrong}, "")


def reference_archive(course: str, assignment: str, remark: str = "") -> bytes:
    """The reference solution, ready to hand in."""
    return zip_bytes({f"{assignment}.ipynb": reference_notebook(course, assignment, remark)})


def _answered(bundle: AssignmentBundle, answers: Mapping[str, str], remark: str) -> bytes:
    notebook: dict[str, Any] = json.loads(bundle.files[f"release/{bundle.notebooks[0]}.ipynb"])
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in answers:
            cell["source"] = answers[name]
    notebook["metadata"]["remark"] = remark
    return json.dumps(notebook).encode()


def _reference(bundle: AssignmentBundle) -> dict[str, str]:
    notebook = json.loads(bundle.files[f"source/{bundle.notebooks[0]}.ipynb"])
    return {
        cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"])
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("solution")
    }
