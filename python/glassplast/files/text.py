"""Reading of text files by lines and columns, with line numbers for messages."""

from __future__ import annotations

import gzip
import io
import sys
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from glassplast.errors import FileError
from glassplast.foundation.arrays import FloatArray, IntegerArray

__all__ = [
    "DECIMAL",
    "GZIP_MAGIC",
    "LONGEST_LINE",
    "FileWarning",
    "Lines",
    "Source",
    "Table",
    "decimals",
    "is_integer",
    "shown",
    "significant_digits",
]


class FileWarning(UserWarning):
    """Warns that something in a file had to be interpreted."""


GZIP_MAGIC = b"\x1f\x8b"

#: Largest number of characters of a line. No line of a configuration comes near it, not even with its provenance, but a
#: small compressed file can hold a line that no memory holds.
LONGEST_LINE = 2**24

# Sums and differences of box bounds are computed with decimal numbers, so that hi - lo gives the exact side.
DECIMAL = Context(prec=60, traps=[DivisionByZero, InvalidOperation, Overflow])


@dataclass(frozen=True)
class Source:
    """The source of the bytes of a file.

    Attributes
    ----------
    name : str
        Name for messages.
    path : Path or None
        Path of the file; None for the standard input or a pipe.
    data : bytes
        Contents of the standard input or the pipe, which can be read only once; empty for a file.
    """

    name: str
    path: Path | None
    data: bytes = b""

    @classmethod
    def of(cls, path: str | Path) -> Source:
        """The source of a path; ``-`` is the standard input.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        FileError
            If the file cannot be read.
        """
        if str(path) == "-":
            return cls("standard input", None, sys.stdin.buffer.read())
        target = Path(path)
        if not target.exists():
            raise FileNotFoundError(f"there is no file {target}")
        if target.is_dir():
            raise FileError(f"{target} is a directory, not a file")
        if target.is_fifo():
            # As process substitution makes it, <(command).
            try:
                return cls(f"pipe {path}", None, target.read_bytes())
            except OSError as error:
                raise FileError(f"{path} cannot be read: {error.strerror or error}") from error
        return cls(str(path), target)

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """Open the uncompressed bytes in a ``with`` block."""
        try:
            with io.BytesIO(self.data) if self.path is None else self.path.open("rb") as raw:
                packed = raw.read(2) == GZIP_MAGIC
                raw.seek(0)
                if packed:
                    with gzip.open(raw) as unpacked:
                        yield io.BufferedReader(unpacked)
                else:
                    yield raw
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise FileError(f"{self.name} is compressed, but corrupt or truncated: {error}") from error
        except OSError as error:
            raise FileError(f"{self.name} cannot be read: {error.strerror or error}") from error

    @contextmanager
    def lines(self) -> Iterator[Lines]:
        """Open the uncompressed lines in a ``with`` block."""
        with self.opened() as raw, io.TextIOWrapper(raw, encoding="utf-8", errors="replace") as stream:
            yield Lines(stream, self.name)


class Lines:
    """The lines of a text, one after the other, counted for messages."""

    def __init__(self, stream: IO[str], name: str) -> None:
        self._stream = stream
        self.name = name
        self.number = 0
        """Of the line read last, from 1."""

    def __iter__(self) -> Iterator[str]:
        for line in iter(partial(self._stream.readline, LONGEST_LINE), ""):
            self.number += 1
            if len(line) >= LONGEST_LINE and not line.endswith("\n"):
                raise self.error(f"a line of {LONGEST_LINE} characters or more, which no configuration has")
            yield line

    def next(self, expected: str) -> str:
        """The next line, which must be there."""
        for line in self:
            return line
        raise FileError(f"{self.name} ends after line {self.number}; expected {expected}")

    def next_filled(self) -> str | None:
        """The next line that is not blank, or None at the end."""
        return next((line for line in self if line.strip()), None)

    def take(self, count: int, what: str) -> list[str]:
        """The next `count` lines, which must be there."""
        # No memory is allocated for the count, because it may be wrong in a corrupt file.
        rows = list(islice(self, count))
        if len(rows) < count:
            raise FileError(f"{self.name} ends after line {self.number}; expected {count} {what}, found {len(rows)}")
        if rows and not rows[-1].endswith("\n"):
            warnings.warn(f"{self.name} ends without the end of a line; is it whole?", FileWarning, stacklevel=2)
        return rows

    def integer(self, expected: str) -> int:
        """The next line, which must be a single integer that is not negative."""
        words = self.next(expected).split()
        if len(words) != 1 or not words[0].isascii() or not words[0].isdigit() or len(words[0]) > 18:
            raise self.error(f"expected {expected}, an integer, not {shown(' '.join(words))}")
        return int(words[0])

    def error(self, message: str, line: int | None = None) -> FileError:
        """An error that names the line read last, or another one."""
        return FileError(f"{self.name}, line {self.number if line is None else line}: {message}")


def shown(text: str) -> str:
    """A piece of a file, shortened for a message."""
    text = text.strip()
    return repr(text if len(text) <= 60 else text[:57] + "...")


def decimals(lines: Lines, words: Sequence[str], expected: str) -> list[Decimal]:
    """Finite decimal numbers from the words of the line read last."""
    try:
        values = [DECIMAL.create_decimal(word) for word in words]
    except DecimalException:
        values = []
    # A number beyond the range of a double cannot be a coordinate, and one that is smaller than all of them is none.
    if not values or not all(value.is_finite() and value.adjusted() < 300 for value in values):
        raise lines.error(f"expected {expected}, finite numbers, not {shown(' '.join(words))}")
    return [value if value.adjusted() > -330 else Decimal(0) for value in values]


class Table:
    """Rows of named columns.

    Parameters
    ----------
    lines : Lines
        Lines from which the rows come, for messages.
    rows : sequence of str
        The rows; the last one is the line read last.
    columns : sequence of str
        A name for each column.
    """

    def __init__(self, lines: Lines, rows: Sequence[str], columns: Sequence[str]) -> None:
        self._name = lines.name
        self._first = lines.number - len(rows) + 1
        self._rows = [row.split() for row in rows]
        self.columns = tuple(columns)
        if len(set(self.columns)) < len(self.columns):
            raise lines.error(
                f"a column is named twice: {shown(' '.join(self.columns))}", self._first - 1 if rows else None
            )
        for index, row in enumerate(self._rows):
            if len(row) != len(self.columns):
                raise self.error(
                    index,
                    f"expected {len(self.columns)} columns ({' '.join(self.columns)}), found {len(row)}",
                )

    def __len__(self) -> int:
        return len(self._rows)

    def error(self, row: int, message: str) -> FileError:
        """An error that names the line of a row."""
        return FileError(f"{self._name}, line {self._first + row}: {message}")

    def words(self, column: str) -> list[str]:
        """A column of words, as it is written."""
        index = self.columns.index(column)
        return [row[index] for row in self._rows]

    def numbers(self, *columns: str) -> FloatArray:
        """Columns of numbers, shape (N, number of columns)."""
        return np.stack([self._converted(column, float, "a number") for column in columns], axis=1)

    def integers(self, column: str) -> IntegerArray:
        """A column of integers, shape (N,)."""
        return self._converted(column, int, "an integer")

    def ids(self, column: str = "id") -> IntegerArray:
        """A column of integers, each of which must occur only once."""
        ids = self.integers(column)
        order = np.argsort(ids, kind="stable")
        repeated = np.flatnonzero(np.diff(ids[order]) == 0)
        if repeated.size:
            first, second = (int(row) for row in order[repeated[0] : repeated[0] + 2])
            raise self.error(second, f"id {ids[second]} is already that of line {self._first + first}")
        return ids

    def digits(self, *columns: str) -> int:
        """The largest number of significant digits in columns, from at most 1000 rows."""
        indices = [self.columns.index(column) for column in columns]
        words = chain.from_iterable((row[index] for index in indices) for row in self._rows[:1000])
        return max((significant_digits(word) for word in words), default=0)

    def _converted(self, column: str, kind: type, what: str) -> NDArray[Any]:
        words = self.words(column)
        dtype = np.float64 if kind is float else np.int64
        try:
            return np.array([kind(word) for word in words], dtype=dtype)
        except (ValueError, OverflowError):
            for row, word in enumerate(words):
                try:
                    np.array(kind(word), dtype=dtype)
                except (ValueError, OverflowError):
                    raise self.error(row, f"{column} must be {what}, not {shown(word)}") from None
            raise


def significant_digits(word: str) -> int:
    """The number of significant digits with which a decimal number is written."""
    mantissa = word.lower().partition("e")[0].lstrip("+-").replace(".", "")
    return len(mantissa.lstrip("0"))


def is_integer(word: str) -> bool:
    """Whether a word is a decimal integer."""
    return word.isascii() and word.lstrip("+-").isdigit()
