"""``factory-academy course``: courses on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from factory_academy.bootstrap import open_academy
from factory_academy.curriculum.catalogue import Reading, read_catalogue, read_course
from factory_academy.curriculum.examination.examine import examine
from factory_academy.curriculum.importing import import_course
from factory_academy.curriculum.otter.importing import import_otter, is_otter
from factory_academy.curriculum.stock import build_folder, write_folder
from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.errors import BadCourse
from factory_academy.records.migrate import migrate
from factory_academy.settings import read_settings

app = typer.Typer(help="Load, import and build courses.", no_args_is_help=True)


@app.command()
def load(
    path: Annotated[
        Path | None, typer.Argument(help="A course folder, or a folder of them; default: the setting `courses`.")
    ] = None,
) -> None:
    """Load courses on disk and release what changed; each reference solution must earn every automatic point."""
    folder = path or read_settings().courses
    readings = (read_course(folder),) if (folder / "course.toml").exists() else read_catalogue(folder)
    if not readings:
        raise BadCourse(
            f"{folder} holds no course: expected a file course.toml in it or one level below.",
            "For a folder made by nbgrader use `factory-academy course import`.",
        )
    _release(readings, require_reference=True)


@app.command("import")
def import_(path: Annotated[Path, typer.Argument(help="The folder that holds source/.")]) -> None:
    """Bring in any nbgrader course folder, or sources of Otter, and release the assignments."""
    if not (path / "source").is_dir() and path.exists() and is_otter(path):
        import_otter_(path)
    else:
        _release((import_course(path),), require_reference=False)


@app.command("import-otter")
def import_otter_(
    path: Annotated[Path, typer.Argument(help="A source notebook of `otter assign`, or a folder with some.")],
    title: Annotated[str, typer.Option(help="The course's title; default: the name of the folder.")] = "",
    out: Annotated[
        Path | None, typer.Option(help="Release nothing; write a folder that stock nbgrader can use.")
    ] = None,
) -> None:
    """Bring in sources of `otter assign`, and say what could not be carried over."""
    reading, reports = import_otter(path, title)
    if out is None:
        _release((reading,), require_reference=False)
    else:
        write_folder(*reading, out)
        typer.echo(f"wrote {out}")
    notes = [note for report in reports for note in report.notes]
    typer.echo(f"{len(notes)} things could not be carried over{':' if notes else ''}")
    for note in notes:
        typer.echo(f"  {note}")


@app.command()
def build(
    path: Annotated[Path, typer.Argument(help="A course folder with course.toml.")],
    out: Annotated[Path | None, typer.Option(help="Where to; default: build/<course>.")] = None,
) -> None:
    """Write a course as a folder that stock nbgrader can use."""
    target = out or Path("build") / path.resolve().name
    course, bundles = build_folder(path, target)
    for bundle in bundles:
        typer.echo(f"built {course.id}/{bundle.name}  {len(bundle.tasks)} tasks  version {bundle.version[:12]}")
    typer.echo(f"wrote {target}")


def _release(readings: tuple[Reading, ...], require_reference: bool) -> None:
    academy = open_academy()
    migrate(academy.settings.records_url)
    for course, bundles in readings:
        released = academy.load_catalogue.course(course, bundles, require_reference)
        with academy.records.transaction() as repositories:
            present = repositories.courses.find(course.id)
        by_name = {bundle.name: bundle for bundle in bundles}
        for assignment in present.assignments if present else ():
            word = "released" if assignment.id in released else "unchanged"
            note = "" if assignment.hardened else "  not hardened: it cannot certify"
            typer.echo(f"{word} {assignment.id}  version {assignment.version[:12]}{note}")
            unprotected = {task.id for task in assignment.tasks if not task.protected}
            if unprotected and assignment.name in by_name:
                _explain(by_name[assignment.name], unprotected)


def _explain(bundle: AssignmentBundle, unprotected: set[str]) -> None:
    """Say which points do not certify, why, and what to write instead."""
    reports = {report.task_id: report for report in examine(bundle)}
    for task_id in sorted(unprotected):
        findings = reports[task_id].findings if task_id in reports else ()
        why = " ".join(map(str, findings)) or "the reference solution's own objects answered."
        typer.echo(f"  not protected, does not certify: {task_id}: {why}")
