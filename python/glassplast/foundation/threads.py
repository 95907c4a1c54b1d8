"""The number of threads of computations."""

from __future__ import annotations

import os
from numbers import Integral

from glassplast.errors import ArgumentError

__all__ = ["thread_count"]

VARIABLE = "GLASSPLAST_NUM_THREADS"


def thread_count(threads: int | None = None) -> int:
    """The number of threads: the argument, else ``GLASSPLAST_NUM_THREADS``, else all cores this process may use.

    No result depends on the number of threads.

    Raises
    ------
    ArgumentError
        If the number is not a positive integer.
    """
    if threads is not None:
        if isinstance(threads, bool) or not isinstance(threads, Integral) or threads < 1:
            raise ArgumentError(f"threads must be a positive integer, not {threads!r}")
        return int(threads)
    given = os.environ.get(VARIABLE, "")
    if given:
        if not given.isascii() or not given.isdigit() or int(given) < 1:
            raise ArgumentError(f"{VARIABLE} must be a positive integer, not {given!r}")
        return int(given)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
