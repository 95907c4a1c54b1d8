"""Cyclic shear, and the cycle after which the states repeat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glassplast.errors import ArgumentError
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.one_line import constructor_like
from glassplast.foundation.progress import ProgressOption, shown
from glassplast.glass import Configuration, Glass, glass_of, in_short
from glassplast.quasistatic.options import LoadingOption, Method
from glassplast.quasistatic.run import Run, ShearError, ShearInterrupted
from glassplast.quasistatic.shearing import shear
from glassplast.response.analysis import Analysis
from glassplast.response.states import POSITION_TOLERANCE, same_state

__all__ = ["CyclicShear", "CyclicShearError", "CyclicShearInterrupted", "cyclic_shear"]


@dataclass(frozen=True, repr=False)
class CyclicShear:
    """Cycles of shear about the strain of the start.

    Attributes
    ----------
    amplitude : float
        Strain amplitude A; negative if the cycles begin in reverse.
    legs : list of Run
        Three runs for each cycle: from the middle strain to +A, from there to -A, and back to the middle.
    states : list of Glass
        Stroboscopic states: the start, and the state at the end of each complete cycle.
    energies : ndarray, shape (cycles + 1,)
        Potential energy U of `states`.
    repeats_after : int or None
        The first cycle that ends in the state at the start or at the end of an earlier cycle; None if there is none.
    period : int or None
        Number of cycles between the two occurrences of that state; 1 if each cycle repeats the one before.
    """

    amplitude: float
    legs: list[Run]
    states: list[Glass]
    energies: FloatArray
    repeats_after: int | None
    period: int | None

    def __repr__(self) -> str:
        return constructor_like(
            "CyclicShear",
            **in_short(self.states[0]),
            amplitude=self.amplitude,
            cycles=len(self.states) - 1,
            events=sum(len(leg.events) for leg in self.legs),
            repeats_after=str(self.repeats_after),
            period=str(self.period),
        )


class CyclicShearInterrupted(ShearInterrupted):
    """Raised on Ctrl-C during cyclic shear.

    `cycles` holds the complete legs and cycles, and `run` holds the leg that was interrupted.
    """

    def __init__(self, run: Run, cycles: CyclicShear) -> None:
        super().__init__(run)
        self.cycles = cycles


class CyclicShearError(ShearError):
    """Raised when cyclic shear cannot continue.

    `cycles` holds the complete legs and cycles, and `run` holds the leg that failed.
    """

    def __init__(self, message: str, run: Run, cycles: CyclicShear) -> None:
        super().__init__(message, run)
        self.cycles = cycles


def cyclic_shear(
    glass: Configuration,
    amplitude: float,
    cycles: int,
    *,
    until_repeated: bool = True,
    loading: LoadingOption | None = None,
    method: Method = "cg",
    tolerance: float = 1e-10,
    same_within: float = POSITION_TOLERANCE,
    threads: int | None = None,
    progress: ProgressOption = None,
) -> CyclicShear:
    """Shear a glass back and forth in exact stepping.

    Each cycle leads from the strain gamma_0 of the glass to gamma_0 + A, to gamma_0 - A, and back to gamma_0.

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum, for example from `glassplast.minimize`.
    amplitude : float
        Strain amplitude A; a negative one begins in reverse.
    cycles : int
        Largest number of cycles.
    until_repeated : bool
        Whether to stop after the first cycle that ends in the state at the start or at the end of an earlier cycle,
        because the cycles repeat from then on.
    loading, method, tolerance
        See `glassplast.shear`.
    same_within : float
        Largest difference of positions between two states that count as the same, see
        `glassplast.quasistatic.same_state` (length).
    threads : int, optional
        Number of threads; the result does not depend on it.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.

    Returns
    -------
    CyclicShear

    Raises
    ------
    CyclicShearInterrupted
        On Ctrl-C, with the cycles so far.
    CyclicShearError
        If a branch cannot be followed, with the cycles so far.
    ArgumentError
        If `cycles` is below 1, or the amplitude is zero or not finite.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> cycles = gp.cyclic_shear(glass, amplitude=1e-4, cycles=3)
    >>> cycles.repeats_after
    1
    >>> len(cycles.legs)
    3
    """
    if cycles < 1:
        raise ArgumentError(f"cycles must be at least 1, not {cycles}")
    if not (np.isfinite(amplitude) and amplitude != 0.0):
        raise ArgumentError(f"amplitude must be finite and not zero, not {amplitude}")
    glass = glass_of(glass)
    legs: list[Run] = []
    states, energies = [glass], [Analysis(glass).energy]
    repeats_after: int | None = None
    period: int | None = None

    def so_far() -> CyclicShear:
        return CyclicShear(amplitude, legs, states, np.array(energies), repeats_after, period)

    with shown(progress) as tell:
        middle = glass.strain
        for cycle in range(1, cycles + 1):
            state = states[-1]
            try:
                for to in (middle + amplitude, middle - amplitude, middle):

                    def inner(stage: str, part: float | None, note: str, cycle: int = cycle) -> None:
                        tell("cyclic shear", (len(legs) + (part or 0.0)) / (3 * cycles), f"cycle {cycle}, {note}")

                    leg = shear(
                        state,
                        to,
                        loading=loading,
                        method=method,
                        tolerance=tolerance,
                        threads=threads,
                        progress=inner,
                    )
                    legs.append(leg)
                    state = leg.end
            except ShearInterrupted as stop:
                raise CyclicShearInterrupted(stop.run, so_far()) from stop
            except ShearError as error:
                raise CyclicShearError(str(error), error.run, so_far()) from error
            if repeats_after is None:
                # The latest state is compared first, which gives the shortest period.
                for earlier in reversed(range(cycle)):
                    if same_state(states[earlier], state, tolerance=same_within):
                        repeats_after, period = cycle, cycle - earlier
                        break
            states.append(state)
            energies.append(float(legs[-1].energy[-1]))
            if until_repeated and repeats_after is not None:
                break
    return so_far()
