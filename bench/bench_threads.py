"""What lasts over a second at N = 10^4, on two threads and on one: how much faster two are.

Here the peer is our own single thread. Each run is from positions, with the process on all cores, in turn one thread
and two. Results are the same to the bit, which is checked. `REASONS` says why a row is below 1.7. Rows also tell how
the processor time is divided between the calling thread and the others: what two threads can bring, whatever else keeps
the cores busy.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping

import numpy as np

import glassplast as gp
from bench.measure import Check, Comparison, cores_for, interleaved, main, sample, seconds

SAMPLES = {"LJ": "lj_gq_10000.data", "POLY": "poly_inf_10000.xyz"}
#: Two threads count as used from here on.
ENOUGH = 1.7

Work = Callable[[gp.Glass, int], np.ndarray]


def _indicator(key: str) -> Work:
    return lambda glass, threads: gp.indicators.compute(gp.Analysis(glass, threads=threads), [key])[key]


def _shear(glass: gp.Glass, threads: int) -> np.ndarray:
    return gp.shear(glass, 0.05, max_events=2, threads=threads).stress


def _fixed_shear(glass: gp.Glass, threads: int) -> np.ndarray:
    return gp.shear(glass, 1e-3, stepping="fixed", threads=threads).stress


def _minimize(glass: gp.Glass, _threads: int) -> np.ndarray:
    return gp.minimize(glass).positions


def _jittered(glass: gp.Glass) -> gp.Glass:
    """Displaced so far that a quench lasts."""
    steps = np.random.default_rng(1).normal(size=glass.positions.shape)
    return glass.replace(positions=glass.positions + 0.1 * steps)


#: What is measured, and of what.
USUAL: dict[str, Work] = {
    "nonlinear modes": _indicator("nonlinear_modes"),
    "soft modes (512)": _indicator("soft_modes"),
    "nonaffine modulus to 1 %": _indicator("nonaffine_modulus"),
    "a second's worth of vibrality (10 times)": lambda glass, threads: np.array(
        [_indicator("vibrality")(glass, threads) for _ in range(10)]
    ),
    "anisotropic heat capacity": _indicator("anisotropic_heat_capacity"),
    "exact shear through two events": _shear,
    "100 fixed steps of 1e-5": _fixed_shear,
    "quench of displaced particles": lambda glass, threads: _minimize(_jittered(glass), threads),
}
LONG: dict[str, Work] = {
    "plastic strength": _indicator("plastic_strength"),
    "exact nonaffine modulus": lambda glass, threads: gp.response.nonaffine_decomposition(
        gp.Analysis(glass, threads=threads), "all"
    ).field(0.0),
}
#: Why two threads are not used.
REASONS: Mapping[str, str] = {
    "nonlinear modes": "between rounds of searches, those that ended are compared with all modes found, on one thread",
    "a second's worth of vibrality (10 times)": "each call lasts a tenth of a second, half of it to find the pairs",
    "anisotropic heat capacity": "three factorizations and inverses of a tenth of a second",
    "exact shear through two events": "a sequence of factorizations of ten milliseconds, each too short to be shared",
    "100 fixed steps of 1e-5": "a sequence of evaluations and solves of a few milliseconds each",
    "quench of displaced particles": "a sequence of evaluations of a millisecond each",
}


def compare(quick: bool) -> list[Comparison]:
    return _compare(USUAL, quick)


def compare_long(quick: bool) -> list[Comparison]:
    return _compare({} if quick else LONG, quick, repetitions=1)


def _compare(works: dict[str, Work], quick: bool, repetitions: int = 3) -> list[Comparison]:
    if (os.cpu_count() or 1) < 2:
        return []
    rows = []
    for model, file in SAMPLES.items():
        glass = gp.minimize(sample(file.replace("10000", "1024") if quick else file))
        for name, work in works.items():
            case = f"{name}, {model}, N = {len(glass)}"
            rows.append(_row(case, REASONS.get(name, ""), work, glass, 1 if quick else repetitions))
    return rows


def _row(case: str, reason: str, work: Work, glass: gp.Glass, repetitions: int) -> Comparison:
    found: dict[int, np.ndarray] = {}
    division: list[float] = []

    def on(threads: int) -> Callable[[], float]:
        def compute() -> None:
            whole, own = time.process_time(), time.thread_time()
            found[threads] = work(glass, threads)
            whole, own = time.process_time() - whole, time.thread_time() - own
            if threads == 2:
                division.append(whole / max(own, whole - own))

        return lambda: seconds(compute)

    with cores_for(2):
        ours, theirs = interleaved([on(2), on(1)], repetitions, warm_up=False)
    differ = float(np.sum(~((found[1] == found[2]) | (np.isnan(found[1]) & np.isnan(found[2])))))
    check = Check("values that differ", differ, 0.0)
    divided = f"processor time over that of the busier half {np.median(division):.2f}"
    used = float(np.median(theirs)) / float(np.median(ours))
    remark = f"{divided}; {reason}" if reason and used < ENOUGH else divided
    return Comparison("threads", case, "one thread", ours, theirs, [check], remark)


if __name__ == "__main__":
    main(compare, __doc__, compare_long)
