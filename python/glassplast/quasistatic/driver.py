"""The function `shear`."""

from __future__ import annotations

import os

import numpy as np

from glassplast.glass import Glass
from glassplast.loading import Loading
from glassplast.quasistatic.branches import Branches
from glassplast.quasistatic.fixed import shear_in_increments
from glassplast.quasistatic.protocol import ShearProgress, Stop, check_name, check_start, check_stepping, check_target
from glassplast.quasistatic.run import Run

CRITERIA = ("irreversible", "stress_drop")
RELAXERS = ("newton", "cg", "fire")


def shear(
    glass: Glass,
    to: float,
    *,
    stepping: str = "exact",
    max_events: int | None = None,
    stop: Stop = None,
    loading: Loading | None = None,
    minimizer: str | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    increment: float | None = None,
    criterion: str | None = None,
    relaxer: str | None = None,
    tolerance: float = 1e-10,
    threads: int | None = None,
    progress: ShearProgress | None = None,
) -> Run:
    """Shear a glass quasistatically and record its plastic events.

    Parameters
    ----------
    glass : Glass
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
    minimizer : {"cg", "fire"}
        Exact stepping: what leads from an instability to the next minimum (default ``"cg"``). On it depends which one
        that is.
    checkpoint : path-like, optional
        Exact stepping: a directory that keeps each event as soon as it is there, for `glassplast.resume`.
    increment : float, optional
        Fixed stepping: size of the increments; by default the paper's 1e-5.
    criterion : {"irreversible", "stress_drop"}
        Fixed stepping: what counts as an event. Consecutive increments over which the stress falls are one drop. By
        default an event is an increment that cannot be undone by stepping back: the stress also passes smooth maxima,
        and can fall all the way from one instability to the next. ``"stress_drop"`` takes every drop for one event, as
        the paper does.
    relaxer : {"newton", "cg", "fire"}
        Fixed stepping: how an increment is relaxed: by Newton's method with a factor of the Hessian kept over many
        increments, which gives way to conjugate gradients where a branch ends (default), or by a first-order minimizer
        alone.
    tolerance : float
        Largest force left on any particle.
    threads : int, optional
        Exact stepping: by default ``GLASSPLAST_NUM_THREADS``, or all cores; no result depends on it.
    progress : callable, optional
        Called now and then with the strain reached, the last stress known and the number of events; in fixed stepping
        after each increment.

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
        Unknown stepping, stop condition, minimizer, criterion or relaxer.
    ValueError
        An argument that cannot be meant, or belongs to the other stepping.
    FileError
        If `checkpoint` holds a run already, or cannot be written.
    """
    check_stepping(
        stepping,
        of_exact={"loading": loading, "minimizer": minimizer, "checkpoint": checkpoint},
        of_fixed={"increment": increment, "criterion": criterion, "relaxer": relaxer},
    )
    check_target(to, max_events)
    if stepping == "exact":
        branches = Branches(
            glass,
            to,
            loading=loading,
            max_events=max_events,
            minimizer="cg" if minimizer is None else minimizer,
            tolerance=tolerance,
            stop=stop,
            threads=threads,
            progress=progress,
            checkpoint=checkpoint,
        )
        for _ in branches:
            pass
        return branches.run
    increment = 1e-5 if increment is None else increment
    criterion = "irreversible" if criterion is None else criterion
    relaxer = "newton" if relaxer is None else relaxer
    check_name(criterion, CRITERIA, "criterion")
    check_name(relaxer, RELAXERS, "relaxer")
    if not (np.isfinite(increment) and increment > 0.0):
        raise ValueError(f"the increment must be positive, not {increment}")
    if not increment > 4.0 * np.finfo(np.float64).eps * max(abs(to), abs(glass.strain)):
        raise ValueError(f"an increment of {increment} is lost to rounding on the way from {glass.strain} to {to}")
    check_start(glass, tolerance, threads)
    protocol = {
        "stepping": "fixed",
        "increment": increment,
        "criterion": criterion,
        "relaxer": relaxer,
        "tolerance": tolerance,
    }
    return shear_in_increments(glass, to, protocol, max_events, stop, progress)
