"""Is the mean energy of polydisperse disks the same from swap Monte Carlo and from molecular dynamics?

python -m studies.equation_of_state [--starts N] [--duration TIME] TEMPERATURE:SPACING ...

One Monte Carlo run (N = 1024) at each temperature. After every SPACING sweeps, about a relaxation time, molecular
dynamics starts from where it is and runs for TIME, of which the first fifth is left out. Dynamics alone does not relax
at the lower temperatures: the average over its starts does that. The errors come from the scatter between starts.
"""

from __future__ import annotations

import argparse
import math

import numpy as np

import glassplast as gp
from glassplast.sampling.monte_carlo import MonteCarlo

N = 1024


def mean_of(values: list[float]) -> tuple[float, float]:
    return float(np.mean(values)), float(np.std(values, ddof=1)) / math.sqrt(len(values))


def energies(temperature: float, spacing: int, starts: int, duration: float) -> tuple[list[float], list[float]]:
    """Per particle: of each stretch of the Monte Carlo run, and of the dynamics from its end."""
    liquid = gp.prepare.poly(N, temperature, sweeps=20 * spacing, seed=11, quench=False)
    simulation = MonteCarlo(liquid, temperature, seed=np.random.SeedSequence(12))
    monte_carlo, dynamics = [], []
    for number in range(starts):
        monte_carlo.append(float(simulation.sample(spacing, 10).energy.mean()))
        run = gp.sampling.molecular_dynamics(simulation.glass, temperature=temperature, duration=duration, seed=number)
        potential = np.asarray(run.series.potential)
        dynamics.append(float(potential[len(potential) // 5 :].mean()) / N)
    return monte_carlo, dynamics


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("states", nargs="+", metavar="TEMPERATURE:SPACING")
    parser.add_argument("--starts", type=int, default=100, help="of dynamics (%(default)s)")
    parser.add_argument("--duration", type=float, default=50.0, help="of each (%(default)s)")
    options = parser.parse_args()
    print("| T | swap Monte Carlo | molecular dynamics | apart, errors | errors, relative |\n|---|---|---|---|---|")
    for state in options.states:
        temperature, spacing = state.split(":")
        (a, da), (b, db) = map(mean_of, energies(float(temperature), int(spacing), options.starts, options.duration))
        apart = abs(a - b) / math.hypot(da, db)
        print(
            f"| {temperature} | {a:.5f} ± {da:.5f} | {b:.5f} ± {db:.5f} | {apart:.2f} | {da / a:.1e}, {db / b:.1e} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
