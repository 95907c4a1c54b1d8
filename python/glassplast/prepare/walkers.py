"""Simulations side by side on threads, and what is kept of each for measuring how it relaxes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from glassplast.glass import Glass
from glassplast.prepare.monte_carlo import MonteCarlo, pressure_of
from glassplast.prepare.relaxation import Correlation, cage_relative, correlation, self_scattering

Field = NDArray[np.float64]
Item = TypeVar("Item")
Result = TypeVar("Result")


class _Stopped(Exception):
    """Another thread was interrupted or failed."""


#: Raises once the work shall end.
Check = Callable[..., None]


def on_threads(work: Callable[[Item, Check], Result], items: Sequence[Item], threads: int) -> list[Result]:
    """The results of work(item, check), on so many threads; `check` is to be called now and then.

    Ctrl-C and errors end all of them; the first error is raised.
    """
    if threads <= 1 or len(items) <= 1:
        # The engine looks for signals itself in the main thread.
        return [work(item, lambda *_: None) for item in items]
    stop = threading.Event()

    def check(*_: object) -> None:
        if stop.is_set():
            raise _Stopped

    with ThreadPoolExecutor(min(threads, len(items))) as pool:
        futures = [pool.submit(work, item, check) for item in items]
        try:
            pending = set(futures)
            while pending:
                # With a timeout, so that Ctrl-C is heard.
                done, pending = wait_for(pending, timeout=0.1, return_when="FIRST_EXCEPTION")
                for future in done:
                    future.result()
        except BaseException:
            stop.set()
            for future in futures:
                future.cancel()
            raise
    return [future.result() for future in futures]


class Walker:
    """A simulation with its history: energies, pressures, and frames at equal intervals, thinned as it grows long.

    Parameters
    ----------
    simulation : MonteCarlo
    every : int
        Sweeps between measurements of the energy.
    """

    #: Frames are thinned to half of this when there are as many.
    most_frames = 160

    def __init__(self, simulation: MonteCarlo, every: int) -> None:
        self.simulation = simulation
        self.every = every
        self.energies: list[float] = []
        self.pressures: list[float] = []
        self.frames: list[Field] = [simulation.positions]
        self.stride = 1
        self.energy_drift = 0.0

    @property
    def sweeps(self) -> int:
        """Sweeps made."""
        return self.every * len(self.energies)

    def advance(self, measurements: int, check: Check) -> None:
        """So many measurements on, and one of the pressure. If it is interrupted, nothing has changed."""
        before = self.state()
        simulation = self.simulation
        try:
            for _ in range(measurements):
                simulation.run(self.every, check)
                self.energies.append(simulation.energy / len(simulation))
                if len(self.energies) % self.stride == 0:
                    self._keep(simulation.positions)
        except BaseException:
            self.restore(before)
            raise
        pressure, energy = pressure_of(simulation.glass, simulation.temperature)
        self.pressures.append(pressure)
        self.energy_drift = max(self.energy_drift, abs(energy - simulation.energy))

    def _keep(self, frame: Field) -> None:
        self.frames.append(frame)
        if len(self.frames) > self.most_frames:
            self.frames = self.frames[::2]
            self.stride *= 2

    def relaxation(self) -> Correlation:
        """Self-intermediate scattering function over the later half of the run, cage-relative in 2D."""
        half = self.frames[len(self.frames) // 2 :] if len(self.frames) > 3 else self.frames
        correlator = self_scattering()
        if half[0].shape[1] == 2:
            correlator = cage_relative(correlator)
        return correlation(half, self.every * self.stride, self.simulation.glass.box, correlator)

    @property
    def later_energies(self) -> Field:
        """Of the later half of the run."""
        return np.array(self.energies[len(self.energies) // 2 :])

    @property
    def later_pressures(self) -> Field:
        """Of the later half of the run."""
        return np.array(self.pressures[len(self.pressures) // 2 :])

    # --- to and from files ---

    def state(self) -> dict[str, Any]:
        """All that continues this simulation to the same bits."""
        glass = self.simulation.glass
        return {
            "glass": glass,
            "random_state": self.simulation.random_state,
            "temperature": self.simulation.temperature,
            "step": self.simulation.step,
            "every": self.every,
            "stride": self.stride,
            "energies": np.array(self.energies),
            "pressures": np.array(self.pressures),
            "frames": list(self.frames),
            "energy_drift": self.energy_drift,
            "statistics": dict(vars(self.simulation.statistics)),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to where `state` was taken."""
        known = self.simulation
        glass: Glass = state["glass"]
        self.simulation = MonteCarlo(
            glass,
            state["temperature"],
            np.asarray(state["random_state"], dtype=np.uint64),
            step=state["step"],
            swap_probability=known.swap_probability,
            swap_window=known.swap_window,
        )
        vars(self.simulation.statistics).update(state["statistics"])
        self.every = int(state["every"])
        self.stride = int(state["stride"])
        self.energies = np.asarray(state["energies"]).tolist()
        self.pressures = np.asarray(state["pressures"]).tolist()
        self.frames = list(state["frames"])
        self.energy_drift = float(state["energy_drift"])
        self.simulation.sweeps = float(self.sweeps)
