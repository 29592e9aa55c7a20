"""Whatever a file holds, it is a notebook that can be built or a refusal that names it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factory_academy.curriculum.bundling.assignment import AssignmentSource, build_assignment
from factory_academy.curriculum.bundling.notebooks import read_notebook
from factory_academy.errors import BadCourse

scalars = st.none() | st.booleans() | st.integers(-3, 5) | st.floats(allow_nan=False) | st.text(max_size=8)
anything = st.recursive(
    scalars, lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=5), v, max_size=3)
)
keys = st.sampled_from(["schema_version", "grade", "solution", "locked", "task", "grade_id", "points", "cell_type"])
nbgrader_metadata = st.dictionaries(keys, scalars | anything, max_size=8) | anything
cells = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw"]) | anything,
        "source": st.text(max_size=20) | st.lists(st.text(max_size=5), max_size=2) | anything,
        "metadata": st.fixed_dictionaries({}, optional={"nbgrader": nbgrader_metadata}) | anything,
        "outputs": st.just([]) | anything,
        "execution_count": st.none() | anything,
        "id": st.text(max_size=5) | anything,
    },
)
notebooks = st.fixed_dictionaries(
    {},
    optional={
        "nbformat": st.sampled_from([3, 4, 5]) | anything,
        "nbformat_minor": st.integers(0, 6) | anything,
        "metadata": st.just({}) | anything,
        "cells": st.lists(cells, max_size=3) | anything,
    },
)


marks = st.fixed_dictionaries(
    {"schema_version": st.integers(0, 4), "grade": st.booleans(), "solution": st.booleans(), "locked": st.booleans()},
    optional={
        "task": st.booleans(),
        "grade_id": st.sampled_from(["a", "b", "", "ü"]),
        "points": st.integers(-1, 3) | st.floats(0, 2),
        "checksum": st.text(max_size=3),
        "cell_type": st.sampled_from(["code", "markdown"]),
        "more": scalars,
    },
)
regions = st.lists(
    st.sampled_from(
        ["### BEGIN SOLUTION", "### END SOLUTION", "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS", "x = 1"]
    )
).map("\n".join)
almost_right = st.lists(
    st.fixed_dictionaries(
        {
            "cell_type": st.just("code"),
            "source": regions,
            "metadata": st.just({}) | st.fixed_dictionaries({"nbgrader": marks}),
            "outputs": st.just([]),
            "execution_count": st.none(),
        }
    )
    | st.fixed_dictionaries(
        {"cell_type": st.just("markdown"), "source": regions, "metadata": st.fixed_dictionaries({"nbgrader": marks})}
    ),
    max_size=3,
).map(lambda made: {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": made})


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=60) | (notebooks | anything | almost_right).map(lambda v: json.dumps(v).encode()))
def test_any_file_is_built_or_refused_by_name(tmp_path: Path, content: bytes):
    path = tmp_path / "some.ipynb"
    path.write_bytes(content)
    refusal = refusal_of(path)
    if refusal is not None:
        assert "some" in str(refusal)
        assert refusal.next_step


def refusal_of(path: Path) -> BadCourse | None:
    try:
        build_assignment(AssignmentSource("here", "c", "n", "N", {"some": read_notebook(path)}))
    except BadCourse as refusal:
        return refusal
    return None


@pytest.mark.parametrize("suffix", [".ipynb", ".py"])
def test_a_file_that_is_not_text_is_refused(tmp_path: Path, suffix: str):
    path = tmp_path / f"some{suffix}"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(BadCourse, match="some"):
        read_notebook(path)
