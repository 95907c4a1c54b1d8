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
from glassplast.quasistatic.target import Stop, Target

__all__ = ["check_stepping", "shear"]

logger = logging.getLogger(__name__)

STEPPINGS = ("exact", "fixed")


def check_stepping(stepping: str, *, of_exact: dict[str, object], of_fixed: dict[str, object]) -> None:
    """Raise for a stepping that is not known, or that does not take an argument which is not None.

    Raises
    ------
    UnknownNameError, ArgumentError
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
        A minimum (`glassplast.minimize`).
    to : float
        Absolute strain to stop at; below ``glass.strain`` it shears in reverse.
    stepping : {"exact", "fixed"}
        ``"exact"`` follows each elastic branch as the curve it is, to the saddle-node at its end, and releases the
        system there; an event is the end of a branch. ``"fixed"`` takes equal strain increments, each followed by
        relaxation (Maloney & Lemaitre, Phys. Rev. E 74, 016118 (2006)).
    max_events : int, optional
        Stop once so many events are complete.
    stop : {"first_spanning_drop"} or callable, optional
        Stop after the first event that spans the system (`glassplast.quasistatic.spans`), or for which the callable
        returns true.
    loading : float or (d, d) array_like, optional
        Exact stepping. x -> expm(gamma G) x: the matrix G, or an angle in degrees
        (`glassplast.loading.loading_matrix`); by default simple shear. Strain is the parameter gamma of this path,
        stress is sigma : G.
    method : {"newton", "cg", "fire"}, optional
        In exact stepping what leads from an instability to the next minimum, ``"cg"`` (default) or ``"fire"``; on it
        depends which minimum that is. In fixed stepping what relaxes an increment: Newton's method with a factor of the
        Hessian that is kept over many increments and gives way to conjugate gradients where a branch ends (default), or
        a first-order minimizer alone.
    checkpoint : path-like, optional
        Exact stepping: a directory that keeps each event as soon as it is there, for `glassplast.resume`.
    increment : float, optional
        Fixed stepping: size of the increments; by default the paper's 1e-5.
    criterion : {"irreversible", "stress_drop"}, optional
        Fixed stepping: what counts as an event. Consecutive increments over which the stress falls are one drop. By
        default an event is an increment that cannot be undone by stepping back: the stress also passes smooth maxima,
        and can fall all the way from one instability to the next. ``"stress_drop"`` takes every drop for one event, as
        the paper does.
    tolerance : float
        Largest force left on any particle.
    threads : int, optional
        Exact stepping: by default ``GLASSPLAST_NUM_THREADS``, or all cores; no result depends on it.
    progress : callable, False or None
        Is told the stage, the part that is done, and a note with the strain and the number of events; see
        `glassplast.foundation.progress.shown`.

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
        If a branch, a step or the modes of an event cannot be computed, with the run so far.
    UnknownNameError
        For a stepping, stop condition, method or criterion that is not known.
    ArgumentError
        For an argument that cannot be meant, or belongs to the other stepping.
    FileError
        If `checkpoint` holds a run already, or cannot be written.
    """
    check_stepping(
        stepping,
        of_exact={"loading": loading, "checkpoint": checkpoint},
        of_fixed={"increment": increment, "criterion": criterion},
    )
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
                f"increment {protocol.increment} is lost to rounding on the way from {start.strain} to {to}"
            )
        check_start(start, tolerance, threads)
        return _told(shear_in_increments(start, protocol, target, tell))


def _told(run: Run) -> Run:
    count = len(run.events)
    logger.info("sheared to γ = %.6g: %s event%s", run.strain[-1], count or "no", "" if count == 1 else "s")
    return run
