r"""The mean displacement of particles at a low temperature, from which the local thermal expansion follows.

At constant temperature and volume the mean force on every particle vanishes, so that

.. math:: \langle \delta x \rangle = \langle \delta x + H^{-1} F \rangle

exactly, with F = -dU/dx along the trajectory. In the harmonic approximation δx + H^-1 F vanishes at every instant. Only
its anharmonic part fluctuates, in proportion to T instead of sqrt(T), so that a thousand samples give the accuracy for
which the plain mean of δx would need a million.
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
    """The coefficient with which a displacement contains a reference, and its standard error from blocks."""

    value: float
    error: float


@dataclass(frozen=True, repr=False)
class ThermalDisplacement:
    """Mean displacement from a minimum at a temperature, from molecular dynamics.

    Attributes
    ----------
    displacement : ndarray, shape (N, d)
        Mean of δx + H^-1 F over the trajectory, without translation (length); NaN for rattlers.
    plain : ndarray, shape (N, d)
        Mean of δx alone, as in the paper, which has the same expectation but far larger noise (length).
    blocks, plain_blocks : ndarray, shape (n, N, d)
        Means of both quantities over n equal parts of the trajectory.
    temperature : float
        Temperature (energy).
    stayed : bool
        Whether the states at the ends of all blocks relax to the minimum. If not, the trajectory has left the minimum,
        and the displacement does not describe its thermal expansion.
    """

    displacement: FloatArray
    plain: FloatArray
    blocks: FloatArray
    plain_blocks: FloatArray
    temperature: float
    stayed: bool

    __repr__ = without_arrays

    def projection(self, reference: ArrayLike, *, plain: bool = False) -> Projection:
        """The projection (u . h) / (h . h) of the displacement u on a reference h, without rattlers.

        Parameters
        ----------
        reference : array_like, shape (N, d)
            Reference h, for example T times the harmonic displacement (length).
        plain : bool
            Whether to project `plain` instead of `displacement`.

        Returns
        -------
        Projection
            Coefficient and standard error.

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
    """Compute the mean displacement of the particles from a minimum at a temperature, at constant volume.

    The method is that of Richard et al., Phys. Rev. Materials 4, 113609 (2020), appendix B 11, with the dynamics of
    `glassplast.sampling.molecular_dynamics`. The state at the end of each block is relaxed, to check whether the
    trajectory is still in the basin of the minimum.

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum, for example from `glassplast.minimize`.
    temperature : float
        Temperature (energy).
    duration : float
        Time of the average; it is rounded up, so that each block is a whole number of intervals.
    interval : float
        Time between two samples of the forces. The positions of every tenth step enter their mean.
    blocks : int
        Number of parts of the trajectory, at least 2, from which errors are estimated. A part should be longer than the
        period of the slowest mode.
    equilibration : float
        Time of the equilibration before the average.
    seed : int, sequence of int or numpy.random.SeedSequence, optional
        Seed of the dynamics; by default a random one.
    time_step, friction : float
        Time step (time) and friction (1 / time) of the dynamics.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.

    Returns
    -------
    ThermalDisplacement

    Raises
    ------
    InstabilityError
        If the glass is not a minimum.
    ArgumentError
        If a number is not positive, or there are fewer than two blocks.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> motion = gp.thermal_displacement(glass, 1e-6, duration=20.0, blocks=2, equilibration=5.0, seed=1)
    >>> motion.displacement.shape
    (64, 2)
    >>> motion.stayed
    True
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
        raise InstabilityError("all particles of this glass are rattlers, which carry no load")
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
            # Position and force are means over the same instants, since only then do they cancel.
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
