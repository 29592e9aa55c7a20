"""The pages of all roles, as one router, and the page of every error."""

from __future__ import annotations

from fastapi import APIRouter

from factory_academy.portal import pages_factory, pages_operate, pages_session, pages_teach, pages_trainee
from factory_academy.portal.pages_render import error_page

__all__ = ["error_page", "router"]

router = APIRouter()
for part in (pages_trainee, pages_session, pages_teach, pages_factory, pages_operate):
    router.include_router(part.router)
