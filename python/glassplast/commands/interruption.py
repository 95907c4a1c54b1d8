"""Ctrl-C on the command line: answered on the screen at once, whatever the computation is doing."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from types import FrameType, TracebackType

from rich.console import Console
from rich.markup import escape

__all__ = ["EXIT_INTERRUPTED", "Interruption", "what_is_kept"]

#: The exit code of a command that was interrupted.
EXIT_INTERRUPTED = 130

_END = b"\0"
_FIRST = "[bold red]interrupted[/]: stopping, and keeping what there is; Ctrl-C again leaves at once"


class Interruption:
    """Tells at the first Ctrl-C that the command is stopping, and leaves at the second one.

    Python answers a signal when the engine gives control back, which may take a while. The interpreter writes the
    number of the signal to a pipe at once, however, and a thread that reads the pipe tells what is going on. The second
    Ctrl-C ends the process there and then. No file is harmed by that, because each is written under another name first.

    Parameters
    ----------
    places : list of str
        Files and directories in which the command keeps what it has. It may grow while the command runs.

    Attributes
    ----------
    console : rich.console.Console
        Where to tell; that of the bars, if there are any, puts lines above them.
    """

    def __init__(self, places: list[str]) -> None:
        self.console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._places = places
        self._began = time.time()
        self._count = 0
        self._reader: threading.Thread | None = None

    @property
    def kept(self) -> str:
        """What has been written to the places since it began, in words."""
        return what_is_kept(self._places, self._began)

    def __enter__(self) -> Interruption:
        # Other handlers, and other threads, are somebody else's.
        if (
            threading.current_thread() is not threading.main_thread()
            or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
        ):
            return self
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)
        self._before = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        signal.signal(signal.SIGINT, self._handle)
        self._reader = threading.Thread(target=self._answer, daemon=True)
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._reader is None:
            return
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.set_wakeup_fd(self._before)
        os.write(self._write, _END)
        self._reader.join()
        os.close(self._read)
        os.close(self._write)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        # The thread deals with the second one, which must not tear apart what the first one has begun to write.
        self._count += 1
        if self._count == 1:
            raise KeyboardInterrupt

    def _answer(self) -> None:
        told = 0
        while True:
            for number in os.read(self._read, 16):
                if number == _END[0]:
                    return
                if number != signal.SIGINT:
                    continue
                told += 1
                if told == 1:
                    self.console.print(_FIRST, soft_wrap=True)
                else:
                    kept = escape(self.kept)
                    self.console.show_cursor(True)
                    self.console.print(f"[bold red]left at once[/]: {kept}", soft_wrap=True)
                    os._exit(EXIT_INTERRUPTED)


def what_is_kept(places: Iterable[str], since: float) -> str:
    """What has been written to some places since a time, in words.

    Parameters
    ----------
    places : iterable of str
        Files and directories.
    since : float
        Time in seconds since 1970.

    Returns
    -------
    str
    """
    fresh = [place for place in dict.fromkeys(places) if any(_is_fresh(path, since) for path in _files(Path(place)))]
    return f"what was stored until then is kept in {', '.join(fresh)}" if fresh else "nothing had been stored yet"


def _files(place: Path) -> Iterable[Path]:
    return place.iterdir() if place.is_dir() else (place,)


def _is_fresh(path: Path, since: float) -> bool:
    try:
        # File systems keep times more coarsely than clocks.
        return path.suffix != ".part" and path.is_file() and path.stat().st_mtime > since - 0.01
    except OSError:
        return False
