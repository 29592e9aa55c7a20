from __future__ import annotations

from pathlib import Path

from factory_academy.portal.api.application import build_api
from factory_academy.portal.api.docs import api_reference, operations

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "api.md"


def test_every_route_is_documented():
    page = PAGE.read_text(encoding="utf-8")
    routes = [f"`{verb} {path}`" for verb, path, _ in operations(build_api().openapi())]
    assert routes
    assert [route for route in routes if route not in page] == []


def test_the_reference_is_what_the_routes_say():
    assert PAGE.read_text(encoding="utf-8") == api_reference(build_api().openapi()), (
        "run: python -m factory_academy.portal.api.reference > docs/reference/api.md"
    )
