"""Saddle points: they are saddles by dense linear algebra and connect two minima; and catalogues of them."""

import numpy as np
import pytest

import glassplast as gp
from dense import dense
from glassplast.errors import ArgumentError, FileError, InstabilityError, ModelError
from samples import DATA, random_glass, small_minimum


def moved(glass, displacement):
    return glass.replace(positions=glass.positions + displacement)


def lowest_mode(analysis):
    """By full diagonalization: all eigenvalues, and the vector of the lowest over all particles."""
    matrix, core = dense(analysis)
    values, vectors = np.linalg.eigh(matrix)
    mode = np.zeros_like(analysis.glass.positions)
    mode[core] = vectors[:, 0].reshape(len(core), -1)
    return values, mode


@pytest.fixture(scope="module", params=["poly", "lj", "3D", "all at once"])
def glass(request):
    if request.param == "3D":
        return gp.minimize(gp.read(DATA / "ka_216.xyz", model="kob_andersen")).wrapped()
    if request.param == "lj":
        return gp.minimize(gp.read(DATA / "lj_gq_1024.data", model="lj")).wrapped()
    if request.param == "poly":
        return gp.minimize(gp.read(DATA / "poly_t012_1024.xyz", model="poly")).wrapped()
    return small_minimum("lj", 256)


@pytest.fixture(scope="module")
def catalogue(glass):
    centres = [3, 77] if len(glass) > 500 else [3, 77, 150]
    return gp.saddle_points(glass, centres=centres, saddles=2, attempts=25, displacements=True, seed=5)


def test_saddles_are_found(catalogue):
    assert len(catalogue) >= 2
    counted = catalogue.lost + catalogue.repeated + catalogue.unconnected
    found = [(catalogue.found_around == centre).sum() for centre in catalogue.centres]
    assert np.array_equal(catalogue.attempts, counted + found)


def test_a_saddle_is_stationary_with_one_negative_eigenvalue(glass, catalogue):
    """By full diagonalization; forces to the 1e-8 asked for."""
    for k in range(len(catalogue)):
        there = gp.Analysis(moved(glass, catalogue.displacements[k]))
        bearing = ~there.rattlers
        assert np.linalg.norm(there.forces[bearing], axis=1).max() <= 1.01e-8
        if len(glass) <= 256:
            values, mode = lowest_mode(there)
            scale = values[-1]
            assert (values < -1e-9 * scale).sum() == 1
            assert catalogue.eigenvalue[k] == pytest.approx(values[0], rel=1e-4)
            weights = (mode**2).sum(axis=1)
            assert catalogue.core[k] == weights.argmax()
            assert catalogue.participation[k] == pytest.approx(1.0 / (len(glass) * (weights**2).sum()), rel=1e-2)
        else:
            assert there.solver.negative == 1 and there.solver.further_zero_modes == 0


def test_barriers_and_stresses_are_differences(glass, catalogue):
    start = gp.Analysis(glass)
    for k in range(len(catalogue)):
        there = gp.Analysis(moved(glass, catalogue.displacements[k]))
        assert catalogue.barrier[k] == pytest.approx(there.energy - start.energy, abs=1e-9 * len(glass))
        assert catalogue.stress_difference[k] == pytest.approx(there.stress - start.stress, abs=1e-10)
        assert catalogue.coarse_barrier[k] == pytest.approx(catalogue.barrier[k], abs=2e-3)
    assert (catalogue.barrier > 0.0).all()


def test_one_side_leads_back_and_the_other_away(glass, catalogue):
    """From further up than where the search looks itself, and by another minimizer."""
    for k in range(len(catalogue)):
        saddle = moved(glass, catalogue.displacements[k])
        analysis = gp.Analysis(saddle)
        small = len(glass) <= 256
        mode = lowest_mode(analysis)[1] if small else np.nan_to_num(analysis.modes(1).vectors[0])
        mode = mode / np.linalg.norm(mode, axis=1).max()
        bearing = ~gp.Analysis(glass).rattlers & ~analysis.rattlers
        away = []
        for side in (-0.01, 0.01):
            end = gp.minimize(moved(saddle, side * mode), method="fire")
            change = (end.positions - glass.positions)[bearing]
            away.append(np.linalg.norm(change - change.mean(axis=0), axis=1).max())
        assert min(away) < 1e-3 < max(away)
        assert max(away) == pytest.approx(catalogue.largest_displacement[k], rel=0.02)


def test_the_triggering_strain_is_that_of_a_vanishing_barrier(glass, catalogue):
    tau = catalogue.stress_along(0.0)
    assert tau == pytest.approx(catalogue.stress_difference[:, 0, 1], abs=1e-14)
    expected = -3.0 * catalogue.barrier / (2.0 * glass.volume * tau)
    assert catalogue.triggering_strain(0.0) == pytest.approx(expected, rel=1e-12)
    assert catalogue.triggering_strain(90.0) == pytest.approx(-expected, rel=1e-9)
    rows = catalogue.table(0.0)
    assert rows["triggering_strain"] == pytest.approx(expected, rel=1e-12)
    assert np.array_equal(rows["found_around"], catalogue.found_around)


def test_the_barrier_falls_with_the_strain_as_its_stress_says(glass, catalogue):
    """dQ/dgamma = V (tau(saddle) - tau(minimum)): both followed to a strain of 1e-6 by Newton's method."""
    small = 1e-6
    loading = np.zeros((glass.dimension, glass.dimension))
    loading[0, 1] = 1.0

    def followed(configuration, displacement):
        strained = moved(configuration, displacement).sheared(small)
        for _ in range(4):
            analysis = gp.Analysis(strained)
            step = np.nan_to_num(analysis.solver.solve(np.where(analysis.rattlers[:, None], 0.0, analysis.forces)))
            strained = moved(strained, step)
        return gp.Analysis(strained).energy

    zero = np.zeros_like(glass.positions)
    below = followed(glass, zero)
    for k in range(len(catalogue)):
        change = followed(glass, catalogue.displacements[k]) - below - catalogue.barrier[k]
        expected = glass.volume * float(np.sum(catalogue.stress_difference[k] * loading)) * small
        # The rest is quadratic in the strain, and what is left of energies of thousands: 1e-12 of them.
        assert change == pytest.approx(expected, rel=2e-2, abs=3e-9)


def test_the_field_is_the_smallest_positive_strain_nearby(glass, catalogue):
    field = catalogue.field(glass)
    strain = catalogue.triggering_strain()
    inverse = np.linalg.inv(glass.cell)
    for i in range(0, len(glass), 7):
        near = []
        for centre in catalogue.centres:
            fraction = inverse @ (glass.positions[i] - glass.positions[centre])
            if np.linalg.norm(glass.cell @ (fraction - np.rint(fraction))) < 2.0:
                near.append(centre)
        driven = [s for c, s in zip(catalogue.found_around, strain, strict=True) if c in near and s > 0.0]
        expected = min(driven) if driven else np.inf if near else np.nan
        assert field[i] == pytest.approx(expected, nan_ok=True)


# --- known limit ------------------------------------------------------------------------------------------------------


def test_close_to_an_instability_the_sampled_barrier_predicts_it():
    """A strain of 1e-4 before an event its saddle is found around its core, and Q ~ (gamma_c - gamma)^(3/2) holds."""
    glass = gp.minimize(gp.read(DATA / "poly_t012_1024.xyz", model="poly"))
    run = gp.shear(glass, 0.2, max_events=1)
    event = run.events[0]
    ahead = 1e-4
    before = gp.shear(glass, event.strain - ahead).end
    found = gp.saddle_points(before, centres=[event.core], saddles=3, attempts=30, seed=0)
    strain = found.triggering_strain(np.array([[0.0, 1.0], [0.0, 0.0]]))
    assert np.abs(strain / ahead - 1.0).min() < 0.1
    nearest = int(np.abs(strain / ahead - 1.0).argmin())
    assert found.barrier[nearest] == found.barrier.min()


# --- catalogues -------------------------------------------------------------------------------------------------------


def same(first, second):
    return (
        np.array_equal(first.centres, second.centres)
        and np.array_equal(first.barrier, second.barrier)
        and np.array_equal(first.stress_difference, second.stress_difference)
        and np.array_equal(first.attempts, second.attempts)
    )


@pytest.fixture(scope="module")
def small():
    return small_minimum("lj", 144)


@pytest.fixture(scope="module")
def of_small(small):
    return gp.saddle_points(small, centres=[2, 40, 9], saddles=2, attempts=10, seed=0)


def test_neither_threads_nor_company_change_what_is_found(small, of_small):
    assert same(of_small, gp.saddle_points(small, centres=[2, 40, 9], saddles=2, attempts=10, seed=0, threads=1))
    alone = gp.saddle_points(small, centres=[40], saddles=2, attempts=10, seed=0, threads=2)
    assert same(alone, of_small.of_centres([40]))
    other = gp.saddle_points(small, centres=[40], saddles=2, attempts=10, seed=1)
    assert not np.array_equal(other.barrier, alone.barrier)


def test_a_catalogue_is_kept_and_gone_on_with(small, of_small, tmp_path):
    path = tmp_path / "saddles.h5"
    gp.saddle_points(small, centres=[9], saddles=2, attempts=10, seed=0, checkpoint=path)
    assert same(gp.SaddleCatalogue.load(path), of_small.of_centres([9]))
    told = []
    both = gp.saddle_points(
        small,
        centres=[2, 40, 9],
        saddles=2,
        attempts=10,
        seed=0,
        checkpoint=path,
        progress=lambda *what: told.append(what),
    )
    assert same(both, of_small)
    assert len(told) == 2 and told[-1][1] == 1.0
    with pytest.raises(FileError, match="belongs to another computation"):
        gp.saddle_points(small, centres=[2], saddles=3, attempts=10, seed=0, checkpoint=path)
    # As many particles in the same box, elsewhere.
    mirrored = gp.minimize(small.replace(positions=-small.positions))
    with pytest.raises(FileError, match="belongs to another computation"):
        gp.saddle_points(mirrored, centres=[2], saddles=2, attempts=10, seed=0, checkpoint=path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(FileError):
        gp.SaddleCatalogue.load(path)


def test_distinct_saddles_are_counted_once(of_small):
    twice = of_small.of_centres(of_small.centres)
    assert len(twice.distinct()) == len(of_small.distinct()) <= len(of_small)
    doubled = type(of_small)(
        **{
            name: np.concatenate([value, value]) if isinstance(value, np.ndarray) else value
            for name, value in vars(of_small).items()
        }
    )
    assert len(doubled.distinct()) == len(of_small.distinct())


def test_the_indicator_is_the_field_of_all_centres():
    glass = small_minimum("lj", 64)
    options = {"saddle_points": {"saddles": 1, "attempts": 2, "patch_radius": 0.0}}
    field = gp.indicators.compute(glass, ["saddle_points"], options=options)["saddle_points"]
    assert field.shape == (64,) and not np.isnan(field).any()
    expected = gp.saddle_points(glass, saddles=1, attempts=2, patch_radius=0.0, seed=0).field(glass)
    assert np.array_equal(field, expected)
    assert not gp.indicators.can_compute(gp.indicators.find("saddle_points"), glass)


def test_an_interrupted_search_keeps_what_it_found(small, tmp_path):
    path = tmp_path / "saddles.h5"

    def interrupt(stage, part, note):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gp.saddle_points(
            small, centres=[2, 40, 9], saddles=2, attempts=10, seed=0, checkpoint=path, progress=interrupt, threads=1
        )
    kept = gp.SaddleCatalogue.load(path)
    assert list(kept.centres) == [2]


# --- what cannot be ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"centres": [144]}, ArgumentError, "from 0 to 143, not 144"),
        ({"centres": [1, 1]}, ArgumentError, "twice"),
        ({"centres": [0.5]}, ArgumentError, "integers"),
        ({"push": 0.0}, ValueError, "push"),
        ({"tolerance": np.nan}, ValueError, "tolerance"),
        ({"saddles": 1.5}, ValueError, "saddles"),
        ({"patch_radius": -1.0}, ValueError, "patch_radius"),
    ],
)
def test_wrong_arguments_are_named(small, options, error, message):
    with pytest.raises(error, match=message):
        gp.saddle_points(small, **{"centres": [1], **options})


def test_what_is_no_minimum_has_no_saddles_around_it(small):
    with pytest.raises(InstabilityError, match="not in mechanical equilibrium"):
        gp.saddle_points(random_glass("lj", 144), centres=[1])
    with pytest.raises(ModelError):
        gp.saddle_points(small.replace(model=None, diameters=np.ones(144)), centres=[1])
