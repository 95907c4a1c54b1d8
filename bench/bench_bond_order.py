"""Bond-orientational order |Psi_m| from positions at N = 10^4, against freud.

Neighbours are all particles within one distance, as freud finds them from positions: disks of equal diameters, which
stand where those of a polydisperse glass do. freud finds neighbours by its tree, which is its fastest way here, and
computes in single precision, on one thread.
"""

from __future__ import annotations

import freud
import numpy as np

import glassplast as gp
from bench.measure import Check, Comparison, interleaved, main, sample, seconds
from glassplast.indicators.structure import hexatic

REACH = 1.4
ORDERS = (6, 2)


def compare(quick: bool) -> list[Comparison]:
    given = sample("poly_inf_10000.xyz")
    glass = gp.Glass(given.positions, box=given.cell, diameters=np.ones(len(given)))
    side = float(glass.cell[0, 0])
    box = freud.box.Box(side, side, is2D=True)
    points = box.wrap(np.column_stack([glass.positions - 0.5 * side, np.zeros(len(glass))]))
    freud.parallel.set_num_threads(1)
    return [_compare(order, glass, box, points, 1 if quick else 15) for order in ORDERS]


def _compare(order: int, glass: gp.Glass, box: freud.box.Box, points: np.ndarray, repetitions: int) -> Comparison:
    measure = freud.order.Hexatic(k=order)
    found = np.empty(0)

    def ours() -> None:
        nonlocal found
        found = hexatic(gp.Analysis(glass, threads=1), m=order, factor=REACH)

    def theirs() -> None:
        tree = freud.locality.AABBQuery(box, points)
        measure.compute(tree, neighbors={"r_max": REACH, "exclude_ii": True})

    times = interleaved([lambda: seconds(ours), lambda: seconds(theirs)], repetitions)
    differences = np.abs(found - np.abs(measure.particle_order))
    # Of a pair that single precision takes for a neighbour, or does not, all of a particle's order depends.
    check = Check("difference of Psi for 99.9 % of the particles", float(np.quantile(differences, 0.999)), 1e-4)
    return Comparison("bond_order", f"Psi_{order} from positions, N = {len(glass)}", "freud", *times, [check])


if __name__ == "__main__":
    main(compare, __doc__)
