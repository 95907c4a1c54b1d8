"""Checkpoints of a run: a directory with the start, and a file for each event, written as soon as it is found.

Each file is written under a temporary name, flushed to the disk, and renamed. Whenever a run is interrupted, the
directory holds it up to its last complete event.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from glassplast.errors import FileError
from glassplast.files.glass_group import read_glass, write_glass
from glassplast.files.hdf5_layer import opened, replace_file, require_schema, set_attributes, text
from glassplast.files.json_text import json_mapping, json_text
from glassplast.files.records import read_record, write_record
from glassplast.files.replacing import made_directory
from glassplast.files.run_states import CHECKPOINT_SCHEMA, CHECKPOINT_VERSION, END, START, event_name
from glassplast.glass import Glass
from glassplast.quasistatic.branch_curve import BranchCurve
from glassplast.quasistatic.events import Event
from glassplast.quasistatic.protocol import ExactProtocol, protocol_of_record
from glassplast.quasistatic.storage import read_events, read_state, write_events, write_state
from glassplast.quasistatic.target import Target

__all__ = ["Checkpoints", "StoredRun", "read_checkpoints"]

_EVENT_NAME = re.compile(r"event-(\d{6,})\.h5")


@dataclass(frozen=True)
class StoredRun:
    """The run that a directory of checkpoints holds.

    Attributes
    ----------
    start : Glass
        The glass that was sheared.
    protocol : ExactProtocol
        Loading, minimizer and tolerance of the run.
    target : Target
        Conditions at which the run is to end.
    passed : list of (BranchCurve, Event)
        The branches that ended in an instability, with the events at their ends.
    ending : (BranchCurve, Glass), optional
        The branch that reached the target, and the state there.
    """

    start: Glass
    protocol: ExactProtocol
    target: Target
    passed: list[tuple[BranchCurve, Event]] = field(default_factory=list)
    ending: tuple[BranchCurve, Glass] | None = None

    @property
    def strain(self) -> float:
        """Strain of the last event, or of the start if there is no event."""
        return self.passed[-1][1].strain if self.passed else self.start.strain

    @property
    def direction(self) -> float:
        """1 if the strain grows, -1 if it falls."""
        return 1.0 if self.target.to >= self.start.strain else -1.0


class Checkpoints:
    """A directory that a run writes to."""

    def __init__(self, path: Path, start: Glass, protocol: ExactProtocol) -> None:
        self.path = path
        self.start = start
        self.protocol = protocol

    @classmethod
    def create(cls, path: Path, start: Glass, protocol: ExactProtocol, target: Target) -> Checkpoints:
        """Prepare a directory for a new run; it is made if it is missing.

        Raises
        ------
        FileError
            If the directory holds a run already, or cannot be written.
        """
        made_directory(path)
        if any((path / name).exists() for name in (START, event_name(1), END)):
            raise FileError(
                f"{path} holds a run already: continue it with glassplast.resume({str(path)!r}) or glassplast shear "
                f"--resume {path}, or choose another directory"
            )
        made = cls(path, start, protocol)
        made._clean()
        made.write_start(target)
        return made

    @classmethod
    def open(cls, path: Path) -> tuple[Checkpoints, StoredRun]:
        """Open a directory to continue its run, and read what it holds.

        Raises
        ------
        FileNotFoundError, FileError
            See `read_checkpoints`.
        """
        known = read_checkpoints(path)
        opened_again = cls(path, known.start, known.protocol)
        opened_again._clean()
        return opened_again, known

    def write_start(self, target: Target) -> None:
        """Write the start, the protocol and the target."""

        def fill(file: Any) -> None:
            set_attributes(file, protocol=json_text(self.protocol.record), target=json_text(target.stored))
            write_glass(file.create_group("glass"), self.start)

        self._write(START, fill)

    def add(self, number: int, event: Event, curve: BranchCurve) -> None:
        """Write an event, with its number counted from 1, and the branch that led to it."""

        def fill(file: Any) -> None:
            set_attributes(file, number=number)
            write_record(file.create_group("curve"), curve)
            write_events(file.create_group("events"), [event], self.start)

        self._write(event_name(number), fill)

    def finish(self, curve: BranchCurve, last: Glass) -> None:
        """Write the branch that reached the target, and the state there."""

        def fill(file: Any) -> None:
            write_record(file.create_group("curve"), curve)
            write_state(file.create_group("end"), last)

        self._write(END, fill)

    def _write(self, name: str, fill: Callable[[Any], None]) -> None:
        replace_file(self.path / name, CHECKPOINT_SCHEMA, CHECKPOINT_VERSION, fill)

    def _clean(self) -> None:
        """Remove the unfinished files of a killed process."""
        for left in self.path.glob(".*.h5.*.part"):
            with suppress(OSError):
                left.unlink()


@contextmanager
def _checkpoint(path: Path) -> Iterator[Any]:
    with opened(path, CHECKPOINT_SCHEMA) as file:
        require_schema(file, path, CHECKPOINT_SCHEMA, CHECKPOINT_VERSION)
        yield file


def read_checkpoints(path: Path) -> StoredRun:
    """Read the run in a directory of checkpoints; unfinished files are ignored.

    Raises
    ------
    FileNotFoundError
        If the directory holds no run.
    FileError
        If a file is corrupt, missing or belongs to another run; the message names the file and the remedy.
    """
    if not (path / START).exists():
        raise FileNotFoundError(f"{path} holds no shear run: there is no {path / START}")
    with _checkpoint(path / START) as file:
        start = read_glass(file["glass"], START)
        protocol = protocol_of_record(json_mapping(text(file.attrs["protocol"]), START), start.dimension)
        if not isinstance(protocol, ExactProtocol):
            raise FileError(f"{path / START} belongs to a run in fixed stepping, which has no checkpoints")
        target = Target.from_stored(json_mapping(text(file.attrs["target"]), START))
    known = StoredRun(start, protocol, target)
    numbers = [int(found[1]) for entry in path.iterdir() if (found := _EVENT_NAME.fullmatch(entry.name))]
    for number in range(1, max(numbers, default=0) + 1):
        name = path / event_name(number)
        remedy = f"; to continue from the event before it, delete it and all later files event-*.h5 in {path}"
        if not name.exists():
            raise FileError(f"{name} is missing{remedy.replace('delete it and', 'delete')}")
        try:
            with _checkpoint(name) as file:
                curve = read_record(file["curve"], BranchCurve, str(path))
                (event,) = read_events(file["events"], start, protocol)
            if event.before.positions.shape != start.positions.shape or curve.strain[0] != known.strain:
                raise FileError(f"{name} does not follow the event before it")
        except (FileError, ValueError) as error:
            raise FileError(f"{error}{remedy}") from error
        known.passed.append((curve, event))
    if not (path / END).exists():
        return known
    try:
        with _checkpoint(path / END) as file:
            curve, last = read_record(file["curve"], BranchCurve, str(path)), read_state(file["end"], start, protocol)
    except FileError as error:
        raise FileError(f"{error}; delete it to compute the last branch again") from error
    # Once a run continues to a new target, the state written at the old target is out of date.
    if last.strain != target.to or curve.strain[0] != known.strain:
        return known
    return replace(known, ending=(curve, last))
