"""A second opinion on the modes: the iteration of the library Spectra on our factorization of the Hessian.

Both solvers report Rayleigh quotients of vectors whose residuals are below 1e-10 of the spectrum. A quotient is wrong
by the square of the residual over the distance to the next eigenvalue, so that what is left is the round-off of sums:
1e-12 of the largest eigenvalue is far above it, and far below the distance between neighbouring modes.
"""

from functools import cache

import numpy as np
import pytest

from dense import dense
from glassplast import Analysis, Glass, minimize, read
from glassplast.errors import ArgumentError, ConvergenceError, UnknownNameError
from samples import DATA, lattice_with_a_rattler, random_glass, small_minimum, two_slabs

ROUND_OFF = 1e-12


def loose_packing():
    """Harmonic disks that hardly overlap: some of them rattle."""
    dense_packing = random_glass("harmonic", 324, seed=9)
    diameters = 0.8 * dense_packing.diameters
    return minimize(Glass(dense_packing.positions, dense_packing.cell, "harmonic", diameters=diameters))


def perfect_crystal():
    """Disks on a triangular lattice, whose symmetries make modes equal by twos, fours and more."""
    rows = [(i + 0.5 * (j % 2), j * np.sqrt(0.75)) for j in range(12) for i in range(12)]
    return Glass(np.array(rows), (12.0, 12 * np.sqrt(0.75)), "harmonic", diameters=np.full(144, 1.02))


def separate_molecules(count):
    """Equal rhombi of four particles, too far from each other to interact: each turns without any force."""
    rhombus = 0.69 * np.array([(0.0, 0.0), (1.0, 0.0), (0.5, np.sqrt(0.75)), (1.5, np.sqrt(0.75))])
    positions = np.concatenate([rhombus + np.array([8.0 * k, 0.0]) for k in range(count)])
    return minimize(Glass(positions, (8.0 * count, 8.0), "lj", species=np.zeros(4 * count, dtype=int)))


GLASSES = {
    "lj": lambda: small_minimum("lj", 324, seed=3),
    "poly, sheared": lambda: small_minimum("poly", 324, strain=0.3, seed=3),
    "kob_andersen in 3D": lambda: minimize(read(DATA / "ka_216.xyz", model="kob_andersen")),
    "a packing with rattlers": loose_packing,
}


class Spectrum:
    """A glass, and by LAPACK all eigenvalues of its Hessian but those of the translations."""

    def __init__(self, glass):
        self.analysis = Analysis(glass, threads=1)
        self.hessian, self.core = dense(self.analysis)
        values = np.linalg.eigvalsh(self.hessian)
        zero = np.sort(np.argsort(np.abs(values))[: self.analysis.solver.translations])
        self.values = np.delete(values, zero)
        self.scale = self.values[-1]

    def flat(self, modes):
        """Vectors (n, degrees of freedom of the core)."""
        return modes.vectors[:, self.core].reshape(len(modes), -1)

    def check(self, modes):
        """That they are the lowest modes, all of them, and nothing else."""
        vectors = self.flat(modes)
        assert np.abs(modes.eigenvalues - self.values[: len(modes)]).max() < ROUND_OFF * self.scale
        residuals = np.linalg.norm(vectors @ self.hessian - modes.eigenvalues[:, None] * vectors, axis=1)
        assert residuals.max() < 1e-10 * self.scale
        assert modes.largest_residual == pytest.approx(residuals.max(), abs=1e-13 * self.scale)
        # One Krylov space holds them all, so that all are orthogonal to round-off.
        assert np.abs(vectors @ vectors.T - np.eye(len(modes))).max() < 1e-11
        assert np.array_equal(np.isnan(modes.vectors).any(axis=(0, 2)), self.analysis.rattlers)
        assert np.abs(np.nansum(modes.vectors, axis=1)).max() < 1e-11  # no translation in any mode
        assert modes.certified_count >= len(modes)
        assert modes.certified_count == np.count_nonzero(self.values < modes.certified_bound)


@cache
def spectrum_of(name):
    return Spectrum(GLASSES[name]())


@pytest.fixture(params=GLASSES)
def spectrum(request):
    return spectrum_of(request.param)


@pytest.mark.parametrize("count", [10, 64, 512])
def test_two_solvers_find_the_same_modes(spectrum, count):
    modes = spectrum.analysis.modes(count, solver="spectra")
    spectrum.check(modes)
    ours = spectrum.analysis.modes(count)
    assert np.abs(modes.eigenvalues - ours.eigenvalues).max() < ROUND_OFF * spectrum.scale
    # The cosines of the angles between the two spaces: nearly equal modes may be mixed within them, and a space turns
    # by no more than its residuals over the distance to the next mode.
    cosines = np.linalg.svd(spectrum.flat(modes) @ spectrum.flat(ours).T, compute_uv=False)
    assert cosines.min() > 1.0 - 1e-8


def test_rattlers_move_in_no_mode():
    for spectrum in (spectrum_of("a packing with rattlers"), Spectrum(lattice_with_a_rattler())):
        assert spectrum.analysis.rattlers.any()
        spectrum.check(spectrum.analysis.modes(64, solver="spectra"))


def test_each_cluster_translates_by_itself():
    spectrum = Spectrum(two_slabs(mixed=True))
    assert spectrum.analysis.solver.clusters == 2
    spectrum.check(spectrum.analysis.modes(64, solver="spectra"))


def test_the_whole_spectrum():
    spectrum = Spectrum(small_minimum("lj", 100, seed=3))
    modes = spectrum.analysis.modes(spectrum.values.size, solver="spectra")
    spectrum.check(modes)
    assert modes.certified_count == spectrum.values.size


def test_an_unstable_state():
    spectrum = Spectrum(random_glass("poly", 256, seed=4))
    modes = spectrum.analysis.modes(64, solver="spectra")
    assert (modes.eigenvalues < 0.0).any() and np.isnan(modes.frequencies[0])
    spectrum.check(modes)


@pytest.mark.parametrize("count", [1, 2, 7, 20])
def test_modes_that_a_symmetry_makes_equal(count):
    # A Krylov space of one vector holds each eigenvalue once; the others come from round-off, and are counted.
    spectrum = Spectrum(perfect_crystal())
    gaps = np.diff(spectrum.values) / spectrum.scale
    assert np.count_nonzero(gaps[:20] < 1e-10) > 10
    spectrum.check(spectrum.analysis.modes(count, solver="spectra"))


def test_more_equal_modes_than_can_be_counted_apart():
    analysis = Analysis(separate_molecules(100))
    assert analysis.solver.clusters == 100
    with pytest.raises(ConvergenceError, match="eigenvalues 10 to 74 equal: they cannot be counted apart"):
        analysis.modes(10, solver="spectra")
    # All that turn are apart from what deforms a molecule.
    assert analysis.modes(100, solver="spectra").certified_count == 100


def test_threads_change_no_bit(spectrum):
    one, two = (Analysis(spectrum.analysis.glass, threads=k).modes(10, solver="spectra") for k in (1, 2))
    assert np.array_equal(one.eigenvalues, two.eigenvalues)
    assert np.array_equal(one.vectors, two.vectors, equal_nan=True)


def test_solvers_do_not_share_what_they_found(spectrum):
    glass = spectrum.analysis.glass
    alone, both = Analysis(glass, threads=1), Analysis(glass, threads=1)
    second = both.modes(20, solver="spectra")
    first = both.modes(12)
    assert np.array_equal(first.vectors, alone.modes(12).vectors, equal_nan=True)
    assert np.array_equal(both.modes(12, solver="block_lanczos").vectors, first.vectors, equal_nan=True)
    assert not np.array_equal(second.vectors[:12], first.vectors, equal_nan=True)
    # What has been found is not looked for again.
    assert np.shares_memory(both.modes(5, solver="spectra").vectors, second.vectors)


@pytest.mark.parametrize("count", [-1, 0, 100000])
def test_a_number_of_modes_that_there_cannot_be(spectrum, count):
    messages = []
    for solver in ("block_lanczos", "spectra"):
        with pytest.raises(ArgumentError, match="count must be between 1 and") as raised:
            spectrum.analysis.modes(count, solver=solver)
        messages.append(str(raised.value))
    assert messages[0] == messages[1]


def test_a_residual_that_cannot_be_had(spectrum):
    with pytest.raises(ConvergenceError, match="residual"):
        spectrum.analysis.modes(10, tolerance=1e-30, solver="spectra")


def test_a_solver_that_nobody_knows(spectrum):
    with pytest.raises(UnknownNameError, match="solver of modes 'spectrum'; did you mean 'spectra'"):
        spectrum.analysis.modes(10, solver="spectrum")


def test_progress_is_told_and_may_interrupt(spectrum):
    heard = []

    def stop(stage, done, note):
        heard.append((stage, done, note))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Analysis(spectrum.analysis.glass, progress=stop).modes(64, solver="spectra")
    assert heard == [("modes", None, "1 applications of the inverse")]
    # Nothing half done is kept.
    spectrum.check(spectrum.analysis.modes(10, solver="spectra"))
