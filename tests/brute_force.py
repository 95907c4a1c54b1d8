"""Energies as plain sums over all pairs and images, differentiated by nilpotent numbers.

Nothing here shares a line or a formula with the engine: the potentials are written down once more, undifferentiated,
and every derivative of the energy comes from arithmetic with numbers e_1 ... e_n, e_k^2 = 0.
"""

from __future__ import annotations

import itertools
import math

import numpy as np


class Nilpotent:
    """sum over subsets S of {0 ... n-1} of c_S prod_{k in S} e_k, with arrays c_S; e_k^2 = 0."""

    def __init__(self, parts):
        self.parts = parts

    @classmethod
    def variable(cls, value, directions):
        """value + sum_k directions[k] e_k"""
        count = len(directions)
        parts = [np.asarray(value, float)] + [np.zeros_like(value, float) for _ in range(2**count - 1)]
        for k, direction in enumerate(directions):
            parts[1 << k] = np.asarray(direction, float)
        return cls(parts)

    def __add__(self, other):
        if not isinstance(other, Nilpotent):
            return Nilpotent([self.parts[0] + other, *self.parts[1:]])
        return Nilpotent([a + b for a, b in zip(self.parts, other.parts, strict=True)])

    __radd__ = __add__

    def __mul__(self, other):
        if not isinstance(other, Nilpotent):
            return Nilpotent([part * other for part in self.parts])
        result = [0.0] * len(self.parts)
        for s, a in enumerate(self.parts):
            for t, b in enumerate(other.parts):
                if not s & t:
                    result[s | t] = result[s | t] + a * b
        return Nilpotent(result)

    __rmul__ = __mul__

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + (-other)

    def __rsub__(self, other):
        return -self + other

    def __pow__(self, exponent):
        base = self.parts[0]
        step = Nilpotent([np.zeros_like(base), *self.parts[1:]])
        power = Nilpotent([np.ones_like(base)] + [np.zeros_like(base)] * (len(self.parts) - 1))
        result = power * base**exponent
        coefficient = 1.0
        for order in range(1, len(self.parts).bit_length()):
            coefficient *= (exponent - order + 1) / order
            power = power * step
            result = result + power * (coefficient * base ** (exponent - order))
        return result

    def select(self, chosen):
        return Nilpotent([part[chosen] for part in self.parts])

    def total(self):
        return Nilpotent([np.sum(part) for part in self.parts])


def lennard_jones(x):
    """Shape f(x) of the LJ model with its quartic tail, x = r / sigma < 2.5."""
    tail = np.array([-0.03253173828125, 0.181640625, -0.30908203125, 0.09765625, 0.1083984375])
    inner = x.parts[0] < 2.0
    core = x.select(inner)
    outer = x.select(~inner) - 2.0
    polynomial = sum((outer**k * tail[k] for k in range(1, 5)), outer * 0.0 + tail[0])
    return [4.0 * (core**-12 - core**-6) + 0.02899169921875, polynomial]


def soft_disks(x):
    c = [-28 * 0.8**12, 48 * 0.8**14, -21 * 0.8**16]
    return [x**-12 + c[0] + x**2 * c[1] + x**4 * c[2]]


def harmonic(x):
    return [(1.0 - x) ** 2 * 0.5]


def hertzian(x):
    return [(1.0 - x) ** 2.5 * 0.4]


S, L = 2 * math.sin(math.pi / 10), 2 * math.sin(math.pi / 5)
SPECIES = {
    "lj": (np.array([[S, 1.0], [1.0, L]]), np.array([[0.5, 1.0], [1.0, 0.5]])),
    "kob_andersen": (np.array([[1.0, 0.8], [0.8, 0.88]]), np.array([[1.0, 1.5], [1.5, 0.5]])),
}
SHAPES = {
    "lj": (lennard_jones, 2.5),
    "kob_andersen": (lennard_jones, 2.5),
    "poly": (soft_disks, 1.25),
    "harmonic": (harmonic, 1.0),
    "hertzian": (hertzian, 1.0),
}


def pair_scales(glass):
    """Contact length and energy of every pair (N, N)."""
    name = glass.model.name
    if name in SPECIES:
        length, energy = SPECIES[name]
        a = np.asarray(glass.species)
        return length[np.ix_(a, a)], energy[np.ix_(a, a)]
    d = np.asarray(glass.diameters)
    nonadditivity = 0.2 if name == "poly" else 0.0
    mean = 0.5 * (d[:, None] + d[None, :])
    length = mean * (1.0 - nonadditivity * np.abs(d[:, None] - d[None, :]))
    return length, np.ones_like(length)


def images(cell, reach):
    """All integer combinations of cell vectors that may bring two particles of one cell within reach."""
    inverse = np.linalg.inv(cell)
    spans = [int(np.ceil(reach * np.linalg.norm(inverse[a]))) + 1 for a in range(len(cell))]
    return np.array(list(itertools.product(*[range(-s, s + 1) for s in spans])))


def pair_set(glass):
    """{(i, j, separation rounded)} of interacting pairs, i < j, by testing every pair in every image."""
    x = glass.box.wrap(glass.positions)
    length, _ = pair_scales(glass)
    cutoff = SHAPES[glass.model.name][1] * length
    found = []
    for n in images(glass.cell, cutoff.max()):
        separation = x[None, :, :] - x[:, None, :] + glass.cell @ n
        distance = np.linalg.norm(separation, axis=2)
        for i, j in zip(*np.nonzero((distance < cutoff) & (distance > 0)), strict=True):
            if i < j:
                found.append((i, j, *np.round(separation[i, j], 9)))
    return sorted(found)


def energy(glass, directions=(), strains=(), *, moved_by_all=False):
    """U at x + sum_k e_k u_k with the cell deformed by 1 + sum_k e_k G_k: a nilpotent number.

    `directions`: displacement fields (N, d); `strains`: loading matrices for the e_k that follow them. With
    `moved_by_all` only of pairs that every direction moves: others have no part in the mixed derivative.
    """
    x = glass.box.wrap(glass.positions)
    dimension = x.shape[1]
    length, scale = pair_scales(glass)
    shape, cutoff = SHAPES[glass.model.name]
    first, second = np.triu_indices(len(x), 1)
    if moved_by_all:
        for u in directions:
            moved = (u[second] != u[first]).any(axis=1)
            first, second = first[moved], second[moved]
    total = Nilpotent([0.0] * 2 ** (len(directions) + len(strains)))
    for n in images(glass.cell, cutoff * length.max()):
        separation = x[second] - x[first] + glass.cell @ n
        close = np.linalg.norm(separation, axis=1) < cutoff * length[first, second]
        i, j, r = first[close], second[close], separation[close]
        if not i.size:
            continue
        moves = [u[j] - u[i] for u in directions] + [r @ np.asarray(G).T for G in strains]
        squared = sum(
            (Nilpotent.variable(r[:, a], [move[:, a] for move in moves]) ** 2 for a in range(1, dimension)),
            Nilpotent.variable(r[:, 0], [move[:, 0] for move in moves]) ** 2,
        )
        reduced = squared**0.5 * (1.0 / length[i, j])
        pieces = shape(reduced)
        weights = [scale[i, j]]
        if len(pieces) == 2:
            inner = reduced.parts[0] < 2.0
            weights = [scale[i, j][inner], scale[i, j][~inner]]
        for piece, weight in zip(pieces, weights, strict=True):
            total = total + (piece * weight).total()
    return total


def derivative(glass, directions=(), strains=()):
    """The mixed derivative of U along all given directions and strains."""
    return energy(glass, directions, strains, moved_by_all=True).parts[-1]
