"""Archives to hand in, made from the courses of this checkout."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from factory_academy.curriculum.catalogue import read_course
from factory_academy.domain.bundle import AssignmentBundle, zip_bytes

COURSES = Path(__file__).parents[2] / "courses"


@cache
def bundle_of(course: str, assignment: str) -> AssignmentBundle:
    """An assignment as it is built from the courses folder."""
    _, bundles = read_course(COURSES / course)
    return next(bundle for bundle in bundles if bundle.name == assignment)


def reference_archive(course: str, assignment: str, remark: str = "") -> bytes:
    """The reference solution, handed in; the remark makes the bytes differ."""
    return _archive(bundle_of(course, assignment), "source", remark)


def empty_archive(course: str, assignment: str, remark: str = "") -> bytes:
    """The release, handed in as it was fetched."""
    return _archive(bundle_of(course, assignment), "release", remark)


def _archive(bundle: AssignmentBundle, part: str, remark: str) -> bytes:
    files = {}
    for name in bundle.notebooks:
        notebook = json.loads(bundle.files[f"{part}/{name}.ipynb"])
        notebook["metadata"]["remark"] = remark
        files[f"{name}.ipynb"] = json.dumps(notebook).encode()
    return zip_bytes(files)
