"""Lennard-Jones glasses by molecular dynamics: composition, protocols, seeds, checkpoints, the command."""

import numpy as np
import pytest

import glassplast as gp
from glassplast import Analysis
from glassplast.cli import main
from glassplast.errors import FileError, UnknownNameError
from glassplast.prepare import DynamicsInterrupted, kob_andersen, lj, lj_samples, resume_preparation

QUICK = {"equilibration": 5.0, "duration": 10.0}


@pytest.fixture(scope="module")
def glass():
    return lj(144, protocol="GQ", seed=3, **QUICK)


@pytest.mark.parametrize(("n", "large", "side"), [(144, 64, 11.85654), (1024, 458, 31.61744), (10_000, 4472, 98.8045)])
def test_composition_and_density_are_those_of_the_paper(n, large, side):
    from glassplast.prepare.lj import COMPOSITION, DENSITY, random_start

    assert round(n * COMPOSITION / (1 + COMPOSITION)) == large
    start = random_start("lj", 2, [n - large, large], DENSITY, np.random.default_rng(1))
    assert np.bincount(start.species).tolist() == [n - large, large]
    assert start.cell == pytest.approx(np.diag([side, side]), abs=1e-12)
    # No two particles overlap so much that dynamics could not start.
    assert start.potential_energy().evaluate(start.positions)[0] / n < 20.0


def test_a_glass_is_in_equilibrium_and_knows_how_it_was_made(glass):
    analysis = Analysis(glass)
    assert len(glass) == 144 and glass.model.name == "lj" and glass.dimension == 2
    assert np.bincount(glass.species).tolist() == [80, 64]
    assert analysis.largest_force < 1e-9
    assert analysis.minimum is not None
    made = glass.provenance["preparation"]
    assert made["function"] == "prepare.lj" and made["protocol"] == "GQ" and made["seed"] == 3
    assert [stage["name"] for stage in made["stages"]] == ["melt", "equilibrate", "cool"]
    temperatures = [(stage["first_temperature"], stage["last_temperature"]) for stage in made["stages"]]
    assert np.ravel(temperatures) == pytest.approx(np.array([9.62, 9.62, 1.13, 1.13, 1.13, 0.096]) * 0.31)
    assert [stage["steps"] for stage in made["stages"]] == [10_000, 1000, 2000]
    assert made["inherent_structure_energy"] == pytest.approx(analysis.energy / 144, rel=1e-12)
    assert made["rattlers"] == analysis.rattlers.sum()
    assert len(made["liquid_energy"]) == 2
    assert glass.provenance["relaxation"]["method"] == made["minimizer"] == "cg"


@pytest.mark.parametrize(("protocol", "stages"), [("HTL", ["melt"]), ("ESL", ["melt", "equilibrate"])])
def test_protocols_end_where_they_should(protocol, stages):
    made = lj(64, protocol=protocol, seed=1, minimizer="fire", **QUICK)
    preparation = made.provenance["preparation"]
    assert [stage["name"] for stage in preparation["stages"]] == stages
    assert made.provenance["relaxation"]["method"] == "fire"


def test_seeds_make_samples_and_samples_do_not_depend_on_their_number(glass):
    again = lj(144, protocol="GQ", seed=3, **QUICK)
    assert np.array_equal(again.positions, glass.positions)
    two = list(lj_samples(2, 64, seed=5, protocol="HTL"))
    three = list(lj_samples(3, 64, seed=5, protocol="HTL"))
    assert all(np.array_equal(a.positions, b.positions) for a, b in zip(two, three, strict=False))
    assert not np.allclose(three[0].positions, three[1].positions)
    assert three[2].provenance["preparation"]["spawn_key"] == [2]


def test_an_interrupted_preparation_resumes_to_the_same_bits(glass, tmp_path):
    file = tmp_path / "quench.h5"

    def stop(stage, part, temperature):
        if stage == "cool" and part > 0.9:
            raise KeyboardInterrupt

    with pytest.raises(DynamicsInterrupted):
        lj(144, protocol="GQ", seed=3, checkpoint=file, progress=stop, **QUICK)
    resumed = resume_preparation(file)
    assert np.array_equal(resumed.positions, glass.positions)
    assert resumed.provenance["preparation"] == glass.provenance["preparation"]
    with pytest.raises(FileError, match="resume_preparation"):
        lj(144, seed=3, checkpoint=file, **QUICK)


def test_dynamics_that_prepare_nothing_are_not_resumed_as_a_preparation(glass, tmp_path):
    file = tmp_path / "run.h5"
    gp.prepare.molecular_dynamics(glass, temperature=0.01, duration=0.1, seed=1, checkpoint=file)
    with pytest.raises(FileError, match="resume_dynamics"):
        resume_preparation(file)


def test_a_provenance_survives_a_file(glass, tmp_path):
    gp.write(glass, tmp_path / "glass.h5")
    kept = gp.read(tmp_path / "glass.h5")
    assert kept.provenance["preparation"] == glass.provenance["preparation"]


@pytest.mark.parametrize(("dimension", "n", "counts"), [(2, 200, [130, 70]), (3, 256, [205, 51])])
def test_kob_andersen(dimension, n, counts):
    made = kob_andersen(n, dimension=dimension, seed=1, equilibration=2.0, duration=2.0)
    assert np.bincount(made.species).tolist() == counts
    assert made.number_density == pytest.approx(1.2, rel=1e-12)
    assert Analysis(made).largest_force < 1e-8


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"protocol": "GC"}, UnknownNameError, "GQ"),
        ({"minimizer": "cgs"}, UnknownNameError, "cg"),
        ({"n": 1}, ValueError, "too few"),
        ({"n": 16}, gp.errors.GeometryError, "box"),
        ({"duration": -1.0}, ValueError, "cool must not be negative"),
        ({"time_step": np.nan}, ValueError, "time_step"),
    ],
)
def test_arguments_that_cannot_be_meant(arguments, error, message):
    with pytest.raises(error, match=message):
        lj(**{"n": 64, "seed": 1, **QUICK, **arguments})
    with pytest.raises(ValueError, match="dimension"):
        kob_andersen(100, dimension=4)


def command(tmp_path, *words):
    return main(["prepare", "lj", "--n", "64", "--protocol", "ESL", "--equilibration", "1", "--seed", "4", *words])


def test_the_command_makes_what_the_function_makes(tmp_path, capsys):
    out, checkpoint = tmp_path / "glass.h5", tmp_path / "run.h5"
    assert command(tmp_path, "--out", str(out), "--checkpoint", str(checkpoint)) == 0
    made = gp.read(out)
    assert np.array_equal(made.positions, lj(64, protocol="ESL", equilibration=1.0, seed=4).positions)
    assert "rattlers" in capsys.readouterr().err
    # It is finished: going on with it only minimizes again.
    again = tmp_path / "again.h5"
    assert main(["prepare", "lj", "--resume", "--checkpoint", str(checkpoint), "--out", str(again)]) == 0
    assert np.array_equal(gp.read(again).positions, made.positions)


def test_the_command_makes_several_and_leaves_out_those_that_are_there(tmp_path, capsys):
    words = ("--samples", "2", "--out", str(tmp_path / "g.h5"), "--checkpoint", str(tmp_path / "c.h5"))
    assert command(tmp_path, *words) == 0
    files = [tmp_path / f"g-000{k}.h5" for k in range(2)]
    first = [gp.read(file).positions for file in files]
    files[1].unlink()
    assert command(tmp_path, *words, "--resume") == 0
    assert np.array_equal(gp.read(files[1]).positions, first[1])
    assert "there already" in capsys.readouterr().err


def test_the_command_says_what_is_missing(tmp_path, capsys):
    assert command(tmp_path, "--samples", "2") == 2
    assert command(tmp_path, "--resume") == 2
    assert command(tmp_path, "--resume", "--checkpoint", str(tmp_path / "none.h5"), "--out", "-") == 2
    assert "none.h5" in capsys.readouterr().err


@pytest.mark.slow
def test_slower_cooling_leads_deeper():
    """Mean inherent structure energies: HTL > ESL > GQ, by more than their errors."""
    energies = {
        protocol: np.array(
            [
                glass.provenance["preparation"]["inherent_structure_energy"]
                for glass in lj_samples(6, 256, seed=1, protocol=protocol, equilibration=500.0, duration=2000.0)
            ]
        )
        for protocol in ("HTL", "ESL", "GQ")
    }
    mean = {protocol: values.mean() for protocol, values in energies.items()}
    error = {protocol: values.std(ddof=1) / np.sqrt(len(values)) for protocol, values in energies.items()}
    assert mean["HTL"] - mean["ESL"] > 3.0 * np.hypot(error["HTL"], error["ESL"])
    assert mean["ESL"] - mean["GQ"] > 3.0 * np.hypot(error["ESL"], error["GQ"])
