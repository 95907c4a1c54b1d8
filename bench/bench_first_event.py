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
from bench.solids import named, quenched

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
        kind = "LJ" if name.startswith("lj") else "POLY"
        case = f"{kind} {name.split('.')[0]}, N = {len(glass)}"
        comparisons += _compare(case, glass, 3 if quick or len(glass) > 5000 else 10, 1 if quick else 5)
    return comparisons


def compare_long(quick: bool) -> list[Comparison]:
    comparisons = []
    for count in (500,) if quick else (4096, 30_000):
        # The large one once: by what the small one takes, its factorizations need minutes.
        repetitions = 1 if quick or count > 5000 else 3
        comparisons += _compare(named(count), quenched(count, TOLERANCE), 3, repetitions)
    return comparisons


def _compare(case: str, glass: gp.Glass, taken: int, repetitions: int) -> list[Comparison]:
    ours = _Exact(glass)
    ours()
    assert ours.event is not None
    steps = int(np.ceil(ours.event.strain / INCREMENT))
    peers: dict[str, Callable[[], float]] = {
        "own steps of 1e-5, CG": lambda: _own_steps(glass, steps, taken),
        "own steps of 1e-5, Newton": lambda: _newton(glass),
    }
    assert glass.model is not None
    if glass.model.name != "poly":
        peers["LAMMPS CG, steps of 1e-5"] = lambda: _lammps(glass, steps, taken)
    own_times, *peer_times = interleaved([ours, *peers.values()], repetitions, warm_up=False)
    remark = f"gamma_c = {ours.event.strain:.12g}, {steps} steps"
    check = Check("uncertainty of gamma_c", ours.event.strain_uncertainty, 1e-9)
    return [
        Comparison("first_event", f"first event, {case}", peer, own_times, times, [check], remark)
        for peer, times in zip(peers, peer_times, strict=True)
    ]


if __name__ == "__main__":
    main(compare, __doc__, compare_long)
