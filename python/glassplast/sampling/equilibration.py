"""Equilibration that is shown, not hoped for."""

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

#: Relaxation times that a run must last.
RELAXATION_TIMES = 20.0
#: Standard errors by which the mean energies of both starts may differ.
STANDARD_ERRORS = 2.0
#: Measurements between two looks at the criterion.
MEASUREMENTS = 25


__all__ = ["RELAXATION_TIMES", "STANDARD_ERRORS", "Verdict", "equilibrate", "judge"]


@dataclass(frozen=True)
class Verdict:
    """Whether a liquid is equilibrated, and by what this was judged.

    Attributes
    ----------
    equilibrated : bool or None
        None if it was not asked: of one start nothing can be compared.
    sweeps : int
        That each start ran at the temperature.
    relaxation_time : float
        In sweeps: 1/e of the self-intermediate scattering function at k = 2 pi, cage-relative in 2D; the longer one of
        both starts. Infinite if the run is too short to see it. In parallel tempering that of the replicas that were at
        the coldest temperature, wherever they went.
    relaxation_times : float
        Sweeps in units of it.
    energy, energy_error : list of float
        Per particle, of each start, over the later half; standard errors corrected for correlations.
    pressure, pressure_error : list of float
        Likewise.
    energy_difference : float
        Between both starts, in units of its standard error.
    energy_drift : float
        Largest difference between the energy kept along the way and the one computed from scratch.
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
        """For provenance: what is not finite becomes None, which JSON knows."""
        return {key: _without_infinities(value) for key, value in asdict(self).items()}


def _without_infinities(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_infinities(entry) for entry in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def judge(walkers: Sequence[Walker]) -> Verdict:
    """Apply the criterion: 20 relaxation times, and two starts whose energies agree within two standard errors."""
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
    """Run simulations at one temperature, for so many sweeps or until they are equilibrated.

    Parameters
    ----------
    walkers : sequence of Walker
        One; or two, from a hot and from an annealed start.
    sweeps : int, optional
        How long; by default until the criterion is met.
    most_sweeps : int
        Where to give up meeting it.
    threads : int
        No result depends on it.
    checkpoint : Path, optional
        A file that keeps the state: every 30 s, when interrupted, and at the end. What it holds is gone on with.
    about : dict, optional
        What the file is of; one of something else is refused.
    tell : callable
        Called with the stage, the fraction done, and a note.

    Returns
    -------
    Verdict
        Its `equilibrated` is False if `most_sweeps` were not enough.
    """
    if checkpoint is not None and checkpoint.exists():
        states = read_checkpoint(checkpoint, about or {})
        for walker, state in zip(walkers, states, strict=True):
            walker.restore(state)
    left = TimeLeft()
    limit = most_sweeps if sweeps is None else sweeps
    verdict: Verdict | None = None
    every = walkers[0].every
    # What threads remain serve the replicas of each.
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
                # All stay at the same number of sweeps.
                for walker, state in zip(walkers, before, strict=True):
                    walker.restore(state)
                raise
            tell("equilibrating", *_outlook(verdict, walkers[0].sweeps, limit, sweeps, left))
            keeper.now_and_then()


def _advance(measurements: int, threads: int, walker: Walker, check: Check) -> None:
    walker.advance(measurements, check, threads)


def _is_time_to_look(done: int, block: int) -> bool:
    """Whenever a run has grown by a tenth: a test that is repeated too often is passed by chance.

    A function of the length alone, so that a run that was resumed ends where it would have ended.
    """

    def level(sweeps: int) -> int:
        return math.floor(math.log(max(sweeps, 1)) / math.log(1.1))

    return done > 0 and level(done) > level(done - block)


def _outlook(verdict: Verdict | None, done: int, limit: int, sweeps: int | None, left: TimeLeft) -> tuple[float, str]:
    """The part that is done, and how long the rest takes: at least, where that depends on what is found."""
    goal, least = limit, ""
    if sweeps is None:
        least = "at least "
        if verdict is not None and np.isfinite(verdict.relaxation_time):
            goal = min(limit, max(int(RELAXATION_TIMES * verdict.relaxation_time), done))
    part = done / max(goal, 1)
    rest = left.note(part)
    note = f"{done} sweeps{f', {least}{rest}' if rest else ''}"
    if sweeps is None and verdict is not None:
        note += (
            f", {verdict.relaxation_times:.3g} relaxation times, energies {verdict.energy_difference:.2g} errors apart"
        )
    return part, note
