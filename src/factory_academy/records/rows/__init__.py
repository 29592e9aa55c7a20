"""The tables, one module a theme."""

from factory_academy.records.rows import certificates, grading, marking, people, regrades, sessions, teaching
from factory_academy.records.rows.base import Row

__all__ = ["Row", "certificates", "grading", "marking", "people", "regrades", "sessions", "teaching"]
