"""Bond-orientational order |Psi_m| from positions at N = 10^4, against freud.

Neighbours are all particles within one distance, as freud finds them from positions: disks of equal diameters, which
stand where those of a polydisperse glass do. freud has a tree and a list of cells to find neighbours; it computes in
single precision, on one thread.
"""

from __future__ import annotations

from collections.abc import Callable

import freud
import numpy as np

import glassplast as gp
from bench.measure import Check, Comparison, interleaved, main, sample, seconds
from glassplast.indicators.structure import hexatic

REACH = 1.4
ORDERS = (6, 2)
SEARCHES: dict[str, Callable[[freud.box.Box, np.ndarray], object]] = {
    "freud, tree": freud.locality.AABBQuery,
    "freud, cells": lambda box, points: freud.locality.LinkCell(box, points, cell_width=REACH),
}


def compare(quick: bool) -> list[Comparison]:
    given = sample("poly_inf_10000.xyz")
    glass = gp.Glass(given.positions, box=given.cell, diameters=np.ones(len(given)))
    side = float(glass.cell[0, 0])
    box = freud.box.Box(side, side, is2D=True)
    points = box.wrap(np.column_stack([glass.positions - 0.5 * side, np.zeros(len(glass))]))
    freud.parallel.set_num_threads(1)
    return [row for order in ORDERS for row in _compare(order, glass, box, points, 1 if quick else 15)]


def _compare(order: int, glass: gp.Glass, box: freud.box.Box, points: np.ndarray, repetitions: int) -> list[Comparison]:
    measures = {name: freud.order.Hexatic(k=order) for name in SEARCHES}
    found = np.empty(0)

    def ours() -> float:
        def compute() -> None:
            nonlocal found
            found = hexatic(gp.Analysis(glass, threads=1), m=order, factor=REACH)

        return seconds(compute)

    def theirs(name: str) -> Callable[[], float]:
        neighbors = {"r_max": REACH, "exclude_ii": True}
        return lambda: seconds(lambda: measures[name].compute(SEARCHES[name](box, points), neighbors=neighbors))

    own_times, *peer_times = interleaved([ours, *map(theirs, SEARCHES)], repetitions)
    rows = []
    for name, times in zip(SEARCHES, peer_times, strict=True):
        differences = np.abs(found - np.abs(measures[name].particle_order))
        # Of a pair that single precision takes for a neighbour, or does not, all of a particle's order depends.
        checks = [Check("difference of Psi for 99.9 % of the particles", float(np.quantile(differences, 0.999)), 1e-4)]
        case = f"Psi_{order} from positions, N = {len(glass)}"
        rows.append(Comparison("bond_order", case, name, own_times, times, checks))
    return rows


if __name__ == "__main__":
    main(compare, __doc__)
