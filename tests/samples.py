"""Small configurations of every model, and the data files of the tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from glassplast import Glass, Model, minimize

DATA = Path(__file__).parent / "data"
MODELS = ("lj", "poly", "kob_andersen", "harmonic", "hertzian")


def random_glass(model, count=40, dimension=2, strain=0.0, seed=0, sides=None):
    """Particles on a jittered lattice: interacting strongly, nowhere near an overlap or a minimum."""
    rng = np.random.default_rng(seed)
    density = {"lj": 1.02, "kob_andersen": 1.2}.get(model, 1.0)
    per_side = int(np.ceil(count ** (1.0 / dimension)))
    sites = np.stack(np.meshgrid(*[np.arange(per_side)] * dimension, indexing="ij"), axis=-1)
    sites = sites.reshape(-1, dimension)
    count = len(sites)
    side = (count / density) ** (1.0 / dimension)
    sides = np.full(dimension, side) if sides is None else np.asarray(sides) * side
    fractions = (sites + 0.5 + 0.18 * rng.uniform(-1, 1, sites.shape)) / per_side
    positions = fractions * sides
    positions[:, 0] += strain * positions[:, 1]
    particles = {}
    if Model(model).kind.describes == "species":
        particles["species"] = (rng.uniform(size=count) < 0.45).astype(int)
    else:
        particles["diameters"] = rng.uniform(0.8, 1.25, count) * (1.25 if model in ("harmonic", "hertzian") else 1.0)
    return Glass(positions, sides, model, strain=strain, **particles)


def small_minimum(model, count=100, dimension=2, strain=0.0, seed=0):
    """A minimized configuration."""
    return minimize(random_glass(model, count, dimension, strain, seed))


def two_slabs(mixed=False):
    """Further apart than the cutoff: each translates by itself. Like crystals with many equal eigenvalues, or mixed."""
    spacing = 0.69
    rows = []
    for slab in (0.0, 9.0):
        for j in range(5):
            rows += [(spacing * (i + 0.5 * j), slab + spacing * j * np.sqrt(0.75)) for i in range(12)]
    species = np.random.default_rng(6).uniform(size=len(rows)) < (0.2 if mixed else 0.0)
    return minimize(Glass(np.array(rows), (12 * spacing, 18.0), "lj", species=species.astype(int)))


def lattice_with_a_rattler():
    """Disks of diameter 1.02 on a triangular lattice; one is taken out and a small one, 27, rattles in its cage."""
    rows = [(i + 0.5 * (j % 2), j * np.sqrt(0.75)) for j in range(8) for i in range(8)]
    diameters = np.full(64, 1.02)
    diameters[27] = 0.5
    return minimize(Glass(np.array(rows), (8.0, 8 * np.sqrt(0.75)), "harmonic", diameters=diameters))
