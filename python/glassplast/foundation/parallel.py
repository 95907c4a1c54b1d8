"""Parallel work on threads, all of which end on an interrupt or an error."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from typing import TypeVar

__all__ = ["Check", "on_threads", "unchecked"]

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Stopped(Exception):
    """Raised in a thread to end it, because another thread was interrupted or failed."""


#: Function that raises an exception if the work is to end.
Check = Callable[..., None]


def unchecked(*_: object) -> None:
    """A check that never ends anything."""


def on_threads(
    work: Callable[[Item, Check], Result], items: Sequence[Item], threads: int, check: Check = unchecked
) -> list[Result]:
    """The results of work(item, check) for all items, computed on a number of threads.

    `work` must call its argument `check` from time to time, which raises an exception if the work is to end. That is
    the case after Ctrl-C, after an error in another thread, and when the caller's `check` raises an exception. The
    first error is raised again.
    """
    if threads <= 1 or len(items) <= 1:
        # In the main thread the engine itself checks for signals.
        return [work(item, check) for item in items]
    stop = threading.Event()

    def inner(*_: object) -> None:
        check()
        if stop.is_set():
            raise _Stopped

    with ThreadPoolExecutor(min(threads, len(items))) as pool:
        futures = [pool.submit(work, item, inner) for item in items]
        try:
            pending = set(futures)
            while pending:
                # The timeout lets Ctrl-C take effect.
                done, pending = wait_for(pending, timeout=0.1, return_when="FIRST_EXCEPTION")
                for future in done:
                    future.result()
        except BaseException:
            stop.set()
            for future in futures:
                future.cancel()
            raise
    return [future.result() for future in futures]
