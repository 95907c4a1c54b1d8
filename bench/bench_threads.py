"""What lasts over a second at N = 10^4, on two threads and on one: how much faster two are.

Here the peer is our own single thread. Each run is from positions, with the process on all cores, in turn one thread
and two. Results are the same to the bit, which is checked. `REASONS` says why a row is below 1.7.
"""

from __future__ import annotations

import os
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

    def on(threads: int) -> Callable[[], float]:
        def compute() -> None:
            found[threads] = work(glass, threads)

        return lambda: seconds(compute)

    with cores_for(2):
        ours, theirs = interleaved([on(2), on(1)], repetitions, warm_up=False)
    differ = float(np.sum(~((found[1] == found[2]) | (np.isnan(found[1]) & np.isnan(found[2])))))
    check = Check("values that differ", differ, 0.0)
    used = float(np.median(theirs)) / float(np.median(ours))
    return Comparison("threads", case, "one thread", ours, theirs, [check], reason if used < ENOUGH else "")


if __name__ == "__main__":
    main(compare, __doc__, compare_long)
