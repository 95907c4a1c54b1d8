"""Everything that works on threads finds the same bits on one, two and four of them."""

import numpy as np
import pytest

import glassplast as gp
from samples import small_minimum

THREADS = (1, 2, 4)


@pytest.fixture(scope="module")
def large():
    """Large enough for a factorization that is shared between threads."""
    return small_minimum("poly", 1600, seed=1)


@pytest.fixture(scope="module")
def small():
    return small_minimum("poly", 196, seed=1)


def arrays_of(found):
    """All numbers of a result."""
    if isinstance(found, np.ndarray):
        return [found]
    if isinstance(found, gp.quasistatic.Run):
        return [found.strain, found.stress, found.energy, found.end.positions, *(event.mode for event in found.events)]
    if isinstance(found, gp.Glass):
        return [found.positions, found.diameters]
    return [array for part in found for array in arrays_of(part)]


def same(compute):
    """Hold the results of all numbers of threads against each other."""
    one, *others = [arrays_of(compute(threads)) for threads in THREADS]
    assert one and all(array.size for array in one)
    for other in others:
        assert len(one) == len(other)
        for here, there in zip(one, other, strict=True):
            assert np.array_equal(here, there, equal_nan=here.dtype.kind == "f")


def test_threads_change_no_bit_of_a_factorization(large):
    right = np.random.default_rng(0).normal(size=large.positions.shape)

    def respond(threads):
        analysis = gp.Analysis(large, threads=threads)
        return [analysis.solve(right), analysis.nonaffine_velocity(30.0), *analysis.inverse_blocks]

    same(respond)


def test_threads_change_no_bit_of_modes(large):
    def find(threads):
        modes = gp.Analysis(large, threads=threads).modes(30)
        return [modes.eigenvalues, modes.vectors]

    same(find)


def test_threads_change_no_bit_of_sums_over_all_modes(large):
    def estimate(threads):
        analysis = gp.Analysis(large, threads=threads, progress=False)
        options = {"nonaffine_modulus": {"accuracy": 0.1}}
        return gp.indicators.compute(analysis, ["nonaffine_modulus"], options=options)["nonaffine_modulus"]

    same(estimate)


def test_threads_change_no_bit_of_indicators(small):
    keys = [key for key in gp.indicators.default_keys(small) if key not in ("saddle_points", "plastic_strength")]

    def compute(threads):
        fields = gp.indicators.compute(gp.Analysis(small, threads=threads, progress=False), keys)
        return [np.asarray(fields[key], dtype=float) for key in keys]

    same(compute)


def test_threads_change_no_bit_of_a_shear_run(small):
    same(lambda threads: gp.shear(small, 0.1, max_events=2, threads=threads))


def test_threads_change_no_bit_of_local_yield_stresses(small):
    def measure(threads):
        found = gp.local_yield_stress(small, radius=4.0, spacing=5.0, angles=[0.0, 90.0], threads=threads)
        return [found.threshold, found.stress, found.evaluations]

    same(measure)


def test_threads_change_no_bit_of_saddle_points(small):
    def search(threads):
        found = gp.saddle_points(small, centres=[2, 40, 9, 77], saddles=1, attempts=5, seed=0, threads=threads)
        return [found.barrier, found.stress_difference, found.steps]

    same(search)


def test_threads_change_no_bit_of_nonlinear_modes(small):
    same(lambda threads: gp.nonlinear_modes(gp.Analysis(small, threads=threads), spacing=5.0).vectors)


def test_threads_change_no_bit_of_preparations():
    quick = {"n": 64, "temperature": 0.3, "sweeps": 100, "annealing_sweeps": 200}
    same(lambda threads: gp.prepare.poly(**quick, seed=4, tempering=0.4, threads=threads))
    same(lambda threads: list(gp.prepare.ensemble(gp.prepare.poly, 2, 5, threads=threads, **quick)))
