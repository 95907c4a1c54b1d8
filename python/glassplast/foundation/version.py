"""The version of the package."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

__all__ = ["package_version"]


def package_version() -> str:
    """The installed version of glassplast."""
    try:
        return version("glassplast")
    except PackageNotFoundError:
        return "unknown"
