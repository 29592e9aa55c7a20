"""A factory manager's pages: cohorts, certificates, and the same as a table to take away."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from factory_academy.portal.deps import FactoryManager, TheAcademy
from factory_academy.portal.pages.plot import plot_of
from factory_academy.portal.pages.render import page
from factory_academy.portal.pages.teach import PageNumber, page_number
from factory_academy.workflows.cohort_progress import FactoryPage, TraineeStanding
from factory_academy.workflows.paging import Paging

router = APIRouter(prefix="/factory", include_in_schema=False)
CERTIFICATES_SIZE = 20
COLUMNS = (
    "factory", "cohort", "sign-in name", "name", "course", "progress %", "submissions", "last submission (UTC)",
    "certificate issued (UTC)",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@router.get("")
def cohorts(request: Request, person: FactoryManager, academy: TheAcademy, number: PageNumber = "1") -> HTMLResponse:
    """How far each cohort is in each course, and the certificates issued."""
    view = academy.cohort_progress(person)
    paging = Paging(len(view.certificates), CERTIFICATES_SIZE, page_number(number))
    shown = view.certificates[paging.offset : paging.offset + paging.size]
    return page(request, "factory.html", person, view=view, plot=plot_of(view.lines), certificates=shown, paging=paging)


@router.get("/progress.csv")
def progress_table(person: FactoryManager, academy: TheAcademy) -> Response:
    """A line a trainee and course, as a file that a spreadsheet opens without running anything in it."""
    headers = {"Content-Disposition": 'attachment; filename="progress.csv"'}
    return Response(csv_of(academy.cohort_progress(person)), media_type="text/csv; charset=utf-8", headers=headers)


def csv_of(view: FactoryPage) -> str:
    """The standings as CSV with a line of column names; times in UTC."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([harmless(cell) for cell in _cells(standing)] for standing in view.standings)
    return out.getvalue()


def harmless(cell: str) -> str:
    """The cell, with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) or cell.startswith(_FORMULA) else cell


def _cells(standing: TraineeStanding) -> tuple[str, ...]:
    issued_at = standing.certificate.issued_at if standing.certificate else None
    return (
        standing.factory.name,
        standing.cohort,
        standing.person.id,
        standing.person.full_name,
        standing.progress.course.title,
        f"{standing.progress.fraction * 100:.1f}",
        str(standing.submissions),
        _instant(standing.latest_at),
        _instant(issued_at),
    )


def _instant(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}" if at else ""
