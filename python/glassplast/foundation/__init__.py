"""General modules that do not depend on glasses: array types, dimensions, progress, threads, seeds, grids and ranks.

All other modules of the package may use them; they themselves use only the engine and the errors.
"""

from glassplast.foundation import (
    arrays,
    dimension,
    environment,
    grid,
    keeping,
    options,
    parallel,
    progress,
    ranks,
    seeds,
    threads,
    version,
)

__all__ = [
    "arrays",
    "dimension",
    "environment",
    "grid",
    "keeping",
    "options",
    "parallel",
    "progress",
    "ranks",
    "seeds",
    "threads",
    "version",
]


def __dir__() -> list[str]:
    return __all__
