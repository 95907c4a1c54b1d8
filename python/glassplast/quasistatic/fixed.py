"""Athermal quasistatic shear: the stress-strain curve and its plastic events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassplast import _engine
from glassplast.analysis import EQUILIBRIUM_TOLERANCE, Analysis
from glassplast.errors import GlassplastError, UnknownNameError, suggestion
from glassplast.glass import Glass, simple_shear
from glassplast.nonaffine import d2min, participation_ratio
from glassplast.relax import relax_options

Field = NDArray[np.float64]
State = _engine.ShearedState2D | _engine.ShearedState3D
Stepper = _engine.QuasistaticStepper2D | _engine.QuasistaticStepper3D
#: Called with the strain reached, the stress there and the number of events so far.
ShearProgress = Callable[[float, float, int], None]

#: A step is taken back to see whether it was reversible when Newton's method lost the branch, or when particles
#: moved this many times further than in the step before.
SUSPICIOUS_GROWTH = 5.0
#: A step was irreversible when stepping back misses the energy before it by more than this (in units of the mean
#: pair energy); on one branch the difference is round-off.
REVERSIBLE_ENERGY = 1e-8
#: Modes among which the critical one is looked for: it can leave the plane waves only just before the event.
CRITICAL_CANDIDATES = 8

CRITERIA = ("irreversible", "stress_drop")
RELAXERS = ("newton", "cg", "fire")


@dataclass(frozen=True)
class Event:
    """One plastic event.

    Attributes
    ----------
    strain, strain_uncertainty : float
        The instability lies within `strain` +- `strain_uncertainty` (half an increment in fixed stepping, less if the
        last one was cut short).
    onset_strain : float
        The last stable state before it: where the mode is taken, and energies and stresses are compared.
    irreversible : bool
        Whether stepping back leads elsewhere than where the system came from.
    stress_before, stress_after, energy_before, energy_after : float
        sigma_xy and U at `onset_strain`, on the branch that ends and on the one reached. For a drop taken literally
        that does not begin with an irreversible increment: before and after the whole drop.
    mode : ndarray, shape (N, d)
        Critical mode Psi_c: unit norm, Psi_c . dx/dgamma > 0 along the loading; NaN on rattlers.
    eigenvalue : float
        Its stiffness at `onset_strain`.
    core : int
        The particle with the largest |Psi_c|.
    participation : float
        (sum u^2)^2 / (N sum u^4), u = |Psi_c| of a particle.
    displacement : ndarray, shape (N, d)
        Of the avalanche, at `onset_strain`, relative to the mean.
    before, after : Glass
        The last stable state, and the state reached one increment later (at the end of a drop taken literally).
    """

    strain: float
    strain_uncertainty: float
    onset_strain: float
    irreversible: bool
    stress_before: float
    stress_after: float
    energy_before: float
    energy_after: float
    mode: Field
    eigenvalue: float
    core: int
    participation: float
    displacement: Field
    before: Glass
    after: Glass

    @property
    def stress_drop(self) -> float:
        """Fall of the stress along the loading, at fixed strain; negative where an event raises it."""
        direction = 1.0 if self.strain > self.onset_strain else -1.0
        return direction * (self.stress_before - self.stress_after)

    @property
    def energy_drop(self) -> float:
        """Dissipated energy: fall of U at fixed strain."""
        return self.energy_before - self.energy_after

    def d2min(self, *, reach: float = 2.5) -> Field:
        """(N,): D2min of the critical mode at the last stable state."""
        return d2min(self.before, self.mode, reach=reach)


@dataclass(frozen=True)
class StressDrop:
    """Consecutive increments over which the stress fell (or that proved irreversible).

    Attributes
    ----------
    start, end : float
        Strain before the first and after the last of them.
    irreversible : float or None
        Strain before the first irreversible increment; None if every one can be undone: a smooth maximum.
    """

    start: float
    end: float
    irreversible: float | None


@dataclass
class Run:
    """A quasistatic shear run.

    Attributes
    ----------
    start : Glass
        The glass that was sheared.
    strain, stress, energy : ndarray, shape (K,)
        The curve: engineering strain, sigma_xy, U; the first point is the start.
    events : list of Event
        In the order of loading.
    drops : list of StressDrop
        Every fall of the stress, reversible or not.
    protocol : dict
        Stepping, increment, criterion, minimizer, tolerance.
    """

    start: Glass
    strain: Field
    stress: Field
    energy: Field
    events: list[Event]
    drops: list[StressDrop]
    protocol: dict[str, Any] = field(default_factory=dict)

    @property
    def end(self) -> Glass:
        """The last state."""
        return self.glass_at(float(self.strain[-1]))

    def glass_at(self, strain: float) -> Glass:
        """The state at any strain of the run, found again from the nearest recorded state before it.

        Raises
        ------
        GlassplastError
            If the run did not get there.
        """
        low, high = sorted((float(self.strain[0]), float(self.strain[-1])))
        if not low <= strain <= high:
            raise GlassplastError(f"the run covers strains {low:.8g} to {high:.8g}, not {strain:.8g}")
        direction = 1.0 if self.strain[-1] >= self.strain[0] else -1.0
        known = [self.start, *(state for event in self.events for state in (event.before, event.after))]
        nearest = max((g for g in known if direction * (strain - g.strain) >= 0.0), key=lambda g: direction * g.strain)
        driver = _Driver(nearest, self.protocol)
        increment = float(self.protocol["increment"])
        while driver.stepper.state.strain != strain:
            left = strain - driver.stepper.state.strain
            driver.step(strain if abs(left) <= increment else driver.stepper.state.strain + direction * increment)
        return driver.glass(driver.stepper.state)


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


class _Driver:
    """The engine's stepper for one glass, and its states as glasses."""

    def __init__(self, glass: Glass, protocol: dict[str, Any]) -> None:
        self.origin = glass
        self.protocol = protocol
        maker: Any = _engine.QuasistaticStepper2D if glass.dimension == 2 else _engine.QuasistaticStepper3D
        relaxer = protocol["relaxer"]
        self.follow = relaxer == "newton"
        options = relax_options("cg" if self.follow else relaxer, None, 10_000_000, self.follow)
        reference = glass.box.sheared(-glass.strain)
        self.stepper: Stepper = maker(
            glass.interaction, reference, glass.strain, glass.positions, options, protocol["tolerance"]
        )

    def step(self, strain: float) -> None:
        self.stepper.step_to(strain, self.follow, None)

    def restore(self, state: Any) -> None:
        self.stepper.restore(state)

    def glass(self, state: State) -> Glass:
        origin = self.origin
        return origin.replace(
            positions=state.positions,
            box=origin.box.sheared(state.strain - origin.strain),
            strain=state.strain,
            provenance={"shear": {**self.protocol, "from_strain": origin.strain}},
        )


def critical_mode(glass: Glass, direction: float = 1.0) -> tuple[Field, float]:
    """The mode that an instability under simple shear announces: of the lowest modes, the one that the shear
    excites most where it is localized, by |Psi . Xi| / lambda max|Psi|.

    Parameters
    ----------
    glass : Glass
        A minimum close to an instability.
    direction : float
        Sign of the strain increments.

    Returns
    -------
    mode : ndarray, shape (N, d)
        Unit norm, sign such that mode . dx/dgamma > 0 along `direction`.
    eigenvalue : float
    """
    analysis = Analysis(glass)
    freedom = glass.dimension * int(np.count_nonzero(~analysis.rattlers)) - analysis.minimum.translations
    modes = analysis.modes(min(CRITICAL_CANDIDATES, freedom))
    gradient = analysis.affine_gradient(simple_shear(glass.dimension))
    coupling = np.nansum(modes.vectors * gradient, axis=(1, 2)) / modes.eigenvalues
    largest = np.nanmax(np.linalg.norm(modes.vectors, axis=2), axis=1)
    best = int(np.argmax(np.abs(coupling) * largest))
    sign = -1.0 if direction * coupling[best] > 0.0 else 1.0
    return sign * modes.vectors[best], float(modes.eigenvalues[best])


def shear(
    glass: Glass,
    to: float,
    *,
    stepping: str = "fixed",
    increment: float = 1e-5,
    max_events: int | None = None,
    criterion: str = "irreversible",
    relaxer: str = "newton",
    tolerance: float = 1e-10,
    progress: ShearProgress | None = None,
) -> Run:
    """Shear a glass quasistatically and record its plastic events.

    Parameters
    ----------
    glass : Glass
        A minimum (`glassplast.minimize`).
    to : float
        Absolute engineering strain to stop at; below ``glass.strain`` it shears in reverse.
    stepping : {"fixed"}
        Equal strain increments, each followed by relaxation (Maloney & Lemaitre, Phys. Rev. E 74, 016118 (2006)).
    increment : float
        Size of the increments; the paper's is 1e-5.
    max_events : int, optional
        Stop once so many events are complete.
    criterion : {"irreversible", "stress_drop"}
        What counts as an event. Consecutive increments over which the stress falls are one drop. By default an event
        is an increment that cannot be undone by stepping back: the stress also passes smooth maxima, and can fall all
        the way from one instability to the next. ``"stress_drop"`` takes every drop for one event, as the paper does.
    relaxer : {"newton", "cg", "fire"}
        How an increment is relaxed: by Newton's method with a factor of the Hessian kept over many increments, which
        gives way to conjugate gradients where a branch ends, or by a first-order minimizer alone.
    tolerance : float
        Largest force left on any particle.
    progress : callable, optional
        Called after each increment with strain, stress and the number of events.

    Returns
    -------
    Run

    Raises
    ------
    InstabilityError
        If the glass is no minimum.
    ShearInterrupted
        On Ctrl-C, with the run so far.
    ShearError
        If a step or the modes of an event cannot be computed, with the run so far.
    UnknownNameError
        Unknown stepping, criterion or relaxer.
    """
    for value, known, what in (
        (stepping, ("fixed",), "stepping"),
        (criterion, CRITERIA, "criterion"),
        (relaxer, RELAXERS, "relaxer"),
    ):
        if value not in known:
            raise UnknownNameError(f"unknown {what} {value!r}; {suggestion(value, known)}")
    if not (np.isfinite(increment) and increment > 0.0):
        raise ValueError(f"the increment must be positive, not {increment}")
    if not np.isfinite(to):
        raise ValueError(f"the strain to shear to must be finite, not {to}")
    if not tolerance > 0.0:
        raise ValueError(f"the force tolerance must be positive, not {tolerance}")
    if not increment > 4.0 * np.finfo(np.float64).eps * max(abs(to), abs(glass.strain)):
        raise ValueError(f"an increment of {increment} is lost to rounding on the way from {glass.strain} to {to}")
    if max_events is not None and max_events < 1:
        raise ValueError(f"max_events must be at least 1, not {max_events}")
    analysis = Analysis(glass)
    analysis.minimum  # noqa: B018 - raises unless the glass is a minimum
    # What is recorded of an event needs states that pass for minima.
    if tolerance > EQUILIBRIUM_TOLERANCE * analysis.typical_force:
        raise ValueError(
            f"the force tolerance {tolerance} leaves no equilibrium: the median pair force is "
            f"{analysis.typical_force:.3g}"
        )
    protocol = {
        "stepping": stepping,
        "increment": increment,
        "criterion": criterion,
        "relaxer": relaxer,
        "tolerance": tolerance,
    }
    return _FixedStepping(glass, to, protocol, max_events, progress).run()


@dataclass
class _OpenDrop:
    """A drop while the stress still falls."""

    onset: State
    # Where the increment ended that began at the onset.
    onset_end: float
    after: State
    first_irreversible: State | None = None
    returned: State | None = None


class _FixedStepping:
    """The paper's protocol, with the test that tells an instability from a smooth maximum."""

    def __init__(
        self,
        glass: Glass,
        to: float,
        protocol: dict[str, Any],
        max_events: int | None,
        progress: ShearProgress | None,
    ) -> None:
        self.glass = glass
        self.protocol = protocol
        self.max_events = max_events
        self.progress = progress
        self.driver = _Driver(glass, protocol)
        self.direction = 1.0 if to >= glass.strain else -1.0
        self.increment = float(protocol["increment"])
        self.total = max(0, int(np.ceil(abs(to - glass.strain) / self.increment - 1e-9)))
        self.to = to
        self.energy_scale = REVERSIBLE_ENERGY * max(float(np.abs(Analysis(glass).pairs.phi).mean()), 1e-300)
        self.events: list[Event] = []
        self.drops: list[StressDrop] = []

    def strain_after(self, steps: int) -> float:
        if steps == self.total:
            return self.to
        return self.glass.strain + self.direction * steps * self.increment

    def run(self) -> Run:
        stepper = self.driver.stepper
        previous = stepper.state
        curve = [(previous.strain, previous.stress[0, 1], previous.energy)]
        moved_before = np.inf
        drop: _OpenDrop | None = None
        try:
            for steps in range(1, self.total + 1):
                self.driver.step(self.strain_after(steps))
                current = stepper.state
                moved = stepper.nonaffine_displacement
                falls = self.direction * (current.stress[0, 1] - previous.stress[0, 1]) < 0.0
                returned = None
                if stepper.fell_back or moved > SUSPICIOUS_GROWTH * moved_before:
                    returned = self.irreversible_return(previous, current)
                if returned is None:
                    # An avalanche is no measure of what particles do on a branch.
                    moved_before = moved
                if falls or returned is not None:
                    drop = drop or _OpenDrop(previous, current.strain, current)
                    drop.after = current
                    if returned is not None and drop.first_irreversible is None:
                        drop.first_irreversible = previous
                        drop.returned = returned
                    if returned is not None and self.protocol["criterion"] == "irreversible":
                        self.events.append(self.event(previous, current.strain, returned, current, True))
                elif drop is not None:
                    self.close(drop)
                    drop = None
                curve.append((current.strain, current.stress[0, 1], current.energy))
                previous = current
                if self.progress is not None:
                    self.progress(current.strain, float(current.stress[0, 1]), len(self.events))
                if self.max_events is not None and len(self.events) >= self.max_events:
                    break
            if drop is not None:
                self.close(drop)
        except KeyboardInterrupt as stop:
            raise ShearInterrupted(self.result(curve)) from stop
        except GlassplastError as error:
            reached = f"the run ended at strain {curve[-1][0]:.8g} after {len(self.events)} events: {error}"
            raise ShearError(reached, self.result(curve)) from error
        return self.result(curve)

    def result(self, curve: list[tuple[float, float, float]]) -> Run:
        strain, stress, energy = np.array(curve).T
        return Run(self.glass, strain, stress, energy, self.events, self.drops, self.protocol)

    def irreversible_return(self, previous: State, current: State) -> State | None:
        """The state that stepping back leads to, or None if it is the one the step came from."""
        stepper = self.driver.stepper
        self.driver.step(previous.strain)
        returned = stepper.state
        self.driver.restore(current)
        return returned if abs(returned.energy - previous.energy) > self.energy_scale else None

    def close(self, drop: _OpenDrop) -> None:
        irreversible = drop.first_irreversible
        self.drops.append(
            StressDrop(drop.onset.strain, drop.after.strain, irreversible.strain if irreversible is not None else None)
        )
        if self.protocol["criterion"] == "stress_drop":
            # Where the step back shows it at the strain of the onset; else the difference across the drop.
            back = drop.returned if irreversible is drop.onset else None
            reached = back if back is not None else drop.after
            self.events.append(self.event(drop.onset, drop.onset_end, reached, drop.after, irreversible is not None))

    def event(self, onset: State, end: float, reached: State, after: State, irreversible: bool) -> Event:
        """The event of the increment from `onset` to `end`, with what it led to: `reached` is that at the strain of the
        onset, where the step back shows it."""
        before = self.driver.glass(onset)
        mode, eigenvalue = critical_mode(before, self.direction)
        shift = reached.strain - onset.strain
        displacement = reached.positions - onset.positions
        displacement[:, 0] -= shift * onset.positions[:, 1]
        displacement -= displacement.mean(axis=0)
        return Event(
            strain=0.5 * (onset.strain + end),
            strain_uncertainty=0.5 * abs(end - onset.strain),
            onset_strain=onset.strain,
            irreversible=irreversible,
            stress_before=float(onset.stress[0, 1]),
            stress_after=float(reached.stress[0, 1]),
            energy_before=onset.energy,
            energy_after=reached.energy,
            mode=mode,
            eigenvalue=eigenvalue,
            core=int(np.nanargmax(np.linalg.norm(mode, axis=1))),
            participation=participation_ratio(mode),
            displacement=displacement,
            before=before,
            after=self.driver.glass(after),
        )
