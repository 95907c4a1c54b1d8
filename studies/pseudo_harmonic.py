"""Pseudo-harmonic modes against those of softspot, the package of the authors of the method, from the same starts.

python -m studies.pseudo_harmonic [--starts 12] FILE MODEL

Prints for each start stiffness and cost of both, their overlap, and the time that a search takes. softspot must be
installed: building it takes a Fortran compiler.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import scipy.sparse

import glassplast as gp
from glassplast.probes.quasilocalized import pseudo_harmonic_modes


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("model")
    parser.add_argument("--starts", type=int, default=12)
    options = parser.parse_args()
    from softspot.softspot import SoftSpot

    glass = gp.minimize(gp.read(options.file, model=options.model))
    analysis = gp.Analysis(glass, threads=1)
    begin = time.process_time()
    modes = pseudo_harmonic_modes(analysis)
    ours = (time.process_time() - begin) / len(modes.pairs)
    pairs = analysis.load_bearing_pairs
    peer = SoftSpot(
        ndim=glass.dimension,
        npart=len(glass),
        hessian=scipy.sparse.csr_matrix(analysis.hessian),
        pair_lookup=np.stack([pairs.first, pairs.second], axis=1),
    )
    times: dict[str, list[float]] = {"cg": [], "mapping": []}
    same = 0
    print("| start | kappa | cost | softspot kappa | cost | overlap |\n|---|---|---|---|---|---|")
    for start in range(min(options.starts, len(modes.pairs))):
        pair, k = modes.pairs[start], modes.led_to[start]
        load = np.zeros_like(glass.positions)
        load[pairs.second[pair]] = pairs.phi1[pair] * pairs.direction[pair]
        load[pairs.first[pair]] = -load[pairs.second[pair]]
        response = np.nan_to_num(analysis.solve(load)).ravel()
        for way, spent in times.items():
            begin = time.process_time()
            found = peer.find(response.copy(), mode=way)
            spent.append(time.process_time() - begin)
            overlap = abs(found["pi"] @ np.nan_to_num(modes.vectors[k]).ravel())
            print(
                f"| {start} {way} | {modes.stiffnesses[k]:.8f} | {modes.costs[k]:.8f} | {found['kappa']:.8f} | "
                f"{found['cost_function']:.8f} | {overlap:.8f} |"
            )
            same += overlap > 0.9999
    print(f"{same} of {sum(map(len, times.values()))} searches end in the same mode")
    medians = {way: float(np.median(spent)) for way, spent in times.items()}
    peers = ", ".join(f"softspot {way} {median:.3f} s" for way, median in medians.items())
    print(f"one search, median: {peers}; here {ours:.4f} s")


if __name__ == "__main__":
    main()
