"""Storage of results at regular times during a computation, so that little is lost if it is interrupted."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType

__all__ = ["Keeper"]


class Keeper:
    """Stores results at regular times, and once more when its ``with`` block ends, even with an error.

    Parameters
    ----------
    store : callable or None
        Function that stores the current results; None to store nothing.
    seconds : float
        Time between two calls of the function, in seconds.
    """

    def __init__(self, store: Callable[[], None] | None, seconds: float = 30.0) -> None:
        self._store = store
        self._seconds = seconds
        self._stored = time.monotonic()

    def __enter__(self) -> Keeper:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.at_once()

    def now_and_then(self) -> None:
        """Store the results if the last time lies long enough ago."""
        if time.monotonic() - self._stored > self._seconds:
            self.at_once()

    def at_once(self) -> None:
        """Store the results."""
        if self._store is not None:
            self._store()
        self._stored = time.monotonic()
