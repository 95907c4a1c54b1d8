"""The checks of a configuration: what passes, what does not, and what they say of it."""

import numpy as np
import pytest

import glassplast as gp
from glassplast.commands.entry import main
from glassplast.errors import ArgumentError
from glassplast.relax import SaddleWarning, relaxation
from samples import DATA, lattice_with_a_rattler, random_glass, small_minimum, two_slabs

NEED_A_MINIMUM = {"vibrality", "soft_modes", "nonaffine_modulus", "plastic_strength"}
STRUCTURAL = {"density", "hexatic", "excess_entropy"}


def square_lattice(side=12):
    """By symmetry without forces, and unstable."""
    sites = np.array([[i, j] for i in range(side) for j in range(side)], float)
    return gp.Glass(sites, float(side), "poly", diameters=np.ones(side * side))


def squeezed_in(side=6):
    """A small disk in the middle of a bond of a triangular lattice, from where it can slip to either side."""
    rows = [(i + 0.5 * (j % 2), j * np.sqrt(0.75)) for j in range(side) for i in range(side)]
    diameters = np.ones(side * side + 1)
    diameters[-1] = 0.7
    sites = np.array([*rows, (2.5, 2.0 * np.sqrt(0.75))])
    return gp.Glass(sites, (side, side * np.sqrt(0.75)), "poly", diameters=diameters)


def failed(found):
    return {check.name for check in found.failed}


def test_a_minimum_passes_and_is_fit_for_all_indicators():
    found = gp.verify(small_minimum("poly", 100))
    assert found.passed and not found.advice and not found.unfit
    assert set(found.fit) == set(gp.indicators.keys())
    assert {"nonaffine sum", "two eigensolvers", "cell anisotropy", "contact change"} <= {c.name for c in found.checks}


def test_its_numbers_are_those_of_dense_matrices():
    glass = small_minimum("poly", 100)
    found = gp.verify(glass)
    values = np.linalg.eigvalsh(gp.Analysis(glass).hessian.toarray())[2:]
    assert found["conditioning"].value == pytest.approx(values[-1] / values[0], rel=1e-3)
    # The pair nearest to its cutoff, 1.25 d_ij with the nonadditivity of POLY, over all pairs and images.
    own = glass.diameters
    lengths = 0.5 * (own[:, None] + own) * (1.0 - 0.2 * np.abs(own[:, None] - own))
    apart = glass.positions[:, None] - glass.positions
    apart -= np.round(apart / glass.cell[0, 0]) * glass.cell[0, 0]
    gaps = np.abs(np.linalg.norm(apart, axis=2) - 1.25 * lengths)[np.triu_indices(len(glass), 1)]
    assert found["contact change"].value == pytest.approx(gaps.min(), rel=1e-9)


def test_a_contact_changes_at_the_strain_that_is_said():
    """The network of the glass sheared to a little less is the same, and a little beyond it is another."""
    glass = small_minimum("poly", 100)
    strain = float(gp.verify(glass)["contact change"].sentence.split("roughly ")[1].rstrip("."))
    pairs = [
        {sign: contacts(gp.minimize(glass.sheared(sign * part * strain))) for sign in (-1, 1)} for part in (0.8, 1.2)
    ]
    assert pairs[0][-1] == pairs[0][1] == contacts(glass)
    assert contacts(glass) != pairs[1][-1] or contacts(glass) != pairs[1][1]


def contacts(glass):
    network = gp.Analysis(glass).pairs
    return set(zip(network.first.tolist(), network.second.tolist(), strict=True))


def test_a_shaken_glass_has_forces():
    glass = small_minimum("poly", 100)
    shaken = glass.positions + 1e-3 * np.random.default_rng(0).normal(size=glass.positions.shape)
    found = gp.verify(glass.replace(positions=shaken))
    assert failed(found) == {"force residual", "equilibrium"}
    assert found["force residual"].value == pytest.approx(gp.Analysis(glass.replace(positions=shaken)).largest_force)
    assert set(found.fit) >= STRUCTURAL and set(found.unfit) >= NEED_A_MINIMUM
    assert len(found.advice) == 1 and "gp.minimize(glass)" in found.advice[0]


def test_forces_beyond_round_off_are_told_from_those_that_forbid_an_indicator():
    glass = small_minimum("poly", 100)
    rounded = np.round(glass.positions, 9)
    found = gp.verify(glass.replace(positions=rounded))
    assert failed(found) == {"force residual"} and not found.unfit


def test_a_symmetric_saddle_is_named_and_left():
    with pytest.warns(SaddleWarning, match="22 negative eigenvalues"):
        lattice = gp.minimize(square_lattice())
    report = relaxation(lattice)
    assert report.stop == "saddle" and report.negative_directions == 22 and "saddle point" in str(report)
    dense = np.linalg.eigvalsh(gp.Analysis(lattice).hessian.toarray())
    found = gp.verify(lattice)
    assert found["negative eigenvalues"].value == np.count_nonzero(dense < -1e-9) == 22
    assert failed(found) == {"negative eigenvalues"}
    assert set(found.unfit) >= NEED_A_MINIMUM and "leave_saddles=True" in found.advice[0]

    left = gp.minimize(square_lattice(), leave_saddles=True)
    assert relaxation(left).negative_directions == 0 and relaxation(left).stop in ("converged", "round_off")
    assert relaxation(left).largest_displacement > 0.1
    assert gp.Analysis(left).energy < gp.Analysis(lattice).energy
    assert gp.verify(left).passed


def test_a_saddle_with_one_negative_direction():
    with pytest.warns(SaddleWarning, match=r"\b1 negative eigenvalue"):
        glass = gp.minimize(squeezed_in())
    found = gp.verify(glass)
    assert found["negative eigenvalues"].value == 1 and failed(found) == {"negative eigenvalues"}
    left = gp.minimize(glass, leave_saddles=True)
    # The minimum that is reached is the one that the disk finds when it is pushed off the bond by hand.
    pushed = glass.positions.copy()
    pushed[-1, 1] += 0.05
    pushed = gp.minimize(glass.replace(positions=pushed))
    assert gp.verify(left).passed and gp.Analysis(left).energy == pytest.approx(gp.Analysis(pushed).energy, rel=1e-9)


def test_without_newton_the_hessian_is_not_looked_at():
    assert relaxation(gp.minimize(square_lattice(), polish=False)).negative_directions is None
    with pytest.raises(ArgumentError, match="polish"):
        gp.minimize(square_lattice(), polish=False, leave_saddles=True)


def test_a_coarse_tolerance_is_not_called_a_saddle():
    report = relaxation(gp.minimize(random_glass("lj", 100, seed=2), tolerance=1.0))
    assert report.stop == "converged" and report.negative_directions is None


def test_rattlers_and_clusters_are_counted():
    found = gp.verify(lattice_with_a_rattler())
    assert found.passed and found["rattlers"].value == 1 and found["clusters"].value == 1
    slabs = gp.verify(two_slabs())
    assert (
        failed(slabs) == {"clusters"} and slabs["clusters"].value == 2 and "4 translations" in str(slabs["zero modes"])
    )


def test_particles_that_touch_nothing():
    gas = gp.Glass([[1.0, 1.0], [1.8, 1.0], [6.0, 6.0]], 10.0, "harmonic", diameters=np.ones(3))
    found = gp.verify(gas)
    assert {"solid", "equilibrium"} <= failed(found) and set(found.unfit) >= NEED_A_MINIMUM


@pytest.mark.parametrize("model", ["poly", "harmonic"])
def test_a_glass_in_three_dimensions(model):
    found = gp.verify(small_minimum(model, 64, dimension=3))
    assert found.passed and "cell areas" not in found and "nonaffine sum" in found
    assert "density" not in found.fit + found.unfit


def test_a_glass_of_one_species_has_the_cutoff_of_that_species():
    """The range of the engine is that of the largest species, which this glass does not hold."""
    glass = gp.Glass(random_glass("lj", 64, seed=4, sides=[0.9, 0.9]).positions, 9.0, "lj", species=np.zeros(64, int))
    found = gp.verify(glass)
    network = gp.Analysis(glass).pairs
    cutoff = 2.5 * glass.diameters[0]
    inside = cutoff - network.distance.max()
    assert 0.0 < found["contact change"].value <= inside * (1.0 + 1e-12)


def test_without_a_model_positions_are_checked():
    glass = small_minimum("poly", 100)
    found = gp.verify(gp.Glass(glass.positions, glass.box, diameters=glass.diameters))
    assert found.passed and {check.name for check in found.checks} == {
        "closest pair", "cell areas", "cell anisotropy", "model"
    }  # fmt: skip
    assert set(found.fit) >= STRUCTURAL and set(found.unfit) >= NEED_A_MINIMUM and "model" in found.advice[0]


def test_what_cannot_be_a_configuration_is_said_and_not_raised():
    twice = gp.Glass([[1.0, 1.0], [1.0, 1.0], [6.0, 6.0]], 10.0, "harmonic", diameters=np.ones(3))
    found = gp.verify(twice)
    assert failed(found) == {"closest pair"} and not found.fit and "particles 0 and 1" in found.failed[0].sentence
    small = gp.Glass([[1.0, 1.0], [2.0, 1.0], [2.0, 2.0]], 3.0, "lj", species=[0, 0, 1])
    assert failed(gp.verify(small)) == {"interactions"}


def test_a_row_for_each_check_and_text_that_is_escaped():
    found = gp.verify(small_minimum("poly", 100))
    table = found.table()
    assert table["name"].tolist() == [check.name for check in found.checks] and table["passed"].all()
    assert "\n" not in repr(found) and "18 of 18" in repr(found)
    page = found._repr_html_()
    assert "two eigensolvers" in page and "22 of 22 indicators" in page


def test_modes_must_be_positive():
    with pytest.raises(ArgumentError, match="modes"):
        gp.verify(small_minimum("poly", 100), modes=0)


def test_the_command_tells_by_its_exit_code(tmp_path, capsys):
    assert main(["verify", str(DATA / "poly_t012_1024.xyz"), "--model", "poly"]) == 0
    assert "two eigensolvers" in capsys.readouterr().out
    path = tmp_path / "lattice.xyz"
    gp.write(square_lattice(), path)
    assert main(["verify", str(path)]) == 1
    shown = capsys.readouterr().out
    assert "negative eigenvalues" in shown and "leave_saddles=True" in shown
    left = tmp_path / "left.h5"
    assert main(["minimize", "--leave-saddles", str(path), "-o", str(left)]) == 0
    assert main(["verify", str(left)]) == 0
    assert main(["minimize", str(path), "-o", str(left)]) == 0
    assert "saddle point (negative directions: 22)" in " ".join(capsys.readouterr().err.split())


def test_modes_that_cost_no_energy_are_no_negative_directions():
    """Separate molecules turn freely: round-off gives these modes eigenvalues of either sign."""
    rhombus = 0.69 * np.array([(0.0, 0.0), (1.0, 0.0), (0.5, np.sqrt(0.75)), (1.5, np.sqrt(0.75))])
    molecules = np.concatenate([rhombus + np.array([8.0 * k, 0.0]) for k in range(4)])
    glass = gp.minimize(gp.Glass(molecules, (32.0, 8.0), "lj", species=np.zeros(16, int)))
    assert relaxation(glass).stop in ("converged", "round_off") and relaxation(glass).negative_directions == 0
    found = gp.verify(glass)
    assert found["negative eigenvalues"].passed and found["zero modes"].value + found["clusters"].value == 4 + 4
