"""The common part of all commands: consoles, progress bars and log, and reading and writing of files."""

from __future__ import annotations

import argparse
import csv
import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from glassplast.errors import ModelError

if TYPE_CHECKING:
    from glassplast.glass import Glass
    from glassplast.models import Model
    from glassplast.results import Results

__all__ = ["Session", "complain", "fields_in_columns"]


def complain(text: str) -> None:
    """Print a line on the standard error, even if the command was asked to be quiet."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(text)


def _consoles(quiet: bool) -> tuple[Console, Console]:
    """The consoles for results (stdout), and for progress and messages (stderr)."""
    # A table in a pipe must not be folded to 80 columns, since there is no terminal.
    width = None if "COLUMNS" in os.environ else 160
    out = Console(highlight=False)
    if not out.is_terminal and width is not None:
        out = Console(highlight=False, width=width)
    if quiet:
        return out, Console(stderr=True, quiet=True)
    errors = Console(stderr=True, highlight=False)
    if not errors.is_terminal and width is not None:
        errors = Console(stderr=True, highlight=False, width=width, soft_wrap=True)
    return out, errors


class _LogLines(logging.Handler):
    """Shows log messages of the package as lines above the bars."""

    def __init__(self, session: Session) -> None:
        super().__init__(logging.INFO)
        self._session = session

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.levelno >= logging.WARNING:
            self._session.warn(text)
        else:
            self._session.say(escape(text))


class Session:
    """One call of the command line.

    Parameters
    ----------
    arguments : argparse.Namespace
        Parsed arguments.
    command : sequence of str
        Words of the command line, for the provenance.

    Attributes
    ----------
    out, errors : rich.console.Console
        Consoles for results (stdout), and for progress and messages (stderr).
    """

    def __init__(self, arguments: argparse.Namespace, command: Sequence[str]) -> None:
        self.arguments = arguments
        self.command = list(command)
        self.out, self.errors = _consoles(arguments.quiet)
        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"),
            console=self.errors,
            transient=True,
            disable=not self.errors.is_terminal,
        )
        self._shown: dict[str, tuple[str, TaskID]] = {}

    # --- what is said while a command runs --------------------------------------------------------------------------

    @contextmanager
    def logging(self) -> Iterator[None]:
        """Show log messages of the package while a command runs."""
        logger = logging.getLogger("glassplast")
        handler, level, propagate = _LogLines(self), logger.level, logger.propagate
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
        try:
            yield
        finally:
            logger.removeHandler(handler)
            logger.setLevel(level)
            logger.propagate = propagate

    @contextmanager
    def bars(self) -> Iterator[None]:
        """Show progress bars during a computation."""
        with self._bars:
            yield
            self.clear()

    def tell(self, stage: str, part: float | None, note: str) -> None:
        """Show the progress of a stage; stages of samples (``sample 1 of 4, annealing``) have separate bars."""
        sample, comma, _ = stage.partition(",")
        row = sample if comma and sample.startswith("sample ") else ""
        known = self._shown.get(row)
        if known is None or (not row and known[0] != stage):
            self.clear(row)
            known = (stage, self._bars.add_task(stage, total=None, note=""))
            self._shown[row] = known
        total = None if part is None else 1.0
        self._bars.update(known[1], description=stage, total=total, completed=part or 0.0, note=note)

    def clear(self, row: str | None = None) -> None:
        """Remove one bar, or all of them."""
        for name in list(self._shown) if row is None else [row]:
            if name in self._shown:
                self._bars.remove_task(self._shown.pop(name)[1])

    def say(self, text: str) -> None:
        """Print a line above the bars."""
        self.errors.print(text)

    def warn(self, message: str) -> None:
        """Print a line in yellow above the bars."""
        self.errors.print(f"[bold yellow]warning:[/] {escape(message)}", soft_wrap=True)

    def wrote(self, path: str | os.PathLike[str]) -> None:
        """Print that a file was written."""
        if os.fspath(path) != "-":
            self._say_unbroken(f"wrote {escape(os.fspath(path))}")

    def offer(self, page: Path) -> None:
        """Print the address under which a browser opens a page."""
        self._say_unbroken(f"open {escape(page.resolve().as_uri())}")

    def _say_unbroken(self, text: str) -> None:
        """Print a line that may be longer than the terminal is wide, so that its path can be copied as a whole."""
        self.errors.print(text, soft_wrap=True)

    # --- what is read and written -------------------------------------------------------------------------------------

    @property
    def model(self) -> Model | None:
        """The model that the options name."""
        from glassplast.models import Model

        if self.arguments.model is None:
            if self.arguments.parameter:
                raise ModelError("--parameter needs --model")
            return None
        return Model(self.arguments.model, dict(self.arguments.parameter))

    @property
    def indicator_options(self) -> dict[str, dict[str, Any]]:
        """The options of single indicators that were given."""
        options: dict[str, dict[str, Any]] = {}
        for key, name, value in self.arguments.option:
            options.setdefault(key, {})[name] = value
        return options

    def read_configuration(self, *, model_needed: bool = True) -> Glass:
        """Read the configuration that the command was given."""
        from glassplast.files import read
        from glassplast.models import names

        arguments = self.arguments
        glass = read(arguments.file, self.model, frame=arguments.frame, state=arguments.state)
        if model_needed and glass.model is None:
            raise ModelError(f"{self.arguments.file} does not say its model; give --model {{{','.join(names())}}}")
        return glass

    def results_of(self, glass: Glass, source: str) -> Results:
        """Empty results for a configuration from a source."""
        from glassplast.foundation.environment import provenance
        from glassplast.results import Results

        return Results(
            glass,
            configuration={"source": Path(source).name, "path": source},
            provenance=provenance(self.command),
        )

    def write_rows(self, rows: Sequence[Sequence[Any]], path: str) -> None:
        """Write rows as CSV to a file, or to the standard output for ``-``."""
        from glassplast.files.replacing import replacing

        if path == "-":
            csv.writer(sys.stdout, lineterminator="\n").writerows(rows)
            sys.stdout.flush()
            return
        with replacing(Path(path)) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream, lineterminator="\n").writerows(rows)
        self.wrote(path)


def fields_in_columns(rows: Sequence[Sequence[str]], path: str) -> tuple[Sequence[int], Mapping[str, Any]]:
    """The ids and fields in the rows of a CSV table of indicators."""
    import numpy as np

    from glassplast.errors import FileError

    if not rows or list(rows[0][:1]) != ["id"]:
        raise FileError(f"{path}, line 1: expected the columns id and the keys of indicators")
    try:
        table = np.array([[float(word or "nan") for word in row] for row in rows[1:]]).reshape(-1, len(rows[0]))
    except ValueError:
        raise FileError(f"{path}: expected a number in each of {len(rows[0])} columns of each line") from None
    return table[:, 0].astype(int).tolist(), dict(zip(rows[0][1:], table[:, 1:].T, strict=True))
