"""Exact stepping, which follows one elastic branch after the other to the instability at its end."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from glassplast.errors import ArgumentError, GlassplastError
from glassplast.foundation.progress import ProgressOption, shown
from glassplast.glass import Configuration, Glass, glass_of
from glassplast.quasistatic.checkpoints import Checkpoints, StoredRun
from glassplast.quasistatic.events import Event
from glassplast.quasistatic.exact_events import curve_of, event_of
from glassplast.quasistatic.options import Checkpoint, LoadingOption, MaxEvents, To
from glassplast.quasistatic.protocol import ExactProtocol, check_start
from glassplast.quasistatic.run import Run, ShearError, ShearInterrupted
from glassplast.quasistatic.target import (
    AS_BEFORE,
    LARGEST_STRAIN,
    AsBefore,
    Stop,
    Target,
    checked_strain,
    stop_condition,
)

__all__ = ["FAR", "Branches", "resume"]

logger = logging.getLogger(__name__)

#: Strain from the start at which shear without a target ends.
FAR = LARGEST_STRAIN


class Branches(Iterator[Event]):
    """The plastic events of a glass under quasistatic shear, one at a time.

    ``for event in Branches(glass): ...`` follows each elastic branch exactly to the saddle-node bifurcation at which it
    ends, minimizes the energy from there, and continues from the minimum that it reaches. An event is computed only
    when it is asked for.

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum, for example from `glassplast.minimize`.
    to : float, optional
        Absolute strain to stop at; a strain below ``glass.strain`` shears in reverse. By default there is no end.
    loading : float or (d, d) array_like, optional
        Loading matrix G of the deformation x -> expm(gamma G) x, or an angle in degrees
        (`glassplast.loading.loading_matrix`); by default simple shear. The strain of the glass and of the events is the
        parameter gamma.
    max_events : int, optional
        Number of events after which to stop.
    method : {"cg", "fire"}
        Minimizer that leads from an instability to the next minimum. Different minimizers can reach different minima.
    tolerance : float
        Largest force left on any particle (energy / length).
    stop : {"first_spanning_drop"} or callable, optional
        Stop after the first event that spans the system (`glassplast.quasistatic.spans`), or for which the callable
        returns true.
    threads : int, optional
        Number of threads; by default ``GLASSPLAST_NUM_THREADS``, or all cores. No result depends on it.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note with the strain and the number of events; see
        `glassplast.foundation.progress.shown`.
    checkpoint : path-like, optional
        Directory in which each event is stored as soon as it is found, for `resume`.

    Raises
    ------
    InstabilityError
        If the glass is not a minimum.
    FileError
        If `checkpoint` holds a run already, or cannot be written.
    ShearInterrupted
        On Ctrl-C while iterating, with the run so far.
    ShearError
        If a branch cannot be followed while iterating, with the run so far.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> events = gp.Branches(glass, max_events=2)
    >>> [event.irreversible for event in events]
    [True, True]
    >>> events.run
    Run(...)
    """

    def __init__(
        self,
        glass: Configuration,
        to: To | None = None,
        *,
        loading: LoadingOption | None = None,
        max_events: MaxEvents | None = None,
        method: str = "cg",
        tolerance: float = 1e-10,
        stop: Stop = None,
        threads: int | None = None,
        progress: ProgressOption = None,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        glass = glass_of(glass)
        protocol = ExactProtocol.along(loading, glass.dimension, method=method, tolerance=tolerance)
        target = Target(glass.strain + FAR if to is None else checked_strain("to", to), max_events, stop)
        target.check()
        check_start(glass, tolerance, threads)
        store = Checkpoints.create(Path(checkpoint), glass, protocol, target) if checkpoint is not None else None
        self._begin(StoredRun(glass, protocol, target), store, threads, progress)

    @classmethod
    def resumed(
        cls,
        path: str | os.PathLike[str],
        to: float | None = None,
        *,
        max_events: int | AsBefore | None = AS_BEFORE,
        stop: Stop | AsBefore = AS_BEFORE,
        threads: int | None = None,
        progress: ProgressOption = None,
    ) -> Branches:
        """Continue from the last event in a directory of checkpoints; see `resume` for the errors.

        Parameters
        ----------
        path, to, max_events, stop, threads, progress
            See `resume`.

        Returns
        -------
        Branches
        """
        store, known = Checkpoints.open(Path(path))
        target = known.target.changed(to, max_events, stop)
        target.check()
        if known.direction * (target.to - known.strain) < 0.0:
            raise ArgumentError(f"the run in {path} is at strain {known.strain:.8g} already, beyond {target.to:.8g}")
        if target != known.target:
            store.write_start(target)
            known = replace(known, target=target, ending=known.ending if target.to == known.target.to else None)
        branches = cls.__new__(cls)
        branches._begin(known, store, threads, progress)
        return branches

    def _begin(
        self, known: StoredRun, store: Checkpoints | None, threads: int | None, progress: ProgressOption
    ) -> None:
        self._start = known.start
        self._protocol = known.protocol
        self._target = known.target
        self._passed = list(known.passed)
        self._ending = known.ending
        self._store = store
        self._threads = threads
        self._progress = progress
        self._stop = stop_condition(known.target.stop)

    @property
    def state(self) -> Glass:
        """The last state reached."""
        if self._ending is not None:
            return self._ending[1]
        return self._passed[-1][1].after if self._passed else self._start

    @property
    def run(self) -> Run:
        """The run so far."""
        return Run.of_branches(self._start, self._protocol, self._passed, self._ending)

    def __next__(self) -> Event:
        try:
            event = None if self._finished() else self._follow()
        except KeyboardInterrupt as stop:
            raise ShearInterrupted(self.run) from stop
        except GlassplastError as error:
            reached = f"the run ended at strain {self.state.strain:.8g} after {len(self._passed)} events: {error}"
            raise ShearError(reached + _advice(self._start), self.run) from error
        if event is None:
            raise StopIteration
        return event

    def _finished(self) -> bool:
        if self._ending is not None:
            return True
        if not self._passed:
            return False
        most, event = self._target.max_events, self._passed[-1][1]
        return event.strain == self._target.to or (most is not None and len(self._passed) >= most) or self._stop(event)

    def _follow(self) -> Event | None:
        """The next event, or None if the target is reached before it."""
        origin, glass, protocol, count = self._start.strain, self.state, self._protocol, len(self._passed)
        with shown(self._progress) as tell:
            reached = glass.strain

            def callback(strain: float, force: float) -> None:
                # Trial states lie ahead and behind; a bar must not run back.
                nonlocal reached
                reached = max(reached, strain, key=lambda value: abs(value - origin))
                self._target.tell(tell, origin, reached, count)

            branch = protocol.follow(glass, self._target.to, threads=self._threads, callback=callback)
            if not branch.ended:
                ending = curve_of(branch), protocol.end_state(glass, branch, origin)
                if self._store is not None:
                    self._store.finish(*ending)
                self._ending = ending
                return None
            released = protocol.release(glass, branch)
            event, curve = event_of(glass, branch, released, protocol, origin), curve_of(branch, released)
            # The event is kept before it is stored, so that it is not lost if storing it is interrupted.
            self._passed.append((curve, event))
            if self._store is not None:
                self._store.add(len(self._passed), event, curve)
            logger.info("event %d at γ = %.6g", len(self._passed), event.strain)
            self._target.tell(tell, origin, event.strain, len(self._passed))
        return event


def _advice(start: Glass) -> str:
    """What may help where a branch of a crystal cannot be followed, for the end of a message."""
    if np.ptp(start.diameters) > 0.0:
        return ""
    return (
        "; all particles are equal: if this is a perfect lattice, its symmetry hides the instability, so displace the "
        "particles by 1e-6 at random, minimize, and shear again"
    )


def resume(
    path: str | os.PathLike[str],
    to: float | None = None,
    *,
    max_events: int | AsBefore | None = AS_BEFORE,
    stop: Stop | AsBefore = AS_BEFORE,
    threads: int | None = None,
    progress: ProgressOption = None,
) -> Run:
    """Continue a run from its last event, as if it had never stopped.

    States on disk are exact, and a branch depends only on the state at its start. On the same machine the continuation
    is therefore the same to the last bit as a run that was never interrupted.

    Parameters
    ----------
    path : path-like
        Directory that `glassplast.shear` was given as `checkpoint`.
    to : float, optional
        Absolute strain to stop at; by default the one that the run was started with.
    max_events, stop
        Conditions for stopping, see `glassplast.shear`; `max_events` counts the events of the whole run. By default
        they are those that the run was started with.
    threads, progress
        See `glassplast.shear`.

    Returns
    -------
    Run
        The whole run, from its start.

    Raises
    ------
    FileNotFoundError
        If the directory holds no run.
    FileError
        If a file in the directory is corrupt or missing; the message names the file and the remedy.
    ArgumentError
        If the run is beyond `to` already.
    ShearInterrupted, ShearError
        See `glassplast.shear`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> with TemporaryDirectory() as folder:
    ...     run = gp.shear(glass, to=0.1, max_events=1, checkpoint=Path(folder, "run"))
    ...     run = gp.resume(Path(folder, "run"), max_events=2)
    >>> len(run.events)
    2
    """
    with shown(progress) as tell:
        branches = Branches.resumed(path, to, max_events=max_events, stop=stop, threads=threads, progress=tell)
        for _ in branches:
            pass
        return branches.run
