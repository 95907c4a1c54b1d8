"""The configuration: positions of particles, their species or diameters, and the periodic box."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassplast import _engine
from glassplast.errors import GeometryError, ModelError
from glassplast.foundation.arrays import FloatArray, IntegerArray
from glassplast.foundation.cells import least_tilted
from glassplast.foundation.dimension import engine_class
from glassplast.foundation.notebook import card
from glassplast.foundation.one_line import constructor_like, number, span
from glassplast.foundation.version import package_version
from glassplast.models import Interaction, Model

__all__ = [
    "Box",
    "Configuration",
    "Glass",
    "HasGlass",
    "PotentialEnergy",
    "PrecisionWarning",
    "facts_of",
    "glass_of",
    "in_short",
    "make_box",
    "nearby",
    "simple_shear",
]

Box = _engine.Box2D | _engine.Box3D
PotentialEnergy = _engine.PotentialEnergy2D | _engine.PotentialEnergy3D

#: Largest coordinate, in widths of the box, at which computations do not notice that digits are lost.
_FAR = 1e4


class PrecisionWarning(UserWarning):
    """Warns that coordinates are so large that too few digits are left for separations."""


def simple_shear(dimension: int) -> FloatArray:
    """The loading matrix G of simple shear, which moves x to x + gamma y, shape (d, d)."""
    loading = np.zeros((dimension, dimension))
    loading[0, 1] = 1.0
    return loading


def make_box(cell: FloatArray, origin: ArrayLike | None = None) -> Box:
    """Make a box from a d x d matrix whose columns are the cell vectors.

    Raises
    ------
    GeometryError
        If the matrix is not 2 x 2 or 3 x 3, has entries that are not finite, or spans no volume.
    """
    matrix = np.asarray(cell, dtype=np.float64)
    if matrix.shape == (2, 2):
        return _engine.Box2D(matrix, origin)
    if matrix.shape == (3, 3):
        return _engine.Box3D(matrix, origin)
    raise GeometryError(f"a cell matrix must have shape (2, 2) or (3, 3), not {matrix.shape}")


def _frozen(values: NDArray[Any]) -> NDArray[Any]:
    copy = np.array(values, order="C")
    copy.setflags(write=False)
    return copy


def _particle_values(values: ArrayLike, name: str, count: int, dtype: type) -> NDArray[Any]:
    array = np.asarray(values)
    if array.shape != (count,):
        raise GeometryError(f"{name} must have shape ({count},), one for each particle, not {array.shape}")
    with np.errstate(invalid="ignore"):
        converted: NDArray[Any] = array.astype(dtype)
    wrong = np.flatnonzero(converted != array) if dtype is not np.float64 else np.array([])
    if wrong.size:
        bits = 8 * converted.itemsize
        raise ModelError(f"{name} must be integers of {bits} bits, but particle {wrong[0]} has {array[wrong[0]]}")
    return _frozen(converted)


class Glass:
    """An immutable configuration of particles in a periodic box.

    Parameters
    ----------
    positions : array_like, shape (N, d)
        Positions of the particles (length) in d = 2 or 3 dimensions, which need not lie inside the box.
    box : float, sequence of d floats, or (d, d) array_like
        A side L, sides (Lx, Ly), or a matrix whose *columns* are the cell vectors (length). Sides are those of the
        unsheared box, which `strain` then shears; a matrix is the current cell, and `strain` only records how far it
        has been sheared.
    model : str or Model, optional
        Interaction model, such as ``"lj"`` or ``"poly"`` (`glassplast.models.names`). Without a model, `diameters` must
        be given, and only quantities that need no potential can be computed.
    species : array_like of int, shape (N,), optional
        Species of each particle, for models with species; in ``lj``, 0 is S and 1 is L.
    diameters : array_like, shape (N,), optional
        Diameter of each particle (length), for models with diameters, and if there is no model.
    strain : float, optional
        Engineering shear strain gamma, with the flow along x and the gradient along y. By default it is 0 if sides are
        given; for a matrix it is the tilt of the second vector, cell[0, 1] / cell[1, 1].
    ids : array_like of int, shape (N,), optional
        Identifiers of the particles, which files keep; by default 1 ... N.
    origin : array_like, shape (d,), optional
        Corner of the box (length).
    provenance : mapping, optional
        Record of how the configuration was made.

    Raises
    ------
    GeometryError
        If shapes do not match, coordinates are NaN or infinite, the box spans no volume, or its strain is undefined.
    ModelError
        If the model is not known, species are outside the model, or diameters are missing or not positive.

    Examples
    --------
    >>> import glassplast as gp
    >>> gp.Glass([[0.0, 0.0], [1.0, 0.5]], box=8.0, diameters=[1.0, 1.2])
    Glass(N=2, dimension=2, ...)
    """

    def __init__(
        self,
        positions: ArrayLike,
        box: ArrayLike | Box,
        model: str | Model | None = None,
        *,
        species: ArrayLike | None = None,
        diameters: ArrayLike | None = None,
        strain: float | None = None,
        ids: ArrayLike | None = None,
        origin: ArrayLike | None = None,
        provenance: Mapping[str, Any] | None = None,
    ) -> None:
        coordinates = np.asarray(positions, dtype=np.float64)
        if coordinates.ndim != 2 or coordinates.shape[1] not in (2, 3) or coordinates.shape[0] == 0:
            raise GeometryError(f"positions must have shape (N, 2) or (N, 3), N > 0, not {coordinates.shape}")
        count, dimension = coordinates.shape
        finite = np.isfinite(coordinates).all(axis=1)
        if not finite.all():
            first = int(np.flatnonzero(~finite)[0])
            raise GeometryError(
                f"particle {first} has a position that is NaN or infinite: {coordinates[first].tolist()}"
            )
        self._positions: FloatArray = _frozen(coordinates)
        self._box, self._strain = _box_and_strain(box, strain, origin, dimension)
        farthest, width = float(np.abs(coordinates).max()), self._box.smallest_width
        if farthest > _FAR * width:
            warnings.warn(
                f"coordinates reach {farthest:.3g}, {farthest / width:.1g} widths of the box, where they are known to "
                f"{np.spacing(farthest):.1g} only: keep particles near the box; minimize brings them back by itself",
                PrecisionWarning,
                stacklevel=2,
            )
        self._model = Model(model) if isinstance(model, str) else model
        self._species: NDArray[np.int32] | None = None
        if species is not None:
            self._species = _particle_values(species, "species", count, np.int32)
        self._diameters = self._find_diameters(diameters, count)
        if ids is None:
            self._ids: IntegerArray = _frozen(np.arange(1, count + 1, dtype=np.int64))
        else:
            self._ids = _particle_values(ids, "ids", count, np.int64)
            if np.unique(self._ids).size != count:
                raise GeometryError("ids must name each particle once")
        self._provenance = MappingProxyType({"glassplast": package_version(), **(provenance or {})})

    def _find_diameters(self, given: ArrayLike | None, count: int) -> FloatArray:
        if self._model is not None and self._model.kind.describes == "species":
            if self._species is None:
                raise ModelError(f"model {self._model.name!r} needs the species of each particle")
            own = self._model.kind.own_length
            assert own is not None
            known = own(self._model.parameters).size
            wrong = np.flatnonzero((self._species < 0) | (self._species >= known))
            if wrong.size:
                raise ModelError(
                    f"particle {wrong[0]} has species {self._species[wrong[0]]}; model {self._model.name!r} knows "
                    f"0 to {known - 1}"
                )
            return _frozen(self._model.diameters_of(self._species))
        if given is None:
            what = f"model {self._model.name!r}" if self._model is not None else "a glass without a model"
            raise ModelError(f"{what} needs the diameter of each particle")
        diameters: FloatArray = _particle_values(given, "diameters", count, np.float64)
        wrong = np.flatnonzero(~(np.isfinite(diameters) & (diameters > 0)))
        if wrong.size:
            raise ModelError(
                f"particle {wrong[0]} has diameter {diameters[wrong[0]]}; diameters must be positive and finite"
            )
        return diameters

    @property
    def positions(self) -> FloatArray:
        """Positions, shape (N, d), read-only and not wrapped into the box."""
        return self._positions

    @property
    def box(self) -> Box:
        """The current periodic cell, as an object of the engine."""
        return self._box

    @property
    def cell(self) -> FloatArray:
        """The current cell, shape (d, d), whose columns are the cell vectors."""
        return self._box.cell

    @property
    def model(self) -> Model | None:
        """The interaction model, or None."""
        return self._model

    @property
    def species(self) -> NDArray[np.int32] | None:
        """Species of each particle, shape (N,), or None."""
        return self._species

    @property
    def diameters(self) -> FloatArray:
        """Diameter of each particle, shape (N,); in models with species, the contact length s of its own species."""
        return self._diameters

    @property
    def strain(self) -> float:
        """Engineering shear strain gamma."""
        return self._strain

    @property
    def ids(self) -> IntegerArray:
        """Identifiers of the particles, shape (N,)."""
        return self._ids

    @cached_property
    def digest(self) -> str:
        """A hash of positions, cell, model, species and diameters, which identifies the configuration."""
        content = hashlib.sha256(repr((self._model, self._positions.shape)).encode())
        for values in (self._positions, self.cell, self._species, self._diameters):
            content.update(b"-" if values is None else np.ascontiguousarray(values).tobytes())
        return content.hexdigest()[:16]

    @property
    def provenance(self) -> Mapping[str, Any]:
        """Record of how the configuration was made: model, protocol, seed, versions and parent."""
        return self._provenance

    @property
    def dimension(self) -> int:
        """Number of dimensions, 2 or 3."""
        return int(self._positions.shape[1])

    @property
    def volume(self) -> float:
        """Volume of the box, which is an area in two dimensions."""
        return self._box.volume

    @property
    def number_density(self) -> float:
        """Number density N / V."""
        return len(self) / self.volume

    def __len__(self) -> int:
        return int(self._positions.shape[0])

    def __repr__(self) -> str:
        return constructor_like("Glass", **in_short(self), strain=f"{self._strain:.10g}")

    def _repr_html_(self) -> str:
        return card(self, "Glass", facts_of(self))

    def __getstate__(self) -> dict[str, Any]:
        state = {key: value for key, value in self.__dict__.items() if key != "interaction"}
        # A view of a mapping cannot be pickled, and a write-protected array would lose its protection.
        return {**state, "_provenance": dict(self._provenance)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._provenance = MappingProxyType(state["_provenance"])
        for array in (self._positions, self._species, self._diameters, self._ids):
            if array is not None:
                array.setflags(write=False)

    @cached_property
    def interaction(self) -> Interaction:
        """The engine's pair interaction.

        Raises
        ------
        ModelError
            If the glass has no model.
        """
        if self._model is None:
            raise ModelError("this needs a potential: give the glass a model, e.g. Glass(..., model='poly')")
        particles = self._species if self._model.kind.describes == "species" else self._diameters
        return self._model.interaction(self.dimension, np.asarray(particles))

    def potential_energy(self, skin: float = 0.3) -> PotentialEnergy:
        """The energy as a function of positions in this box, as an object of the engine.

        Parameters
        ----------
        skin : float
            Distance by which the neighbour list reaches beyond the cutoffs (length).

        Returns
        -------
        PotentialEnergy

        Raises
        ------
        GeometryError
            If two cutoffs do not fit into the box.
        """
        potential: PotentialEnergy = engine_class("PotentialEnergy", self.dimension)(self.interaction, self._box, skin)
        return potential

    def replace(self, **changes: Any) -> Glass:
        """A copy with some properties replaced.

        Parameters
        ----------
        **changes
            New `positions`, `box`, `strain`, `model`, `species`, `diameters`, `ids` or `provenance`. New entries of
            `provenance` are added to the old ones.

        Returns
        -------
        Glass
        """
        named = self._model is not None and self._model.kind.describes == "species"
        arguments: dict[str, Any] = {
            "positions": self._positions,
            "box": self._box,
            "model": self._model,
            "species": self._species,
            "diameters": None if named else self._diameters,
            "strain": self._strain,
            "ids": self._ids,
        }
        arguments.update(changes)
        arguments["provenance"] = {**self._provenance, **changes.get("provenance", {})}
        return Glass(**arguments)

    def wrapped(self) -> Glass:
        """The same configuration with all particles inside the box."""
        return self.replace(positions=self._box.wrap(self._positions))

    def reduced(self) -> Glass:
        """The same configuration in the equivalent cell of the least tilt, with all particles inside it.

        Whole cell vectors are taken off the later ones, which changes no image of any particle: the cell of a square
        box at strain 3.2 is also that at strain 0.2. The strain becomes that of the new cell.

        Returns
        -------
        Glass

        Raises
        ------
        GeometryError
            If the first cell vector is not along x, or in 3D the second not in the xy plane.
        """
        cell, taken = least_tilted(self.cell)
        box = make_box(cell, self._box.origin)
        strain = self._strain - taken * float(cell[0, 0] / cell[1, 1])
        return self.replace(positions=box.wrap(self._positions), box=box, strain=strain)

    def sheared(self, strain: float) -> Glass:
        """The configuration deformed affinely to another strain, without relaxation.

        Parameters
        ----------
        strain : float
            Absolute engineering shear strain.

        Returns
        -------
        Glass
        """
        shift = strain - self._strain
        positions = self._positions.copy()
        positions[:, 0] += shift * positions[:, 1]
        return self.replace(positions=positions, box=self._box.sheared(shift), strain=strain)


def nearby(glass: Glass) -> Glass:
    """The same configuration near the origin of coordinates, where they have all their digits; usually as it is."""
    box = glass.box
    limit = _FAR * box.smallest_width
    if not float(np.abs(glass.positions).max()) > limit:
        return glass
    origin = np.zeros(glass.dimension) if np.abs(box.origin).max() > limit else box.origin
    positions = make_box(box.reduced_cell, box.origin).wrap(glass.positions) - (box.origin - origin)
    return glass.replace(positions=positions, box=make_box(glass.cell, origin))


def in_short(glass: Glass) -> dict[str, Any]:
    """The properties of a glass that the short text of derived objects shows."""
    model = glass.model
    return {
        "N": len(glass),
        "dimension": glass.dimension,
        "model": "None" if model is None else repr(model.name),
    }


def facts_of(glass: Glass) -> dict[str, Any]:
    """The properties of a glass that a table in a notebook shows."""
    facts: dict[str, Any] = {
        "particles": len(glass),
        "dimension": glass.dimension,
        "model": "none" if glass.model is None else glass.model.name,
        "strain": number(glass.strain, 6),
        "cell": " × ".join(number(side) for side in np.linalg.norm(glass.cell, axis=0)),
        "number density": glass.number_density,
    }
    if glass.species is not None and glass.model is not None and glass.model.kind.describes == "species":
        kinds, counts = np.unique(glass.species, return_counts=True)
        facts["species"] = ", ".join(f"{count} of {kind}" for kind, count in zip(kinds, counts, strict=True))
    facts["diameters"] = span(glass.diameters.min(), glass.diameters.max())
    told = {name: value for name, value in glass.provenance.items() if isinstance(value, (str, int, float))}
    return facts | {name: value for name, value in told.items() if name != "glassplast"}


class HasGlass(Protocol):
    """An object that was made from one configuration, such as an `Analysis`."""

    @property
    def glass(self) -> Glass:
        """The configuration."""


#: The type of argument of functions of a configuration.
Configuration = Glass | HasGlass


def glass_of(configuration: Configuration) -> Glass:
    """The glass that is given, or the glass of an `Analysis`.

    Raises
    ------
    TypeError
        If the argument is neither.
    """
    found = configuration if isinstance(configuration, Glass) else getattr(configuration, "glass", None)
    if not isinstance(found, Glass):
        raise TypeError(f"this takes a Glass or an Analysis, not {type(configuration).__name__}")
    return found


def _box_and_strain(
    box: ArrayLike | Box, strain: float | None, origin: ArrayLike | None, dimension: int
) -> tuple[Box, float]:
    if isinstance(box, (_engine.Box2D, _engine.Box3D)):
        made: Box = box if origin is None else make_box(box.cell, origin)
        tilted = True
    else:
        given = np.asarray(box, dtype=np.float64)
        tilted = given.ndim == 2
        if given.ndim == 0:
            given = np.full(dimension, float(given))
        if given.shape not in ((dimension,), (dimension, dimension)):
            raise GeometryError(
                f"box must be a side, {dimension} sides or a ({dimension}, {dimension}) matrix, not {given.shape}"
            )
        if not tilted:
            if not (np.isfinite(given).all() and (given > 0).all()):
                raise GeometryError(f"the sides of the box must be positive and finite, not {given.tolist()}")
            given = np.diag(given)
        made = make_box(given, origin)
    if made.dimension != dimension:
        raise GeometryError(f"positions are {dimension}D but the box is {made.dimension}D")
    if strain is not None and not np.isfinite(strain):
        raise GeometryError(f"the strain must be finite, not {strain}")
    if tilted:
        if strain is not None:
            return made, float(strain)
        cell = made.cell
        if cell[1, 1] == 0.0:
            raise GeometryError(
                "the second cell vector has no y component, so that no strain follows from its tilt; give strain"
            )
        return made, float(cell[0, 1] / cell[1, 1])
    value = 0.0 if strain is None else float(strain)
    return (made.sheared(value) if value != 0.0 else made), value
