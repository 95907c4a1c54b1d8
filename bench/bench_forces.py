"""Energy, forces and stress of the Lennard-Jones mixture at N = 10^4, against LAMMPS.

Both evaluate the same frozen positions with a skin of 0.3, and both compute energy, forces and stress every time.
"""

from __future__ import annotations

import time

import numpy as np

from bench.lammps_peer import LammpsMixture
from bench.measure import Check, Comparison, interleaved, main, relative, sample

SAMPLES = {"glass": "lj_gq_10000.data", "hot liquid": "lj_htl_10000_liquid.data"}


def compare(quick: bool) -> list[Comparison]:
    evaluations, repetitions = (20, 2) if quick else (200, 11)
    return [row for name in SAMPLES for row in _compare_sample(name, evaluations, repetitions)]


def _compare_sample(name: str, evaluations: int, repetitions: int) -> list[Comparison]:
    glass = sample(SAMPLES[name])
    potential = glass.potential_energy(skin=0.3)
    energy, _, stress = potential.evaluate(glass.positions)
    lammps = LammpsMixture(glass, skin=0.3)
    # Asks for energy and virial in every step, without printing. Without a fix that moves them, atoms rest.
    lammps.run("fix each all ave/time 1 1 1 c_energy c_virial[1]")
    accounts: list[dict[str, float]] = []

    def ours_kept() -> float:
        start = time.perf_counter()
        for _ in range(evaluations):
            potential.evaluate(glass.positions)
        return (time.perf_counter() - start) / evaluations

    def ours_anew() -> float:
        start = time.perf_counter()
        for _ in range(evaluations):
            glass.potential_energy(skin=0.3).evaluate(glass.positions)
        return (time.perf_counter() - start) / evaluations

    def theirs(when: str, builds: int) -> float:
        account = lammps.timings(f"neigh_modify every 1 delay 0 {when}\nrun {evaluations}")
        assert account["builds"] == builds, "LAMMPS rebuilt its list when it should not, or did not when it should"
        accounts.append(account)
        return account["Loop"] / evaluations

    kept, kept_peer = interleaved([ours_kept, lambda: theirs("check yes", 0)], repetitions)
    pair_alone = [account["Pair"] / evaluations for account in accounts[1:]]
    checks = [
        Check("relative difference of energies", relative(energy, lammps.energy), 1e-12),
        Check(
            "largest difference of stresses, of the largest stress",
            float(np.abs(stress[[0, 1, 0], [0, 1, 1]] - lammps.stress).max() / np.abs(lammps.stress).max()),
            1e-12,
        ),
    ]
    assert potential.list_builds == 1
    anew, anew_peer = interleaved([ours_anew, lambda: theirs("check no", evaluations)], repetitions)
    case = f"LJ {name}, N = {len(glass)}"
    return [
        Comparison("forces", f"{case}, list kept", "LAMMPS, loop", kept, kept_peer, checks),
        Comparison(
            "forces",
            f"{case}, list kept",
            "LAMMPS, pairs alone",
            kept,
            pair_alone,
            remark="LAMMPS without its check of displacements and ghosts; ours with its check and through Python",
        ),
        Comparison(
            "forces",
            f"{case}, list made anew each time",
            "LAMMPS, loop",
            anew,
            anew_peer,
            remark="ours: a new PotentialEnergy for each evaluation; LAMMPS: neigh_modify check no",
        ),
    ]


if __name__ == "__main__":
    main(compare, __doc__)
