"""Swap Monte Carlo against quadrature of the Boltzmann distribution, and its conservation laws."""

from collections import Counter
from itertools import permutations

import numpy as np
import pytest

from glassplast import Glass, _engine
from glassplast.errors import ArgumentError, GeometryError
from samples import MODELS, random_glass


def options(temperature=0.5, step=0.12, swap_probability=0.2, swap_window=np.inf):
    return _engine.MonteCarloOptions(temperature, step, swap_probability, swap_window)


def simulate(glass, seed=1, **changes):
    maker = _engine.SwapMonteCarlo2D if glass.dimension == 2 else _engine.SwapMonteCarlo3D
    state = np.random.SeedSequence(seed).generate_state(4, np.uint64)
    return maker(glass.interaction, glass.box, glass.positions, state, options(**changes))


def state_of(glass, simulation):
    """The glass that the simulation is at."""
    kinds = simulation.kinds
    named = glass.model.kind.describes == "species"
    particles = {"species": kinds.astype(int)} if named else {"diameters": kinds}
    return glass.replace(positions=simulation.positions, **particles)


def energy_of(glass):
    return glass.potential_energy().evaluate(glass.positions)[0]


# --- Boltzmann's distribution -----------------------------------------------------------------------------------------


def pair_energies(glass, i, j, offsets):
    """Energy of a pair on a grid of separations."""
    energies = np.empty(offsets.shape[:-1])
    for index in np.ndindex(energies.shape):
        separation = offsets[index]
        separation = separation - glass.cell @ np.rint(np.linalg.solve(glass.cell, separation))
        distance = max(np.linalg.norm(separation), 0.3)
        energies[index] = glass.interaction.pair_derivatives(i, j, distance)[0]
    return energies


def samples_of(simulation, count, moves):
    energies = np.empty(count)
    for k in range(count):
        simulation.run(moves)
        energies[k] = simulation.energy
    blocks = energies.reshape(50, -1).mean(axis=1)
    return energies.mean(), blocks.std(ddof=1) / np.sqrt(50)


@pytest.mark.parametrize("step", [0.4, 0.9])
@pytest.mark.parametrize("strain", [0.0, 0.3])
def test_two_particles_follow_boltzmann(strain, step):
    # Strained by 0.3 the reduced cell is a parallelogram.
    glass = Glass([[0.1, 0.2], [1.6, 1.5]], [2.9, 2.7], "poly", diameters=[1.0, 0.9], strain=strain)
    points = 100
    fractions = np.stack(np.meshgrid(*[np.arange(points) / points] * 2, indexing="ij"), axis=-1)
    energies = pair_energies(glass, 0, 1, fractions @ glass.cell.T)
    weights = np.exp(-energies / 2.0)
    exact = (energies * weights).sum() / weights.sum()
    mean, error = samples_of(simulate(glass, temperature=2.0, step=step), 40_000, 10)
    assert error < 0.03 * exact and abs(mean - exact) < 4.0 * error


def test_three_particles_with_swaps_follow_boltzmann():
    glass = Glass([[0.1, 0.2], [1.5, 1.5], [0.3, 1.4]], 2.8, "poly", diameters=[1.1, 1.0, 0.85])
    points = 28
    grid = np.stack(np.meshgrid(*[2.8 * np.arange(points) / points] * 2, indexing="ij"), axis=-1)
    pairs = {(i, j): pair_energies(glass, i, j, grid) for i, j in ((0, 1), (0, 2), (1, 2))}
    # Particle 0 at the origin, 1 and 2 anywhere: of the pair 1, 2 the difference of grid points counts.
    index = np.arange(points)
    difference = (index[:, None] - index[None, :]) % points
    total = (
        pairs[0, 1][:, :, None, None]
        + pairs[0, 2][None, None, :, :]
        + pairs[1, 2][difference[:, None, :, None], difference[None, :, None, :]]
    )
    weights = np.exp(-total / 0.7)
    exact = (total * weights).sum() / weights.sum()
    for probability in (0.0, 0.3):
        simulation = simulate(glass, temperature=0.7, step=0.8, swap_probability=probability)
        mean, error = samples_of(simulation, 10_000, 40)
        assert error < 0.03 * exact and abs(mean - exact) < 4.0 * error


@pytest.mark.parametrize("model", ["poly", "lj"])
def test_swaps_alone_visit_arrangements_as_boltzmann_says(model):
    spots = [[0.0, 0.0], [1.0, 0.0], [0.5, 0.9], [1.6, 0.8]]
    if model == "poly":
        glass = Glass(spots, 6.0, model, diameters=[1.0, 0.9, 1.1, 1.2])
        arrangements = {tuple(order) for order in permutations(glass.diameters.tolist())}
    else:
        glass = Glass(spots, 6.0, model, species=[0, 0, 1, 1])
        arrangements = {tuple(order) for order in permutations([0.0, 0.0, 1.0, 1.0])}
    weights = {}
    for order in arrangements:
        particles = {"diameters": order} if model == "poly" else {"species": np.array(order, dtype=int)}
        weights[order] = np.exp(-energy_of(glass.replace(**particles)) / 0.8)
    total = sum(weights.values())
    simulation = simulate(glass, temperature=0.8, swap_probability=1.0)
    count = 20_000
    seen = Counter()
    for _ in range(count):
        simulation.run(12)
        seen[tuple(simulation.kinds.tolist())] += 1
    assert set(seen) <= arrangements
    for order, weight in weights.items():
        part = weight / total
        # Consecutive ones are correlated: twice the error of independent ones, and four of those.
        assert abs(seen[order] / count - part) < 8.0 * np.sqrt(part / count) + 1e-4


def test_acceptance_is_that_of_metropolis():
    glass = Glass([[0.1, 0.2], [1.0, 0.2]], 6.0, "poly", diameters=[1.0, 1.0])
    shifts = 0.4 * ((np.arange(60) + 0.5) / 60 - 0.5)
    distances = np.hypot(0.9 + shifts[:, None], shifts[None, :]).ravel()
    energies = np.array([glass.interaction.pair_derivatives(0, 1, distance)[0] for distance in [0.9, *distances]])
    exact = np.minimum(1.0, np.exp((energies[0] - energies[1:]) / 0.3)).mean()
    tries = 4000
    accepted = 0
    for seed in range(tries):
        simulation = simulate(glass, seed, temperature=0.3, step=0.4, swap_probability=0.0)
        simulation.run(1)
        accepted += simulation.counts.accepted_translations
    assert abs(accepted / tries - exact) < 4.0 * np.sqrt(exact * (1.0 - exact) / tries)


# --- what is kept -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("model", [*MODELS, "inverse_power"])
def test_energy_kept_is_the_energy_computed(model, dimension):
    count = {2: 100, 3: 343}[dimension]
    strain = 0.37
    if model == "inverse_power":
        glass = random_glass("poly", count, dimension, strain, seed=4)
        glass = Glass(glass.positions, glass.box, model, diameters=glass.diameters, strain=strain)
    else:
        glass = random_glass(model, count, dimension, strain, seed=4)
    simulation = simulate(glass, temperature=0.4)
    assert simulation.energy == pytest.approx(energy_of(glass), rel=1e-12)
    simulation.run(60 * len(glass))
    counts = simulation.counts
    assert counts.accepted_translations > 0 and counts.accepted_swaps > 0
    assert simulation.energy == pytest.approx(energy_of(state_of(glass, simulation)), abs=1e-9)
    # Exchanged, never changed.
    first = glass.species if glass.model.kind.describes == "species" else glass.diameters
    assert np.array_equal(np.sort(simulation.kinds), np.sort(first))


def test_crowded_cells_grow():
    rng = np.random.default_rng(3)
    glass = Glass(rng.random((300, 2)) * 5.0, 5.0, "harmonic", diameters=1.0 + rng.random(300))
    simulation = simulate(glass, temperature=5.0, step=0.5)
    simulation.run(30_000)
    assert simulation.energy == pytest.approx(energy_of(state_of(glass, simulation)), abs=1e-8)


def test_paths_have_no_jumps():
    glass = random_glass("poly", 100, seed=2)
    simulation = simulate(glass, temperature=2.0, step=0.2)
    before = glass.positions
    for _ in range(200):
        simulation.run(100)
        after = simulation.positions
        assert np.abs(after - before).max() < 3.0
        before = after
    # Some left the box, and are where they went.
    assert (after < 0.0).any() or (after > glass.cell[0, 0]).any()


def test_restored_simulation_goes_on_to_the_same_bits():
    glass = random_glass("poly", 100, seed=2)
    whole = simulate(glass)
    whole.run(5000)
    state = state_of(glass, whole)
    again = _engine.SwapMonteCarlo2D(state.interaction, state.box, state.positions, whole.random_state, options())
    whole.run(7000)
    again.run(7000)
    assert np.array_equal(whole.positions, again.positions) and np.array_equal(whole.kinds, again.kinds)
    assert np.array_equal(whole.random_state, again.random_state) and whole.energy == again.energy


def test_interrupted_run_has_changed_nothing():
    simulation = simulate(random_glass("poly", 400, seed=2))
    simulation.run(1000)
    before = simulation.positions, simulation.kinds, simulation.random_state, simulation.energy

    def stop(moves, energy):
        if moves > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulation.run(10**9, stop)
    after = simulation.positions, simulation.kinds, simulation.random_state, simulation.energy
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))


def test_idle_swaps_are_counted():
    glass = Glass(np.random.default_rng(0).random((50, 2)) * 7, 7.0, "harmonic", diameters=np.ones(50))
    simulation = simulate(glass, swap_probability=1.0)
    simulation.run(1000)
    counts = simulation.counts
    assert counts.swaps == counts.idle_swaps == 1000
    assert counts.translations == counts.accepted_swaps == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"temperature": 0.0}, "temperature must be positive"),
        ({"temperature": np.nan}, "temperature must be positive"),
        ({"step": 0.0}, "step must be positive and below"),
        ({"step": 100.0}, "step must be positive and below"),
        ({"swap_probability": 1.5}, "swap_probability must lie between 0 and 1"),
        ({"swap_window": 0.0}, "swap_window must be positive"),
    ],
)
def test_refuses_what_cannot_be_meant(changes, message):
    with pytest.raises(ArgumentError, match=message):
        simulate(random_glass("poly", 100), **changes)


def test_refuses_boxes_smaller_than_two_ranges_and_coinciding_particles():
    with pytest.raises(GeometryError):
        simulate(Glass([[0.0, 0.0], [1.0, 1.0]], 2.0, "poly", diameters=[1.0, 1.0]))
    with pytest.raises(GeometryError):
        simulate(Glass([[1.0, 1.0], [1.0, 1.0]], 6.0, "poly", diameters=[1.0, 1.0]))
    glass = random_glass("poly", 100)
    with pytest.raises(GeometryError, match="random stream"):
        _engine.SwapMonteCarlo2D(glass.interaction, glass.box, glass.positions, np.ones(3, np.uint64), options())
