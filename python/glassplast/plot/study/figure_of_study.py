"""A figure of a study: a picture with its caption and the numbers that it shows."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassplast.files.replacing import made_directory, replacing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["ENDINGS", "RESOLUTION", "StudyFigure"]

#: Endings of the files of a figure: the picture as pixels and as curves, and its numbers.
ENDINGS = (".png", ".pdf", ".csv")
#: Dots an inch of the PNG.
RESOLUTION = 200.0


@dataclass(frozen=True, repr=False)
class StudyFigure:
    """A figure of a study.

    Attributes
    ----------
    name : str
        The name of its files, which is that of the function that drew it.
    title : str
        A short title.
    caption : str
        What is shown, with the numbers of samples, and what the intervals are.
    figure : matplotlib.figure.Figure
        The picture.
    data : list of dict
        The numbers in the picture, one observation a row.
    """

    name: str
    title: str
    caption: str
    figure: Figure
    data: list[dict[str, Any]]

    def __repr__(self) -> str:
        return f"StudyFigure({self.name!r}, {self.title!r}, {len(self.data)} rows)"

    def write(self, directory: str | os.PathLike[str]) -> list[Path]:
        """Write the picture as PNG and PDF, and its numbers as CSV.

        Parameters
        ----------
        directory : path-like
            Directory of the files, which is made if it is missing; existing files are replaced.

        Returns
        -------
        list of Path

        Raises
        ------
        FileError
            If a file cannot be written.
        """
        folder = made_directory(directory)
        paths = [folder / f"{self.name}{ending}" for ending in ENDINGS]
        layout = self.figure.get_layout_engine()
        for path in paths[:2]:
            with replacing(path) as temporary:
                self.figure.savefig(
                    temporary, format=path.suffix[1:], dpi=RESOLUTION, facecolor="white", metadata=_metadata(path)
                )
            if layout is not None:
                # Everything has its place now; finding it again takes as long as drawing.
                self.figure.set_layout_engine("none")
        self.figure.set_layout_engine(layout)
        with replacing(paths[2]) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
            _write_rows(self.data, stream)
        return paths


def _metadata(path: Path) -> dict[str, Any]:
    """Nothing that differs from one drawing of the same numbers to the next."""
    return {"CreationDate": None} if path.suffix == ".pdf" else {"Software": None}


def _write_rows(rows: Sequence[dict[str, Any]], stream: Any) -> None:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
