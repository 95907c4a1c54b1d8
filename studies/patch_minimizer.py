"""Evaluations of conjugate gradients for an increment of strain of a patch: ours against LAMMPS' on the same patch.

python -m studies.patch_minimizer [FILE] [--nodes 4] [--increments 40]

The particles of a disk relax in a matrix that is scaled along x and y (loading angle 45 degrees, so that the box of
LAMMPS stays rectangular), in increments of 1e-4, to forces below 1e-8.
"""

from __future__ import annotations

import argparse
import math
import re
import tempfile
from pathlib import Path

import numpy as np

import glassplast as gp
from bench.lammps_peer import MINIMIZERS, LammpsMixture

INCREMENT, RADIUS, TOLERANCE = 1e-4, 5.0, 1e-8
DEFAULT = Path(__file__).parent.parent / "tests" / "data" / "lj_gq_1024.data"


def of_lammps(glass: gp.Glass, node: np.ndarray, increments: int) -> list[int]:
    mixture = LammpsMixture(glass)
    positions = glass.wrapped().positions
    fraction = (positions - node) @ np.linalg.inv(glass.cell).T
    away = np.linalg.norm((fraction - np.rint(fraction)) @ glass.cell.T, axis=1)
    inside = " ".join(str(k + 1) for k in np.flatnonzero(away < RADIUS))
    shrunk, grown = math.exp(-0.5 * INCREMENT), math.exp(0.5 * INCREMENT)
    mixture.run(f"""
        group inside id {inside}
        group outside subtract all inside
        fix frozen outside setforce 0.0 0.0 0.0
        fix flat all enforce2d
        {MINIMIZERS["cg"]}
        """)
    with tempfile.TemporaryDirectory() as directory:
        log = Path(directory) / "log"
        mixture.run(f"log {log}")
        for _ in range(increments):
            mixture.run(f"change_box all x scale {shrunk!r} y scale {grown!r} remap units box")
            mixture.minimize(TOLERANCE)
        mixture.run("log none")
        return [int(count) for count in re.findall(r"force evaluations = \d+ (\d+)", log.read_text())]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", nargs="?", default=str(DEFAULT))
    parser.add_argument("--nodes", type=int, default=4)
    parser.add_argument("--increments", type=int, default=40)
    options = parser.parse_args()
    glass = gp.minimize(gp.read(options.file, model="lj"))
    nodes = np.random.default_rng(2).random((options.nodes, 2)) @ glass.cell.T + glass.box.origin
    print("| node | increments | ours, evaluations each | LAMMPS | ratio |\n|---|---|---|---|---|")
    ratios = []
    for node in nodes:
        ours = gp.local_yield_stress(
            glass, nodes=node[None], angles=[45.0], stepping="fixed", increment=INCREMENT,
            largest_strain=(options.increments + 0.5) * INCREMENT, radius=RADIUS,
        )  # fmt: skip
        # Where the stress falls it stops, one increment later.
        done = options.increments if np.isnan(ours.strain[0, 0]) else round(ours.strain[0, 0] / INCREMENT) + 1
        each = float(ours.evaluations[0, 0]) / done
        peer = float(np.mean(of_lammps(glass, node, done)))
        ratios.append(each / peer)
        print(f"| {node[0]:.1f}, {node[1]:.1f} | {done} | {each:.0f} | {peer:.0f} | {each / peer:.2f} |", flush=True)
    print(f"median ratio {np.median(ratios):.2f}")


if __name__ == "__main__":
    main()
