"""Energies, forces, stresses and quasistatic shear against numbers from LAMMPS."""

import json

import numpy as np
import pytest

from glassplast import Analysis, minimize, read, shear
from samples import DATA

REFERENCE = json.loads((DATA / "lammps.json").read_text())


@pytest.mark.parametrize("name", sorted(REFERENCE))
def test_energy_and_stress(name):
    reference = REFERENCE[name]
    glass = read(DATA / f"{name}.data", model="lj")
    assert len(glass) == reference["n"] and glass.dimension == 2
    for energy, stress in (
        glass.potential_energy().evaluate(glass.positions)[::2],
        (Analysis(glass).energy, Analysis(glass).stress),
    ):
        assert energy == pytest.approx(reference["energy"], rel=1e-12)
        largest = max(abs(reference[key]) for key in ("sigma_xx", "sigma_yy", "sigma_xy"))
        for key, (a, b) in {"sigma_xx": (0, 0), "sigma_yy": (1, 1), "sigma_xy": (0, 1)}.items():
            assert abs(stress[a, b] - reference[key]) < 1e-12 * largest


def test_forces_on_a_hot_liquid():
    glass = read(DATA / "lj_htl_1024_liquid.data", model="lj")
    forces = np.loadtxt(DATA / "lj_htl_1024_liquid_forces.txt")
    # That file is in the order of the data file; a glass is ordered by id.
    assert np.array_equal(glass.ids, np.arange(1, 1025))
    assert np.abs(Analysis(glass).forces - forces).max() < 1e-12 * np.abs(forces).max()


def test_quasistatic_shear_follows_lammps():
    """Steps of 1e-5: the same stress up to the first event, which comes in the same increment."""
    reference = np.load(DATA / "aqs_lj_htl_1024.npz")
    steps = reference["event_step"]
    glass = minimize(read(DATA / "lj_htl_1024.data", model="lj"))
    run = shear(glass, to=reference["strain"][steps[2] + 50], stepping="fixed")
    last = steps[0] + 1
    assert np.abs(run.strain[:last] - reference["strain"][:last]).max() < 1e-15
    assert np.abs(run.stress[:last] - reference["stress_xy"][:last]).max() < 1e-6
    assert np.abs(run.energy[:last] - reference["energy"][:last]).max() < 1e-6
    onsets = [event.onset_strain for event in run.events]
    assert onsets[0] == pytest.approx(reference["strain"][steps[0]], abs=1e-12)
    # Later events depend on where the minimizer goes after the first; on this sample both go the same way.
    assert onsets == pytest.approx(reference["strain"][steps[:3]], abs=1e-12)
    assert all(event.irreversible for event in run.events)
