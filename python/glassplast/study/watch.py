"""What looks on while a task of a study is done: it measures parts of it, and may stop it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Watch"]


def _go_on() -> None:
    """Let a task go on."""


class Watch:
    """What looks on while a task is done.

    Parameters
    ----------
    check : callable
        Called now and then; raises an exception if the task is to stop.

    Attributes
    ----------
    parts : dict of str to float
        Seconds of parts of the task that are not for every sample, by what they compute.
    """

    def __init__(self, check: Callable[[], None] = _go_on) -> None:
        self.parts: dict[str, float] = {}
        self._check = check

    def tell(self, stage: str, part: float | None, note: str) -> None:
        """Look whether the task is to stop; what lasts calls this as its progress function."""
        self._check()

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Measure what a ``with`` block takes.

        Parameters
        ----------
        name : str
            What is computed; blocks of the same name add up.
        """
        self._check()
        began = time.perf_counter()
        try:
            yield
        finally:
            self.parts[name] = self.parts.get(name, 0.0) + time.perf_counter() - began
