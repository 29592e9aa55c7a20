"""A course of ours written as a folder that stock nbgrader can use."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from factory_academy.curriculum.catalogue import read_course
from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.course import Course

_CONFIG = '''\
"""nbgrader's settings for this course; made by `factory-academy course build`."""

import os
from pathlib import Path

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "{course_id}"
c.ExecutePreprocessor.timeout = {seconds}

# Hidden tests import their checks from here. They run in the trainee's kernel under stock nbgrader, which is
# good for checking a course, and not safe for marks that count.
hidden = str(Path(__file__).resolve().parent / "hidden")
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (hidden, os.environ.get("PYTHONPATH"))))
'''

_JUDGE = '''\
"""The checks of test cells, outside a judge."""

from factory_academy.grading.judge_api import *  # noqa: F403
'''


def build_folder(course: Path, out: Path) -> tuple[Course, tuple[AssignmentBundle, ...]]:
    """Write a course of ours, read from its folder, as ``write_folder`` does.

    Raises:
        BadCourse: the course cannot be read.
    """
    reading, bundles = read_course(course)
    write_folder(reading, bundles, out)
    return reading, bundles


def write_folder(course: Course, bundles: tuple[AssignmentBundle, ...], out: Path) -> None:
    """Write ``source/``, ``release/``, ``hidden/`` and ``nbgrader_config.py`` of a course into ``out``.

    Files of an earlier build are overwritten; nothing else in ``out`` is touched.
    """
    for bundle in bundles:
        released = bundle.release_files()
        sources = {p.removeprefix("source/"): data for p, data in bundle.files.items() if p.startswith("source/")}
        _write(out / "source" / bundle.name, {**released, **sources})
        _write(out / "release" / bundle.name, released)
        _write(out / "hidden", {p: data for p, data in bundle.files.items() if p.startswith("grader/")})
    seconds = max((int(bundle.limits.cell_seconds) for bundle in bundles), default=60)
    config = _CONFIG.format(course_id=course.id, seconds=seconds)
    _write(out, {"nbgrader_config.py": config.encode(), "hidden/judge.py": _JUDGE.encode()})


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
