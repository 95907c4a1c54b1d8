"""Energy, forces and stress of Lennard-Jones mixtures, against LAMMPS and jax-md.

In the plane at N = 10^4, and of Kob and Andersen's mixture in three dimensions. All evaluate the same frozen positions
with a skin of 0.3. LAMMPS computes energy, forces and stress every time, as ours; jax-md, which is skipped where it is
not installed, energy and forces.
"""

from __future__ import annotations

import importlib.util
import time

import numpy as np

import glassplast as gp
from bench.lammps_peer import LammpsMixture
from bench.measure import Check, Comparison, interleaved, main, relative, sample
from bench.solids import hot_liquid, named

SAMPLES = {
    "LJ glass": "lj_gq_10000.data",
    "LJ hot liquid": "lj_htl_10000_liquid.data",
    "POLY glass": "poly_inf_10000.xyz",
}


def compare(quick: bool) -> list[Comparison]:
    evaluations, repetitions = (20, 2) if quick else (200, 11)
    rows = []
    for name, file in SAMPLES.items():
        glass = sample(file)
        case = f"{name}, N = {len(glass)}"
        if name.startswith("LJ"):
            rows += _against_lammps(case, glass, evaluations, repetitions)
        if "glass" in name and importlib.util.find_spec("jax_md") is not None:
            rows.append(_against_jax_md(case, glass, evaluations // 5, repetitions))
    for count in (1000,) if quick else (4096, 30_000):
        rows += _against_lammps(f"hot liquid, {named(count)}", hot_liquid(count), evaluations // 4, repetitions)
    return rows


def _against_jax_md(case: str, glass: gp.Glass, evaluations: int, repetitions: int) -> Comparison:
    from bench.jax_md_peer import JaxMd

    potential = glass.potential_energy(skin=0.3)
    energy, forces, _ = potential.evaluate(glass.positions)
    peer = JaxMd(glass)

    def ours() -> float:
        start = time.perf_counter()
        for _ in range(evaluations):
            potential.evaluate(glass.positions)
        return (time.perf_counter() - start) / evaluations

    return Comparison(
        "forces",
        f"{case}, list kept",
        "jax-md, jit, double precision",
        *interleaved([ours, lambda: peer.seconds(evaluations)], repetitions),
        [
            Check("relative difference of energies", relative(energy, float(peer.energy)), 1e-12),
            Check("largest difference of forces", float(np.abs(forces - peer.forces).max()), 1e-9),
        ],
        "jax-md without stress",
    )


def _against_lammps(case: str, glass: gp.Glass, evaluations: int, repetitions: int) -> list[Comparison]:
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
    components = np.append(np.diag(stress), stress[0, 1])
    checks = [
        Check("relative difference of energies", relative(energy, lammps.energy), 1e-12),
        Check(
            "largest difference of stresses, of the largest stress",
            float(np.abs(components - lammps.stress).max() / np.abs(lammps.stress).max()),
            1e-12,
        ),
    ]
    assert potential.list_builds == 1
    anew, anew_peer = interleaved([ours_anew, lambda: theirs("check no", evaluations)], repetitions)
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
