"""Equilibration of a liquid until a criterion shows that it is equilibrated."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from glassplast.foundation.keeping import Keeper
from glassplast.foundation.parallel import Check, on_threads
from glassplast.foundation.progress import Progress, TimeLeft, silent
from glassplast.sampling.correlations import mean_and_error
from glassplast.sampling.equilibration_checkpoint import read_checkpoint, write_checkpoint
from glassplast.sampling.walkers import Walker

#: Smallest duration of a run, in relaxation times.
RELAXATION_TIMES = 20.0
#: Largest difference between the mean energies of both starts, in standard errors.
STANDARD_ERRORS = 2.0
#: Number of measurements between two evaluations of the criterion.
MEASUREMENTS = 25


__all__ = ["RELAXATION_TIMES", "STANDARD_ERRORS", "Verdict", "equilibrate", "judge"]


@dataclass(frozen=True)
class Verdict:
    """The verdict on whether a liquid is equilibrated, and the quantities that it rests on.

    Attributes
    ----------
    equilibrated : bool or None
        Whether the liquid is equilibrated; None if there was only one start, so that nothing could be compared.
    sweeps : int
        Number of sweeps that each start ran at the temperature.
    relaxation_time : float
        Time in sweeps at which the self-intermediate scattering function at k = 2 pi (cage-relative in 2D) falls to
        1/e; the longer one of both starts. It is infinite if the run is too short. In parallel tempering it is the time
        of the replicas that were at the coldest temperature at the time origin, wherever exchanges took them later.
    relaxation_times : float
        Number of sweeps divided by the relaxation time.
    energy, energy_error : list of float
        Mean energy per particle over the later half of each run, and its standard error, corrected for correlations.
    pressure, pressure_error : list of float
        Mean pressure over the later half of each run, and its standard error.
    energy_difference : float
        Difference of the mean energies of both starts, in units of its standard error.
    energy_drift : float
        Largest difference between the energy updated move by move and the energy computed from scratch.
    """

    equilibrated: bool | None
    sweeps: int
    relaxation_time: float
    relaxation_times: float
    energy: list[float]
    energy_error: list[float]
    pressure: list[float]
    pressure_error: list[float]
    energy_difference: float
    energy_drift: float

    @property
    def as_dict(self) -> dict[str, Any]:
        """The verdict as a dictionary for provenance; values that are not finite become None, since JSON lacks them."""
        return {key: _without_infinities(value) for key, value in asdict(self).items()}


def _without_infinities(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_infinities(entry) for entry in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def judge(walkers: Sequence[Walker]) -> Verdict:
    """Apply the criterion: 20 relaxation times, and two starts whose mean energies agree within two standard errors."""
    slowest = max(walker.self_correlation().relaxation_time for walker in walkers)
    sweeps = min(walker.sweeps for walker in walkers)
    lasted = sweeps / slowest
    energies = [mean_and_error(walker.later_energies) for walker in walkers]
    pressures = [
        mean_and_error(walker.later_pressures) if len(walker.later_pressures) > 1 else (walker.pressures[-1], np.nan)
        for walker in walkers
    ]
    difference, verdict = float("nan"), None
    if len(walkers) == 2:
        (one, one_error), (other, other_error) = energies
        difference = abs(one - other) / max(float(np.hypot(one_error, other_error)), 1e-300)
        verdict = bool(lasted >= RELAXATION_TIMES and difference <= STANDARD_ERRORS)
    return Verdict(
        verdict,
        sweeps,
        slowest,
        lasted,
        [mean for mean, _ in energies],
        [error for _, error in energies],
        [float(mean) for mean, _ in pressures],
        [float(error) for _, error in pressures],
        difference,
        max(walker.energy_drift for walker in walkers),
    )


def equilibrate(
    walkers: Sequence[Walker],
    *,
    sweeps: int | None,
    most_sweeps: int,
    threads: int,
    checkpoint: Path | None = None,
    about: dict[str, Any] | None = None,
    tell: Progress = silent,
) -> Verdict:
    """Run simulations at one temperature for a number of sweeps, or until they are equilibrated.

    Parameters
    ----------
    walkers : sequence of Walker
        One simulation, or two, from a hot and from an annealed start.
    sweeps : int, optional
        Number of sweeps; by default the simulations run until the criterion is met.
    most_sweeps : int
        Number of sweeps at which to give up if the criterion is not met.
    threads : int
        Number of threads; no result depends on it.
    checkpoint : Path, optional
        File in which the state is stored every 30 s, on an interruption, and at the end. If it exists, the simulations
        continue from it.
    about : dict, optional
        Description of the simulations; a checkpoint with another description is refused.
    tell : callable
        Called with the stage, the fraction done, and a note.

    Returns
    -------
    Verdict
        Its `equilibrated` is False if the criterion was not met within `most_sweeps`.
    """
    if checkpoint is not None and checkpoint.exists():
        states = read_checkpoint(checkpoint, about or {})
        for walker, state in zip(walkers, states, strict=True):
            walker.restore(state)
    left = TimeLeft()
    limit = most_sweeps if sweeps is None else sweeps
    verdict: Verdict | None = None
    every = walkers[0].every
    # The remaining threads serve the replicas of each simulation.
    inner = max(1, threads // len(walkers))

    def save() -> None:
        if checkpoint is not None:
            write_checkpoint(checkpoint, about or {}, [walker.state() for walker in walkers])

    with Keeper(save) as keeper:
        while True:
            done = walkers[0].sweeps
            if done >= limit or (sweeps is None and _is_time_to_look(done, MEASUREMENTS * every)):
                verdict = judge(walkers)
                if done >= limit or verdict.equilibrated:
                    return verdict
            measurements = min(MEASUREMENTS, -(-(limit - done) // every))
            before = [walker.state() for walker in walkers]
            try:
                on_threads(partial(_advance, measurements, inner), walkers, threads)
            except BaseException:
                # All simulations go back to the same number of sweeps.
                for walker, state in zip(walkers, before, strict=True):
                    walker.restore(state)
                raise
            tell("equilibrating", *_outlook(verdict, walkers[0].sweeps, limit, sweeps, left))
            keeper.now_and_then()


def _advance(measurements: int, threads: int, walker: Walker, check: Check) -> None:
    walker.advance(measurements, check, threads)


def _is_time_to_look(done: int, block: int) -> bool:
    """Whether to evaluate the criterion, which is done whenever a run has grown by a tenth.

    A criterion that is evaluated too often would be met by chance. The answer depends only on the length of the run, so
    that a resumed run ends where the uninterrupted run would have ended.
    """

    def level(sweeps: int) -> int:
        return math.floor(math.log(max(sweeps, 1)) / math.log(1.1))

    return done > 0 and level(done) > level(done - block)


def _outlook(verdict: Verdict | None, done: int, limit: int, sweeps: int | None, left: TimeLeft) -> tuple[float, str]:
    """The fraction done, and an estimate of the time left, which is a lower bound if the criterion ends the run."""
    goal, least = limit, ""
    if sweeps is None:
        least = "at least "
        if verdict is not None and np.isfinite(verdict.relaxation_time):
            goal = min(limit, max(int(RELAXATION_TIMES * verdict.relaxation_time), done))
    part = done / max(goal, 1)
    rest = left.note(part)
    note = f"{done} sweeps{f', {least}{rest}' if rest else ''}"
    if sweeps is None and verdict is not None:
        note += f", {verdict.relaxation_times:.3g} relaxation times"
        note += f", energies differ by {verdict.energy_difference:.2g} errors"
    return part, note
