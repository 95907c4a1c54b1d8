"""Shear glasses, find where they yield, and compare the fields that predict it.

What there is stands in ``__init__.pyi`` beside this file, where editors and type checkers read it as well; each name is
imported once it is asked for, because SciPy, HDF5 and Matplotlib take far longer to import than this.
"""

from __future__ import annotations

from typing import Any

import lazy_loader

_lazy, _, _names = lazy_loader.attach_stub(__name__, __file__)
__all__ = [*_names, "__version__"]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from glassplast.foundation.version import package_version

        return package_version()
    return _lazy(name)


def __dir__() -> list[str]:
    return sorted(__all__)
