"""Time to the first plastic event, from the minimum: exact branch following against steps of 1e-5.

Ours includes the event's record and the relaxation after it. The peers of Lennard-Jones glasses are LAMMPS' steps
(``change_box ... remap`` and ``minimize``, conjugate gradient): the median of the first few, times the number of
steps to the event. Of every glass, also our own steps of 1e-5, relaxed by conjugate gradients as in the paper (again
the median of the first few times their number), and by Newton's method (run through).
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

import glassplast as gp
from bench.lammps_peer import MINIMIZERS, LammpsMixture
from bench.measure import Check, Comparison, interleaved, main, sample

TOLERANCE = 1e-10
INCREMENT = 1e-5
FAR = 0.2
SAMPLES = ("lj_htl_1024.data", "lj_gq_1024.data", "poly_inf_1024.xyz", "lj_gq_10000.data", "poly_inf_10000.xyz")


class _Exact:
    def __init__(self, glass: gp.Glass) -> None:
        self.glass = glass
        self.event: gp.Event | None = None

    def __call__(self) -> float:
        start = time.perf_counter()
        (self.event,) = gp.shear(self.glass, FAR, max_events=1, tolerance=TOLERANCE).events
        return time.perf_counter() - start


def _extrapolated(steps: int, step: Callable[[int], object], taken: int) -> float:
    times = []
    for k in range(taken):
        start = time.perf_counter()
        step(k)
        times.append(time.perf_counter() - start)
    return float(np.median(times)) * steps


def _lammps(glass: gp.Glass, steps: int, taken: int) -> float:
    mixture = LammpsMixture(glass, triclinic=True)
    mixture.run(MINIMIZERS["cg"])
    shift = INCREMENT * float(glass.cell[1, 1])

    def step(_: int) -> None:
        mixture.run(f"change_box all xy delta {shift!r} remap units box")
        mixture.minimize(TOLERANCE)

    return _extrapolated(steps, step, taken)


def _own_steps(glass: gp.Glass, steps: int, taken: int) -> float:
    states = [glass]

    def step(k: int) -> None:
        moved = states[-1].sheared(INCREMENT * (k + 1))
        states.append(gp.minimize(moved, method="cg", tolerance=TOLERANCE, polish=False))

    return _extrapolated(steps, step, taken)


def _newton(glass: gp.Glass) -> float:
    start = time.perf_counter()
    gp.shear(glass, FAR, stepping="fixed", increment=INCREMENT, max_events=1, tolerance=TOLERANCE)
    return time.perf_counter() - start


def compare(quick: bool) -> list[Comparison]:
    comparisons = []
    for name in SAMPLES[:3] if quick else SAMPLES:
        glass = gp.minimize(sample(name), tolerance=TOLERANCE)
        ours = _Exact(glass)
        ours()
        assert ours.event is not None
        steps = int(np.ceil(ours.event.strain / INCREMENT))
        taken = 3 if quick or len(glass) > 5000 else 10
        peers: dict[str, Callable[[], float]] = {
            "own steps of 1e-5, CG": lambda g=glass, n=steps, t=taken: _own_steps(g, n, t),
            "own steps of 1e-5, Newton": lambda g=glass: _newton(g),
        }
        if name.startswith("lj"):
            peers["LAMMPS CG, steps of 1e-5"] = lambda g=glass, n=steps, t=taken: _lammps(g, n, t)
        own_times, *peer_times = interleaved([ours, *peers.values()], 1 if quick else 5, warm_up=False)
        remark = f"gamma_c = {ours.event.strain:.12g}, {steps} steps"
        kind = "LJ" if name.startswith("lj") else "POLY"
        for peer, times in zip(peers, peer_times, strict=True):
            checks = [Check("uncertainty of gamma_c", ours.event.strain_uncertainty, 1e-9)]
            case = f"first event, {kind} {name.split('.')[0]}, N = {len(glass)}"
            comparisons.append(Comparison("first_event", case, peer, own_times, times, checks, remark))
    return comparisons


if __name__ == "__main__":
    main(compare, __doc__)
