"""One process at a time works on a study: it holds its directory, and shows others what it does."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from glassplast.errors import FileError
from glassplast.files.replacing import made_directory
from glassplast.study.tasks import Task

__all__ = ["Coordinator", "Hold", "coordinator", "is_held_by"]

_LOCK, _SIGN = ".lock", "working.json"
#: Seconds between two signs of life, and after how many without one a process on another machine counts as gone.
_EVERY, _GONE = 2.0, 60.0


@dataclass(frozen=True)
class Coordinator:
    """The process that works on a study.

    Attributes
    ----------
    host : str
        The machine on which it runs.
    pid : int
        Its number there.
    began : float
        When it began, in seconds since 1970.
    seen : float
        When it gave its last sign of life, in seconds since 1970.
    workers : str
        What computes, such as ``"2 processes"``.
    count : int
        How many tasks can be done at once.
    running : dict
        When each task that runs now began, in seconds since 1970.
    alive : bool
        Whether it is still there.
    """

    host: str
    pid: int
    began: float
    seen: float
    workers: str
    count: int
    running: Mapping[Task, float]
    alive: bool

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"


def coordinator(out: Path) -> Coordinator | None:
    """Find out who works on a study; None if nobody does, nor left without a word."""
    found = _sign(out)
    if found is None:
        return None
    with suppress(KeyError, TypeError, ValueError, OSError):
        seen = (out / _SIGN).stat().st_mtime
        host, pid = str(found["host"]), int(found["pid"])
        there = host != socket.gethostname() or _exists(pid)
        return Coordinator(
            host=host,
            pid=pid,
            began=float(found["began"]),
            seen=seen,
            workers=str(found["workers"]),
            count=int(found["count"]),
            running={Task(str(p), int(s), str(stage)): float(t) for p, s, stage, t in found["running"]},
            alive=there and time.time() - seen < _GONE,
        )
    return None


def is_held_by(out: Path, token: str) -> bool:
    """Tell whether the process with this token still works on the study; true if that cannot be read."""
    try:
        found = json.loads((out / _SIGN).read_text(encoding="utf-8"))
        return bool(found["token"] == token)
    except FileNotFoundError:
        return False
    except (OSError, ValueError, KeyError, TypeError):
        return True


class Hold:
    """The right to work on a study, for the duration of a ``with`` block.

    The operating system releases the lock of a process that is killed, so that nothing is left to be cleared away.
    File systems without locks, and other machines, are told by signs of life.

    Parameters
    ----------
    out : Path
        The directory of the study; made if it is missing.

    Raises
    ------
    FileError
        If another process works on it, or the directory cannot be made.
    """

    def __init__(self, out: Path) -> None:
        self.token = secrets.token_hex(8)
        self._out = made_directory(out)
        self._lock: int | None = None
        self._began, self._told = time.time(), -_EVERY
        self._shown: set[Task] | None = None

    def __enter__(self) -> Hold:
        path = self._out / _LOCK
        try:
            self._lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise FileError(f"cannot write {path}: {error.strerror or error}") from error
        try:
            locked = _locked(self._lock)
            if locked is False or self._somebody_else(locked):
                raise FileError(self._refusal())
            # Whoever left these is gone, and was not able to remove them.
            for left in self._out.rglob(".*.part"):
                left.unlink(missing_ok=True)
            self.tell({}, "", 0)
        except BaseException:
            os.close(self._lock)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            (self._out / _SIGN).unlink()
        if self._lock is not None:
            os.close(self._lock)

    def tell(self, running: Mapping[Task, float], workers: str, count: int) -> None:
        """Give a sign of life if the last one is some time ago, or other tasks run now.

        Parameters
        ----------
        running : mapping
            When each task that runs now began, in seconds since 1970.
        workers : str
            What computes.
        count : int
            How many tasks can be done at once.
        """
        if time.monotonic() - self._told < _EVERY and set(running) == self._shown:
            return
        self._told, self._shown = time.monotonic(), set(running)
        sign = {
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "token": self.token,
            "began": self._began,
            "workers": workers,
            "count": count,
            "running": [[task.protocol, task.sample, task.stage, began] for task, began in running.items()],
        }
        temporary = self._out / f".{_SIGN}.{self.token}.part"
        # A full disk is told by what matters; a sign of life does not.
        with suppress(OSError):
            try:
                temporary.write_text(json.dumps(sign) + "\n", encoding="utf-8")
                os.replace(temporary, self._out / _SIGN)
            finally:
                temporary.unlink(missing_ok=True)

    def _somebody_else(self, locked: bool | None) -> bool:
        found = coordinator(self._out)
        if found is None or not found.alive:
            return False
        if found.host == socket.gethostname():
            # With the lock in hand, its process is gone, and another one has its number.
            return locked is None
        # Both times are of the clock of the file system.
        os.utime(self._out / _LOCK)
        return (self._out / _LOCK).stat().st_mtime - found.seen < _GONE

    def _refusal(self) -> str:
        found = coordinator(self._out)
        who = str(found) if found is not None else "another process"
        return (
            f"{who} works on the study in {self._out}: wait until it has ended, or end it; if it was killed, this is "
            f"noticed within {_GONE:.0f} s"
        )


def _locked(descriptor: int) -> bool | None:
    """Lock a file; None if the file system has no locks."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _sign(out: Path) -> dict[str, Any] | None:
    try:
        found = json.loads((out / _SIGN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
