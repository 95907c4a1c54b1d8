"""A shear run: its curve, its events, and every state along the way."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glassplast.errors import GlassplastError
from glassplast.files.glass_group import write_glass
from glassplast.files.hdf5_layer import replace_file, set_attributes
from glassplast.files.json_text import json_text
from glassplast.foundation.arrays import FloatArray, IntegerArray
from glassplast.foundation.environment import provenance
from glassplast.glass import Glass, simple_shear
from glassplast.loading import stress_along
from glassplast.quasistatic.branch_curve import BranchCurve, BranchInterpolation, Effort
from glassplast.quasistatic.checkpoints import read_checkpoints
from glassplast.quasistatic.events import Event, StressDrop
from glassplast.quasistatic.protocol import ExactProtocol, Protocol
from glassplast.quasistatic.storage import SCHEMA, SCHEMA_VERSION, RunParts, load_run, write_run
from glassplast.response.analysis import Analysis

__all__ = ["Run", "ShearError", "ShearInterrupted"]


def _single(strain: float, stress: float, energy: float) -> BranchCurve:
    values = np.array([[strain], [stress], [energy], [np.nan], [0.0]])
    return BranchCurve(values[0], values[1], values[2], values[3], values[4], ended=False)


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
    protocol : ExactProtocol or FixedProtocol
        All that is needed to do it again.
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
    strain: FloatArray
    stress: FloatArray
    energy: FloatArray
    events: list[Event]
    drops: list[StressDrop]
    protocol: Protocol
    slope: FloatArray | None = None
    residual: FloatArray | None = None
    last: Glass | None = None
    effort: Effort = field(default_factory=Effort)

    @classmethod
    def of_branches(
        cls,
        start: Glass,
        protocol: ExactProtocol,
        passed: Sequence[tuple[BranchCurve, Event]],
        ending: tuple[BranchCurve, Glass] | None = None,
    ) -> Run:
        """The run of branches that ended in events, and of the one that reached the target.

        Parameters
        ----------
        start : Glass
        protocol : ExactProtocol
        passed : sequence of (BranchCurve, Event)
            The branches that ended, with the events at their ends.
        ending : (BranchCurve, Glass), optional
            The branch that reached the target, and the state there. Without it the last point is the state after the
            last event, whose slope is not known, or the start.
        """
        curves = [curve for curve, _ in passed]
        events = [event for _, event in passed]
        if ending is not None:
            curves.append(ending[0])
            last = ending[1]
        elif events:
            curves.append(_single(events[-1].strain, events[-1].stress_after, events[-1].energy_after))
            last = events[-1].after
        else:
            analysis = Analysis(start)
            curves.append(_single(start.strain, stress_along(analysis.stress, protocol.matrix), analysis.energy))
            last = start
        strain, stress, energy, slope, residual = (
            np.concatenate([getattr(curve, name) for curve in curves])
            for name in ("strain", "stress", "energy", "slope", "residual")
        )
        effort = sum((curve.effort for curve in curves), Effort())
        return cls(
            start,
            strain,
            stress,
            energy,
            events,
            [],
            protocol,
            slope=slope,
            residual=residual,
            last=last,
            effort=effort,
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write an HDF5 file that `load` and `glassplast.Results.load` read; docs/results.md is its schema.

        Raises
        ------
        FileError
            If it cannot be written; what was there before is untouched.
        """

        def fill(file: Any) -> None:
            empty = json_text({})
            set_attributes(file, interrupted="", state=empty, configuration=empty, warnings=json_text([]))
            set_attributes(file, provenance=json_text(provenance()))
            write_glass(file.create_group("glass"), self.start)
            write_run(file, self)

        replace_file(Path(path), SCHEMA, SCHEMA_VERSION, fill)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Run:
        """The run so far in a directory of checkpoints, or the one in a file of results.

        Raises
        ------
        FileNotFoundError
            If there is neither.
        FileError
            If a file is corrupt, or holds no run.
        """
        if Path(path).is_dir():
            known = read_checkpoints(Path(path))
            return cls.of_branches(known.start, known.protocol, known.passed, known.ending)
        return cls.of_parts(load_run(Path(path)))

    @classmethod
    def of_parts(cls, parts: RunParts) -> Run:
        """The run whose parts were read from a file."""
        return cls(**{part.name: getattr(parts, part.name) for part in fields(parts)})

    @property
    def direction(self) -> float:
        """1 if the strain grows, -1 if it falls."""
        return 1.0 if self.strain[-1] >= self.strain[0] else -1.0

    @property
    def loading(self) -> FloatArray:
        """(d, d): the loading matrix G."""
        if isinstance(self.protocol, ExactProtocol):
            return self.protocol.matrix
        return simple_shear(self.start.dimension)

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
        # Along an exact branch a state is found from the beginning of the branch, so that it is the same whatever else
        # is on record.
        starts = [self.start, *(event.after for event in self.events)] if self.slope is not None else known
        return self.protocol.at(self._latest_before(starts, strain), strain, origin=self.start.strain)

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
    def _jumps(self) -> IntegerArray:
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

    def _branch_of(self, strain: FloatArray) -> IntegerArray:
        starts = self.direction * self.strain[self._jumps]
        return np.searchsorted(starts, self.direction * strain, side="right") - 1

    def stress_at(self, strain: ArrayLike) -> FloatArray:
        """The stress at strains of the run, shape as given: interpolated along the branch in exact stepping (by cubics
        in sqrt(gamma_c - gamma)), linearly in fixed stepping. At the strain of an event: after it.

        Raises
        ------
        GlassplastError
            If the run did not get there.
        """
        return self._interpolated(strain, "stress_at", self.stress)

    def energy_at(self, strain: ArrayLike) -> FloatArray:
        """U at strains of the run; as `stress_at`.

        Raises
        ------
        GlassplastError
            If the run did not get there.
        """
        return self._interpolated(strain, "energy_at", self.energy)

    def _interpolated(self, strain: ArrayLike, what: str, values: FloatArray) -> FloatArray:
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

    def smooth_curve(self, parts: int = 8) -> tuple[FloatArray, FloatArray]:
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
