"""How far a computation is: the one way to tell it, and the bar that shows it."""

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

#: Told the stage of a computation, the part of it that is done (0 to 1, or None where that is not known), and a note.
Progress = Callable[[str, "float | None", str], None]
#: What functions take as ``progress``: None shows a bar by itself where a person looks on and the call lasts, False
#: shows nothing, and a callable is told.
ProgressOption = Progress | Literal[False] | None

#: Seconds that a call must last before a bar appears by itself.
PATIENCE = 2.0

#: Whether an outer call tells its progress already, so that the calls within it keep quiet.
_telling: ContextVar[bool] = ContextVar("glassplast_telling", default=False)


def silent(stage: str, part: float | None, note: str) -> None:
    """Progress that nobody is told."""


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
    """A bar that appears once its call has lasted for `PATIENCE`."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._bars: Any = None
        self._stages: dict[str, Any] = {}

    def tell(self, stage: str, part: float | None, note: str) -> None:
        """Show the stage, or nothing while the call is young."""
        if self._bars is None:
            if time.monotonic() - self._began < PATIENCE:
                return
            self._bars = _bars()
            self._bars.start()
        if stage not in self._stages:
            for known in self._stages.values():
                self._bars.remove_task(known)
            self._stages = {stage: self._bars.add_task(stage, total=None, note="")}
        self._bars.update(self._stages[stage], total=None if part is None else 1.0, completed=part or 0.0, note=note)

    def close(self) -> None:
        """Take the bar away."""
        if self._bars is not None:
            self._bars.stop()


def _bars() -> Any:
    # It takes long to import, and most calls end before a bar appears.
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
    """What a computation tells its progress to, for as long as it runs.

    Parameters
    ----------
    progress : callable, False or None
        A callable is told itself. With False nobody is told. With None a bar appears by itself when standard error is a
        terminal, or in a notebook, once the call has lasted for two seconds; calls within a call that tells its
        progress already, and calls in threads other than the main one, keep quiet.

    Yields
    ------
    callable
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
    """A callback of the engine, which is called with a count and a measure, that tells the progress of a stage.

    Parameters
    ----------
    tell : callable
        Of `shown`.
    stage : str
    total : float or None
        The count at the end, where it is known.
    note : str
        A format of the two numbers, such as ``"{0:.0f} evaluations, largest force {1:.2g}"``.
    """

    def callback(count: float, measure: float) -> None:
        tell(stage, None if not total else min(count / total, 1.0), note.format(count, measure))

    return callback


class TimeLeft:
    """How long the rest of a computation takes if it goes on at its pace so far."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._first: float | None = None

    def seconds(self, part: float) -> float | None:
        """Seconds that are left when this part is done; None as long as there is no pace to judge by."""
        if self._first is None:
            self._first = part
        done, elapsed = part - self._first, time.monotonic() - self._began
        if not (done > 0.0 and elapsed > 0.5):
            return None
        return elapsed / done * max(1.0 - part, 0.0)

    def note(self, part: float) -> str:
        """The same in words, such as ``"12 s left"``; empty as long as it is not known."""
        left = self.seconds(part)
        return "" if left is None else f"{duration(left)} left"


class ItemProgress:
    """Progress of a stage that consists of many equal items; several threads may use it at once."""

    def __init__(self, stage: str, items: int, tell: Progress) -> None:
        self._stage, self._items, self._tell = stage, max(items, 1), tell
        self._done, self._left = 0, TimeLeft()
        self._left.seconds(0.0)
        self._lock = threading.Lock()

    def one_more(self) -> None:
        """Another item is done."""
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
