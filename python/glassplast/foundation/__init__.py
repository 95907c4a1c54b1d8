"""General modules that do not depend on glasses: array types, dimensions, progress, threads, seeds, grids and ranks.

All other modules of the package may use them; they themselves use only the engine and the errors.
"""

from __future__ import annotations

import lazy_loader

# Lazily: the top of the package takes from here what says what a thing is, and must not wait for NumPy.
__getattr__, _, _names = lazy_loader.attach(
    __name__,
    [
        "arguments",
        "arrays",
        "cells",
        "dimension",
        "environment",
        "grid",
        "keeping",
        "notebook",
        "one_line",
        "options",
        "parallel",
        "progress",
        "ranks",
        "seeds",
        "tables",
        "threads",
        "version",
    ],
)
__all__ = [*_names]


def __dir__() -> list[str]:
    return __all__
