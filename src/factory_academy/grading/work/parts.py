"""Which parts of a bundle and of what was handed in belong to one notebook."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.course import Task
from factory_academy.grading.work.notebook import Notebook, read_notebook


def tasks_of(bundle: AssignmentBundle, notebook: str) -> dict[str, Task]:
    """Tasks of one notebook by grade_id."""
    if len(bundle.notebooks) == 1:
        return {task.id: task for task in bundle.tasks}
    prefix = f"{notebook}/"
    return {task.id.removeprefix(prefix): task for task in bundle.tasks if task.id.startswith(prefix)}


def find_notebook(files: Mapping[str, bytes], name: str) -> str | None:
    """The path of a handed-in notebook: at the top, or the only one of that name below; None if there is none."""
    if f"{name}.ipynb" in files:
        return f"{name}.ipynb"
    below = [path for path in files if path.endswith(f"/{name}.ipynb")]
    return below[0] if len(below) == 1 else None


def released(bundle: AssignmentBundle, name: str) -> Notebook | None:
    """What trainees were given; None where the bundle does not say."""
    data = bundle.files.get(f"release/{name}.ipynb")
    return None if data is None else read_notebook(data)


def references_of(bundle: AssignmentBundle) -> dict[str, dict[str, bytes]]:
    """The notebooks of every right solution, by what people call it; the instructor's own version comes first."""
    own = {f"{name}.ipynb": bundle.files[f"source/{name}.ipynb"] for name in bundle.notebooks}
    found = {"the reference solution": own}
    for path, data in sorted(bundle.files.items()):
        match path.split("/"):
            case ["references", folder, notebook] if notebook in own:
                found.setdefault(f"the reference solution {folder!r}", dict(own))[notebook] = data
    return found


def is_allowed(bundle: AssignmentBundle, path: str) -> bool:
    """Whether a file that was handed in beside the notebook is one that the assignment takes."""
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in bundle.extra_files)
