"""Prints ``docs/reference/api.md``, made from the routes themselves."""

from __future__ import annotations

from factory_academy.portal.api.application import build_api
from factory_academy.portal.api.docs import api_reference


def main() -> None:
    """Print the page."""
    print(api_reference(build_api().openapi()), end="")


if __name__ == "__main__":
    main()
