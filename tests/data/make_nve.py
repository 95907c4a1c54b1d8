"""Makes nve_lj_htl_1024_liquid.npz: LAMMPS' trajectory at constant energy of a hot Lennard-Jones liquid.

From the root of the repository: python -m tests.data.make_nve, with `pip install "glassplast[bench]"`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.lammps_peer import LammpsMixture
from bench.measure import sample

NAME = "lj_htl_1024_liquid"
TIME_STEP, SAMPLE_INTERVAL, SAMPLES = 0.002, 50, 4


def main() -> None:
    glass = sample(f"{NAME}.data")
    rng = np.random.default_rng(11)
    # Few digits: what is read from the file is what LAMMPS had.
    velocities = np.round(np.sqrt(0.5) * rng.standard_normal(glass.positions.shape), 6)
    velocities -= velocities.mean(axis=0)
    mixture = LammpsMixture(glass)
    mixture.run(f"fix move all nve\ntimestep {TIME_STEP}\ncompute heat all temp")
    count = len(glass)
    mixture.engine.scatter_atoms("v", 1, 3, np.ctypeslib.as_ctypes(np.c_[velocities, np.zeros(count)].ravel()))
    potential, temperature = [], []
    for part in range(SAMPLES + 1):
        mixture.run(f"run {SAMPLE_INTERVAL if part else 0}")
        mixture.run("variable now equal c_energy\nvariable warm equal c_heat\nrun 0 pre yes post no")
        potential.append(mixture.engine.extract_variable("now"))
        temperature.append(mixture.engine.extract_variable("warm"))
    last = np.ctypeslib.as_array(mixture.engine.gather_atoms("x", 1, 3)).reshape(-1, 3)[:, :2]
    np.savez(
        Path(__file__).parent / f"nve_{NAME}.npz",
        velocities=velocities,
        time_step=TIME_STEP,
        sample_interval=SAMPLE_INTERVAL,
        time=TIME_STEP * SAMPLE_INTERVAL * np.arange(SAMPLES + 1),
        potential=np.array(potential),
        temperature=np.array(temperature),
        last_positions=last,
    )


if __name__ == "__main__":
    main()
