"""The API described for people: one page, made from the OpenAPI document, with nothing fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

REFERENCE_INTRODUCTION = """All routes lie under `/services/portal/api/v1`. The full description, with every field, is
served by the portal itself: `openapi.json` for programs, `docs` for people. This page is made from it; after changing
a route, write it anew with `python -m factory_academy.portal.api.reference > docs/reference/api.md`.

Sign in with a hub token, `Authorization: token <token>`: the session's own (`JUPYTERHUB_API_TOKEN` inside a session),
or one made on the hub's token page. Any token of a person will do, however few its scopes: it only says who asks;
what they may see follows from role, factory and enrolments. A browser that is signed in to the portal may read these
routes too, but changes nothing with them."""

REFERENCE_REFUSALS = """## Refusals

Whatever is refused is answered with `{"code": …, "message": …, "next_step": …}`. The codes are those of
[errors](errors.md), and `wrong_method` (405) for a verb that a route does not have. A `503` with the code
`infrastructure_fault` is our fault and may be tried again; every request may be repeated, handing in too: the same
bytes get the same receipt. At most 50 MiB are taken as an upload, and 1 MiB as any other body; more is refused before
it is read."""


def api_page(openapi: Mapping[str, Any]) -> str:
    """The page, as HTML."""
    info = openapi["info"]
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(info['title'])}: REST API</title>",
        '<link rel="stylesheet" href="../../static/academy.css"></head><body><main class="stack">',
        f'<div class="page-head"><h1>REST API {escape(info["version"])}</h1>{_prose(info["description"])}',
        '<p>For programs: <a href="openapi.json">openapi.json</a>.</p></div>',
    ]
    for tag in openapi["tags"]:
        parts += [f'<section class="panel"><div class="panel-head"><h2>{escape(tag["name"].capitalize())}</h2></div>']
        for verb, path, operation in operations(openapi):
            if tag["name"] in operation.get("tags", ()):
                parts += [f'<article class="task"><h3><code>{verb} {escape(path)}</code></h3>']
                parts += [_prose(operation["description"]), _parameters(operation.get("parameters", ())), "</article>"]
        parts.append("</section>")
    return "".join([*parts, "</main></body></html>"])


def api_reference(openapi: Mapping[str, Any]) -> str:
    """The same as Markdown, for ``docs/reference/api.md``."""
    parts = [f"# REST API {openapi['info']['version']}", REFERENCE_INTRODUCTION]
    for tag in openapi["tags"]:
        parts += [f"## {tag['name'].capitalize()}", tag["description"]]
        parts += ["| route | what it does |\n|---|---|\n" + "\n".join(_rows(openapi, tag["name"]))]
    return "\n\n".join([*parts, REFERENCE_REFUSALS]) + "\n"


def operations(openapi: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Every operation as verb, path and description, in the order of the document."""
    for path, verbs in openapi["paths"].items():
        for verb, operation in verbs.items():
            yield verb.upper(), path, operation


def _rows(openapi: Mapping[str, Any], tag: str) -> Iterator[str]:
    for verb, path, operation in operations(openapi):
        if tag in operation.get("tags", ()):
            queries = "".join(f" `?{p['name']}=`" for p in operation.get("parameters", ()) if p["in"] == "query")
            yield f"| `{verb} {path}`{queries} | {' '.join(operation['description'].split())} |"


def _parameters(parameters: list[Mapping[str, Any]]) -> str:
    rows = "".join(
        f"<li><code>{escape(p['name'])}</code> ({escape(p['in'])}): {_inline(p.get('description', ''))}</li>"
        for p in parameters
    )
    return f"<ul>{rows}</ul>" if rows else ""


def _prose(text: str) -> str:
    return "".join(f"<p>{_inline(paragraph)}</p>" for paragraph in text.split("\n\n") if paragraph)


def _inline(text: str) -> str:
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))
