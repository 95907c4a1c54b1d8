"""Work side by side on threads that Ctrl-C and errors end together, and how it tells of its progress."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Stopped(Exception):
    """Another thread was interrupted or failed."""


#: Told a stage, the part of it that is done, and a note.
StageProgress = Callable[[str, float, str], None]
#: Raises once the work shall end.
Check = Callable[..., None]


class Outlook:
    """Tells how much of a stage is done, and how long the rest takes at the pace so far; for use by several threads."""

    def __init__(self, stage: str, items: int, progress: StageProgress | None) -> None:
        self._stage, self._items, self._progress = stage, max(items, 1), progress
        self._done, self._began = 0, time.monotonic()
        self._lock = threading.Lock()

    def one_more(self) -> None:
        """Another item is done."""
        with self._lock:
            self._done += 1
            left = (time.monotonic() - self._began) / self._done * (self._items - self._done)
            if self._progress is not None:
                self._progress(self._stage, self._done / self._items, f"{left:.0f} s left")


class Keeper:
    """Stores results while work goes on, or nothing where there is nowhere to store them."""

    #: Between two times.
    SECONDS = 30.0

    def __init__(self, store: Callable[[], None] | None) -> None:
        self._store, self._stored = store, time.monotonic()

    def now_and_then(self) -> None:
        """Store, unless that was done lately."""
        if time.monotonic() - self._stored > self.SECONDS:
            self.at_once()

    def at_once(self) -> None:
        """Store."""
        if self._store is not None:
            self._store()
        self._stored = time.monotonic()


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
