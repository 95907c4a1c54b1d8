"""Lennard-Jones glasses by molecular dynamics: composition, protocols, seeds, checkpoints and command."""

import numpy as np
import pytest

import glassplast as gp
from glassplast import Analysis
from glassplast.commands.entry import main
from glassplast.errors import FileError, UnknownNameError
from glassplast.prepare import ensemble, kob_andersen, lj
from glassplast.sampling import DynamicsInterrupted

QUICK = {"equilibration": 5.0, "duration": 10.0}


@pytest.fixture(scope="module")
def glass():
    return lj(144, protocol="GQ", seed=3, **QUICK)


@pytest.mark.parametrize(("n", "large", "side"), [(144, 64, 11.85654), (1024, 458, 31.61744), (10_000, 4472, 98.8045)])
def test_composition_and_density_are_those_of_the_paper(n, large, side):
    from glassplast.prepare.mixtures import COMPOSITION, DENSITY, Mixture, random_start

    assert round(n * COMPOSITION / (1 + COMPOSITION)) == large
    start = random_start(Mixture("lj", 2, (n - large, large), DENSITY), np.random.default_rng(1))
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
    assert made["function"] == "prepare.lj" and made["protocol"] == "GQ" and made["seed"] == [3, []]
    assert [stage["name"] for stage in made["stages"]] == ["melt", "equilibrate", "cool"]
    temperatures = [(stage["first_temperature"], stage["last_temperature"]) for stage in made["stages"]]
    assert np.ravel(temperatures) == pytest.approx(np.array([9.62, 9.62, 1.13, 1.13, 1.13, 0.096]) * 0.31)
    assert [stage["steps"] for stage in made["stages"]] == [10_000, 1000, 2000]
    assert made["inherent_energy"] == pytest.approx(analysis.energy / 144, rel=1e-12)
    assert made["rattlers"] == analysis.rattlers.sum()
    assert len(made["liquid_energy"]) == 2
    assert glass.provenance["relaxation"]["method"] == made["minimizer"] == "cg"


@pytest.mark.parametrize(("protocol", "stages"), [("HTL", ["melt"]), ("ESL", ["melt", "equilibrate"])])
def test_protocols_end_where_they_should(protocol, stages):
    made = lj(64, protocol=protocol, seed=1, method="fire", **QUICK)
    preparation = made.provenance["preparation"]
    assert [stage["name"] for stage in preparation["stages"]] == stages
    assert made.provenance["relaxation"]["method"] == "fire"


def test_seeds_make_samples_and_samples_do_not_depend_on_their_number(glass):
    again = lj(144, protocol="GQ", seed=3, **QUICK)
    assert np.array_equal(again.positions, glass.positions)
    two = list(ensemble(lj, 2, 5, n=64, protocol="HTL", threads=1))
    three = list(ensemble(lj, 3, 5, n=64, protocol="HTL", threads=2))
    assert all(np.array_equal(a.positions, b.positions) for a, b in zip(two, three, strict=False))
    assert not np.allclose(three[0].positions, three[1].positions)
    assert three[2].provenance["preparation"]["seed"] == [5, [2]]


def stop_late(stage, part, note):
    if "cool" in stage and part > 0.9:
        raise KeyboardInterrupt


def test_an_interrupted_preparation_goes_on_to_the_same_bits(glass, tmp_path):
    file = tmp_path / "quench.h5"
    asked = {"protocol": "GQ", "seed": 3, "checkpoint": file, **QUICK}
    with pytest.raises(DynamicsInterrupted):
        lj(144, progress=stop_late, **asked)
    told = []
    resumed = lj(144, progress=lambda *words: told.append(words), **asked)
    assert np.array_equal(resumed.positions, glass.positions)
    assert resumed.provenance["preparation"] == glass.provenance["preparation"]
    assert told[0][0] == "cool" and told[-1][0] == "quenching" and "T = " in told[0][2]
    # What is complete stays as it is; what is of another run is refused.
    assert np.array_equal(lj(144, **asked).positions, glass.positions)
    with pytest.raises(FileError, match="seed is"):
        lj(144, **{**asked, "seed": 4})
    with pytest.raises(FileError, match="stages is"):
        lj(144, **{**asked, "duration": 11.0})
    file.write_bytes(file.read_bytes()[:5000])
    with pytest.raises(FileError, match="corrupt"):
        lj(144, **asked)


@pytest.mark.parametrize("threads", [1, 2])
def test_an_interrupted_ensemble_loses_nothing(tmp_path, threads):
    asked = {"n": 64, "protocol": "GQ", "checkpoint": tmp_path / "kept", "threads": threads, **QUICK}
    whole = list(ensemble(lj, 2, 5, **{**asked, "checkpoint": None}))
    with pytest.raises(KeyboardInterrupt):
        list(ensemble(lj, 2, 5, progress=stop_late, **asked))
    stages = []
    resumed = list(ensemble(lj, 2, 5, progress=lambda stage, part, note: stages.append(stage), **asked))
    assert all(np.array_equal(a.positions, b.positions) for a, b in zip(whole, resumed, strict=True))
    # Of two that are made at the same time either may be the one that was stopped.
    assert any(f"sample {k} of 2, cool" in stages and f"sample {k} of 2, melt" not in stages for k in (1, 2))


def test_the_liquid_can_be_had():
    liquid = lj(64, protocol="ESL", equilibration=1.0, quench=False)
    assert "inherent_energy" not in liquid.provenance["preparation"]
    assert Analysis(liquid).largest_force > 1.0


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
        ({"method": "cgs"}, UnknownNameError, "cg"),
        ({"n": 1}, ValueError, "too few"),
        ({"n": 16}, gp.errors.GeometryError, "box"),
        ({"duration": -1.0}, ValueError, "duration must be a finite time of at least 0, not -1"),
        ({"time_step": np.nan}, ValueError, "time_step"),
        ({"seed": -1}, ValueError, "seed"),
        ({"threads": 0}, ValueError, "thread"),
    ],
)
def test_arguments_that_cannot_be_meant(arguments, error, message):
    with pytest.raises(error, match=message):
        lj(**{"n": 64, **QUICK, **arguments})
    with pytest.raises(ValueError, match="dimension"):
        kob_andersen(100, dimension=4)


def command(*words):
    return main(["prepare", "lj", "--n", "64", "--protocol", "ESL", "--equilibration", "1", "--seed", "4", *words])


def test_the_command_makes_what_the_function_makes(tmp_path, capsys):
    out, kept = tmp_path / "glasses.h5", tmp_path / "kept"
    assert command("--samples", "2", "--out", str(out), "--checkpoint", str(kept)) == 0
    made = list(gp.read_frames(out))
    expected = list(ensemble(lj, 2, 4, n=64, protocol="ESL", equilibration=1.0))
    assert all(np.array_equal(a.positions, b.positions) for a, b in zip(made, expected, strict=True))
    assert "rattlers" in capsys.readouterr().err
    assert command("--samples", "2", "--out", str(out), "--checkpoint", str(kept)) == 2
    assert "--resume" in capsys.readouterr().err
    # They are finished: going on with them only quenches again.
    assert command("--samples", "2", "--out", str(out), "--resume", str(kept)) == 0
    again = list(gp.read_frames(out))
    assert all(np.array_equal(a.positions, b.positions) for a, b in zip(made, again, strict=True))


def test_the_command_makes_kob_andersen_mixtures(tmp_path):
    out = tmp_path / "mixture.h5"
    words = ["--n", "300", "--dimension", "2", "--equilibration", "1", "--out", str(out)]
    assert main(["prepare", "kob_andersen", *words]) == 0
    assert np.bincount(gp.read(out).species).tolist() == [195, 105]


def test_the_command_says_what_is_missing(tmp_path, capsys):
    assert command("--samples", "2") == 2
    assert command("--resume", str(tmp_path / "none"), "--out", "-") == 2
    assert "none" in capsys.readouterr().err


@pytest.mark.slow
def test_slower_cooling_leads_deeper():
    """Mean inherent structure energies: HTL > ESL > GQ, by more than their errors."""
    energies = {
        protocol: np.array(
            [
                glass.provenance["preparation"]["inherent_energy"]
                for glass in ensemble(lj, 6, n=256, protocol=protocol, equilibration=500.0, duration=2000.0)
            ]
        )
        for protocol in ("HTL", "ESL", "GQ")
    }
    mean = {protocol: values.mean() for protocol, values in energies.items()}
    error = {protocol: values.std(ddof=1) / np.sqrt(len(values)) for protocol, values in energies.items()}
    assert mean["HTL"] - mean["ESL"] > 3.0 * np.hypot(error["HTL"], error["ESL"])
    assert mean["ESL"] - mean["GQ"] > 3.0 * np.hypot(error["ESL"], error["GQ"])
