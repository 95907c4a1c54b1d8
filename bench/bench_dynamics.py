"""Molecular dynamics of the Lennard-Jones mixture at 1.13 T_g: time of a step, against LAMMPS.

Constant energy (fix nve), and Langevin dynamics of the same friction (fix nve and fix langevin). Both go on with one
liquid with time steps of 0.005, and neither computes energies on the way. Also what a quench of 10^6 time units costs:
the time of a step in the liquid and in the cold glass, times their number.
"""

from __future__ import annotations

import time

import numpy as np

import glassplast as gp
from bench.lammps_peer import LammpsMixture
from bench.measure import Check, Comparison, interleaved, main, sample

SAMPLES = ("lj_gq_1024.data", "lj_gq_10000.data")
TIME_STEP, FRICTION, TEMPERATURE = 0.005, 1.0, 1.13 * 0.31
#: Of 0.3, 0.4 and 0.5 the fastest for LAMMPS, with `every 1 delay 0 check yes`.
THEIR_SKIN = 0.3
QUENCH = 1e6


class _Ours:
    """A trajectory of ours that goes on from run to run."""

    def __init__(self, glass: gp.Glass, velocities: np.ndarray, thermostat: str | None, steps: int) -> None:
        self.glass = glass
        self.velocities = velocities
        self.thermostat = thermostat
        self.steps = steps
        self.seed = 0

    def __call__(self) -> float:
        self.seed += 1
        start = time.perf_counter()
        run = gp.sampling.molecular_dynamics(
            self.glass,
            velocities=self.velocities,
            temperature=TEMPERATURE,
            thermostat=self.thermostat,
            friction=FRICTION,
            duration=self.steps * TIME_STEP,
            time_step=TIME_STEP,
            sample_interval=0,
            seed=self.seed,
        )
        elapsed = time.perf_counter() - start
        self.glass, self.velocities = run.glass, run.velocities
        return elapsed / self.steps


class _Lammps:
    """The same in LAMMPS."""

    def __init__(self, glass: gp.Glass, velocities: np.ndarray, thermostat: str | None, steps: int) -> None:
        self.steps = steps
        self.mixture = LammpsMixture(glass, skin=THEIR_SKIN)
        self.mixture.run(f"neigh_modify every 1 delay 0 check yes\ntimestep {TIME_STEP}\nfix move all nve")
        if thermostat is not None:
            self.mixture.run(
                f"fix heat all langevin {TEMPERATURE} {TEMPERATURE} {1.0 / FRICTION} 4711\nfix plane all enforce2d"
            )
        flat = np.column_stack([velocities, np.zeros(len(glass))]).ravel()
        self.mixture.engine.scatter_atoms("v", 1, 3, np.ctypeslib.as_ctypes(flat))

    def __call__(self) -> float:
        return self.mixture.timings(f"run {self.steps}")["Loop"] / self.steps


def compare(quick: bool) -> list[Comparison]:
    comparisons = []
    for name in SAMPLES[:1] if quick else SAMPLES:
        glass = sample(name)
        steps = 200 if quick else 4000 if len(glass) < 5000 else 600
        melted = gp.sampling.molecular_dynamics(
            glass, temperature=TEMPERATURE, duration=5.0 if quick else 50.0, friction=2.0, seed=1, sample_interval=0
        )
        for thermostat in (None, "langevin"):
            ours = _Ours(melted.glass.wrapped(), melted.velocities, thermostat, steps)
            theirs = _Lammps(melted.glass.wrapped(), melted.velocities, thermostat, steps)
            checks = [_same_way(melted)] if thermostat is None else []
            times = interleaved([ours, theirs], 2 if quick else 7)
            if thermostat is not None:
                checks.append(_same_temperature(ours, theirs))
            label = "constant energy" if thermostat is None else "Langevin"
            comparisons.append(
                Comparison(
                    "dynamics",
                    f"LJ liquid at 1.13 T_g, N = {len(glass)}, {label}, one step",
                    f"LAMMPS, skin {THEIR_SKIN}",
                    *times,
                    checks,
                    f"{1.0 / np.median(times[0]):.0f} steps a second, LAMMPS {1.0 / np.median(times[1]):.0f}"
                    + ("" if thermostat is None else f"; {_quench(glass, times[0], quick)}"),
                )
            )
    return comparisons


def _same_way(melted: gp.sampling.Trajectory) -> Check:
    """Both from the same state for 100 steps at constant energy."""
    start = melted.glass.wrapped()
    ours = _Ours(start, melted.velocities, None, 100)
    theirs = _Lammps(start, melted.velocities, None, 100)
    ours(), theirs()
    end = np.ctypeslib.as_array(theirs.mixture.engine.gather_atoms("x", 1, 3)).reshape(-1, 3)[:, :2]
    apart = ours.glass.positions - end
    side = start.cell[0, 0]
    return Check(
        "distance of a particle after 100 steps", float(np.abs(apart - side * np.round(apart / side)).max()), 1e-9
    )


def _same_temperature(ours: _Ours, theirs: _Lammps) -> Check:
    """Of both at the end, within five standard deviations of such temperatures."""
    count = len(ours.glass)
    velocities = np.ctypeslib.as_array(theirs.mixture.engine.gather_atoms("v", 1, 3)).reshape(-1, 3)
    temperatures = [float((v**2).sum()) / (2 * (count - 1)) for v in (ours.velocities, velocities)]
    return Check("difference of temperatures, of T", abs(np.subtract(*temperatures)) / TEMPERATURE, 7.0 / count**0.5)


def _quench(glass: gp.Glass, liquid: list[float], quick: bool) -> str:
    """Hours for the gradual quench of the paper: the mean of a step in the liquid and in the cold glass."""
    steps = 200 if quick else 600
    start = time.perf_counter()
    gp.sampling.molecular_dynamics(
        glass, temperature=0.096 * 0.31, duration=steps * TIME_STEP, sample_interval=0, seed=1
    )
    frozen = (time.perf_counter() - start) / steps
    hours = 0.5 * (float(np.median(liquid)) + frozen) * QUENCH / TIME_STEP / 3600.0
    return f"a quench over 10^6 takes {hours:.1f} hours at {TIME_STEP} ({1e3 * frozen:.3g} ms a step when cold)"


if __name__ == "__main__":
    main(compare, __doc__)
