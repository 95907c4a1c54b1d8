"""One radical Voronoi tessellation of the periodic plane, against freud (unweighted) and LAMMPS' compute voronoi/atom.

Both use voro++ in three dimensions with a thin slab. freud knows no weights, so it is compared with zero weights;
LAMMPS is compared with the same radii. Setup is not timed. Timed are cells, neighbours and dual triangles here, cells
and neighbours in freud, cell volumes in LAMMPS (a step with the compute less a step without it).
"""

from __future__ import annotations

import freud
import numpy as np

from bench.lammps_peer import lammps
from bench.measure import Check, Comparison, interleaved, main, seconds
from glassplast._engine import Box2D, tessellate

SIDE = 100


def disks(n_side: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """A square lattice of unit spacing, each site displaced by up to 0.35, and polydisperse radii."""
    rng = np.random.default_rng(seed)
    grid = np.stack(np.meshgrid(np.arange(n_side), np.arange(n_side)), -1).reshape(-1, 2) + 0.5
    return grid + rng.uniform(-0.35, 0.35, grid.shape), rng.uniform(0.36, 0.8, len(grid))


class LammpsCells:
    """The same disks in LAMMPS."""

    def __init__(self, length: float, positions: np.ndarray, radii: np.ndarray) -> None:
        self.engine = lammps(cmdargs=["-log", "none", "-screen", "none"])
        self.count = len(positions)
        self.engine.commands_string(f"""
            units lj
            dimension 2
            boundary p p p
            atom_style sphere
            atom_modify map array sort 0 0
            region box block 0 {length} 0 {length} -0.5 0.5
            create_box 1 box
            """)
        places = np.column_stack([positions % length, np.zeros(self.count)]).ravel()
        ids = list(range(1, self.count + 1))
        self.engine.create_atoms(self.count, ids, [1] * self.count, places.tolist())
        for name, value in (("radius", radii), ("rmass", np.ones(self.count))):
            self.engine.numpy.extract_atom(name)[: self.count] = value
        self.engine.commands_string("""
            pair_style zero 3.0
            pair_coeff * *
            comm_modify cutoff 6.0
            variable r atom radius
            compute cells all voronoi/atom radius v_r
            compute total all reduce sum c_cells[1]
            """)

    def step(self, with_cells: bool) -> float:
        """Seconds of one step with or without the compute."""
        self.engine.command(f"thermo_style custom step {'c_total' if with_cells else ''}")
        self.engine.command("run 0 post no")
        return seconds(lambda: self.engine.command("run 0 post no"))

    def tessellation(self) -> float:
        """Seconds of the compute alone."""
        without_cells = self.step(False)
        return self.step(True) - without_cells

    @property
    def areas(self) -> np.ndarray:
        return self.engine.numpy.extract_compute("cells", 1, 2)[: self.count, 0].copy()


def compare(quick: bool) -> list[Comparison]:
    length = float(SIDE)
    positions, radii = disks(SIDE)
    zero, weights = np.zeros(len(radii)), radii**2
    box = Box2D([[length, 0.0], [0.0, length]])
    freud_box = freud.box.Box(length, length, is2D=True)
    freud_points = freud_box.wrap(np.column_stack([positions - 0.5 * length, zero]))
    freud_voronoi = freud.locality.Voronoi()
    freud.parallel.set_num_threads(1)
    cells = LammpsCells(length, positions, radii)

    unweighted, by_freud, radical, by_lammps = interleaved(
        [
            lambda: seconds(lambda: tessellate(box, positions, zero)),
            lambda: seconds(lambda: freud_voronoi.compute((freud_box, freud_points))),
            lambda: seconds(lambda: tessellate(box, positions, weights)),
            cells.tessellation,
        ],
        1 if quick else 11,
    )
    from_freud = np.abs(tessellate(box, positions, zero).areas - freud_voronoi.volumes).max()
    from_lammps = np.abs(tessellate(box, positions, weights).areas - cells.areas).max()
    what = "largest difference between areas"
    return [
        Comparison(
            "tessellation",
            f"Voronoi tessellation, N = {len(radii)}",
            "freud",
            unweighted,
            by_freud,
            [Check(what, float(from_freud), 1e-4)],
            "freud rounds positions to single precision",
        ),
        Comparison(
            "tessellation",
            f"radical Voronoi tessellation, N = {len(radii)}",
            "LAMMPS voronoi/atom",
            radical,
            by_lammps,
            [Check(what, float(from_lammps), 1e-10)],
        ),
    ]


if __name__ == "__main__":
    main(compare, __doc__)
