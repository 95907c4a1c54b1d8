r"""Where particles are on average at a low temperature: the displacement behind the local thermal expansion.

At constant temperature and volume the mean force on every particle vanishes, so that

.. math:: \langle \delta x \rangle = \langle \delta x + H^{-1} F \rangle

exactly, with F = -dU/dx along the trajectory. In the harmonic approximation the right side vanishes at every instant:
only the anharmonic part is left to fluctuate, by T instead of sqrt(T), and a thousand samples give what would take the
plain mean a million.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from glassplast.errors import ArgumentError, GeometryError, InstabilityError
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.one_line import without_arrays
from glassplast.foundation.progress import ProgressOption, TimeLeft, shown
from glassplast.foundation.seeds import Seed, child
from glassplast.glass import Glass
from glassplast.relax import minimize
from glassplast.response.analysis import Analysis, analysis_of
from glassplast.response.states import same_state
from glassplast.sampling.dynamics import molecular_dynamics

__all__ = ["Projection", "ThermalDisplacement", "thermal_displacement"]


class Projection(NamedTuple):
    """How much of a reference a displacement contains, with the standard error from blocks."""

    value: float
    error: float


@dataclass(frozen=True, repr=False)
class ThermalDisplacement:
    """Mean displacement from a minimum at a temperature, from molecular dynamics.

    Attributes
    ----------
    displacement : ndarray, shape (N, d)
        Mean of δx + H^-1 F over the trajectory, without translation; NaN on rattlers.
    plain : ndarray, shape (N, d)
        Mean of δx alone, as the paper takes it: the same but for far larger noise.
    blocks, plain_blocks : ndarray, shape (n, N, d)
        Their means over n equal parts of the trajectory.
    temperature : float
    stayed : bool
        Whether the ends of all blocks quench to the minimum. If not, the trajectory has left it, and the displacement
        says nothing of its thermal expansion.
    """

    displacement: FloatArray
    plain: FloatArray
    blocks: FloatArray
    plain_blocks: FloatArray
    temperature: float
    stayed: bool

    __repr__ = without_arrays

    def projection(self, reference: ArrayLike, *, plain: bool = False) -> Projection:
        """(u . h) / (h . h) for a reference h, e.g. T times the harmonic displacement; rattlers left out.

        Parameters
        ----------
        reference : array_like, shape (N, d)
        plain : bool
            Of `plain` instead of `displacement`.

        Raises
        ------
        GeometryError
            If the reference has another shape.
        """
        h = np.asarray(reference, dtype=np.float64)
        if h.shape != self.displacement.shape:
            raise GeometryError(f"the reference must have shape {self.displacement.shape}, not {h.shape}")
        blocks = self.plain_blocks if plain else self.blocks
        values = np.nansum(blocks * h, axis=(1, 2)) / np.nansum(h * h)
        return Projection(float(values.mean()), float(values.std(ddof=1) / np.sqrt(values.size)))


def thermal_displacement(
    glass: Glass | Analysis,
    temperature: float,
    *,
    duration: float = 2000.0,
    interval: float = 0.5,
    blocks: int = 20,
    equilibration: float = 50.0,
    seed: Seed = None,
    time_step: float = 0.005,
    friction: float = 1.0,
    progress: ProgressOption = None,
) -> ThermalDisplacement:
    """Mean positions at a temperature less those of the minimum, at constant volume.

    Richard et al., Phys. Rev. Materials 4, 113609 (2020), appendix B 11, by the dynamics of
    `glassplast.sampling.molecular_dynamics`. At the end of each block the state is quenched, to see whether the
    trajectory is still in its minimum.

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum.
    temperature : float
    duration : float
        Time over which is averaged, `blocks` times a whole number of intervals (rounded up).
    interval : float
        Time between two samples of the forces. Positions of every tenth step enter their mean.
    blocks : int
        Parts of the trajectory, at least 2, from which errors are found. They should be longer than the slowest mode.
    equilibration : float
        Time before.
    seed : int, sequence of int or numpy.random.SeedSequence, optional
        By default one from the operating system.
    time_step, friction : float
        Of the dynamics.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.

    Returns
    -------
    ThermalDisplacement

    Raises
    ------
    InstabilityError
        If the glass is no minimum.
    ArgumentError
        For numbers that are not positive, or less than two blocks.
    """
    if not (np.isfinite(temperature) and temperature > 0.0):
        raise ArgumentError(f"the temperature must be positive and finite, not {temperature}")
    if blocks < 2:
        raise ArgumentError(f"errors need at least 2 blocks, not {blocks}")
    if not (interval >= time_step > 0.0 and duration > 0.0 and equilibration >= 0.0):
        raise ArgumentError("duration and interval must be positive, and the interval not shorter than a time step")
    analysis = analysis_of(glass)
    glass = analysis.glass
    if not analysis.minimum.clusters:
        raise InstabilityError("nothing in this glass carries load")
    core = ~analysis.rattlers
    potential = glass.potential_energy()
    samples = max(1, int(np.ceil(duration / blocks / interval * (1.0 - 1e-12))))
    total = blocks * samples
    sequence = child(seed)

    def advance(
        start: Glass, velocities: FloatArray | None, time: float, key: int, average: bool
    ) -> tuple[Glass, FloatArray, FloatArray]:
        run = molecular_dynamics(
            start, duration=time, temperature=temperature, velocities=velocities, seed=child(sequence, key),
            time_step=time_step, friction=friction, sample_interval=0, average_interval=10 if average else 0,
            progress=False,
        )  # fmt: skip
        mean = run.glass.positions if run.mean_positions is None else run.mean_positions
        return run.glass, run.velocities, mean

    def settled(mean: FloatArray) -> FloatArray:
        u = mean - glass.positions
        u -= u[core].mean(axis=0)
        u[~core] = np.nan
        return u

    left = TimeLeft()
    with shown(progress) as tell:
        state, velocities, _ = advance(glass, None, equilibration, 0, False)
        plain_blocks, corrected_blocks, stayed = [], [], True
        for block in range(blocks):
            mean, position, force = (np.zeros_like(glass.positions) for _ in range(3))
            for sample in range(samples):
                done = block * samples + sample
                state, velocities, along = advance(state, velocities, interval, 1 + done, True)
                mean += along / samples
                position += state.positions / samples
                force += potential.evaluate(state.positions)[1] / samples
                tell("thermal motion", (done + 1) / total, left.note((done + 1) / total))
            plain_blocks.append(settled(mean))
            # Both of the same instants: only then do they cancel.
            corrected_blocks.append(settled(position) + analysis.solve(force))
            quenched = minimize(state, progress=False)
            stayed = stayed and same_state(analysis, Analysis(quenched, threads=analysis.threads))
    return ThermalDisplacement(
        np.mean(corrected_blocks, axis=0),
        np.mean(plain_blocks, axis=0),
        np.array(corrected_blocks),
        np.array(plain_blocks),
        temperature,
        stayed,
    )
