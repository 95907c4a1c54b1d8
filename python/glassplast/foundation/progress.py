"""The progress of computations: how it is reported, and the bar that shows it."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

__all__ = [
    "ItemProgress",
    "Progress",
    "ProgressOption",
    "TimeLeft",
    "counted",
    "duration",
    "shown",
    "silent",
]

#: Function that is called with the stage of a computation, the fraction done (0 to 1, or None if it is not known), and
#: a note.
Progress = Callable[[str, "float | None", str], None]
#: The argument ``progress`` of functions: None shows a bar if a person can see it and the call takes long, False shows
#: nothing, and a callable is called.
ProgressOption = Progress | Literal[False] | None

#: Time in seconds after which a bar appears.
PATIENCE = 2.0

#: Whether an outer call reports its progress already, so that the calls within it do not.
_telling: ContextVar[bool] = ContextVar("glassplast_telling", default=False)


def silent(stage: str, part: float | None, note: str) -> None:
    """A progress function that does nothing."""


def _is_notebook() -> bool:
    if "ipykernel" not in sys.modules:
        return False
    from IPython import get_ipython

    return get_ipython() is not None


def _somebody_looks_on() -> bool:
    if threading.current_thread() is not threading.main_thread():
        return False
    return _is_notebook() or (sys.stderr is not None and sys.stderr.isatty())


class _Bar:
    """A bar that appears when its call has taken longer than `PATIENCE`."""

    def __init__(self) -> None:
        self._called = time.monotonic()
        self._began: dict[str, float] = {}
        self._bars: Any = None
        self._stages: dict[str, Any] = {}

    def tell(self, stage: str, part: float | None, note: str) -> None:
        """Show the stage, or nothing as long as the call has not taken long."""
        if stage not in self._began:
            self._began = {stage: time.monotonic()}
        if self._bars is None:
            if time.monotonic() - self._called < PATIENCE:
                return
            self._bars = _bars()
            self._bars.start()
        if stage not in self._stages:
            for known in self._stages.values():
                self._bars.remove_task(known)
            self._stages = {stage: self._bars.add_task(stage, total=None, note="")}
            # The time is that of the stage, which may have begun before there was a bar.
            self._bars.tasks[-1].start_time = self._began[stage]
        self._bars.update(self._stages[stage], total=None if part is None else 1.0, completed=part or 0.0, note=note)

    def close(self) -> None:
        """Remove the bar."""
        if self._bars is not None:
            self._bars.stop()


def _bars() -> Any:
    # The import takes long, and most calls end before a bar appears.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}"),
        console=Console(stderr=not _is_notebook()),
        transient=True,
    )


@contextmanager
def shown(progress: ProgressOption) -> Iterator[Progress]:
    """The function to which a computation reports its progress, for the duration of a ``with`` block.

    Parameters
    ----------
    progress : callable, False or None
        A callable is used itself, and with False the reports are ignored. With None a bar appears after two seconds if
        standard error is a terminal, or in a notebook. There is no bar for calls within a call that reports its
        progress already, and for calls in threads other than the main thread.

    Yields
    ------
    callable
        Function of the stage, the fraction done, and a note.
    """
    bar: _Bar | None = None
    tell: Progress = silent
    if callable(progress):
        tell = progress
    elif progress is None and not _telling.get() and _somebody_looks_on():
        bar = _Bar()
        tell = bar.tell
    token = _telling.set(True)
    try:
        yield tell
    finally:
        _telling.reset(token)
        if bar is not None:
            bar.close()


def counted(tell: Progress, stage: str, total: float | None, note: str) -> Callable[[float, float], None]:
    """A callback for the engine that reports the progress of a stage from a count and another number.

    Parameters
    ----------
    tell : callable
        Progress function, from `shown`.
    stage : str
        Name of the stage.
    total : float or None
        Count at the end of the stage, if it is known.
    note : str
        Format of the note with both numbers, such as ``"{0:.0f} evaluations, largest force {1:.2g}"``.

    Returns
    -------
    callable
    """

    def callback(count: float, measure: float) -> None:
        tell(stage, None if not total else min(count / total, 1.0), note.format(count, measure))

    return callback


class TimeLeft:
    """An estimate of the time that is left in a computation, from its pace so far."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._first: float | None = None

    def seconds(self, part: float) -> float | None:
        """The time left in seconds when this fraction is done; None if the pace is not known yet."""
        if self._first is None:
            self._first = part
        done, elapsed = part - self._first, time.monotonic() - self._began
        if not (done > 0.0 and elapsed > 0.5):
            return None
        return elapsed / done * max(1.0 - part, 0.0)

    def note(self, part: float) -> str:
        """The time left in words, such as ``"12 s left"``; empty if it is not known yet."""
        left = self.seconds(part)
        return "" if left is None else f"{duration(left)} left"


class ItemProgress:
    """The progress of a stage that consists of many equal items; several threads may use it at once."""

    def __init__(self, stage: str, items: int, tell: Progress) -> None:
        self._stage, self._items, self._tell = stage, max(items, 1), tell
        self._done, self._left = 0, TimeLeft()
        self._left.seconds(0.0)
        self._lock = threading.Lock()

    def one_more(self) -> None:
        """Report that another item is done."""
        with self._lock:
            self._done += 1
            part = self._done / self._items
            self._tell(self._stage, part, self._left.note(part))


def duration(seconds: float) -> str:
    """A time in words, such as ``"3.2 s"``, ``"4 min 10 s"`` or ``"2 h 5 min"``."""
    if seconds < 60.0:
        return f"{seconds:.2g} s"
    if seconds < 3600.0:
        return f"{int(seconds) // 60} min {int(seconds) % 60} s"
    return f"{int(seconds) // 3600} h {int(seconds) % 3600 // 60} min"
