"""Tenants: the AI factories and the groups of trainees they send."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Factory:
    """An AI factory: a tenant with staff, trainees and credentials of its own."""

    id: str
    name: str
    city: str
    country: str
    focus: str


@dataclass(frozen=True, slots=True)
class Cohort:
    """A group of one factory's trainees."""

    id: str
    factory_id: str
    name: str
