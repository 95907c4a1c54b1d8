"""What the linear responses of one glass cost: fields, moduli, vibrality and what follows, quasilocalized modes.

python -m bench.fields FILE MODEL

Process time on one thread, median of five (of the modes one), after the factorization and the nonaffine velocity, which
are the cost of every response; "from positions" has them in it. Of quasilocalized modes also what changes when searches
do not begin in neighbourhoods.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

import glassplast as gp
from bench.measure import overlap
from glassplast.probes.quasilocalized import pseudo_harmonic_modes
from glassplast.response.local_modulus import local_shear_modulus


def median_time(work: Callable[[], object], repeats: int) -> float:
    spent = []
    for _ in range(repeats):
        begin = time.process_time()
        work()
        spent.append(time.process_time() - begin)
    return float(np.median(spent))


#: Overlap of modes that are the same.
SAME = 0.99


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
    }
    print(f"{options.file}, N = {len(glass)}\n| what | s |\n|---|---|")
    for name, (work, repeats) in subjects.items():
        print(f"| {name} | {median_time(work, repeats):.3f} |", flush=True)
    print("\n| modes | starts | found | without | s | all particles: found | s | same end | of its 20 softest |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, search in (("pseudo-harmonic", pseudo_harmonic_modes), ("nonlinear", gp.nonlinear_modes)):
        begin = time.process_time()
        near = search(analysis)
        between = time.process_time()
        whole = search(analysis, neighbourhood=0)
        spent = between - begin, time.process_time() - between
        softest = whole.vectors[np.argsort(whole.stiffnesses)[:20]]
        again = sum(max(abs(overlap(mode, other)) for other in near.vectors) > SAME for mode in softest)
        ends = zip(near.led_to, whole.led_to, strict=True)
        same = np.mean([min(k, j) >= 0 and abs(overlap(near.vectors[k], whole.vectors[j])) > SAME for k, j in ends])
        found = f"{len(near.pairs)} | {len(near)} | {np.sum(near.led_to < 0)} | {spent[0]:.1f}"
        print(f"| {name} | {found} | {len(whole)} | {spent[1]:.1f} | {same:.3f} | {again} |", flush=True)


if __name__ == "__main__":
    main()
