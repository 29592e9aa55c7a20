"""The pages of all roles, as one router, and the page of every error."""

from __future__ import annotations

from fastapi import APIRouter

from factory_academy.portal.pages import factory, operate, session, teach, trainee
from factory_academy.portal.pages.render import error_page

__all__ = ["error_page", "router"]

router = APIRouter()
for part in (trainee, session, teach, factory, operate):
    router.include_router(part.router)
