"""What people and programs see when something is refused or breaks: a sentence and a next step, never a traceback."""

from __future__ import annotations

import html
import logging
import secrets
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from factory_academy.errors import AcademyError, BadInput, InfrastructureFault, NotFound, SignInRefused

ErrorPage = Callable[[Request, AcademyError], Response]
CALLBACK = "/oauth_callback"
log = logging.getLogger("factory_academy.portal")


class WrongMethod(AcademyError):
    """The address exists, but not for this verb."""

    code = "wrong_method"
    status = 405


def handle_errors(app: FastAPI) -> None:
    """Let every error of this app end in an answer made here."""
    app.add_exception_handler(AcademyError, _academy_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected)


def answer_to(request: Request, error: AcademyError) -> Response:
    """The answer that fits the request: JSON for programs, a page for people."""
    if "/api/" in request.url.path:
        return problem(error)
    return error_page(request, error)


def problem(error: AcademyError) -> JSONResponse:
    """The error as ``{"code", "message", "next_step"}``."""
    headers = {"WWW-Authenticate": 'token realm="factory-academy"'} if error.status == 401 else None
    content = {"code": error.code, "message": str(error), "next_step": error.next_step}
    return JSONResponse(content, error.status, headers)


def error_page(request: Request, error: AcademyError) -> Response:
    """The error as a calm page."""
    if isinstance(error, SignInRefused) and request.method == "GET" and CALLBACK not in request.url.path:
        return RedirectResponse(sign_in_address(request), 303)
    draw: ErrorPage = getattr(request.app.state, "error_page", plain_page) if "app" in request.scope else plain_page
    return draw(request, error)


def plain_page(_request: Request, error: AcademyError) -> HTMLResponse:
    """The error as a page that needs no template."""
    body = f"<h1>{html.escape(str(error))}</h1><p>{html.escape(error.next_step)}</p>"
    page = f'<!doctype html><html lang="en"><head><title>factory-academy</title></head><body>{body}</body></html>'
    return HTMLResponse(page, error.status)


def sign_in_address(request: Request) -> str:
    """Where to sign in, coming back to this page."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"{request.app.state.portal.prefix}/sign-in?{urlencode({'next': wanted})}"


def _academy_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, AcademyError):
        raise error
    if isinstance(error, InfrastructureFault):
        log.error("%s %s: %s", request.method, request.url.path, error)
    return answer_to(request, error)


def _invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    said = "; ".join(f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors())
    return answer_to(request, BadInput(f"The request has the wrong shape: {said}.", "Mend it and send it again."))


def _http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == HTTPStatus.NOT_FOUND:
        return answer_to(request, NotFound("There is nothing at this address.", "Go to the first page."))
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return answer_to(request, WrongMethod(f"{request.method} does nothing at this address."))
    return answer_to(request, BadInput(f"The request cannot be answered: {error.detail}."))


def _unexpected(request: Request, error: Exception) -> Response:
    reference = secrets.token_hex(4)
    log.error("reference %s: %s %s", reference, request.method, request.url.path, exc_info=error)
    fault = InfrastructureFault(
        f"Something broke on our side. Reference: {reference}.",
        "Try again; if it stays so, tell your operator this reference.",
    )
    return answer_to(request, fault)
