"""Shear glasses, find where they yield, and compare the fields that predict it.

The public names are listed in ``__init__.pyi`` beside this file, which editors and type checkers read as well. Each
name is imported when it is first used, because SciPy, HDF5 and Matplotlib take far longer to import than this module.
"""

from __future__ import annotations

from typing import Any

import lazy_loader

from glassplast.foundation import notebook as _notebook

_lazy, _, _names = lazy_loader.attach_stub(__name__, __file__)
__all__ = [*_names, "__version__"]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from glassplast.foundation.version import package_version

        return package_version()
    return _lazy(name)


def _picture(thing: object) -> bytes | None:
    from glassplast.plot.notebook import picture

    return picture(thing)


# The module that draws the pictures in notebooks depends on all objects that it draws, so that they cannot import it.
_notebook.pictures_from(_picture)


def __dir__() -> list[str]:
    return sorted(__all__)
