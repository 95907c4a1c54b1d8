"""g_i(r), g(r) and s2 against direct sums over images, other quadratures and cases with a closed form."""

import math

import numpy as np
import pytest
from scipy import integrate, optimize, special

from glassplast import Analysis, Glass, _engine
from glassplast.errors import ArgumentError, GeometryError
from glassplast.fields.radial_functions import (
    first_minimum,
    local_radial_distribution,
    radial_distribution,
    radial_histogram,
)
from glassplast.indicators.structure import excess_entropy
from neighborhoods import equivalents, ordered_pairs, replicated, tiny_glass
from samples import random_glass, small_minimum

# 2 pi r and 4 pi r^2, written down once more.
SHELL = {2: lambda r: 2.0 * np.pi * r, 3: lambda r: 4.0 * np.pi * r**2}
CASES = [(2, 0.0), (2, 0.4), (2, -1.7), (3, 0.0), (3, 0.7)]


def gaussian(x, delta):
    return np.exp(-0.5 * (x / delta) ** 2) / (np.sqrt(2.0 * np.pi) * delta)


def transcribed(glass, r, delta):
    """g_i(r): every Gaussian of every image within 12 delta, where nothing is left of it."""
    i, _, separation = ordered_pairs(glass, np.max(r) + 12.0 * delta)
    distance = np.linalg.norm(separation, axis=1)
    sums = np.zeros((len(glass), np.size(r)))
    np.add.at(sums, i, gaussian(np.atleast_1d(r)[None, :] - distance[:, None], delta))
    return sums / (SHELL[glass.dimension](np.atleast_1d(r)) * glass.number_density)


def lattice(dimension, per_side=2):
    """A square or cubic lattice of spacing 1."""
    axes = [np.arange(per_side)] * dimension
    positions = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, dimension)
    return Glass(positions, per_side, diameters=np.ones(len(positions)))


@pytest.mark.parametrize(("dimension", "strain"), CASES)
def test_pairs_are_all_pairs_in_all_images(dimension, strain):
    glass = tiny_glass(dimension, strain)
    reach = 3.1
    first, second, image, separation, distance = _engine.find_pairs(glass.box, glass.positions, reach)
    x = glass.positions
    np.testing.assert_allclose(x[second] - x[first] + image @ glass.cell.T, separation, atol=1e-13)
    np.testing.assert_allclose(np.linalg.norm(separation, axis=1), distance, rtol=1e-14)

    def listed(i, j, r):
        return sorted(zip(i, j, *np.round(r, 9).T + 0.0, strict=True))

    both = listed(np.r_[first, second], np.r_[second, first], np.r_[separation, -separation])
    np.testing.assert_allclose(both, listed(*ordered_pairs(glass, reach)), atol=2e-9)


@pytest.mark.parametrize(("dimension", "strain"), CASES)
def test_local_distribution_is_the_sum_over_images(dimension, strain):
    glass = tiny_glass(dimension, strain)
    r = np.linspace(0.05, 2.5, 50)
    expected = transcribed(glass, r, 0.12)
    local = local_radial_distribution(glass, r)
    # Gaussians are cut at 1.3e-14 of their peak, 3.3 here; close to r = 0 they are divided by a small shell.
    np.testing.assert_allclose(local, expected, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(radial_distribution(glass, r), expected.mean(axis=0), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("dimension", [2, 3])
def test_homogeneous_matter_has_g_1(dimension):
    # Gaussians as wide as the spacing leave nothing of a lattice (Poisson summation: exp(-2 pi^2), 3e-9).
    # In 3D the mean of r'^2 over such a Gaussian around r is r^2 + delta^2. The particle itself is left out.
    glass = lattice(dimension)
    r = np.array([5.5, 6.0, 7.3])
    expected = np.ones(3) if dimension == 2 else 1.0 + 1.0 / r**2
    np.testing.assert_allclose(radial_distribution(glass, r, delta=1.0), expected, atol=2e-8)


def test_homogeneous_shells_carry_no_entropy():
    analysis = Analysis(lattice(2))
    change = excess_entropy(analysis, r_max=9.0, delta=1.0) - excess_entropy(analysis, r_max=6.0, delta=1.0)
    # Quadratic in g - 1 < 2e-8; what is seen is round-off of s2, about -5.
    assert np.abs(change).max() < 1e-13


@pytest.mark.parametrize("dimension", [2, 3])
def test_ideal_gas(dimension):
    rng = np.random.default_rng(8)
    count, side = 3000, 3000 ** (1.0 / dimension)
    glass = Glass(rng.uniform(0.0, side, (count, dimension)), side, diameters=np.ones(count))
    delta = 0.2
    r = np.array([0.15, 0.4, 0.8, 1.5, 2.0])
    if dimension == 2:
        expected = special.ndtr(r / delta) + delta / r * gaussian(r / delta, 1.0)
    else:
        expected = special.ndtr(r / delta) * (1 + (delta / r) ** 2) + delta / r * gaussian(r / delta, 1.0)
    # Pairs are independent: the variance of a sum of Gaussians over them is the sum of their squares, each
    # pair seen from both ends. Five standard deviations of five numbers.
    shell = SHELL[dimension](r) * glass.number_density
    deviation = np.sqrt(2.0 / (count * shell * 2.0 * np.sqrt(np.pi) * delta)) * np.sqrt(expected)
    assert np.all(np.abs(radial_distribution(glass, r, delta=delta) - expected) < 5.0 * deviation)
    edges, g = radial_histogram(glass, 2.5, bins=5)
    volumes = np.diff(edges**dimension) * SHELL[dimension](1.0) / dimension
    assert np.all(np.abs(g - 1.0) < 5.0 * np.sqrt(2.0 / (count * volumes * glass.number_density)))


@pytest.mark.parametrize(("dimension", "strain"), CASES)
def test_histogram_counts_all_images(dimension, strain):
    glass = tiny_glass(dimension, strain)
    edges, g = radial_histogram(glass, 3.0, bins=17)
    _, _, separation = ordered_pairs(glass, 3.0)
    counts, _ = np.histogram(np.linalg.norm(separation, axis=1), edges)
    shells = np.diff(edges**dimension) * SHELL[dimension](1.0) / dimension
    np.testing.assert_allclose(g, counts / (len(glass) * shells * glass.number_density), rtol=1e-12)


@pytest.mark.parametrize(
    ("dimension", "strain", "delta"),
    [(2, 0.0, 0.12), (2, 0.6, 0.12), (2, 0.0, 0.35), (3, 0.0, 0.12), (3, 0.7, 0.05)],
)
def test_entropy_is_the_integral_by_another_quadrature(dimension, strain, delta):
    glass = random_glass("poly", 16 if dimension == 2 else 27, dimension, strain, seed=5)
    r_max = 1.5
    i, _, separation = ordered_pairs(glass, r_max + 12.0 * delta)
    distance = np.linalg.norm(separation, axis=1)
    entropy = excess_entropy(Analysis(glass), r_max=r_max, delta=delta)
    for particle in (0, 7, 15):
        own = distance[i == particle]

        def integrand(r, own=own):
            shell = SHELL[dimension](r) * glass.number_density
            g = gaussian(r - own, delta).sum() / shell
            return (special.xlogy(g, g) - g + 1.0) * shell

        # Adaptive, with the logarithm at r = 0 for the first panel alone.
        pieces = [integrate.quad(integrand, 0.0, 1e-3, epsabs=1e-13)[0]] + [
            integrate.quad(integrand, a, a + (r_max - 1e-3) / 15, epsabs=1e-13, epsrel=1e-13)[0]
            for a in np.linspace(1e-3, r_max, 16)[:-1]
        ]
        # Where the Gaussians are wide they reach r = 0, and little is left of s2.
        assert entropy[particle] == pytest.approx(-0.5 * sum(pieces), rel=1e-11, abs=1e-12)


@pytest.mark.parametrize("dimension", [2, 3])
def test_entropy_of_one_pair(dimension):
    # One Gaussian of width delta at r0 in an empty box: its entropy, the mean logarithm of the ideal shell
    # (moments of a Gaussian, an asymptotic series in (delta / r0)^2), and the hole.
    side, r0, delta, r_max = 40.0, 5.0, 0.12, 7.0
    positions = np.full((2, dimension), 3.0)
    positions[1, -1] += r0
    glass = Glass(positions, side, diameters=np.ones(2))
    moments = [1.0, 3.0, 15.0, 105.0]
    mean_log = math.log(r0) - sum(m * (delta / r0) ** (2 * k) / (2 * k) for k, m in enumerate(moments, 1))
    shell = glass.number_density * SHELL[dimension](1.0)
    own = -0.5 - 0.5 * math.log(2.0 * math.pi * delta**2) - math.log(shell) - (dimension - 1) * mean_log
    expected = -0.5 * (own - 1.0 + shell * r_max**dimension / dimension)
    np.testing.assert_allclose(excess_entropy(Analysis(glass), r_max=r_max), expected, rtol=1e-12)


@pytest.mark.parametrize("dimension", [2, 3])
def test_entropy_of_a_hole(dimension):
    glass = Glass(np.zeros((1, dimension)), 10.0, diameters=[1.0])
    volume = {2: np.pi * 1.5**2, 3: 4.0 / 3.0 * np.pi * 1.5**3}[dimension]
    expected = -0.5 * glass.number_density * volume
    np.testing.assert_allclose(excess_entropy(Analysis(glass), r_max=1.5), expected, rtol=1e-14)


@pytest.mark.parametrize(("dimension", "strain"), CASES)
def test_entropy_does_not_depend_on_how_a_configuration_is_written(dimension, strain):
    glass = random_glass("poly", 36 if dimension == 2 else 64, dimension, strain, seed=2)
    entropy = excess_entropy(Analysis(glass), r_max=1.5)
    for name, same, order in equivalents(glass):
        # Sums in another order, coordinates rounded elsewhere.
        np.testing.assert_allclose(excess_entropy(Analysis(same), r_max=1.5), entropy[order], rtol=1e-11, err_msg=name)
    many = excess_entropy(Analysis(replicated(glass, 2)), r_max=1.5)
    np.testing.assert_allclose(many[: len(glass)], entropy, rtol=1e-11)


def test_first_minimum_follows_the_highest_peak():
    glass = small_minimum("lj", 196, seed=4)
    found = first_minimum(glass)

    def mean(r):
        return float(transcribed(glass, r, 0.12).mean())

    r = np.linspace(0.3, 2.2, 191)
    g = transcribed(glass, r, 0.12).mean(axis=0)
    highest = int(np.argmax(g))
    rising = highest + int(np.argmax(np.diff(g[highest:]) > 0.0))
    best = optimize.minimize_scalar(
        mean, bounds=(r[rising - 1], r[rising + 1]), method="bounded", options={"xatol": 1e-9}
    )
    # Values of g near a minimum tell its place to the square root of their precision only.
    assert found == pytest.approx(best.x, abs=3e-7)
    assert excess_entropy(Analysis(glass)) == pytest.approx(excess_entropy(Analysis(glass), r_max=found), rel=0)


def test_smaller_peak_before_the_highest_is_passed():
    # Distances 1 (once) and 1.6 (twice) from each particle, in rows far apart.
    x = np.array([0.0, 1.0])
    glass = Glass(np.c_[x, [0.0, 0.0]], (2.6, 2.6), diameters=[1.0, 1.0])
    r = np.linspace(0.5, 3.0, 501)
    g = radial_distribution(glass, r, delta=0.08)
    assert g[np.argmin(np.abs(r - 1.3))] < g[np.argmin(np.abs(r - 1.0))] < g.max()
    assert first_minimum(glass, delta=0.08) > r[np.argmax(g)]


def test_what_makes_no_sense_is_refused():
    glass = random_glass("poly", 16)
    with pytest.raises(ArgumentError, match="radius 1 is"):
        radial_distribution(glass, [1.0, 0.5])
    with pytest.raises(ArgumentError, match="r must be positive and increasing"):
        local_radial_distribution(glass, [0.0, 0.5])
    with pytest.raises(ArgumentError, match="delta must be positive"):
        radial_distribution(glass, [1.0], delta=0.0)
    with pytest.raises(ArgumentError, match="r_max must be positive"):
        excess_entropy(Analysis(glass), r_max=-1.0)
    with pytest.raises(ArgumentError, match="r_max must be at most 50000 times delta"):
        excess_entropy(Analysis(glass), r_max=1.5, delta=1e-10)
    with pytest.raises(ArgumentError, match="bins must be positive"):
        radial_histogram(glass, 1.0, bins=0)
    with pytest.raises(ArgumentError, match="delta must be positive"):
        first_minimum(glass, delta=0.0)
    with pytest.raises(GeometryError, match="give r_max"):
        first_minimum(Glass([[0.0, 0.0]], 100.0, diameters=[1.0]), delta=100.0)


def test_threads_change_no_bit():
    # More particles than the 4096 of a block.
    glass = random_glass("poly", 5000, 2, 0.2, seed=3)
    r = np.array([0.9, 1.1, 1.5])
    alone, together = (radial_distribution(glass, r, threads=threads) for threads in (1, 3))
    np.testing.assert_array_equal(alone, together)
    np.testing.assert_allclose(together, local_radial_distribution(glass, r).mean(axis=0), rtol=1e-12)
    fields = [excess_entropy(Analysis(glass, threads=threads), r_max=1.5) for threads in (1, 3)]
    np.testing.assert_array_equal(*fields)
