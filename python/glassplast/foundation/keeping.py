"""Storing results now and then while work goes on, so that whatever ends it loses little."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType

__all__ = ["Keeper"]


class Keeper:
    """Stores what is computed: every so many seconds, and once more when the ``with`` block ends, however it ends.

    Parameters
    ----------
    store : callable or None
        Stores what there is; None where there is nowhere to store it.
    seconds : float
        Between two times.
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
        """Store, unless that was done lately."""
        if time.monotonic() - self._stored > self._seconds:
            self.at_once()

    def at_once(self) -> None:
        """Store."""
        if self._store is not None:
            self._store()
        self._stored = time.monotonic()
