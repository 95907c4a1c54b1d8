"""Cyclic shear, and the cycle from which on it repeats itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glassplast.errors import ArgumentError
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.progress import ProgressOption, shown
from glassplast.glass import Configuration, Glass, glass_of
from glassplast.quasistatic.options import LoadingOption, Method
from glassplast.quasistatic.run import Run, ShearError, ShearInterrupted
from glassplast.quasistatic.shearing import shear
from glassplast.response.analysis import Analysis
from glassplast.response.states import POSITION_TOLERANCE, same_state

__all__ = ["CyclicShear", "CyclicShearError", "CyclicShearInterrupted", "cyclic_shear"]


@dataclass(frozen=True)
class CyclicShear:
    """Cycles of shear about the strain of the start.

    Attributes
    ----------
    amplitude : float
    legs : list of Run
        Three for each cycle: there, across, and back.
    states : list of Glass
        Stroboscopic: the start, and the state at the end of each complete cycle.
    energies : ndarray, shape (cycles + 1,)
        U of `states`.
    repeats_after : int or None
        The first cycle whose end is the state at the start or at the end of an earlier cycle; None if there is none.
    period : int or None
        How many cycles lie between the two: 1 where each cycle is like the one before.
    """

    amplitude: float
    legs: list[Run]
    states: list[Glass]
    energies: FloatArray
    repeats_after: int | None
    period: int | None


class CyclicShearInterrupted(ShearInterrupted):
    """Ctrl-C during cyclic shear; `cycles` holds the complete legs and cycles, `run` the leg that was interrupted."""

    def __init__(self, run: Run, cycles: CyclicShear) -> None:
        super().__init__(run)
        self.cycles = cycles


class CyclicShearError(ShearError):
    """Cyclic shear that could not go on; `cycles` holds the complete legs and cycles, `run` the leg that failed."""

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
    """Shear a glass to and fro in exact stepping: gamma_0 -> gamma_0 + A -> gamma_0 - A -> gamma_0, again and again.

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum, at gamma_0.
    amplitude : float
        A; negative to begin in reverse.
    cycles : int
        How many at most.
    until_repeated : bool
        Stop after the first cycle that ends in a state known from before: from there on all repeats.
    loading, method, tolerance, threads
        As of `shear`.
    same_within : float
        Largest difference of positions in one state, see `same_state`.
    progress : callable, False or None
        Is told the stage, the part that is done, and a note; see `glassplast.foundation.progress.shown`.

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
        If there is no cycle to do.
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
                # Latest first: the shortest period.
                for earlier in reversed(range(cycle)):
                    if same_state(states[earlier], state, tolerance=same_within):
                        repeats_after, period = cycle, cycle - earlier
                        break
            states.append(state)
            energies.append(float(legs[-1].energy[-1]))
            if until_repeated and repeats_after is not None:
                break
    return so_far()
