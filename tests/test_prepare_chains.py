"""Samples of equilibrated chains: they are independent, recorded, and reproducible after interruptions."""

import numpy as np
import pytest

import glassplast as gp
from glassplast.commands import main
from glassplast.errors import ArgumentError, ConvergenceError, FileError
from glassplast.prepare import energy_correlation, poly_chains

QUICK = {"n": 49, "temperature": 0.6, "seed": 3, "annealing_sweeps": 200}


@pytest.fixture(scope="module")
def glasses():
    return list(poly_chains(**QUICK, samples=5, threads=2))


def test_samples_come_from_two_chains_in_turn(glasses):
    made = [glass.provenance["preparation"] for glass in glasses]
    assert [(about["chain"], about["place"]) for about in made] == [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2)]
    for about in made:
        assert about["equilibrated"] and about["sweeps_apart"] >= 2.0 * about["relaxation_time"]
    for glass in glasses:
        analysis = gp.Analysis(glass)
        assert analysis.minimum and analysis.energy / len(glass) == glass.provenance["preparation"]["inherent_energy"]
    assert len({glass.digest for glass in glasses}) == 5


def test_the_first_chain_is_that_of_a_single_glass():
    """The equilibration is that of `poly`, to the last bit."""
    (first,) = poly_chains(**QUICK, samples=1)
    single = gp.prepare.poly(**QUICK)
    names = ("relaxation_time", "energy", "sweeps", "energy_difference")
    ours, theirs = (glass.provenance["preparation"] for glass in (first, single))
    assert [ours[name] for name in names] == [theirs[name] for name in names]


def test_threads_and_the_number_of_samples_change_nothing(glasses):
    fewer = list(poly_chains(**QUICK, samples=3, threads=1))
    assert [glass.digest for glass in fewer] == [glass.digest for glass in glasses[:3]]


def test_an_interruption_loses_nothing(glasses, tmp_path):
    def stop(stage, part, note):
        if stage == "sampling":
            raise KeyboardInterrupt

    taken = []
    with pytest.raises(KeyboardInterrupt):
        taken += poly_chains(**QUICK, samples=5, checkpoint=tmp_path / "kept", progress=stop)
    told = []
    options = {**QUICK, "seed": None}
    resumed = list(
        poly_chains(**options, samples=5, checkpoint=tmp_path / "kept", progress=lambda *words: told.append(words))
    )
    assert [glass.digest for glass in resumed] == [glass.digest for glass in glasses]
    assert resumed[0].provenance["preparation"] == glasses[0].provenance["preparation"]
    # Once all samples are there they are read, and more go on from there.
    again = list(poly_chains(**options, samples=4, checkpoint=tmp_path / "kept"))
    assert [glass.digest for glass in again] == [glass.digest for glass in glasses[:4]]
    with pytest.raises(FileError, match=r"temperature is 0\.6 in the file and 0\.5 in this call"):
        next(poly_chains(**{**QUICK, "temperature": 0.5}, checkpoint=tmp_path / "kept"))
    with pytest.raises(FileError, match="sweeps_apart"):
        next(poly_chains(**QUICK, spacing=7.0, checkpoint=tmp_path / "kept"))


def test_the_command(glasses, tmp_path, capsys):
    words = [
        "prepare",
        "poly",
        "--n",
        "49",
        "--temperature",
        "0.6",
        "--seed",
        "3",
        "--annealing-sweeps",
        "200",
        "--samples",
        "3",
        "--chains",
    ]
    assert main([*words, "-o", str(tmp_path / "glasses.h5"), "--checkpoint", str(tmp_path / "kept")]) == 0
    made = list(gp.read_frames(tmp_path / "glasses.h5"))
    assert [glass.digest for glass in made] == [glass.digest for glass in glasses[:3]]
    assert main([*words, "-o", str(tmp_path / "x.h5"), "--sweeps", "10"]) == 2
    assert "leave out --sweeps" in capsys.readouterr().err


def test_a_liquid_that_is_not_equilibrated_is_refused():
    with pytest.raises(ConvergenceError, match="most_sweeps"):
        next(poly_chains(**{**QUICK, "temperature": 0.2}, most_sweeps=100))


@pytest.mark.parametrize(
    ("options", "match"),
    [({"samples": 0}, "samples"), ({"spacing": 0.0}, "spacing"), ({"sweeps": 10}, "sweeps"), ({"n": 4}, "cutoffs")],
)
def test_arguments_that_cannot_be_meant(options, match):
    with pytest.raises(ValueError, match=match):
        list(poly_chains(**{**QUICK, **options}))


def test_arguments_are_checked_before_the_first_sample_is_asked_for():
    with pytest.raises(ArgumentError, match="samples must be a whole number of at least 1, not 0"):
        poly_chains(**{**QUICK, "samples": 0})


def chain_of_energies(energies, chain):
    glass = gp.Glass([[0.5, 0.5]], 1.0, diameters=[0.1])
    for place, energy in enumerate(energies):
        made = {"seed": [1, []], "chain": chain, "place": place, "inherent_energy": float(energy)}
        yield glass.replace(provenance={"preparation": made})


def test_the_correlation_of_energies_is_that_of_the_chain():
    """Of an autoregressive series x' = a x + noise the correlation of neighbours is a."""
    generator = np.random.default_rng(1)
    for a in (0.0, 0.6):
        series = np.zeros(800)
        for k in range(1, series.size):
            series[k] = a * series[k - 1] + generator.normal()
        found = energy_correlation([*chain_of_energies(series[:400], 0), *chain_of_energies(series[400:], 1)])
        assert found.pairs == 798 and found.error == pytest.approx(798**-0.5)
        assert found.value == pytest.approx(a, abs=4.0 * found.error)
    assert np.isnan(energy_correlation(chain_of_energies([1.0], 0)).value)
    with pytest.raises(ArgumentError, match="poly_chains"):
        energy_correlation([gp.Glass([[0.5, 0.5]], 1.0, diameters=[0.1])])
