"""Molecular dynamics: conservation laws, sampled distributions, and checkpoints."""

import numpy as np
import pytest

import glassplast as gp
from glassplast import Glass, _engine, minimize, read
from glassplast.errors import DynamicsError, FileError, UnknownNameError
from glassplast.sampling import DynamicsInterrupted, molecular_dynamics, resume_dynamics
from samples import DATA, random_glass


@pytest.fixture(scope="module")
def liquid():
    """256 particles at T = 0.5 or so."""
    start = minimize(random_glass("lj", 256, seed=4), tolerance=1e-3)
    return molecular_dynamics(start, temperature=0.5, duration=20.0, seed=1, friction=2.0, sample_interval=0)


def constant_energy(trajectory, **arguments):
    arguments = {"thermostat": None, "velocities": trajectory.velocities, "sample_interval": 1, **arguments}
    return molecular_dynamics(trajectory.glass, **arguments)


def test_energy_is_conserved_to_second_order_in_the_time_step(liquid):
    spread = [
        np.std(constant_energy(liquid, duration=2.0, time_step=time_step).series.energy)
        for time_step in (0.002, 0.004, 0.008)
    ]
    assert 3.3 < spread[1] / spread[0] < 4.7
    assert 3.3 < spread[2] / spread[1] < 4.9


def test_energy_does_not_drift_and_momentum_stays_zero(liquid):
    run = constant_energy(liquid, duration=50.0, sample_interval=20)
    energy = run.series.energy / len(run.glass)
    half = len(energy) // 2
    assert abs(energy[half:].mean() - energy[:half].mean()) < 1e-4
    assert np.abs(run.velocities.sum(axis=0)).max() < 1e-10
    travelled = (run.glass.positions - run.start.positions).mean(axis=0)
    assert np.abs(travelled).max() < 1e-10


def test_time_can_be_reversed(liquid):
    there = constant_energy(liquid, duration=1.0, sample_interval=0)
    back = molecular_dynamics(
        there.glass, thermostat=None, velocities=-there.velocities, duration=1.0, sample_interval=0
    )
    assert np.abs(back.glass.positions - liquid.glass.positions).max() < 1e-8
    assert np.abs(back.velocities + liquid.velocities).max() < 1e-7


def test_the_series_is_what_the_state_says(liquid):
    run = constant_energy(liquid, duration=0.5, sample_interval=100)
    energy, _, stress = run.glass.potential_energy().evaluate(run.glass.positions)
    assert run.series.time.tolist() == [0.0, 0.5]
    assert run.series.potential[-1] == pytest.approx(energy, rel=1e-12)
    assert run.series.kinetic[-1] == pytest.approx(0.5 * (run.velocities**2).sum(), rel=1e-12)
    assert run.series.temperature[-1] == pytest.approx(run.series.kinetic[-1] / (len(run.glass) - 1), rel=1e-12)
    expected = stress - run.velocities.T @ run.velocities / run.glass.volume
    assert run.series.stress[-1] == pytest.approx(expected, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("name", ["lj", "poly", "harmonic"])
@pytest.mark.parametrize("dimension", [2, 3])
def test_forces_alone_drive_as_forces_with_energies_do(name, dimension):
    """A sampled step evaluates energies too: it must not change the bits of the way."""
    glass = random_glass(name, 343 if dimension == 3 else 144, dimension)
    arguments = {"thermostat": None, "temperature": 0.1, "seed": 3, "duration": 0.2, "time_step": 0.002}
    sampled = molecular_dynamics(glass, sample_interval=1, **arguments)
    bare = molecular_dynamics(glass, sample_interval=0, **arguments)
    assert np.array_equal(sampled.glass.positions, bare.glass.positions)
    assert len(sampled.series) == 101 and len(bare.series) == 0


@pytest.mark.parametrize("skin", [0.0, 0.05, 0.3, 0.8])
def test_no_pair_is_lost_between_two_lists(liquid, skin):
    """Forces come from pairs chosen every few steps, sampled ones from the whole list: 600 steps of a hot liquid."""
    sampled, bare = (constant_energy(liquid, duration=3.0, skin=skin, sample_interval=interval) for interval in (1, 0))
    assert np.array_equal(sampled.glass.positions, bare.glass.positions)
    assert np.ptp(sampled.series.energy) / len(bare.glass) < 1e-3


def test_kinetic_energy_is_that_of_maxwell(liquid):
    """Of K: mean (d/2)(N - 1) T, variance (d/2)(N - 1) T^2; of a component: the fourth moment of a normal deviate."""
    run = molecular_dynamics(
        liquid.glass, velocities=liquid.velocities, temperature=0.5, duration=400.0, seed=7, friction=5.0,
        time_step=0.004, sample_interval=50,
    )  # fmt: skip
    kinetic = run.series.kinetic
    degrees = len(run.glass) - 1
    assert kinetic.mean() == pytest.approx(0.5 * degrees, rel=4e-3)
    assert kinetic.var() == pytest.approx(0.25 * degrees, rel=0.2)
    draws = [_engine.maxwell_velocities_2d(1000, 0.5, [5, 6, 7, 8 + k])[0] for k in range(20)]
    values = np.concatenate(draws) / np.sqrt(0.5)
    assert values.var() == pytest.approx(1.0, abs=0.02)
    assert (values**4).mean() == pytest.approx(3.0, abs=0.15)
    assert np.abs(draws[0].mean(axis=0)).max() < 1e-12


@pytest.mark.parametrize("interval", [1, 10])
def test_a_harmonic_crystal_has_the_potential_energy_of_equipartition(interval):
    """All 2 (N - 1) modes hold T/2, at a time step at which velocity Verlet alone would miss it by a percent."""
    rows = np.array([(i + 0.5 * (j % 2), j * np.sqrt(0.75)) for j in range(12) for i in range(12)])
    sides = np.array([12.0, 12 * np.sqrt(0.75)])
    crystal = Glass(rows, sides, "harmonic", diameters=np.full(144, 1.3))
    temperature = 1e-5
    run = molecular_dynamics(
        crystal, temperature=temperature, duration=6000.0, seed=2, time_step=0.2, friction=0.3,
        thermostat_interval=interval, sample_interval=5,
    )  # fmt: skip
    rest = crystal.potential_energy().evaluate(crystal.positions)[0]
    later = run.series.time > 100.0
    excess = (run.series.potential[later] - rest) / (143 * temperature)
    assert excess.mean() == pytest.approx(1.0, abs=0.01)
    assert excess.var() == pytest.approx(1.0 / 143, rel=0.2)
    # At whole steps velocities are too cold by (omega dt)^2 / 4, averaged over the modes.
    assert 0.9 < run.series.temperature[later].mean() / temperature < 0.999


def test_a_ramp_follows_its_temperature(liquid):
    run = molecular_dynamics(
        liquid.glass, velocities=liquid.velocities, temperature=(0.5, 0.1), duration=60.0, seed=5, friction=5.0,
        sample_interval=20,
    )  # fmt: skip
    asked = 0.5 - 0.4 * run.series.time / 60.0
    ratio = run.series.temperature / asked
    assert ratio.mean() == pytest.approx(1.0, abs=0.02)
    for part in np.array_split(ratio, 5):
        assert part.mean() == pytest.approx(1.0, abs=0.05)
    options = _engine.DynamicsOptions(0.01, True, 1.0, 1, 0.5, 0.1, 100, 0, 0, 0.5)
    assert [options.temperature(step) for step in (0, 50, 100, 200)] == pytest.approx([0.5, 0.3, 0.1, 0.1])


def test_mean_positions_are_the_average_of_those_that_are_not_wrapped(liquid):
    arguments = {"velocities": liquid.velocities, "thermostat": None, "sample_interval": 0}
    run = molecular_dynamics(liquid.glass, duration=0.1, average_interval=10, **arguments)
    first = molecular_dynamics(liquid.glass, duration=0.05, **arguments).glass.positions
    assert run.mean_positions == pytest.approx(0.5 * (first + run.glass.positions), rel=1e-13)
    assert molecular_dynamics(liquid.glass, duration=0.1, **arguments).mean_positions is None


def test_the_same_seed_gives_the_same_bits(liquid):
    arguments = {"temperature": 0.4, "duration": 1.0, "sample_interval": 0}
    first, again, other = (molecular_dynamics(liquid.glass, seed=seed, **arguments) for seed in (1, 1, 2))
    assert np.array_equal(first.glass.positions, again.glass.positions)
    assert not np.array_equal(first.glass.positions, other.glass.positions)


def test_an_interrupted_run_resumes_to_the_same_bits(liquid, tmp_path):
    file = tmp_path / "run.h5"
    arguments = {
        "temperature": (0.5, 0.3), "duration": 22.0, "seed": 9, "average_interval": 7, "sample_interval": 130,
    }  # fmt: skip
    whole = molecular_dynamics(liquid.glass, **arguments)

    def stop(stage, part, temperature):
        if part > 0.6:
            raise KeyboardInterrupt

    with pytest.raises(DynamicsInterrupted) as caught:
        molecular_dynamics(liquid.glass, checkpoint=file, progress=stop, **arguments)
    partial = caught.value.trajectory
    assert 0.0 < partial.protocol["time"] < 22.0 and partial.protocol["time"] % 5.0 == 0.0
    resumed = resume_dynamics(file)
    assert np.array_equal(resumed.glass.positions, whole.glass.positions)
    assert np.array_equal(resumed.velocities, whole.velocities)
    assert np.array_equal(resumed.mean_positions, whole.mean_positions)
    for name in ("time", "temperature", "potential", "kinetic", "stress"):
        assert np.array_equal(getattr(resumed.series, name), getattr(whole.series, name))
    assert resumed.protocol == whole.protocol
    # What is finished is not computed again.
    assert np.array_equal(resume_dynamics(file).velocities, whole.velocities)


def test_a_corrupt_checkpoint_says_so(liquid, tmp_path):
    file = tmp_path / "run.h5"
    molecular_dynamics(liquid.glass, temperature=0.4, duration=0.1, checkpoint=file)
    with pytest.raises(FileError, match=r"run\.h5"):
        molecular_dynamics(liquid.glass, temperature=0.4, duration=0.1, checkpoint=file)
    file.write_bytes(file.read_bytes()[:3000])
    with pytest.raises(FileError, match=r"run\.h5"):
        resume_dynamics(file)
    with pytest.raises(FileNotFoundError):
        resume_dynamics(tmp_path / "none.h5")


def test_the_trajectory_is_that_of_lammps():
    """`fix nve` of LAMMPS from the same positions and velocities, over the time before chaos shows."""
    reference = np.load(DATA / "nve_lj_htl_1024_liquid.npz")
    glass = read(DATA / "lj_htl_1024_liquid.data", model="lj")
    run = molecular_dynamics(
        glass, thermostat=None, velocities=reference["velocities"], duration=float(reference["time"][-1]),
        time_step=float(reference["time_step"]), sample_interval=int(reference["sample_interval"]),
    )  # fmt: skip
    assert run.series.time == pytest.approx(reference["time"], abs=1e-12)
    assert run.series.potential == pytest.approx(reference["potential"], rel=1e-9)
    assert run.series.temperature == pytest.approx(reference["temperature"], rel=1e-9)
    apart = run.glass.positions - reference["last_positions"]
    apart -= glass.cell[0, 0] * np.round(apart / glass.cell[0, 0])
    assert np.abs(apart).max() < 1e-8


def test_a_time_step_that_is_too_large_says_what_to_do(liquid):
    with pytest.raises(DynamicsError, match="choose a smaller time_step"):
        molecular_dynamics(liquid.glass, temperature=0.5, duration=20.0, seed=1, time_step=0.2)
    overlapping = replace_position(liquid.glass, 3, liquid.glass.positions[8] + 0.01)
    with pytest.raises(DynamicsError, match="minimize first"):
        molecular_dynamics(overlapping, temperature=0.5, duration=1.0, seed=1)
    coinciding = replace_position(liquid.glass, 3, liquid.glass.positions[8])
    with pytest.raises(DynamicsError, match="particles 3 and 8"):
        molecular_dynamics(coinciding, temperature=0.5, duration=1.0, seed=1)


def replace_position(glass, index, position):
    positions = glass.positions.copy()
    positions[index] = position
    return glass.replace(positions=positions)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"time_step": 0.0}, "time_step must be a positive and finite number"),
        ({"duration": -1.0}, "duration must be a finite number of at least 0, not -1"),
        ({"temperature": (0.1, np.nan)}, "temperature must be"),
        ({"temperature": -0.1}, "temperature must be"),
        ({"temperature": None}, "a temperature is needed"),
        ({"friction": -1.0}, "friction must be a positive and finite number"),
        ({"thermostat_interval": 0}, "thermostat_interval must be a whole number of at least 1"),
        ({"sample_interval": -1}, "sample_interval must be a whole number of at least 0, not -1"),
    ],
)
def test_arguments_that_cannot_be_meant(liquid, arguments, message):
    with pytest.raises(ValueError, match=message):
        molecular_dynamics(liquid.glass, **{"temperature": 0.5, "duration": 1.0, **arguments})


def test_names_and_shapes_that_are_wrong(liquid):
    with pytest.raises(UnknownNameError, match="langevin"):
        molecular_dynamics(liquid.glass, temperature=0.5, duration=1.0, thermostat="langevan")
    with pytest.raises(DynamicsError, match="velocities must be"):
        molecular_dynamics(liquid.glass, temperature=0.5, duration=1.0, velocities=np.zeros((3, 2)))
    bare = Glass(liquid.glass.positions, liquid.glass.box, diameters=liquid.glass.diameters)
    with pytest.raises(gp.errors.ModelError):
        molecular_dynamics(bare, temperature=0.5, duration=1.0)


@pytest.mark.slow
def test_fluctuations_of_the_energy_give_its_derivative(liquid):
    """Canonical: dU/dT = Var U / T^2."""
    means, heats = [], []
    for temperature in (0.95, 1.0, 1.05):
        run = molecular_dynamics(
            liquid.glass, temperature=temperature, duration=6000.0, seed=3, friction=1.0, sample_interval=40
        )
        potential = run.series.potential[run.series.time > 100.0]
        means.append(potential.mean())
        heats.append(potential.var() / temperature**2)
    assert (means[2] - means[0]) / 0.1 == pytest.approx(np.mean(heats), rel=0.08)
