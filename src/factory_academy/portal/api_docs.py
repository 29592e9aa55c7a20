"""The API described for people: one page, made from the OpenAPI document, with nothing fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any


def api_page(openapi: Mapping[str, Any]) -> str:
    """The page, as HTML."""
    info = openapi["info"]
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(info['title'])}: REST API</title>",
        '<link rel="stylesheet" href="../../static/academy.css"></head><body><main>',
        f"<h1>REST API {escape(info['version'])}</h1>{_prose(info['description'])}",
        '<p>For programs: <a href="openapi.json">openapi.json</a>.</p>',
    ]
    for tag in openapi["tags"]:
        parts += [f"<h2>{escape(tag['name'].capitalize())}</h2>", f"<p>{escape(tag['description'])}</p>"]
        for verb, path, operation in operations(openapi):
            if tag["name"] in operation.get("tags", ()):
                parts += [f"<h3><code>{verb} {escape(path)}</code></h3>", _prose(operation.get("description", ""))]
                parts += [_parameters(operation.get("parameters", ()))]
    return "".join([*parts, "</main></body></html>"])


def operations(openapi: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Every operation as verb, path and description, in the order of the document."""
    for path, verbs in openapi["paths"].items():
        for verb, operation in verbs.items():
            yield verb.upper(), path, operation


def _parameters(parameters: list[Mapping[str, Any]]) -> str:
    rows = "".join(
        f"<li><code>{escape(p['name'])}</code> ({escape(p['in'])}): {escape(p.get('description', ''))}</li>"
        for p in parameters
    )
    return f"<ul>{rows}</ul>" if rows else ""


def _prose(text: str) -> str:
    return "".join(f"<p>{escape(paragraph)}</p>" for paragraph in text.split("\n\n") if paragraph)
