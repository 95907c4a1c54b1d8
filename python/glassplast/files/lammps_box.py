"""The box of LAMMPS, with a along x and b in the xy plane, given by bounds lo, hi and tilts xy, xz, yz."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext
from typing import NamedTuple

import numpy as np

from glassplast.errors import FileError
from glassplast.files.text import DECIMAL, Lines
from glassplast.foundation.arrays import FloatArray
from glassplast.glass import Glass

__all__ = ["LammpsBox", "lammps_box", "positions_in_space", "reduced_cell"]

ZERO, HALF = Decimal(0), Decimal("0.5")


class LammpsBox(NamedTuple):
    """Bounds and tilts as decimal numbers, so that hi - lo gives each side as the same double.

    Attributes
    ----------
    low, high : sequence of three Decimal
        Bounds along x, y and z.
    tilt : sequence of three Decimal
        Tilts xy, xz and yz.
    """

    low: Sequence[Decimal]
    high: Sequence[Decimal]
    tilt: Sequence[Decimal]

    @property
    def is_tilted(self) -> bool:
        """Whether the box is not a rectangle."""
        return any(self.tilt)

    def checked(self, lines: Lines) -> LammpsBox:
        """The same box, after a check that it has an extent.

        Raises
        ------
        FileError
            If the box has no extent; the message names the line read last.
        """
        for axis, low, high in zip("xyz", self.low, self.high, strict=True):
            if not low < high:
                raise lines.error(f"the box has no extent in {axis}: it goes from {low} to {high}")
        return self

    def bounding(self) -> LammpsBox:
        """The box with the bounds of the corners of the tilted box, as in a dump."""
        return self._moved(1)

    def from_bounding(self) -> LammpsBox:
        """The inverse of `bounding`."""
        return self._moved(-1)

    def _moved(self, sign: int) -> LammpsBox:
        xy, xz, yz = self.tilt
        with localcontext(DECIMAL):
            ends = ((ZERO, xy, xz, xy + xz), (ZERO, yz), (ZERO,))
            low = [value + sign * min(end) for value, end in zip(self.low, ends, strict=True)]
            high = [value + sign * max(end) for value, end in zip(self.high, ends, strict=True)]
        return LammpsBox(low, high, self.tilt)

    def cell(self) -> tuple[FloatArray, FloatArray]:
        """The cell, shape (3, 3), whose columns are the cell vectors, and the origin."""
        xy, xz, yz = map(float, self.tilt)
        with localcontext(DECIMAL):
            x, y, z = (float(high - low) for low, high in zip(self.low, self.high, strict=True))
        cell = np.array([[x, xy, xz], [0.0, y, yz], [0.0, 0.0, z]])
        return cell, np.array([float(low) for low in self.low])


def reduced_cell(glass: Glass, format_name: str) -> list[list[Decimal]]:
    """The cell, shape (3, 3), of the same lattice with tilts of at most half a side; in 2D its thickness is 1.

    Older versions of LAMMPS refuse larger tilts, and newer ones warn of them.

    Raises
    ------
    FileError
        If a is not along x, or b not in the xy plane with positive y.
    """
    cell = np.eye(3)
    cell[: glass.dimension, : glass.dimension] = glass.cell
    if np.tril(cell, -1).any() or (np.diag(cell) <= 0).any():
        raise FileError(
            f"{format_name} files hold only boxes with a along x, b in the xy plane and positive sides, not "
            f"{glass.cell.tolist()}; write extended XYZ or HDF5, or rotate the configuration"
        )
    exact = [[Decimal(repr(value)) for value in row] for row in cell.tolist()]
    with localcontext(DECIMAL):
        for column, row in ((1, 0), (2, 1), (2, 0)):
            turns = (exact[row][column] / exact[row][row]).to_integral_value()
            for other in range(row + 1 if turns else 0):
                exact[other][column] -= turns * exact[other][row]
    return exact


def lammps_box(glass: Glass, format_name: str) -> LammpsBox:
    """The box of a configuration with reduced tilts; in 2D it extends from -0.5 to 0.5 in z.

    Raises
    ------
    FileError
        See `reduced_cell`.
    """
    cell = reduced_cell(glass, format_name)
    low = [Decimal(repr(value)) for value in glass.box.origin.tolist()]
    if glass.dimension == 2:
        low.append(-HALF)
    with localcontext(DECIMAL):
        high = [low[axis] + cell[axis][axis] for axis in range(3)]
    return LammpsBox(low, high, (cell[0][1], cell[0][2], cell[1][2]))


def positions_in_space(glass: Glass) -> FloatArray:
    """The positions in three dimensions, shape (N, 3), with z = 0 for a two-dimensional glass."""
    positions = np.zeros((len(glass), 3))
    positions[:, : glass.dimension] = glass.positions
    return positions
