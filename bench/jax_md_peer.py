"""Energies and forces by jax-md on one core: compiled pair sums over a neighbour list, differentiated by JAX."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import numpy as np

import glassplast as gp
from bench.lammps_peer import PAIRS

#: XLA on one thread: the process is kept on one core anyway.
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")

import jax
import jax.numpy as jnp
from jax_md import partition, smap, space

jax.config.update("jax_enable_x64", True)

Array = jax.Array


def _lennard_jones(distance: Array, length: Array, energy: Array, **_: Array) -> Array:
    """With a quartic tail from 2 to 2.5 lengths."""
    x = distance / length
    # Pairs beyond the cutoff, of a particle with itself too, are in the list.
    i6 = jnp.where(x > 0.1, x, 1.0) ** -6
    t = x - 2.0
    tail = -0.03253173828125 + t * (0.181640625 + t * (-0.30908203125 + t * (0.09765625 + t * 0.1083984375)))
    shape = jnp.where(x < 2.0, 4.0 * i6 * (i6 - 1.0) + 0.02899169921875, jnp.where(x < 2.5, tail, 0.0))
    return energy * shape


def _soft_disks(distance: Array, length: Array, **_: Array) -> Array:
    square = (distance / length) ** 2
    inside = jnp.where(square > 0.01, square, 1.0)
    shape = inside**-6 - 28.0 * 0.8**12 + 48.0 * 0.8**14 * square - 21.0 * 0.8**16 * square**2
    return jnp.where(square < 1.25**2, shape, 0.0)


def _nonadditive(one: Array, other: Array) -> Array:
    return 0.5 * (one + other) * (1.0 - 0.2 * jnp.abs(one - other))


class JaxMd:
    """A planar glass in a square box, of model ``poly`` or of `PAIRS`."""

    def __init__(self, glass: gp.Glass, skin: float = 0.3) -> None:
        assert glass.model is not None
        side = float(glass.cell[0, 0])
        displacement, _ = space.periodic(side)
        metric = space.metric(displacement)
        sparse = {"ignore_unused_parameters": True}
        pair: Callable[..., Array]
        if glass.model.name == "poly":
            cutoff = 1.25 * float(glass.diameters.max())
            pair = smap.pair_neighbor_list(
                _soft_disks, metric, length=(_nonadditive, jnp.asarray(glass.diameters)), **sparse
            )
        else:
            energies, lengths = (np.array([[one, two], [two, three]]) for one, two, three in PAIRS[glass.model.name])
            cutoff = 2.5 * float(lengths.max())
            pair = smap.pair_neighbor_list(
                _lennard_jones,
                metric,
                species=jnp.asarray(glass.species),
                length=jnp.asarray(lengths),
                energy=jnp.asarray(energies),
                **sparse,
            )
        self.positions = jnp.asarray(glass.wrapped().positions)
        # Of jax-md's formats this one, with each pair once, is fastest for Lennard-Jones, and no slower for soft disks.
        form = partition.NeighborListFormat.OrderedSparse
        lists = partition.neighbor_list(displacement, side, cutoff, dr_threshold=skin, format=form)
        self.neighbors = lists.allocate(self.positions)
        self.evaluate = jax.jit(jax.value_and_grad(lambda positions, near: pair(positions, neighbor=near)))
        self.energy, slope = self.evaluate(self.positions, self.neighbors)
        self.forces = -np.asarray(slope)

    def seconds(self, evaluations: int) -> float:
        """Of one evaluation of energy and forces, the mean of many."""
        start = time.perf_counter()
        for _ in range(evaluations):
            jax.block_until_ready(self.evaluate(self.positions, self.neighbors))
        return (time.perf_counter() - start) / evaluations
