"""Making of directories, and writing of files so that there is always a complete file, the old or the new one."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from glassplast.errors import FileError

__all__ = ["made_directory", "replacing"]

#: Age in seconds from which a temporary file is left over, whoever wrote it.
_OLD = 86_400.0


def made_directory(path: str | os.PathLike[str]) -> Path:
    """Make a directory with its parents where there is none, and return its path.

    Raises
    ------
    FileError
        If it cannot be made.
    """
    directory = Path(path)
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"cannot make the directory {directory}: {error.strerror or error}") from error
    return directory


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Provide a temporary file in the same directory, which replaces `path` if the block ends without an error.

    If `path` exists and is not a regular file (a pipe, a terminal), it is used directly. Temporary files of `path` that
    killed processes have left are removed.

    Raises
    ------
    FileError
        If the file cannot be written (a full disk, no permission); a file that was there before is left untouched.
    """
    if path.exists() and not path.is_file():
        if path.is_dir():
            raise FileError(f"cannot write {path}: it is a directory")
        try:
            yield path
        except OSError as error:
            raise FileError(f"cannot write {path}: {error.strerror or error}") from error
        return
    # The target of a link is replaced, and the link remains.
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise FileError(f"cannot write {path}: there is no directory {target.parent}")
    _clear_away(target)
    temporary = target.with_name(f".{target.name}.{_host()}-{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        temporary.touch(exist_ok=False)
        yield temporary
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        if target.exists():
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
        _flush_directory(target.parent)
    except OSError as error:
        before = "; the file that was there before is unchanged" if target.exists() else ""
        raise FileError(f"cannot write {path}: {error.strerror or error}{before}") from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def _clear_away(target: Path) -> None:
    """Remove temporary files of a target whose process is gone, or which are older than a day."""
    named = re.compile(
        re.escape(f".{target.name}.") + r"(?:(?P<host>[0-9a-f]{8})-(?P<process>[0-9]+)-)?[0-9a-f]{8}\.part"
    )
    with suppress(OSError):
        for entry in os.scandir(target.parent):
            found = named.fullmatch(entry.name)
            if found is None:
                continue
            gone = found["host"] == _host() and not _runs(int(found["process"]))
            # Another process may remove it at the same time, or may not permit it.
            with suppress(OSError):
                if gone or time.time() - entry.stat(follow_symlinks=False).st_mtime > _OLD:
                    os.unlink(entry.path)


def _host() -> str:
    """Eight characters for this machine and, where there are containers, for this one: here process ids are unique."""
    try:
        container = os.readlink("/proc/self/ns/pid")
    except OSError:
        container = ""
    return hashlib.sha256(f"{socket.gethostname()} {container}".encode()).hexdigest()[:8]


def _runs(process: int) -> bool:
    """Whether there is a process, unless it is certain that there is none."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _flush_directory(directory: Path) -> None:
    """Flush the new name of a file to the disk as well, which not every file system supports."""
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
