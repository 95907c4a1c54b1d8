"""The command ``glassplast report``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from glassplast.commands.options import add_command
from glassplast.commands.session import Session
from glassplast.errors import FileError

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    add_command(
        commands,
        "report",
        "draw the pictures and pages of results again",
        "glassplast report out/results.h5 --out again/",
        run,
        text="report.html needs nothing else; explore.html, with maps that are zoomed and compared, needs the extra "
        "report (Bokeh) where it is made, and nothing where it is read. Pictures and pages of before are replaced.",
        options=_add_options,
    )


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "results",
        metavar="RESULTS",
        nargs="+",
        help="HDF5 files of glassplast run, shear or indicators",
    )
    parser.add_argument(
        "--out",
        metavar="DIR",
        help="directory to write to, with a directory in it for each of several files (default: that of a results.h5, "
        "and a new one beside a file of another name)",
    )


def run(session: Session) -> int:
    """Draw and write everything anew."""
    from glassplast.report import write_report
    from glassplast.report.writing import EXPLORER, PAGE
    from glassplast.results import Results

    arguments = session.arguments
    places = _places([Path(name) for name in arguments.results], arguments.out)
    for path, out in places.items():
        with session.bars():
            written = write_report(Results.load(path), out, progress=session.tell)
        for name in (PAGE, EXPLORER):
            if name in written:
                session.wrote(written[name])
    if EXPLORER not in written:
        session.say("explore.html was not written: it needs pip install 'glassplast[report]'")
    session.offer(written.get(EXPLORER, written[PAGE]))
    return 0


def _places(paths: list[Path], out: str | None) -> dict[Path, Path]:
    """The directory of the report of each file."""
    if out is not None and len(paths) == 1:
        return {paths[0]: Path(out)}
    places: dict[Path, Path] = {}
    for path in paths:
        named_by_directory = path.name == "results.h5"
        if out is None:
            places[path] = path.parent if named_by_directory else path.with_suffix("")
        else:
            places[path] = Path(out) / (path.resolve().parent.name if named_by_directory else path.stem)
    taken = [place for place in places.values() if list(places.values()).count(place) > 1]
    if taken:
        raise FileError(f"two of the files would be reported in {taken[0]}; report them one by one with --out")
    return places
