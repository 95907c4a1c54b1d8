"""Work side by side on threads, which an interrupt or an error ends together."""

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
    """Another thread was interrupted or failed."""


#: Raises once the work shall end.
Check = Callable[..., None]


def unchecked(*_: object) -> None:
    """A check that never ends anything."""


def on_threads(
    work: Callable[[Item, Check], Result], items: Sequence[Item], threads: int, check: Check = unchecked
) -> list[Result]:
    """The results of work(item, check), on so many threads; `check` is to be called now and then.

    Ctrl-C and errors end all of them, as does the `check` of whoever asks; the first error is raised.
    """
    if threads <= 1 or len(items) <= 1:
        # The engine looks for signals itself in the main thread.
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
                # With a timeout, so that Ctrl-C is heard.
                done, pending = wait_for(pending, timeout=0.1, return_when="FIRST_EXCEPTION")
                for future in done:
                    future.result()
        except BaseException:
            stop.set()
            for future in futures:
                future.cancel()
            raise
    return [future.result() for future in futures]
