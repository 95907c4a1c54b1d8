"""What knows no glass: array types, two or three dimensions, progress, threads, seeds, grids, ranks.

Everything else in the package may use these modules; they use nothing of it but the engine and the errors.
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
