"""A shear run: its curve, its events, and every state along the way."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassplast.errors import GlassplastError
from glassplast.glass import Glass, simple_shear
from glassplast.quasistatic.branch_curve import BranchInterpolation, Effort
from glassplast.quasistatic.events import Event, StressDrop

Field = NDArray[np.float64]


@dataclass
class Run:
    """A quasistatic shear run.

    Attributes
    ----------
    start : Glass
        The glass that was sheared.
    strain, stress, energy : ndarray, shape (K,)
        The curve: strain, stress along the loading (simple shear: sigma_xy), U; the first point is the start. In exact
        stepping an event is two points of one strain.
    events : list of Event
        In the order of loading.
    drops : list of StressDrop
        Every fall of the stress, reversible or not; fixed stepping only.
    protocol : dict
        Stepping with all that is needed to do it again: in exact stepping loading, minimizer, tolerance; in fixed
        stepping increment, criterion, relaxer, tolerance.
    slope : ndarray, shape (K,), optional
        Exact stepping: d stress / d strain of the relaxed state; -infinity or huge at an instability, NaN for a state
        from which the run did not go on.
    residual : ndarray, shape (K,), optional
        Exact stepping: what is left of the energy balance of the step to each point (energy).
    last : Glass, optional
        The last state, where it is at hand.
    effort : Effort
        Exact stepping: what it took.
    """

    start: Glass
    strain: Field
    stress: Field
    energy: Field
    events: list[Event]
    drops: list[StressDrop]
    protocol: dict[str, Any] = field(default_factory=dict)
    slope: Field | None = None
    residual: Field | None = None
    last: Glass | None = None
    effort: Effort = field(default_factory=Effort)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Run:
        """The run so far in a directory of checkpoints, or that in a file of results.

        Raises
        ------
        FileNotFoundError
            If there is neither.
        FileError
            If a file is corrupt, or holds no run.
        """
        from glassplast.errors import FileError
        from glassplast.quasistatic.checkpoints import read_checkpoints
        from glassplast.results import Results

        if Path(path).is_dir():
            return read_checkpoints(Path(path)).run
        run = Results.load(path).run
        if run is None:
            raise FileError(f"{path} holds no shear run")
        return run

    @property
    def direction(self) -> float:
        """1 if the strain grows, -1 if it falls."""
        return 1.0 if self.strain[-1] >= self.strain[0] else -1.0

    @property
    def loading(self) -> Field:
        """(d, d): the loading matrix G."""
        given = self.protocol.get("loading")
        return simple_shear(self.start.dimension) if given is None else np.asarray(given, dtype=np.float64)

    @property
    def end(self) -> Glass:
        """The last state."""
        return self.last if self.last is not None else self.glass_at(float(self.strain[-1]))

    def glass_at(self, strain: float) -> Glass:
        """The state at any strain of the run, found again from a recorded state before it.

        At the strain of an event of exact stepping that is the state after it.

        Raises
        ------
        GlassplastError
            If the run did not get there.
        """
        self._require(strain)
        known = [self.start, *(state for event in self.events for state in (event.before, event.after))]
        for state in [self.last, *reversed(known)]:
            if state is not None and state.strain == strain:
                return state
        if self.slope is not None:
            return self._on_branch(strain)
        from glassplast.quasistatic.fixed import advance

        return advance(self._latest_before(known, strain), strain, self.direction, self.protocol)

    def _on_branch(self, strain: float) -> Glass:
        from glassplast.quasistatic.exact import state_on_branch

        starts = [self.start, *(event.after for event in self.events)]
        return state_on_branch(self._latest_before(starts, strain), strain, self.protocol, self.start.strain)

    def _latest_before(self, states: list[Glass], strain: float) -> Glass:
        reached = [state for state in states if self.direction * (strain - state.strain) >= 0.0]
        return max(reached, key=lambda state: self.direction * state.strain)

    def _require(self, strain: ArrayLike) -> None:
        low, high = sorted((float(self.strain[0]), float(self.strain[-1])))
        for value in np.ravel(strain):
            if not low <= value <= high:
                raise GlassplastError(f"the run covers strains {low:.8g} to {high:.8g}, not {value:.8g}")

    # --- the curve between its points -------------------------------------------------------------------------------

    @cached_property
    def _jumps(self) -> NDArray[np.int64]:
        """Indices of the first points of branches."""
        later = np.flatnonzero(np.diff(self.strain) == 0.0) + 1
        return np.concatenate([[0], later]).astype(np.int64)

    @cached_property
    def _branches(self) -> list[BranchInterpolation]:
        assert self.slope is not None
        ends = [*self._jumps[1:].tolist(), self.strain.size]
        dilation = float(np.trace(self.loading))
        return [
            BranchInterpolation(
                self.strain[first:end],
                self.stress[first:end],
                self.energy[first:end],
                self.slope[first:end],
                ended=end < self.strain.size,
                volume=self.start.volume * float(np.exp(dilation * (self.strain[first] - self.start.strain))),
                dilation=dilation,
            )
            for first, end in zip(self._jumps.tolist(), ends, strict=True)
        ]

    def _branch_of(self, strain: Field) -> NDArray[np.int64]:
        starts = self.direction * self.strain[self._jumps]
        return np.searchsorted(starts, self.direction * strain, side="right") - 1

    def stress_at(self, strain: ArrayLike) -> Field:
        """The stress at strains of the run, shape as given: interpolated along the branch in exact stepping (by cubics
        in sqrt(gamma_c - gamma)), linearly in fixed stepping. At the strain of an event: after it.

        Raises
        ------
        GlassplastError
            If the run did not get there.
        """
        return self._interpolated(strain, "stress_at", self.stress)

    def energy_at(self, strain: ArrayLike) -> Field:
        """U at strains of the run; as `stress_at`.

        Raises
        ------
        GlassplastError
            If the run did not get there.
        """
        return self._interpolated(strain, "energy_at", self.energy)

    def _interpolated(self, strain: ArrayLike, what: str, values: Field) -> Field:
        given = np.asarray(strain, dtype=np.float64)
        self._require(given)
        if self.slope is None:
            along = self.direction * self.strain
            return np.asarray(np.interp(self.direction * given, along, values))
        result = np.empty(given.shape)
        branch = self._branch_of(given)
        for index in np.unique(branch):
            chosen = branch == index
            result[chosen] = getattr(self._branches[index], what)(given[chosen])
        return result

    def smooth_curve(self, parts: int = 8) -> tuple[Field, Field]:
        """Strain and stress for drawing: in exact stepping each step along a branch is divided into `parts`."""
        if self.slope is None:
            return self.strain, self.stress
        strain, stress = zip(*(branch.smooth(parts) for branch in self._branches), strict=True)
        return np.concatenate(strain), np.concatenate(stress)

    def work(self, start: float, end: float) -> float:
        """Integral of V stress dgamma between two strains of the run, `end` further along the loading than `start`.

        From the stress alone: along each branch in exact stepping, by the trapezoid rule in fixed stepping.

        Raises
        ------
        GlassplastError
            If the run does not cover them.
        """
        self._require([start, end])
        if self.slope is None:
            along = self.direction * self.strain
            low, high = self.direction * start, self.direction * end
            knots = np.concatenate([[low], along[(along > low) & (along < high)], [high]])
            stress = np.interp(knots, along, self.stress)
            return float(self.direction * self.start.volume * np.trapezoid(stress, knots))
        total = 0.0
        for branch in self._branches:
            first, last = self.direction * branch.strain[0], self.direction * branch.strain[-1]
            low, high = max(first, self.direction * start), min(last, self.direction * end)
            if low < high:
                total += branch.work(self.direction * low, self.direction * high)
        return total


class ShearInterrupted(KeyboardInterrupt):
    """Ctrl-C during a shear run; `run` holds what was computed."""

    def __init__(self, run: Run) -> None:
        super().__init__(f"interrupted at strain {run.strain[-1]:.6g} after {len(run.events)} events")
        self.run = run


class ShearError(GlassplastError):
    """A shear run that could not go on; `run` holds what was computed, ``__cause__`` says what happened."""

    def __init__(self, message: str, run: Run) -> None:
        super().__init__(message)
        self.run = run
