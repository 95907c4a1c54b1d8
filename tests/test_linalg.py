"""The factorized Hessian, its pseudo-inverse and inertia, against dense linear algebra."""

import numpy as np
import pytest

from dense import dense
from glassplast import Analysis, Glass, minimize
from glassplast.errors import ArgumentError, ConvergenceError, GeometryError, InstabilityError
from glassplast.glass import simple_shear
from glassplast.loading import loading_matrix
from samples import lattice_with_a_rattler, random_glass, small_minimum, two_slabs

CASES = [("lj", 100, 2, 0.0), ("poly", 100, 2, 0.3), ("lj", 343, 3, 0.1), ("kob_andersen", 216, 3, 0.0)]


@pytest.fixture(scope="module", params=CASES, ids=lambda c: f"{c[0]}-{c[2]}D")
def minimum(request):
    model, count, dimension, strain = request.param
    return small_minimum(model, count, dimension, strain, seed=21)


def test_pseudo_inverse(minimum):
    analysis = Analysis(minimum)
    H, core = dense(analysis)
    right = np.random.default_rng(0).normal(size=minimum.positions.shape)
    reference = np.linalg.pinv(H, rcond=1e-11) @ right[core].ravel()
    response = analysis.solve(right)
    # pinv itself loses the condition number (about 1e4) of the Hessian times 1e-16.
    assert np.abs(response[core].ravel() - reference).max() < 1e-10 * np.abs(reference).max()
    assert np.isnan(response[analysis.rattlers]).all()


def test_modes_are_those_of_dense_diagonalization(minimum):
    analysis = Analysis(minimum)
    H, core = dense(analysis)
    d = minimum.dimension
    values = np.linalg.eigvalsh(H)
    assert np.abs(values[:d]).max() < 1e-10 * values[-1]
    for count in (1, 10, 100):
        # The tolerance is relative to the largest eigenvalue (hundreds): what is asserted below is asked for.
        modes = Analysis(minimum).modes(count, tolerance=1e-12)
        assert np.abs(modes.eigenvalues - values[d : d + count]).max() < 1e-11 * values[-1]
        flat = modes.vectors[:, core].reshape(count, -1)
        assert np.abs(flat @ flat.T - np.eye(count)).max() < 1e-10
        assert np.abs(flat @ H - modes.eigenvalues[:, None] * flat).max() < 1e-9
        assert np.abs(np.nansum(modes.vectors, axis=1)).max() < 1e-9  # no translation in any mode


def test_modes_already_known_are_not_taken_for_others(minimum):
    analysis = Analysis(minimum)
    analysis.modes(5)
    for count in (0, -1):
        with pytest.raises(ArgumentError, match=rf"count must be between 1 and .*, not {count}"):
            analysis.modes(count)
    with pytest.raises(ConvergenceError, match="residual"):
        analysis.modes(3, tolerance=1e-30)
    with pytest.raises(ValueError, match="read-only"):
        analysis.modes(2).vectors[0, 0] = 0.0


def test_a_solver_needs_a_position_for_each_particle(minimum):
    analysis = Analysis(minimum)
    positions = minimum.positions.copy()
    maker = type(analysis.solver)
    with pytest.raises(GeometryError, match="positions for a network"):
        maker(analysis.pairs, minimum.box, positions[:-1])
    positions[4] = np.nan
    with pytest.raises(GeometryError, match="particle 4"):
        maker(analysis.pairs, minimum.box, positions)


def test_inertia_counts_eigenvalues(minimum):
    analysis = Analysis(minimum)
    H, _ = dense(analysis)
    values = np.linalg.eigvalsh(H)[minimum.dimension :]
    for k in (1, 5, 40):
        sigma = 0.5 * (values[k - 1] + values[k])
        assert analysis.solver.count_below(sigma) == k
    assert analysis.solver.negative == 0 and analysis.solver.further_zero_modes == 0


def test_unstable_states_are_counted_and_refused():
    glass = random_glass("poly", 100, seed=4)
    analysis = Analysis(glass)
    H, _ = dense(analysis)
    values = np.linalg.eigvalsh(H)
    negative = int((values < -1e-9 * values[-1]).sum())
    assert negative > 0 and analysis.solver.negative == negative
    lowest = analysis.modes(5).eigenvalues
    kept = values[np.abs(values) > 1e-9 * values[-1]]
    assert np.abs(lowest - kept[:5]).max() < 1e-10 * values[-1]
    with pytest.raises(InstabilityError, match="equilibrium"):
        analysis.nonaffine_velocity()


def test_disconnected_clusters_translate_by_themselves():
    glass = two_slabs()
    analysis = Analysis(glass)
    assert analysis.solver.clusters == 2 and analysis.solver.translations == 4
    H, core = dense(analysis)
    right = np.random.default_rng(1).normal(size=glass.positions.shape)
    reference = np.linalg.pinv(H, rcond=1e-11) @ right[core].ravel()
    assert np.abs(analysis.solve(right)[core].ravel() - reference).max() < 1e-9 * np.abs(reference).max()


def test_rattlers_take_no_part():
    glass = lattice_with_a_rattler()
    analysis = Analysis(glass)
    assert np.flatnonzero(analysis.rattlers).tolist() == [27]
    velocity = analysis.nonaffine_velocity()
    assert np.isnan(velocity[27]).all() and np.isfinite(np.delete(velocity, 27, axis=0)).all()
    assert np.isnan(analysis.modes(3).vectors[:, 27]).all()


def test_a_gas_is_no_solid():
    glass = Glass([[1.0, 1.0], [5.0, 5.0], [8.0, 2.0]], 10.0, "poly", diameters=[1.0, 1.0, 1.0])
    with pytest.raises(InstabilityError, match="no solid"):
        _ = Analysis(glass).solver


@pytest.mark.parametrize("loading", [None, 0.0, 45.0, 70.0])
def test_born_minus_nonaffine_modulus_is_the_slope_of_the_relaxed_stress(minimum, loading):
    analysis = Analysis(minimum)
    d = minimum.dimension
    G = simple_shear(d) if loading is None else loading_matrix(loading, d)

    def strain_derivative(strain):
        F = np.eye(d) + strain * G
        moved = minimum.replace(positions=minimum.positions @ F.T, box=minimum.box.deformed(F))
        relaxed = Analysis(minimize(moved))
        # Derivative of U with the strain measured from the undeformed state: sigma transported back by F.
        return minimum.volume * np.sum(relaxed.stress @ np.linalg.inv(F).T * G) * np.linalg.det(F)

    h = 1e-6
    slope = (strain_derivative(h) - strain_derivative(-h)) / (2 * h) / minimum.volume
    # Third derivatives jump where pairs cross the cutoff: the central difference is good to order h.
    assert analysis.shear_modulus(loading) == pytest.approx(slope, rel=1e-4)
    assert analysis.born_modulus(loading) > slope
    assert np.abs(analysis.stress).max() > 0.05  # prestressed: leaving sigma out would show
