"""What the linear responses of one glass cost: fields, moduli, vibrality and what follows, pseudo-harmonic modes.

python -m bench.study_fields FILE MODEL

Process time on one thread, median of five (of the modes one), after the factorization and the nonaffine velocity, which
are the cost of every response; "from positions" has them in it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

import glassplast as gp
from glassplast.local_modulus import local_shear_modulus
from glassplast.quasilocalized import pseudo_harmonic_modes


def median_time(work: Callable[[], object], repeats: int) -> float:
    spent = []
    for _ in range(repeats):
        begin = time.process_time()
        work()
        spent.append(time.process_time() - begin)
    return float(np.median(spent))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("model")
    options = parser.parse_args()
    glass = gp.minimize(gp.read(options.file, model=options.model))
    analysis = gp.Analysis(glass, threads=1)
    velocity = analysis.nonaffine_velocity(0.0)
    analysis.nonaffine_velocity(np.eye(glass.dimension, k=1))

    def from_positions(*keys: str) -> Callable[[], object]:
        return lambda: gp.indicators.compute(gp.Analysis(glass, threads=1), keys)

    subjects: dict[str, tuple[Callable[[], object], int]] = {
        "coarse-grained stress": (lambda: gp.coarse_grained_stress(glass), 5),
        "coarse-grained displacement and gradient": (lambda: gp.coarse_grained_gradient(glass, velocity), 5),
        "local shear modulus": (lambda: local_shear_modulus(analysis), 5),
        "its map, nodes 1 apart": (lambda: gp.shear_modulus_map(analysis, 1.0), 5),
        "elastic constants": (lambda: gp.elasticity(gp.Analysis(glass, threads=1)), 5),
        "vibrality and heat capacity, from positions": (from_positions("vibrality", "heat_capacity"), 5),
        "thermal expansion, from positions": (from_positions("thermal_expansion"), 5),
        "anisotropic heat capacity, from positions": (from_positions("anisotropic_heat_capacity"), 5),
        "soft modes, from positions": (from_positions("soft_modes"), 1),
        "pseudo-harmonic modes": (lambda: pseudo_harmonic_modes(analysis), 1),
        "nonlinear modes": (lambda: gp.nonlinear_modes(analysis), 1),
    }
    print(f"{options.file}, N = {len(glass)}\n| what | s |\n|---|---|")
    for name, (work, repeats) in subjects.items():
        print(f"| {name} | {median_time(work, repeats):.3f} |", flush=True)
    for modes in (pseudo_harmonic_modes(analysis), gp.nonlinear_modes(analysis)):
        print(f"{len(modes.pairs)} starts, {len(modes)} modes, {np.sum(modes.found_from < 0)} searches without one")


if __name__ == "__main__":
    main()
