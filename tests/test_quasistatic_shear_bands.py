"""Shear bands: made of displacements that are known, those of local rearrangements, and one of a run."""

import logging
from types import SimpleNamespace

import numpy as np
import pytest

from glassplast import Glass, minimize, plot, read, shear, shear_band
from glassplast.errors import ArgumentError, GeometryError, UnknownNameError
from glassplast.quasistatic import Run, fitted_bands
from glassplast.quasistatic.questions.band_peaks import reduced_cell
from samples import DATA, random_glass


def event_of(glass, displacement, stress_drop=0.1):
    return SimpleNamespace(
        before=glass, displacement=displacement, strain=glass.strain, stress_drop=stress_drop, core=0
    )


def run_of(*events):
    return Run(events[0].before, np.zeros(1), np.zeros(1), np.zeros(1), list(events), [], None)


def banded(glass, axis, centre, width, *, noise=0.0, seed=1, gap=0.0):
    """An avalanche in which particles move at random where a Gaussian across the cell lets them.

    The two sides slide past each other, as in a glass, and what is far away moves elastically.
    """
    rng = np.random.default_rng(seed)
    cell = reduced_cell(glass.cell)
    fractions = np.linalg.solve(cell, (glass.positions - glass.box.origin).T).T
    offset = fractions[:, axis] - centre
    offset -= np.rint(offset)
    height = 1.0 / np.linalg.norm(np.linalg.inv(cell)[axis])
    shape = np.exp(-4.0 * np.log(2.0) * (offset * height / width) ** 2)
    shape[(fractions[:, 1 - axis] % 1.0) < gap] = 0.0
    slip = 0.5 * np.tanh(2.0 * offset * height / width) - offset
    along = cell[:, 1 - axis] / np.linalg.norm(cell[:, 1 - axis])
    random = rng.normal(size=glass.positions.shape)
    return 0.1 * slip[:, None] * along + (0.3 * shape[:, None] + noise) * random


def quadrupole(glass, place, core=1.5):
    """The displacement around a local shear transformation in an incompressible periodic medium, by its waves."""
    numbers = np.stack(np.meshgrid(*[np.arange(-20, 21)] * 2, indexing="ij"), axis=-1).reshape(-1, 2)
    waves = 2.0 * np.pi * numbers[numbers.any(axis=1)] @ np.linalg.inv(glass.cell)
    square = np.sum(waves**2, axis=1)
    force = waves[:, ::-1] * np.exp(-0.5 * square * core**2)[:, None]
    transverse = force - waves * (np.sum(force * waves, axis=1) / square)[:, None]
    field = np.sin((glass.positions - np.asarray(place)) @ waves.T) @ (transverse / square[:, None])
    return 0.5 * field / np.abs(field).max()


@pytest.mark.parametrize("strain", [0.0, 0.31, -0.2])
@pytest.mark.parametrize("axis", [0, 1])
def test_a_band_with_noise(axis, strain):
    glass = random_glass("poly", 900, strain=strain, seed=2)
    band = shear_band(run_of(event_of(glass, banded(glass, axis, 0.93, 6.0, noise=0.03))))
    assert band is not None and band.axis == axis and band.event == 0 and band.is_band
    # Fractions of a cell of 30: half a particle.
    assert abs(band.centre - 0.93) < 0.02 and 0.0 < band.centre_uncertainty < 0.02
    # The neighbourhood of D2min makes it wider.
    assert 5.5 < band.width < 8.5 and 0.0 < band.width_uncertainty < 1.0
    assert band.extent == 1.0 and band.contrast > 0.6
    along = np.array([1.0, 0.0]) if axis == 1 else np.array([strain, 1.0]) / np.hypot(strain, 1.0)
    np.testing.assert_allclose(band.direction, along, atol=1e-12)
    assert abs(band.normal @ along) < 1e-12 and np.linalg.norm(band.normal) == pytest.approx(1.0)
    assert band.height == pytest.approx(30.0 if axis == 1 else 30.0 / np.hypot(strain, 1.0))
    assert band.position == pytest.approx(band.centre * band.height)


def test_uncertainties_are_those_of_many_bands():
    glass = random_glass("poly", 900, seed=2)
    bands = [fitted_bands(run_of(event_of(glass, banded(glass, 1, 0.4, 6.0, seed=seed))), 0)[1] for seed in range(30)]
    for name in ("centre", "width"):
        values = [getattr(band, name) for band in bands]
        told = np.sqrt(np.mean([getattr(band, f"{name}_uncertainty") ** 2 for band in bands]))
        assert 0.5 < told / np.std(values, ddof=1) < 2.0
    assert abs(np.mean([band.centre for band in bands]) - 0.4) < 0.004


def test_a_wider_band_is_wider():
    glass = random_glass("poly", 1600, seed=2)
    widths = [shear_band(run_of(event_of(glass, banded(glass, 1, 0.5, width)))).width for width in (4.0, 8.0, 12.0)]
    assert 3.0 < widths[1] - widths[0] < 5.0 and 3.0 < widths[2] - widths[1] < 5.0


@pytest.mark.parametrize("seed", range(4))
def test_a_local_rearrangement_is_no_band(seed, caplog):
    rng = np.random.default_rng(seed)
    glass = random_glass("poly", 900, seed=seed)
    field = quadrupole(glass, rng.uniform(0.0, 30.0, 2)) + 0.005 * rng.normal(size=glass.positions.shape)
    run = run_of(event_of(glass, field))
    with caplog.at_level(logging.INFO, logger="glassplast"):
        assert shear_band(run) is None
    assert "no shear band in event 0" in caplog.text and "extent 0." in caplog.text
    peaks = fitted_bands(run, 0)
    assert [peak.axis for peak in peaks] == [0, 1] and not any(peak.is_band for peak in peaks)
    assert all(peak.extent <= 0.5 for peak in peaks)


def test_noise_and_part_of_a_band_are_no_bands():
    glass = random_glass("poly", 900, seed=3)
    rng = np.random.default_rng(0)
    for field in (rng.normal(size=(900, 2)), banded(glass, 0, 0.5, 6.0, gap=0.5), np.zeros((900, 2))):
        assert shear_band(run_of(event_of(glass, field))) is None
    # An affine displacement has no D2min but for rounding.
    assert fitted_bands(run_of(event_of(glass, np.zeros((900, 2)))), 0) == []


def same(one, other):
    for name in ("width", "width_uncertainty", "centre_uncertainty", "contrast", "extent", "height"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-5), name
    assert one.axis == other.axis
    np.testing.assert_allclose(one.direction, other.direction, atol=1e-12)
    np.testing.assert_allclose(one.activity, other.activity, rtol=1e-6)


@pytest.mark.parametrize("axis", [0, 1])
def test_moving_the_sample_moves_the_band(axis):
    glass = random_glass("poly", 900, strain=0.1, seed=2)
    field = banded(glass, axis, 0.3, 6.0, noise=0.02)
    band = shear_band(run_of(event_of(glass, field)))
    moved = glass.replace(positions=glass.box.wrap(glass.positions + np.array([7.3, 19.1])))
    other = shear_band(run_of(event_of(moved, field)))
    same(band, other)
    shift = np.linalg.solve(glass.cell, [7.3, 19.1])[axis]
    assert (other.centre - band.centre - shift + 0.5) % 1.0 - 0.5 == pytest.approx(0.0, abs=1e-6)
    assert np.array_equal(band.inside(), other.inside())
    np.testing.assert_allclose(band.profile(glass.diameters).value, other.profile(glass.diameters).value, rtol=1e-12)


@pytest.mark.parametrize("axis", [0, 1])
def test_a_whole_strain_changes_nothing(axis):
    glass = random_glass("poly", 900, strain=0.1, seed=2)
    field = banded(glass, axis, 0.3, 6.0, noise=0.02)
    band = shear_band(run_of(event_of(glass, field)))
    for turns in (1.0, -2.0):
        turned = glass.replace(box=glass.box.sheared(turns), strain=0.1 + turns)
        other = shear_band(run_of(event_of(turned, field)))
        same(band, other)
        assert other.centre == pytest.approx(band.centre, abs=1e-6)
        assert np.array_equal(band.inside(), other.inside()) and np.array_equal(band.inside(), band.inside(turned))


def test_cells_are_reduced():
    for cell in (np.array([[4.0, 3.9], [0.0, 3.0]]), np.array([[5.0, 13.0, -9.0], [0.0, 4.0, 11.0], [0.0, 0.0, 6.0]])):
        reduced = reduced_cell(cell)
        whole = np.linalg.solve(cell, reduced)
        np.testing.assert_allclose(whole, np.rint(whole), atol=1e-12)
        assert np.linalg.det(reduced) == pytest.approx(np.linalg.det(cell))
        assert (2.0 * np.abs(np.triu(reduced, 1)) <= np.diag(reduced)[:, None] + 1e-12).all()


def test_in_three_dimensions():
    glass = random_glass("poly", 4096, dimension=3, seed=2)
    rng = np.random.default_rng(4)
    y = glass.positions[:, 1] / 16.0 - 0.25
    y -= np.rint(y)
    field = 0.3 * np.exp(-((16.0 * y / 2.0) ** 2))[:, None] * rng.normal(size=(4096, 3))
    field += np.array([0.6, 0.0, 0.0]) * (0.5 * np.tanh(8.0 * y) - y)[:, None]
    band = shear_band(run_of(event_of(glass, field)), radius=1.6)
    assert band.axis == 1 and abs(band.centre - 0.25) < 0.02
    assert band.direction[0] > 0.95 and abs(band.direction[1]) < 1e-12


# --- fields -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def band():
    glass = random_glass("poly", 900, strain=0.2, seed=2)
    return shear_band(run_of(event_of(glass, banded(glass, 0, 0.9, 6.0, noise=0.02))))


def test_profiles(band):
    values = band.distance() ** 2
    found = band.profile(values, bins=10)
    assert found.distance.size == 10 and found.particles.sum() == 900
    np.testing.assert_allclose(found.distance, -found.distance[::-1], atol=1e-12)
    edges = np.linspace(-0.5, 0.5, 11) * band.height
    for place in range(10):
        chosen = (band.distance() >= edges[place]) & (band.distance() < edges[place + 1])
        assert found.value[place] == pytest.approx(values[chosen].mean())
        assert found.error[place] == pytest.approx(values[chosen].std(ddof=1) / np.sqrt(chosen.sum()))
    # One bin for each particle distance.
    assert band.profile(values).distance.size == round(band.height)
    values[5] = np.nan
    assert band.profile(values, bins=3).particles.sum() == 899
    assert band.profile(values, bins=3).table().dtype.names == ("distance", "value", "error", "particles")
    # Of what was fitted, half of the peak above the background is at the edge.
    activity = band.profile(band.activity, bins=60)
    background = np.interp(0.5 * band.height - 1.0, activity.distance, activity.value)
    peak = np.interp(0.0, activity.distance, activity.value)
    edge = np.interp(0.5 * band.width, activity.distance, activity.value)
    assert edge == pytest.approx(0.5 * (peak + background), rel=0.2)


def test_inside_at_other_strains(band):
    start = band.glass.sheared(0.0)
    assert np.array_equal(band.inside(start), band.inside())
    assert band.inside().sum() == pytest.approx(900 * band.width / band.height, rel=0.1)
    moved = band.glass.replace(positions=band.glass.positions + band.glass.cell @ [0.5, 0.0])
    assert not (band.inside(moved) & band.inside()).any()


def test_ranks_inside(band):
    soft = np.exp(-((band.distance() / 3.0) ** 2))
    assert band.mean_rank(soft) > 0.8 and band.mean_rank(soft, "small") < 0.2
    random = np.random.default_rng(0).normal(size=900)
    assert band.mean_rank(random) == pytest.approx(0.5, abs=0.08)
    assert band.mean_rank(random) + band.mean_rank(-random) == pytest.approx(1.0 + 1.0 / 900)
    assert np.isnan(band.mean_rank(np.full(900, np.nan)))


def test_fields_that_do_not_fit(band):
    for call in (band.profile, band.mean_rank):
        with pytest.raises(GeometryError, match="900"):
            call(np.zeros(3))
    with pytest.raises(ArgumentError, match="bins"):
        band.profile(np.zeros(900), bins=0)


# --- runs -------------------------------------------------------------------------------------------------------------


def test_which_event():
    glass = random_glass("poly", 400, seed=2)
    events = [
        event_of(glass, banded(glass, 1, 0.5, 6.0, seed=seed), drop) for seed, drop in ((1, 0.1), (2, 0.3), (3, 0.2))
    ]
    run = run_of(*events)
    assert (
        shear_band(run).event == 1 and shear_band(run, -1).event == 2 and shear_band(run, "first_spanning").event == 0
    )
    with pytest.raises(ArgumentError, match="one of 3 events"):
        shear_band(run, 3)
    with pytest.raises(UnknownNameError, match="largest"):
        shear_band(run, "larges")
    empty = run_of(*events)
    empty.events = []
    assert shear_band(empty) is None and shear_band(empty, "first_spanning") is None


@pytest.fixture(scope="module")
def stable_run():
    return shear(minimize(read(DATA / "poly_t012_1024.xyz", model="poly")), 0.08, max_events=5)


def test_the_band_of_a_stable_glass(stable_run):
    band = shear_band(stable_run)
    assert band.event == 4 and band.axis == 1 and band.direction.tolist() == [1.0, 0.0]
    assert band.extent == 1.0 and 4.0 < band.width < 8.0 and band.width_uncertainty < 1.5
    # The events before are local, the one that several of them make up included.
    assert [shear_band(stable_run, place) for place in range(4)] == [None] * 4
    # The two sides slide past each other: above the band particles move forward, below it backward.
    along = stable_run.events[4].displacement[:, 0]
    near = (np.abs(band.distance()) > 0.5 * band.width) & (np.abs(band.distance()) < 8.0)
    assert along[near & (band.distance() > 0)].mean() > 0.2 and along[near & (band.distance() < 0)].mean() < -0.2
    assert band.mean_rank(band.activity) > 0.85


def test_the_picture(stable_run, tmp_path):
    band = shear_band(stable_run)
    figure = plot.shear_band(stable_run, band, path=tmp_path / "band.png")
    assert (tmp_path / "band.png").stat().st_size > 10_000
    map_of, profile = figure.axes[:2]
    found = band.profile(band.activity)
    np.testing.assert_allclose(profile.lines[1].get_xydata(), np.stack([found.distance, found.value], axis=1))
    heights = {round(float(y), 6) for line in map_of.lines for y in line.get_ydata()}
    assert {round(band.position + shift * band.width, 6) for shift in (-0.5, 0.0, 0.5)} <= heights
    # Of a band along y in a sheared cell, the lines follow the second cell vector.
    glass = random_glass("poly", 400, strain=0.2, seed=2)
    run = run_of(event_of(glass, banded(glass, 0, 0.9, 6.0)))
    figure = plot.shear_band(run, shear_band(run), glass.diameters, key="density", bins=12)
    for line in figure.axes[0].lines:
        along = np.diff(line.get_xydata(), axis=0)[0]
        assert along[0] / along[1] == pytest.approx(0.2)
    assert figure.axes[1].get_ylabel() == "mean $\\rho$" and len(figure.axes[1].lines[1].get_xdata()) == 12
    three = random_glass("poly", 216, dimension=3)
    with pytest.raises(GeometryError, match="two dimensions"):
        plot.shear_band(run, shear_band(run), three.diameters, glass=three)


def test_a_glass_and_its_mirror_image(stable_run):
    band = shear_band(stable_run)
    event = stable_run.events[4]
    cell = event.before.cell[::-1, ::-1]
    swapped = Glass(event.before.positions[:, ::-1], cell, "poly", diameters=event.before.diameters, strain=0.0)
    other = shear_band(run_of(event_of(swapped, event.displacement[:, ::-1])))
    assert (other.axis, other.direction.tolist()) == (0, [0.0, 1.0])
    assert other.centre == pytest.approx(band.centre, abs=1e-6) and other.width == pytest.approx(band.width, rel=1e-5)
    assert np.array_equal(other.inside(), band.inside())
