"""The interaction models, in which pairs have the energy `phi(r) = energy * f(r / s)`.

Units are reduced: lengths are in units of sigma_SL (``lj``) or the mean diameter (``poly``), energies in units of
epsilon_SL or v0; the mass and k_B are 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassplast import _engine
from glassplast.errors import ModelError, suggestion
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.dimension import engine_function

__all__ = ["Interaction", "Model", "ModelKind", "describe", "names"]

Interaction = _engine.Interaction2D | _engine.Interaction3D


@dataclass(frozen=True)
class ModelKind:
    """The properties of a model that do not depend on its parameters.

    Attributes
    ----------
    key : str
        Name of the model.
    describes : {"species", "diameters"}
        Whether particles are described by species or by diameters.
    defaults : mapping
        Parameters and their default values.
    neighbor_factor : float
        Distance within which particles are neighbours for bond-orientational order, in units of the contact distance;
        it is the first minimum of g(r / d_ij).
    doc : str
        Formula and source.
    make : callable
        Function that makes the engine's interaction from the dimension, species or diameters, and parameters.
    own_length : callable, optional
        Function that computes the contact length s of each species with itself from the parameters; None for models
        with diameters.
    species_names : tuple of str
        Names of the species in the literature, in the order of their numbers; empty for models with diameters.
    length_unit, energy_unit : str
        Symbols of the units of length and energy.
    attracts : bool
        Whether pairs attract each other beyond the minimum of their potential; otherwise all pairs repel.
    nonlinear_order : {3, 4}
        Default order of nonlinear modes. The paper uses 3 for its Lennard-Jones mixture and 4 for its soft disks; other
        models have the order of the one that they resemble.
    glass_transition, mode_coupling, onset : float, optional
        Temperatures (energy) of the glass transition, of the fitted mode-coupling singularity, and of the onset of slow
        dynamics; None if the literature gives none for this model.
    """

    key: str
    describes: str
    defaults: Mapping[str, Any]
    neighbor_factor: float
    doc: str
    make: Callable[[int, NDArray[Any], Mapping[str, Any]], Interaction]
    own_length: Callable[[Mapping[str, Any]], FloatArray] | None = None
    species_names: tuple[str, ...] = ()
    length_unit: str = "ℓ"
    energy_unit: str = "ε"
    attracts: bool = False
    nonlinear_order: int = 4
    glass_transition: float | None = None
    mode_coupling: float | None = None
    onset: float | None = None


def _lennard_jones(length: list[list[float]], energy: list[list[float]]) -> Callable[..., Interaction]:
    def make(dimension: int, species: NDArray[Any], parameters: Mapping[str, Any]) -> Interaction:
        maker = engine_function("lennard_jones", dimension)
        result: Interaction = maker(species, len(length), np.ravel(length).tolist(), np.ravel(energy).tolist())
        return result

    return make


def _by_diameter(stem: str, *names: str) -> Callable[..., Interaction]:
    def make(dimension: int, diameters: NDArray[Any], parameters: Mapping[str, Any]) -> Interaction:
        maker = engine_function(stem, dimension)
        values = [parameters[name] for name in ("nonadditivity", "energy", *names)]
        result: Interaction = maker(diameters, *values)
        return result

    return make


_S = 2.0 * math.sin(math.pi / 10.0)
_L = 2.0 * math.sin(math.pi / 5.0)
_LJ_LENGTH = [[_S, 1.0], [1.0, _L]]
_LJ_ENERGY = [[0.5, 1.0], [1.0, 0.5]]
_KA_LENGTH = [[1.0, 0.8], [0.8, 0.88]]
_KA_ENERGY = [[1.0, 1.5], [1.5, 0.5]]

_KINDS: dict[str, ModelKind] = {
    kind.key: kind
    for kind in (
        ModelKind(
            "lj",
            "species",
            {},
            1.5,
            "Binary Lennard-Jones with a quartic tail from 2 to 2.5 sigma (Barbot et al., Phys. Rev. E 97, 033001 "
            "(2018)). Species 0 = S, 1 = L; sigma_SS = 2 sin(pi/10), sigma_SL = 1, sigma_LL = 2 sin(pi/5); "
            "epsilon_SS = epsilon_LL = 1/2, epsilon_SL = 1. LAMMPS: lj/smooth with pair_modify shift yes.",
            _lennard_jones(_LJ_LENGTH, _LJ_ENERGY),
            lambda parameters: np.array([_S, _L]),
            species_names=("S", "L"),
            length_unit="σ",
            attracts=True,
            nonlinear_order=3,
            glass_transition=0.31,
            mode_coupling=0.35,
        ),
        ModelKind(
            "poly",
            "diameters",
            {"nonadditivity": 0.2, "energy": 1.0},
            1.33,
            "Polydisperse soft disks, (d_ij/r)^12 smoothed to second order at 1.25 d_ij, "
            "d_ij = (d_i + d_j)/2 (1 - 0.2 |d_i - d_j|) (Ninarello, Berthier, Coslovich, Phys. Rev. X 7, 021039 "
            "(2017)).",
            _by_diameter("soft_disks"),
            length_unit="⟨d⟩",
            energy_unit="v₀",
            glass_transition=0.068,
            mode_coupling=0.11,
            onset=0.23,
        ),
        ModelKind(
            "kob_andersen",
            "species",
            {},
            1.5,
            "Kob-Andersen Lennard-Jones with the quartic tail of `lj` (Phys. Rev. E 51, 4626 (1995)). Species 0 = A, "
            "1 = B: 80:20 at density 1.2 in 3D, 65:35 in 2D. sigma 1, 0.8, 0.88; epsilon 1, 1.5, 0.5.",
            _lennard_jones(_KA_LENGTH, _KA_ENERGY),
            lambda parameters: np.array([1.0, 0.88]),
            species_names=("A", "B"),
            length_unit="σ",
            attracts=True,
            nonlinear_order=3,
            mode_coupling=0.435,
        ),
        ModelKind(
            "inverse_power",
            "diameters",
            {"exponent": 10, "cutoff": 1.48, "smoothness": 3, "nonadditivity": 0.0, "energy": 1.0},
            1.4,
            "(d_ij/r)^n with an even polynomial that takes it and its first `smoothness` (2 or 3) derivatives to "
            "zero at `cutoff` d_ij (Lerner, Bouchbinder, Phys. Rev. E 96, 020104 (2017)).",
            _by_diameter("inverse_power", "exponent", "cutoff", "smoothness"),
        ),
        ModelKind(
            "harmonic",
            "diameters",
            {"nonadditivity": 0.0, "energy": 1.0},
            1.4,
            "Harmonic spheres, (k/2)(1 - r/d_ij)^2 for r < d_ij (O'Hern et al., Phys. Rev. E 68, 011306 (2003)); "
            "`energy` is k.",
            _by_diameter("harmonic"),
        ),
        ModelKind(
            "hertzian",
            "diameters",
            {"nonadditivity": 0.0, "energy": 1.0},
            1.4,
            "Hertzian spheres, (2k/5)(1 - r/d_ij)^(5/2) for r < d_ij (O'Hern et al., Phys. Rev. E 68, 011306 "
            "(2003)); `energy` is k.",
            _by_diameter("hertzian"),
        ),
    )
}


@dataclass(frozen=True)
class Model:
    """An interaction model with its parameters.

    Parameters
    ----------
    name : str
        One of `names()`: ``lj``, ``poly``, ``kob_andersen``, ``inverse_power``, ``harmonic``, ``hertzian``.
    parameters : mapping, optional
        Parameters that differ from the defaults, for example ``{"exponent": 12}`` for ``inverse_power``.

    Raises
    ------
    ModelError
        If the name or a parameter is not known; the nearest known one is suggested.

    Examples
    --------
    >>> import glassplast as gp
    >>> gp.Model("inverse_power", {"exponent": 12}).name
    'inverse_power'
    """

    name: str
    parameters: Mapping[str, Any]

    def __init__(self, name: str, parameters: Mapping[str, Any] | None = None) -> None:
        if name not in _KINDS:
            raise ModelError(f"unknown model {name!r}; {suggestion(name, _KINDS)}")
        defaults = _KINDS[name].defaults
        given = dict(parameters or {})
        for key in given:
            if key not in defaults:
                raise ModelError(f"model {name!r} has no parameter {key!r}; {suggestion(key, defaults)}")
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "parameters", {**defaults, **given})

    @property
    def kind(self) -> ModelKind:
        """The properties of the model that do not depend on its parameters."""
        return _KINDS[self.name]

    def interaction(self, dimension: int, particles: NDArray[Any]) -> Interaction:
        """The engine's interaction for given particles.

        Parameters
        ----------
        dimension : int
            Number of dimensions, 2 or 3.
        particles : ndarray, shape (N,)
            Species or diameters of the particles.

        Returns
        -------
        Interaction
        """
        return self.kind.make(dimension, particles, self.parameters)

    def diameters_of(self, species: NDArray[np.int32]) -> FloatArray:
        """The diameters of particles in a model with species.

        Parameters
        ----------
        species : ndarray of int, shape (N,)
            Species of the particles.

        Returns
        -------
        ndarray, shape (N,)
            Contact length s of the own species of each particle (length).
        """
        if self.kind.own_length is None:
            raise ModelError(f"model {self.name!r} knows particles by diameter, not by species")
        return self.kind.own_length(self.parameters)[species]


def names() -> list[str]:
    """The names of all models."""
    return list(_KINDS)


def describe(name: str) -> str:
    """The formula and source of a model.

    Parameters
    ----------
    name : str
        One of `names()`.

    Returns
    -------
    str
    """
    return Model(name).kind.doc


def __dir__() -> list[str]:
    return __all__
