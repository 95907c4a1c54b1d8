"""Glasses of polydisperse soft disks: equilibrium, provenance, and continuation of interrupted runs."""

from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import signal, special

import glassplast as gp
from glassplast.commands.entry import main
from glassplast.errors import ArgumentError, FileError, GeometryError, UnknownNameError
from glassplast.foundation import progress
from glassplast.foundation.parallel import on_threads
from glassplast.prepare.soft_disks import LARGEST, SMALLEST, poly_diameters
from glassplast.sampling.correlations import (
    bond_breaking,
    cage_relative,
    correlation_function,
    correlation_time,
    mean_and_error,
    overlap,
    self_scattering,
)
from glassplast.sampling.equilibration import RELAXATION_TIMES, judge
from glassplast.sampling.monte_carlo import MonteCarlo, pressure_of
from glassplast.sampling.replicas import Replicas
from glassplast.sampling.tempering import parallel_tempering, temperature_ladder
from glassplast.sampling.walkers import Walker

QUICK = {"n": 64, "temperature": 0.3, "annealing_sweeps": 200}


@pytest.fixture(scope="module")
def liquid():
    """In equilibrium at T = 0.4."""
    return gp.prepare.poly(100, 0.4, seed=5, sweeps=1000, quench=False)


# --- the model --------------------------------------------------------------------------------------------------------


def test_diameters_follow_the_distribution():
    diameters = poly_diameters(4096)
    assert diameters.mean() == pytest.approx(1.0, abs=1e-14)
    assert SMALLEST * 0.999 < diameters.min() < diameters.max() < LARGEST * 1.001
    # Polydispersity of d^-3 on [a, b]: <d^2> = 2 ln(b / a) / (a^-2 - b^-2).
    second = 2.0 * np.log(LARGEST / SMALLEST) / (SMALLEST**-2 - LARGEST**-2)
    assert diameters.std() == pytest.approx(np.sqrt(second - 1.0), rel=1e-3)
    assert diameters.std() == pytest.approx(0.23, abs=0.005)
    cumulative = (SMALLEST**-2 - diameters**-2) / (SMALLEST**-2 - LARGEST**-2)
    assert np.abs(cumulative - (np.arange(4096) + 0.5) / 4096).max() < 1e-4


def test_a_glass_says_how_it_was_made():
    glass = gp.prepare.poly(**QUICK, seed=3, sweeps=200)
    about = glass.provenance["preparation"]
    assert len(glass) == 64 and glass.number_density == pytest.approx(1.0, rel=1e-14)
    assert np.array_equal(np.sort(glass.diameters), poly_diameters(64))
    assert about["temperature"] == 0.3 and about["seed"] == [3, []] and about["sweeps"] == 200
    assert about["equilibrated"] is None and about["minimizer"] == "cg"
    analysis = gp.Analysis(glass)
    assert about["inherent_energy"] == pytest.approx(analysis.energy / 64, rel=1e-12)
    assert about["rattlers"] == analysis.rattlers.sum()
    assert about["inherent_energy"] < about["liquid_energy"] and about["energy_drift"] < 1e-9
    assert 0.3 < about["translation_acceptance"] < 0.9 and 0.1 < about["swap_acceptance"] < 0.9
    assert analysis.largest_force < 1e-10


def test_equilibrium_is_shown(monkeypatch):
    # A clock by which any machine takes a second from one look at it to the next, so that there is a pace to judge by.
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=count().__next__))
    told = []
    glass = gp.prepare.poly(64, 0.6, seed=1, progress=lambda *words: told.append(words))
    about = glass.provenance["preparation"]
    assert about["equilibrated"] is True and about["relaxation_times"] >= RELAXATION_TIMES
    assert about["energy_difference"] <= 2.0 and len(about["energy"]) == 2
    assert about["sweeps"] >= RELAXATION_TIMES * about["relaxation_time"] > 0
    stages = [stage for stage, _, _ in told]
    assert stages[0] == "annealing" and "equilibrating" in stages and stages[-1] == "quenching"
    assert all(0.0 <= part <= 1.0 for _, part, _ in told) and any("left" in note for _, _, note in told)


def test_what_is_not_shown_is_not_claimed():
    glass = gp.prepare.poly(**QUICK, seed=1, most_sweeps=100)
    assert glass.provenance["preparation"]["equilibrated"] is False


def test_the_verdict_needs_agreement(liquid):
    cold = MonteCarlo(liquid, 0.4, 1)
    hot = MonteCarlo(liquid, 0.8, 2)
    walkers = [Walker(Replicas([simulation], np.random.SeedSequence(1)), 10) for simulation in (cold, hot)]
    for walker in walkers:
        walker.advance(600, lambda *_: None)
    verdict = judge(walkers)
    assert verdict.energy_difference > 5.0 and verdict.equilibrated is False


# --- equilibrium ------------------------------------------------------------------------------------------------------


def test_heat_capacity_is_the_slope_of_the_energy(liquid):
    low, middle, high = (
        MonteCarlo(liquid, temperature, 7).sample(12_000, 4).energy[500:] for temperature in (0.36, 0.4, 0.44)
    )
    (below, below_error), (above, above_error) = mean_and_error(low), mean_and_error(high)
    slope, slope_error = (above - below) / 0.08, np.hypot(below_error, above_error) / 0.08
    fluctuation = len(liquid) * (middle - middle.mean()) ** 2 / 0.4**2
    capacity, capacity_error = mean_and_error(fluctuation)
    assert abs(capacity - slope) < 4.0 * np.hypot(slope_error, capacity_error)
    assert np.hypot(slope_error, capacity_error) < 0.15 * slope


def test_swaps_do_not_change_the_energy(liquid):
    means = [
        mean_and_error(MonteCarlo(liquid, 0.5, 3, swap_probability=probability).sample(8000, 4).energy[200:])
        for probability in (0.0, 0.2)
    ]
    (one, one_error), (other, other_error) = means
    assert abs(one - other) < 4.0 * np.hypot(one_error, other_error)
    assert max(one_error, other_error) < 0.01 * one


def test_tempering_has_the_energies_of_plain_runs(liquid):
    ladder = [0.4, 0.45, 0.5]
    tempered = parallel_tempering(liquid, ladder, rounds=600, sweeps=8, seed=2, threads=2)
    assert np.all(tempered.exchange_acceptance > 0.2) and tempered.round_trips > 0
    assert sorted(tempered.replicas[-1].tolist()) == [0, 1, 2]
    for k, temperature in enumerate(ladder):
        plain, plain_error = mean_and_error(MonteCarlo(liquid, temperature, 5).sample(6000, 4).energy[200:])
        mean, error = mean_and_error(tempered.energies[50:, k])
        assert abs(mean - plain) < 4.0 * np.hypot(error, plain_error)


def test_a_ladder_proves_equilibrium_at_its_cold_end():
    options = {"n": 64, "temperature": 0.4, "seed": 1, "annealing_sweeps": 200}
    plain = gp.prepare.poly(**options).provenance["preparation"]
    about = gp.prepare.poly(**options, tempering=[0.46, 0.52]).provenance["preparation"]
    assert about["ladder"] == [0.4, 0.46, 0.52] and about["protocol"].endswith("parallel tempering")
    assert about["equilibrated"] and about["relaxation_times"] >= RELAXATION_TIMES
    assert min(about["exchange_acceptance"]) > 0.2 and about["round_trips"] > 10
    # It samples the same distribution, and forgets sooner.
    for energy, error in zip(about["energy"], about["energy_error"], strict=True):
        assert abs(energy - plain["energy"][0]) < 4.0 * np.hypot(error, plain["energy_error"][0])
    assert about["relaxation_time"] < plain["relaxation_time"]


def test_what_relaxes_in_a_ladder_is_what_was_cold(liquid):
    """A replica that never leaves the hot end tells nothing of the cold one."""
    cold, hot = (MonteCarlo(liquid, temperature, 1) for temperature in (0.4, 4.0))
    walker = Walker(Replicas([cold, hot], np.random.SeedSequence(1)), 5)
    walker.advance(40, lambda *_: None)
    assert walker.replicas.exchange_acceptance[0] == 0.0 and set(walker.cold) == {0}
    alone = Walker(Replicas([MonteCarlo(liquid, 0.4, 1)], np.random.SeedSequence(1)), 5)
    alone.advance(40, lambda *_: None)
    assert np.array_equal(walker.self_correlation().values, alone.self_correlation().values)
    assert np.array_equal(walker.energies, alone.energies)


def test_ladders_are_chosen_for_an_acceptance():
    ladder = temperature_ladder(0.06, 0.12, 1024)
    assert ladder[0] == 0.06 and ladder[-1] == pytest.approx(0.12) and np.ptp(np.diff(np.log(ladder))) < 1e-12
    spacing = ladder[1] / ladder[0] - 1.0
    assert special.erfc(0.5 * np.sqrt(1024 * 1.45) * spacing) == pytest.approx(0.25, abs=0.02)
    with pytest.raises(ValueError, match="hotter"):
        temperature_ladder(0.12, 0.06, 1024)


def test_tempering_does_not_depend_on_threads(liquid):
    one, two = (parallel_tempering(liquid, [0.4, 0.5], rounds=10, seed=2, threads=threads) for threads in (1, 2))
    assert np.array_equal(one.energies, two.energies) and np.array_equal(one.replicas, two.replicas)
    assert all(np.array_equal(a.positions, b.positions) for a, b in zip(one.glasses, two.glasses, strict=True))


def test_pressure_is_that_of_a_change_of_volume(liquid):
    def energy(factor):
        grown = gp.Glass(
            liquid.positions * factor, liquid.cell * factor, "poly", diameters=liquid.diameters, strain=0.0
        )
        return grown.potential_energy().evaluate(grown.positions)[0]

    change = (energy(1.0 + 1e-5) - energy(1.0 - 1e-5)) / (4e-5 * liquid.volume)
    pressure, potential = pressure_of(liquid, 0.4)
    assert pressure == pytest.approx(0.4 - change, rel=1e-6) and potential == pytest.approx(energy(1.0), rel=1e-12)
    series = MonteCarlo(liquid, 0.4, 1).sample(200, 20, pressure=True)
    assert len(series.energy) == 10 and np.all(series.pressure > 0.4)
    quiet = MonteCarlo(liquid, 0.4, 1).sample(200, 20)
    assert np.isnan(quiet.pressure).all() and np.array_equal(quiet.energy, series.energy)


def test_tuning_reaches_the_acceptance(liquid):
    simulation = MonteCarlo(liquid, 0.4, 1, step=0.6)
    simulation.tune(400, 0.5)
    tuned = simulation.step
    simulation.statistics.__init__()
    simulation.run(100)
    assert simulation.step == tuned
    assert simulation.statistics.translation_acceptance == pytest.approx(0.5, abs=0.05)


# --- correlations -----------------------------------------------------------------------------------------------------


def test_correlations_of_free_walkers():
    rng = np.random.default_rng(0)
    box = gp.Glass([[0.0, 0.0]], 30.0, diameters=[1.0]).box
    start = rng.random((900, 2)) * 30.0
    frames = start + np.cumsum(0.05 * rng.standard_normal((120, 900, 2)), axis=0)
    scattering = correlation_function(frames, 2.0, box, self_scattering())
    # <J0(k u)> = exp(-k^2 <u^2> / 4), <u^2> = 2 (0.05)^2 in a step of 2.
    exact = np.exp(-((2.0 * np.pi) ** 2) * 0.05**2 * scattering.times / 4.0)
    assert np.abs(scattering.values - exact).max() < 0.02
    assert scattering.relaxation_time == pytest.approx(4.0 / (2.0 * np.pi * 0.05) ** 2, rel=0.05)
    near = correlation_function(frames, 2.0, box, overlap())
    assert np.abs(near.values - (1.0 - np.exp(-(0.3**2) / (0.05**2 * np.maximum(near.times, 1e-9))))).max() < 0.02
    assert correlation_function(frames[:2], 2.0, box, self_scattering(0.1)).relaxation_time == np.inf


def test_long_waves_break_no_cages(liquid):
    # A shear wave as long as the box.
    side = liquid.cell[0, 0]
    wave = np.zeros_like(liquid.positions)
    wave[:, 0] = np.sin(2.0 * np.pi * liquid.positions[:, 1] / side)
    frames = [liquid.positions, liquid.positions + 0.8 * wave]
    plain = correlation_function(frames, 1.0, liquid.box, overlap()).values[1]
    caged = correlation_function(frames, 1.0, liquid.box, cage_relative(overlap())).values[1]
    assert plain < 0.5 < caged
    assert correlation_function(frames, 1.0, liquid.box, bond_breaking()).values[1] > 0.9


def test_errors_of_correlated_series():
    rng = np.random.default_rng(1)
    values = np.zeros(20_000)
    for k, kick in enumerate(rng.standard_normal(len(values) - 1)):
        values[k + 1] = 0.9 * values[k] + kick
    assert correlation_time(values) == pytest.approx(0.5 * 1.9 / 0.1, rel=0.15)
    mean, error = mean_and_error(values)
    assert error == pytest.approx(10.0 / np.sqrt(len(values)), rel=0.15) and abs(mean) < 4.0 * error
    assert correlation_time(np.ones(10)) == 0.5


def test_fast_noise_does_not_hide_slow_fluctuations():
    """Vibrations of a cold liquid: white noise beside 15 % of the variance that lasts 300 steps."""
    rng = np.random.default_rng(2)
    size, lasting, part = 18_000, 300.0, 0.15
    decay = np.exp(-1.0 / lasting)
    means, errors = [], []
    for _ in range(40):
        kicks = np.sqrt(part * (1.0 - decay**2)) * rng.standard_normal(size + 3000)
        slow = signal.lfilter([1.0], [1.0, -decay], kicks)[3000:]
        mean, error = mean_and_error(slow + np.sqrt(1.0 - part) * rng.standard_normal(size))
        means.append(mean)
        errors.append(error)
    exact = np.sqrt((2.0 * lasting * part + 1.0 - part) / size)
    assert np.median(errors) == pytest.approx(exact, rel=0.15) and np.std(means) == pytest.approx(exact, rel=0.3)


# --- seeds, threads, files --------------------------------------------------------------------------------------------


def test_the_seed_decides_and_threads_do_not():
    one, two = (gp.prepare.poly(**QUICK, seed=4, most_sweeps=500, threads=threads) for threads in (1, 2))
    assert np.array_equal(one.positions, two.positions) and dict(one.provenance) == dict(two.provenance)
    other = gp.prepare.poly(**QUICK, seed=5, most_sweeps=500)
    assert not np.array_equal(one.positions, other.positions)


def test_samples_depend_on_nothing_but_their_number():
    options = QUICK | {"sweeps": 100}
    three = list(gp.prepare.ensemble(gp.prepare.poly, 3, seed=1, threads=2, **options))
    two = list(gp.prepare.ensemble(gp.prepare.poly, 2, seed=1, threads=1, **options))
    assert all(np.array_equal(a.positions, b.positions) for a, b in zip(two, three, strict=False))
    assert three[2].provenance["preparation"]["seed"] == [1, [2]]
    alone = gp.prepare.poly(**options, seed=np.random.SeedSequence(1, spawn_key=(2,)))
    assert np.array_equal(alone.positions, three[2].positions)


@pytest.mark.parametrize(("threads", "tempering"), [(1, None), (2, None), (1, 0.4), (2, 0.4), (4, 0.4)])
def test_interrupted_runs_go_on_to_the_same_bits(tmp_path, threads, tempering):
    options = QUICK | {"seed": 6, "most_sweeps": 2000, "threads": threads, "tempering": tempering}
    whole = gp.prepare.poly(**options)
    file = tmp_path / "state.h5"
    stops = []

    def stop(stage, part, note):
        if stage == "equilibrating":
            stops.append(note)
            if len(stops) == 2:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gp.prepare.poly(**options, checkpoint=file, progress=stop)
    assert file.exists()
    resumed = gp.prepare.poly(**options, checkpoint=file)
    assert np.array_equal(whole.positions, resumed.positions)
    assert np.array_equal(whole.diameters, resumed.diameters)
    assert whole.provenance["preparation"] == resumed.provenance["preparation"]
    # What is complete stays as it is; the same file also takes a longer run.
    again = gp.prepare.poly(**options, checkpoint=file)
    assert np.array_equal(again.positions, whole.positions)
    longer = gp.prepare.poly(**(options | {"most_sweeps": 3000}), checkpoint=file)
    assert longer.provenance["preparation"]["sweeps"] > 2000 or longer.provenance["preparation"]["equilibrated"]


def test_checkpoints_of_something_else_are_refused(tmp_path):
    file = tmp_path / "state.h5"
    gp.prepare.poly(**QUICK, seed=1, sweeps=100, checkpoint=file)
    with pytest.raises(FileError, match=r"temperature is 0\.3 in the file and 0\.4 in this call"):
        gp.prepare.poly(**(QUICK | {"temperature": 0.4}), seed=1, sweeps=100, checkpoint=file)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FileError, match="corrupt"):
        gp.prepare.poly(**QUICK, seed=1, sweeps=100, checkpoint=file)


def test_an_error_on_one_thread_ends_all():
    def work(item, check):
        if item == 0:
            raise ValueError("the first one fails")
        while True:
            check()

    with pytest.raises(ValueError, match="first one"):
        on_threads(work, [0, 1], 2)


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"tempering": 0.2}, ValueError, "hotter one"),
        ({"tempering": [0.2, 0.4]}, ValueError, "must begin at the temperature"),
        ({"temperature": 0.0}, ArgumentError, "temperature must be a positive and finite number"),
        ({"temperature": np.nan}, ArgumentError, "temperature must be a positive and finite number"),
        ({"n": 12}, GeometryError, "take 17 or more"),
        ({"n": 0}, ValueError, "n must be a whole number of at least 1"),
        ({"sweeps": 0}, ValueError, "sweeps must be"),
        ({"every": 0}, ValueError, "every must be"),
        ({"step": -1.0}, ArgumentError, "step must be positive"),
        ({"swap_probability": 2.0}, ArgumentError, "between 0 and 1"),
        ({"seed": -1}, ValueError, "seed"),
        ({"seed": 1.5}, ValueError, "seed"),
        ({"method": "newton"}, UnknownNameError, "method"),
        ({"threads": 0}, ValueError, "thread"),
    ],
)
def test_arguments_are_checked(changes, error, message):
    with pytest.raises(error, match=message):
        gp.prepare.poly(**(QUICK | {"sweeps": 20} | changes))


def test_tempering_is_checked(liquid):
    for ladder in ([0.3], [0.3, 0.3]):
        with pytest.raises(ValueError, match="two different"):
            parallel_tempering(liquid, ladder, rounds=1)
    with pytest.raises(ValueError, match="2 glasses for 3"):
        parallel_tempering([liquid] * 2, [0.3, 0.4, 0.5], rounds=1)


# --- the command ------------------------------------------------------------------------------------------------------


def test_command(tmp_path, capsys):
    out, kept = tmp_path / "glasses.h5", tmp_path / "kept"
    words = ["prepare", "poly", "--n", "64", "--temperature", "0.3", "--sweeps", "100", "--annealing-sweeps", "200"]
    words += ["--samples", "2", "--seed", "3", "--out", str(out)]
    assert main([*words, "--checkpoint", str(kept)]) == 0
    frames = list(gp.read_frames(out))
    assert [frame.provenance["preparation"]["seed"] for frame in frames] == [[3, [0]], [3, [1]]]
    assert sorted(path.name for path in kept.iterdir()) == ["sample-000000.h5", "sample-000001.h5", "seed.json"]
    assert main([*words, "--checkpoint", str(kept)]) == 2
    assert "--resume" in capsys.readouterr().err
    assert main([*words, "--resume", str(kept)]) == 0
    again = list(gp.read_frames(out))
    assert all(np.array_equal(a.positions, b.positions) for a, b in zip(frames, again, strict=True))
    assert main([*words[:-2], "--resume", str(tmp_path / "nowhere")]) == 2
    assert main(words[:-2]) == 2


@pytest.mark.slow
def test_colder_liquids_have_deeper_minima():
    means = []
    for temperature in (0.3, 0.12, 0.085):
        samples = gp.prepare.ensemble(gp.prepare.poly, 4, seed=1, n=256, temperature=temperature)
        abouts = [glass.provenance["preparation"] for glass in samples]
        assert all(about["equilibrated"] for about in abouts)
        means.append(np.mean([about["inherent_energy"] for about in abouts]))
    assert means[0] > means[1] > means[2]
