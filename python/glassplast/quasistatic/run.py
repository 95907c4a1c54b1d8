"""A shear run: its stress-strain curve, its events, and the states at all strains."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassplast.errors import Carrier, GlassplastError
from glassplast.files.glass_group import write_glass
from glassplast.files.hdf5_layer import replace_file, set_attributes
from glassplast.files.json_text import json_text
from glassplast.files.run_states import RESULTS_SCHEMA, RESULTS_VERSION
from glassplast.foundation.arrays import FloatArray, IntegerArray
from glassplast.foundation.environment import provenance
from glassplast.foundation.notebook import card, table
from glassplast.foundation.one_line import constructor_like, number, span
from glassplast.foundation.tables import structured
from glassplast.glass import Glass, in_short, simple_shear
from glassplast.loading import stress_along
from glassplast.quasistatic.branch_curve import BranchCurve, BranchInterpolation, Effort
from glassplast.quasistatic.checkpoints import read_checkpoints
from glassplast.quasistatic.events import Event, StressDrop, event_table
from glassplast.quasistatic.protocol import ExactProtocol, Protocol
from glassplast.quasistatic.storage import RunParts, load_run, write_run
from glassplast.response.analysis import Analysis

__all__ = ["Run", "ShearError", "ShearInterrupted"]


#: More events than this are left out of the table in a notebook.
EVENTS_IN_NOTEBOOK = 10


def _single(strain: float, stress: float, energy: float) -> BranchCurve:
    values = np.array([[strain], [stress], [energy], [np.nan], [0.0]])
    return BranchCurve(values[0], values[1], values[2], values[3], values[4], ended=False)


@dataclass(repr=False)
class Run:
    """A quasistatic shear run.

    Attributes
    ----------
    start : Glass
        The glass that was sheared.
    strain, stress, energy : ndarray, shape (K,)
        Points of the curve: strain, stress along the loading (sigma_xy in simple shear), and potential energy U. The
        first point is the start. In exact stepping an event appears as two points with the same strain.
    events : list of Event
        Plastic events in the order of loading.
    drops : list of StressDrop
        Every fall of the stress, reversible or not; empty in exact stepping.
    protocol : ExactProtocol or FixedProtocol
        All settings that are needed to repeat the run.
    slope : ndarray, shape (K,), optional
        In exact stepping, d stress / d strain of the relaxed state at each point. It is minus infinity or very large at
        an instability, and NaN for a state from which the run did not continue.
    residual : ndarray, shape (K,), optional
        In exact stepping, residual of the energy balance of the step to each point (energy).
    last : Glass, optional
        The last state, if it was kept.
    effort : Effort
        In exact stepping, the number of operations that the run took.
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

    def __repr__(self) -> str:
        first = self.events[0] if self.events else None
        return constructor_like(
            "Run",
            **in_short(self.start),
            stepping=repr(self.protocol.stepping),
            strain=span(self.strain[0], self.strain[-1], 5),
            events=len(self.events),
            first_strain=None if first is None else number(first.strain, 6),
            first_core=None if first is None else first.core,
        )

    def _repr_html_(self) -> str:
        model = self.start.model
        facts = {
            "glass": f"{len(self.start)} particles, {self.start.dimension}D, model {model.name if model else 'none'}",
            "stepping": self.protocol.stepping,
            "strain": span(self.strain[0], self.strain[-1], 6),
            "stress": f"{span(self.stress[0], self.stress[-1])}, at most {number(self.stress.max())}",
            "points of the curve": self.strain.size,
            "events": len(self.events),
        }
        shown = [
            [place, number(event.strain, 6), event.core, event.stress_drop, event.energy_drop, event.participation]
            for place, event in enumerate(self.events[:EVENTS_IN_NOTEBOOK], start=1)
        ]
        if len(self.events) > len(shown):
            shown.append(["…"])
        head = ["event", "strain", "core", "stress drop", "energy drop", "participation ratio"]
        return card(self, "Shear run", facts, *([table(shown, head)] if shown else []))

    def table(self) -> NDArray[np.void]:
        """The curve, one row for each of its points: a structured array of strain, stress, energy, slope and residual.

        ``pandas.DataFrame(run.table())`` takes it as it is. Slope and residual are NaN in fixed stepping.
        """
        unknown = np.full(self.strain.size, np.nan)
        return structured(
            {
                "strain": self.strain,
                "stress": self.stress,
                "energy": self.energy,
                "slope": unknown if self.slope is None else self.slope,
                "residual": unknown if self.residual is None else self.residual,
            }
        )

    def events_table(self) -> NDArray[np.void]:
        """One row for each event: a structured array of the numbers of `Event`, of its drops and the id of its core.

        ``pandas.DataFrame(run.events_table())`` takes it as it is.
        """
        return event_table(self.events)

    @classmethod
    def of_branches(
        cls,
        start: Glass,
        protocol: ExactProtocol,
        passed: Sequence[tuple[BranchCurve, Event]],
        ending: tuple[BranchCurve, Glass] | None = None,
    ) -> Run:
        """Make a run from the branches that ended in events and the one that reached the target.

        Parameters
        ----------
        start : Glass
            The glass that was sheared.
        protocol : ExactProtocol
            Loading, minimizer and tolerance of the run.
        passed : sequence of (BranchCurve, Event)
            The branches that ended in an instability, with the events at their ends.
        ending : (BranchCurve, Glass), optional
            The branch that reached the target, and the state there. Without it the last point is the state after the
            last event, whose slope is not known, or the start if there is no event.

        Returns
        -------
        Run
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
        """Write an HDF5 file that `load` and `glassplast.Results.load` read; docs/results.md describes its schema.

        Parameters
        ----------
        path : path-like
            File to write; an existing file is replaced.

        Raises
        ------
        FileError
            If the file cannot be written; a file that was there before is left untouched.
        """

        def fill(file: Any) -> None:
            empty = json_text({})
            set_attributes(file, interrupted="", state=empty, configuration=empty, warnings=json_text([]))
            set_attributes(file, provenance=json_text(provenance()))
            write_glass(file.create_group("glass"), self.start)
            write_run(file, self)

        replace_file(Path(path), RESULTS_SCHEMA, RESULTS_VERSION, fill)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Run:
        """Read the run in a file of results, or the run so far in a directory of checkpoints.

        Parameters
        ----------
        path : path-like
            File of results, or directory that `glassplast.shear` was given as `checkpoint`.

        Returns
        -------
        Run

        Raises
        ------
        FileNotFoundError
            If there is neither a file nor a directory with a run.
        FileError
            If a file is corrupt, or holds no run.
        """
        if Path(path).is_dir():
            known = read_checkpoints(Path(path))
            return cls.of_branches(known.start, known.protocol, known.passed, known.ending)
        return cls.of_parts(load_run(Path(path)))

    @classmethod
    def of_parts(cls, parts: RunParts) -> Run:
        """Make a run from the parts that were read from a file.

        Parameters
        ----------
        parts : RunParts
            The parts of the run, named like its attributes.

        Returns
        -------
        Run
        """
        return cls(**{part.name: getattr(parts, part.name) for part in fields(parts)})

    @property
    def direction(self) -> float:
        """1 if the strain grows, -1 if it falls."""
        return 1.0 if self.strain[-1] >= self.strain[0] else -1.0

    @property
    def loading(self) -> FloatArray:
        """The loading matrix G, shape (d, d)."""
        if isinstance(self.protocol, ExactProtocol):
            return self.protocol.matrix
        return simple_shear(self.start.dimension)

    @property
    def end(self) -> Glass:
        """The last state."""
        return self.last if self.last is not None else self.glass_at(float(self.strain[-1]))

    def glass_at(self, strain: float) -> Glass:
        """The state at any strain of the run, recomputed from a recorded state before it.

        At the strain of an event of exact stepping it is the state after the event.

        Parameters
        ----------
        strain : float
            Absolute strain of the state.

        Returns
        -------
        Glass

        Raises
        ------
        GlassplastError
            If the run does not cover the strain.
        """
        self._require(strain)
        known = [self.start, *(state for event in self.events for state in (event.before, event.after))]
        for state in [self.last, *reversed(known)]:
            if state is not None and state.strain == strain:
                return state
        # On an exact branch a state is computed from the beginning of the branch, so that it does not depend on which
        # other states are on record.
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
        """The stress along the loading at any strain of the run, by interpolation.

        In exact stepping the interpolation on each branch is by cubics in sqrt(gamma_c - gamma); in fixed stepping it
        is linear. At the strain of an event the result is the stress after the event.

        Parameters
        ----------
        strain : array_like
            Absolute strains, of any shape.

        Returns
        -------
        ndarray
            Stress at each strain, in the shape of `strain`.

        Raises
        ------
        GlassplastError
            If the run does not cover the strains.
        """
        return self._interpolated(strain, "stress_at", self.stress)

    def energy_at(self, strain: ArrayLike) -> FloatArray:
        """The potential energy U at any strain of the run, interpolated like the stress in `stress_at`.

        Parameters
        ----------
        strain : array_like
            Absolute strains, of any shape.

        Returns
        -------
        ndarray
            Energy at each strain, in the shape of `strain`.

        Raises
        ------
        GlassplastError
            If the run does not cover the strains.
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
        """Strain and stress for drawing a smooth curve.

        Parameters
        ----------
        parts : int
            Number of intervals into which each step along a branch is divided in exact stepping; in fixed stepping the
            points of the run are returned as they are.

        Returns
        -------
        strain, stress : ndarray, shape (M,)
        """
        if self.slope is None:
            return self.strain, self.stress
        strain, stress = zip(*(branch.smooth(parts) for branch in self._branches), strict=True)
        return np.concatenate(strain), np.concatenate(stress)

    def work(self, start: float, end: float) -> float:
        """The work done on the glass between two strains of the run, the integral of V stress dgamma.

        It is computed from the stress alone: by integrating the interpolation on each branch in exact stepping, by the
        trapezoid rule in fixed stepping.

        Parameters
        ----------
        start, end : float
            Absolute strains; `end` lies further along the loading than `start`.

        Returns
        -------
        float
            Work (energy).

        Raises
        ------
        GlassplastError
            If the run does not cover the strains.
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


class ShearInterrupted(Carrier, KeyboardInterrupt):
    """Raised on Ctrl-C during a shear run; `run` holds what was computed."""

    def __init__(self, run: Run) -> None:
        super().__init__(f"interrupted at strain {run.strain[-1]:.6g} after {len(run.events)} events")
        self.run = run


class ShearError(Carrier, GlassplastError):
    """Raised when a shear run cannot continue; `run` holds what was computed, and ``__cause__`` is the reason."""

    def __init__(self, message: str, run: Run) -> None:
        super().__init__(message)
        self.run = run
