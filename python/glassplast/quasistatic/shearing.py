"""The function `shear`."""

from __future__ import annotations

import logging

import numpy as np

from glassplast.errors import ArgumentError, UnknownNameError, suggestion
from glassplast.foundation.progress import ProgressOption, shown
from glassplast.glass import Configuration, glass_of
from glassplast.quasistatic.branches import Branches
from glassplast.quasistatic.fixed_stepping import shear_in_increments
from glassplast.quasistatic.options import (
    Checkpoint,
    Criterion,
    Increment,
    LoadingOption,
    MaxEvents,
    Method,
    Stepping,
    StopName,
    To,
    Tolerance,
)
from glassplast.quasistatic.protocol import FixedProtocol, check_start
from glassplast.quasistatic.run import Run
from glassplast.quasistatic.target import Stop, Target, checked_strain

__all__ = ["check_stepping", "shear"]

logger = logging.getLogger(__name__)

STEPPINGS = ("exact", "fixed")


def check_stepping(stepping: str, *, of_exact: dict[str, object], of_fixed: dict[str, object]) -> None:
    """Check that a stepping is known, and that no argument was given that belongs to the other stepping.

    Raises
    ------
    UnknownNameError
        If the stepping is not known.
    ArgumentError
        If an argument that belongs to the other stepping is not None.
    """
    if stepping not in STEPPINGS:
        raise UnknownNameError(f"unknown stepping {stepping!r}; {suggestion(stepping, STEPPINGS)}")
    other, foreign = ("fixed", of_fixed) if stepping == "exact" else ("exact", of_exact)
    for name, value in foreign.items():
        if value is not None:
            raise ArgumentError(f"{name} belongs to {other} stepping, and this is {stepping} stepping")


def shear(
    glass: Configuration,
    to: To,
    *,
    stepping: Stepping = "exact",
    max_events: MaxEvents | None = None,
    stop: StopName | Stop = None,
    loading: LoadingOption | None = None,
    method: Method | None = None,
    checkpoint: Checkpoint | None = None,
    increment: Increment | None = None,
    criterion: Criterion | None = None,
    tolerance: Tolerance = 1e-10,
    threads: int | None = None,
    progress: ProgressOption = None,
) -> Run:
    """Shear a glass quasistatically and record its plastic events.

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum, for example from `glassplast.minimize`.
    to : float
        Absolute strain to stop at; a strain below ``glass.strain`` shears in reverse.
    stepping : {"exact", "fixed"}
        ``"exact"`` follows each elastic branch continuously to the saddle-node bifurcation at its end, and minimizes
        the energy from there; an event is the end of a branch. ``"fixed"`` takes equal strain increments, each followed
        by relaxation (Maloney & Lemaitre, Phys. Rev. E 74, 016118 (2006)).
    max_events : int, optional
        Number of events after which to stop.
    stop : {"first_spanning_drop"} or callable, optional
        Stop after the first event that spans the system (`glassplast.quasistatic.spans`), or for which the callable
        returns true.
    loading : float or (d, d) array_like, optional
        For exact stepping: loading matrix G of the deformation x -> expm(gamma G) x, or an angle in degrees
        (`glassplast.loading.loading_matrix`); by default simple shear. The strain is the parameter gamma, and the
        stress is sigma : G.
    method : {"newton", "cg", "fire"}, optional
        In exact stepping, the minimizer that leads from an instability to the next minimum: ``"cg"`` (default) or
        ``"fire"``, which can reach different minima. In fixed stepping, the minimizer that relaxes each increment: by
        default Newton's method, which keeps a factor of the Hessian over many increments and hands over to conjugate
        gradients where a branch ends; or ``"cg"`` or ``"fire"`` alone.
    checkpoint : path-like, optional
        For exact stepping: directory in which each event is stored as soon as it is found, for `glassplast.resume`.
    increment : float, optional
        For fixed stepping: size of the strain increments; by default 1e-5, as in the paper.
    criterion : {"irreversible", "stress_drop"}, optional
        For fixed stepping: what counts as an event. By default an event is an increment that cannot be undone by
        stepping back. A fall of the stress is not enough, since the stress also passes smooth maxima, and can fall all
        the way from one instability to the next. With ``"stress_drop"`` consecutive increments in which the stress
        falls are one event, as in the paper.
    tolerance : float
        Largest force left on any particle (energy / length).
    threads : int, optional
        For exact stepping: number of threads; by default ``GLASSPLAST_NUM_THREADS``, or all cores. No result depends on
        it.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note with the strain and the number of events; see
        `glassplast.foundation.progress.shown`.

    Returns
    -------
    Run
        The stress-strain curve with its plastic events.

    Raises
    ------
    InstabilityError
        If the glass is not a minimum.
    ShearInterrupted
        On Ctrl-C, with the run so far.
    ShearError
        If a branch, a step or the modes of an event cannot be computed, with the run so far.
    UnknownNameError
        If the stepping, stop condition, method or criterion is not known.
    ArgumentError
        If an argument has an invalid value, or belongs to the other stepping.
    FileError
        If `checkpoint` holds a run already, or cannot be written.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> run = gp.shear(glass, to=0.1, max_events=1)
    >>> event = run.events[0]
    >>> event.energy_drop > 0.0
    True
    >>> event.mode.shape
    (64, 2)
    """
    check_stepping(
        stepping,
        of_exact={"loading": loading, "checkpoint": checkpoint},
        of_fixed={"increment": increment, "criterion": criterion},
    )
    checked_strain("to", to)
    start = glass_of(glass)
    with shown(progress) as tell:
        if stepping == "exact":
            branches = Branches(
                start,
                to,
                loading=loading,
                max_events=max_events,
                method="cg" if method is None else method,
                tolerance=tolerance,
                stop=stop,
                threads=threads,
                progress=tell,
                checkpoint=checkpoint,
            )
            for _ in branches:
                pass
            return _told(branches.run)
        given = {"increment": increment, "criterion": criterion, "method": method}
        chosen = {name: value for name, value in given.items() if value is not None}
        protocol = FixedProtocol(tolerance=tolerance, **chosen)  # type: ignore[arg-type] # mypy sees no names in it
        target = Target(float(to), max_events, stop)
        target.check()
        smallest = 4.0 * np.finfo(np.float64).eps * max(abs(to), abs(start.strain))
        if not protocol.increment > smallest:
            raise ArgumentError(
                f"increment {protocol.increment} is lost to rounding at strains from {start.strain} to {to}"
            )
        check_start(start, tolerance, threads)
        return _told(shear_in_increments(start, protocol, target, tell))


def _told(run: Run) -> Run:
    count = len(run.events)
    logger.info("sheared to γ = %.6g: %s event%s", run.strain[-1], count or "no", "" if count == 1 else "s")
    return run
