"""Structure functions, which describe the neighbourhood of a particle for learning.

They need positions and diameters, or positions and species, but no potential.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from glassplast import _engine
from glassplast.errors import ArgumentError, ModelError, UnknownNameError, suggestion
from glassplast.foundation.arrays import FloatArray
from glassplast.glass import Configuration, Glass, glass_of
from glassplast.models import Model

__all__ = [
    "CUBUK_ANGULAR",
    "BehlerParrinelloFeatures",
    "BinFeatures",
    "Curve",
    "Features",
    "TriangleFeatures",
    "default_features",
    "features_of",
    "features_record",
    "named_features",
]


class Curve(NamedTuple):
    """Features that are a function of one variable.

    Attributes
    ----------
    label : str
        Name of the curve, such as ``"L neighbours"``.
    abscissa : str
        Name of the variable, such as ``"r / s_ij"``.
    values : ndarray, shape (K,)
        Value of the variable for each feature of the curve.
    columns : ndarray of int, shape (K,)
        Column of each feature of the curve in the array of all features.
    """

    label: str
    abscissa: str
    values: FloatArray
    columns: NDArray[np.intp]


class Features(Protocol):
    """A set of structure functions: `TriangleFeatures`, `BinFeatures`, `BehlerParrinelloFeatures`, or your own."""

    kind: ClassVar[str]

    @property
    def names(self) -> list[str]:
        """The name of each feature."""

    @property
    def curves(self) -> list[Curve]:
        """The features that are functions of the distance."""

    def compute(self, glass: Configuration) -> FloatArray:
        """Compute the features of all particles.

        Parameters
        ----------
        glass : Glass or Analysis
            The configuration.

        Returns
        -------
        ndarray, shape (N, F)
        """


@dataclass(frozen=True)
class TriangleFeatures:
    r"""Numbers of neighbours at distances r/d_ij, for polydisperse systems, and the diameter.

    A neighbour contributes linearly to the two knots around its distance; the knots form a geometric sequence.

    .. math:: G_m(i) = \sum_j \Lambda_m(r_{ij} / d_{ij}), \quad x_m = x_1 q^{m-1},
              \quad d_{ij} = \tfrac{1}{2} (d_i + d_j) (1 - \epsilon |d_i - d_j|)

    The triangle :math:`\Lambda_m` is 1 at x_m and 0 at the neighbouring knots. All periodic images count.

    Parameters
    ----------
    first : float
        First knot x_1.
    factor : float
        Ratio q of successive knots.
    count : int
        Number of knots. The last triangle falls to 0 at q x_count.
    nonadditivity : float
        Nonadditivity ε of the contact distances; 0.2 in ``poly``.

    Notes
    -----
    The defaults are those of Richard et al., Phys. Rev. Materials 4, 113609 (2020), equations B6 to B9: 25 knots from
    0.5 with q = 1.1, so that with the diameter there are 26 features.
    """

    kind: ClassVar[str] = "triangles"
    first: float = 0.5
    factor: float = 1.1
    count: int = 25
    nonadditivity: float = 0.2

    def __post_init__(self) -> None:
        _check(self.first > 0.0 and math.isfinite(self.first), "the first knot must be positive")
        _check(self.factor > 1.0 and math.isfinite(self.factor), "the factor between knots must be more than 1")
        _check(self.count >= 1, "there must be at least one knot")
        _check(0.0 <= self.nonadditivity < math.inf, "the nonadditivity must not be negative")

    @property
    def knots(self) -> FloatArray:
        """The knots, at which the triangles have their maxima, shape (count,)."""
        return np.asarray(self.first * self.factor ** np.arange(self.count, dtype=np.float64))

    @property
    def names(self) -> list[str]:
        """``r/d=0.500`` and so on, then ``diameter``."""
        return [f"r/d={x:.3f}" for x in self.knots] + ["diameter"]

    @property
    def curves(self) -> list[Curve]:
        """One curve, as a function of r/d_ij."""
        return [Curve("neighbours", "r / d_ij", self.knots, np.arange(self.count))]

    def compute(self, glass: Configuration) -> FloatArray:
        """Compute the features of all particles.

        Parameters
        ----------
        glass : Glass or Analysis
            The configuration.

        Returns
        -------
        ndarray, shape (N, count + 1)
            The last feature is the diameter.
        """
        glass = glass_of(glass)
        with_flanks = self.first * self.factor ** np.arange(-1, self.count + 1, dtype=np.float64)
        counts = _engine.triangle_features(glass.box, glass.positions, glass.diameters, self.nonadditivity, with_flanks)
        return np.column_stack([counts, glass.diameters])


@dataclass(frozen=True)
class BinFeatures:
    """Numbers of neighbours of each species in bins of r/s_ij, for mixtures of a few species, and the diameter.

    Bins are half-open, [x, x + width). All periodic images count.

    Parameters
    ----------
    lengths : sequence of sequences of float
        Contact lengths s_ij of all pairs of species (length).
    first, width, count : float, float, int
        Beginning of the first bin, width of the bins, and number of bins.
    labels : sequence of str, optional
        Names of the species; by default ``0``, ``1``, ...

    Notes
    -----
    The defaults are those of Richard et al., Phys. Rev. Materials 4, 113609 (2020), appendix B.5: with two species and
    64 bins of 0.025 from 0.8 there are 129 features (bins up to 3, which the text mentions, would give 177). The
    species are in the order from the last to the first: the features of L, then those of S.
    """

    kind: ClassVar[str] = "bins"
    lengths: tuple[tuple[float, ...], ...]
    first: float = 0.8
    width: float = 0.025
    count: int = 64
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        table = np.array(self.lengths, dtype=np.float64)
        square = table.ndim == 2 and table.shape[0] == table.shape[1] > 0
        _check(square and np.array_equal(table, table.T), "lengths must be a symmetric table over species")
        _check(bool(np.isfinite(table).all()) and table.min() > 0.0, "lengths must be positive and finite")
        _check(self.first >= 0.0 and math.isfinite(self.first), "bins must begin at zero or beyond")
        _check(self.width > 0.0 and math.isfinite(self.width), "the width of a bin must be positive")
        _check(self.count >= 1, "there must be at least one bin")
        labels = tuple(self.labels) or tuple(str(kind) for kind in range(len(table)))
        _check(len(labels) == len(table), f"there are {len(table)} species, but {len(labels)} labels")
        object.__setattr__(self, "lengths", tuple(tuple(row) for row in table.tolist()))
        object.__setattr__(self, "labels", labels)

    @classmethod
    def of(cls, model: Model | str, **options: Any) -> BinFeatures:
        """Make bins of r/s_ij with the contact lengths of a model.

        Parameters
        ----------
        model : Model or str
            Model with species, such as ``lj`` or ``kob_andersen``.
        **options
            Other parameters of `BinFeatures`.

        Returns
        -------
        BinFeatures
        """
        known = Model(model) if isinstance(model, str) else model
        if known.kind.own_length is None:
            raise ModelError(f"model {known.name!r} has no species: use TriangleFeatures")
        species = np.arange(len(known.kind.own_length(known.parameters)), dtype=np.int32)
        interaction = known.interaction(2, species)
        table = tuple(tuple(interaction.pair_length(int(a), int(b)) for b in species) for a in species)
        return cls(table, **{"labels": known.kind.species_names, **options})

    @property
    def edges(self) -> FloatArray:
        """The edges of the bins, shape (count + 1,)."""
        return np.asarray(self.first + self.width * np.arange(self.count + 1, dtype=np.float64))

    @property
    def names(self) -> list[str]:
        """``L r/s=0.800`` and so on, species by species from the last, then ``diameter``."""
        return [f"{label} r/s={x:.3f}" for label in self.labels[::-1] for x in self.edges[:-1]] + ["diameter"]

    @property
    def curves(self) -> list[Curve]:
        """One curve for each species, at the centers of the bins."""
        centers = self.edges[:-1] + 0.5 * self.width
        return [
            Curve(f"{label} neighbours", "r / s_ij", centers, np.arange(self.count) + place * self.count)
            for place, label in enumerate(self.labels[::-1])
        ]

    def compute(self, glass: Configuration) -> FloatArray:
        """Compute the features of all particles.

        Parameters
        ----------
        glass : Glass or Analysis
            The configuration.

        Returns
        -------
        ndarray, shape (N, species * count + 1)
            The last feature is the diameter.
        """
        glass = glass_of(glass)
        counts = _engine.bin_features(
            glass.box, glass.positions, _species(glass, len(self.lengths)), self.lengths, self.edges
        )
        blocks = counts.reshape(len(glass), len(self.lengths), self.count)[:, ::-1]
        return np.column_stack([blocks.reshape(len(glass), -1), glass.diameters])


#: (xi, lambda, zeta) of the angular functions of Cubuk et al. (2015), lengths in s_AA.
CUBUK_ANGULAR = (
    *((14.638, sign, zeta) for zeta in (1, 2) for sign in (-1.0, 1.0)),
    *((2.554, sign, zeta) for zeta in (1, 2) for sign in (-1.0, 1.0)),
    *((1.648, 1.0, zeta) for zeta in (1, 2)),
    *((xi, 1.0, zeta) for xi in (1.204, 0.933, 0.695) for zeta in (1, 2, 4, 16)),
)


@dataclass(frozen=True)
class BehlerParrinelloFeatures:
    r"""The radial and angular functions of Behler and Parrinello, as in the first papers on softness.

    .. math::

        G_Y(i; \mu) &= \sum_{j \in Y} e^{-(r_{ij} - \mu)^2 / L^2} \\
        \Psi_{YZ}(i; \xi, \lambda, \zeta) &= \sum_{\{j \in Y, k \in Z\}}
            e^{-(r_{ij}^2 + r_{ik}^2 + r_{jk}^2) / \xi^2} (1 + \lambda \cos \theta_{jik})^\zeta

    The sums run over neighbours within the cutoff, and over each pair of them once.

    Parameters
    ----------
    species : int
        Number of species; with 1, all particles count as one species.
    centers : sequence of float
        Centers μ of the radial functions (length).
    width : float
        Width L of the radial functions (length).
    angular : sequence of (xi, lambda, zeta)
        Parameters of each angular function; zeta is an integer.
    cutoff : float
        Largest distance of neighbours (length).
    labels : sequence of str, optional
        Names of the species; by default ``0``, ``1``, ...

    Notes
    -----
    See J. Behler, M. Parrinello, Phys. Rev. Lett. 98, 146401 (2007); E. D. Cubuk et al., Phys. Rev. Lett. 114, 108001
    (2015). The defaults are those of the latter: Gaussians of width 0.1 and 22 angular functions, in units of s_AA.
    """

    kind: ClassVar[str] = "behler_parrinello"
    species: int = 1
    centers: tuple[float, ...] = field(default_factory=lambda: tuple(np.round(np.arange(0.4, 3.01, 0.1), 10).tolist()))
    width: float = 0.1
    angular: tuple[tuple[float, float, int], ...] = CUBUK_ANGULAR
    cutoff: float = 3.0
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check(self.species >= 1, "there must be at least one species")
        _check(self.width > 0.0 and math.isfinite(self.width), "the width of the Gaussians must be positive")
        _check(self.cutoff > 0.0 and math.isfinite(self.cutoff), "the cutoff must be positive")
        centers = tuple(float(center) for center in self.centers)
        _check(all(math.isfinite(center) for center in centers), "the centers must be finite")
        for xi, sign, zeta in self.angular:
            _check(xi > 0.0 and math.isfinite(xi) and math.isfinite(sign), "xi must be positive, lambda finite")
            _check(zeta == int(zeta) >= 1, "zeta must be a positive whole number")
        angular = tuple((float(xi), float(sign), int(zeta)) for xi, sign, zeta in self.angular)
        _check(len(centers) + len(angular) > 0, "there must be at least one function")
        labels = tuple(self.labels) or tuple(str(kind) for kind in range(self.species))
        _check(len(labels) == self.species, f"there are {self.species} species, but {len(labels)} labels")
        for name, value in (("centers", centers), ("angular", angular), ("labels", labels)):
            object.__setattr__(self, name, value)

    @property
    def names(self) -> list[str]:
        """``0 r=0.40`` and so on, then ``00 xi=14.638 lambda=-1 zeta=1`` and so on, then ``diameter``."""
        radial = [f"{label} r={mu:g}" for label in self.labels for mu in self.centers]
        pairs = [a + b for place, a in enumerate(self.labels) for b in self.labels[place:]]
        angular = [f"{pair} xi={xi:g} lambda={sign:g} zeta={zeta}" for pair in pairs for xi, sign, zeta in self.angular]
        return [*radial, *angular, "diameter"]

    @property
    def curves(self) -> list[Curve]:
        """The radial functions of each species."""
        count = len(self.centers)
        return [
            Curve(f"{label} neighbours", "r", np.array(self.centers), np.arange(count) + place * count)
            for place, label in enumerate(self.labels)
        ]

    def compute(self, glass: Configuration) -> FloatArray:
        """Compute the features of all particles.

        Parameters
        ----------
        glass : Glass or Analysis
            The configuration.

        Returns
        -------
        ndarray, shape (N, F)
            The last feature is the diameter.
        """
        glass = glass_of(glass)
        one = self.species == 1
        species = np.zeros(len(glass), dtype=np.int32) if one else _species(glass, self.species)
        box, x = glass.box, glass.positions
        centers = np.array(self.centers, dtype=np.float64)
        radial = _engine.radial_features(box, x, species, self.species, centers, self.width, self.cutoff)
        functions = np.array(self.angular, dtype=np.float64).reshape(-1, 3)
        angular = _engine.angular_features(box, x, species, self.species, functions, self.cutoff)
        return np.column_stack([radial, angular, glass.diameters])


_KINDS: dict[str, type[TriangleFeatures] | type[BinFeatures] | type[BehlerParrinelloFeatures]] = {
    kind.kind: kind for kind in (TriangleFeatures, BinFeatures, BehlerParrinelloFeatures)
}


def default_features(glass: Configuration) -> TriangleFeatures | BinFeatures:
    """The features that the paper uses for such a glass: bins for a few species, otherwise triangles.

    Without a model, contact distances are the means of the diameters.

    Parameters
    ----------
    glass : Glass or Analysis
        The configuration.

    Returns
    -------
    BinFeatures or TriangleFeatures
    """
    glass = glass_of(glass)
    if glass.model is None:
        return TriangleFeatures(nonadditivity=0.0)
    if glass.model.kind.own_length is not None:
        return BinFeatures.of(glass.model)
    return TriangleFeatures(nonadditivity=float(glass.model.parameters["nonadditivity"]))


def named_features(name: str, glass: Configuration) -> Features:
    """The features of a given kind for a glass.

    Parameters
    ----------
    name : {"default", "triangles", "bins", "behler_parrinello"}
        Kind of the features.
    glass : Glass or Analysis
        The configuration.

    Returns
    -------
    Features

    Raises
    ------
    UnknownNameError
        If the name is not known.
    ModelError
        If bins are asked for and the glass has no species.
    """
    glass = glass_of(glass)
    if name == "default":
        return default_features(glass)
    if name == "triangles":
        parameters = {} if glass.model is None else glass.model.parameters
        return TriangleFeatures(nonadditivity=float(parameters.get("nonadditivity", 0.0)))
    if name == "bins":
        if glass.model is None:
            raise ModelError("bins of r/s_ij need the lengths of a model; make BinFeatures(lengths) for other systems")
        return BinFeatures.of(glass.model)
    if name == "behler_parrinello":
        if glass.species is None:
            return BehlerParrinelloFeatures()
        return BehlerParrinelloFeatures(species=int(glass.species.max()) + 1)
    raise UnknownNameError(f"unknown features {name!r}; {suggestion(name, ['default', *_KINDS])}")


def features_record(features: Features) -> dict[str, Any]:
    """A record of plain numbers, lists and words, from which `features_of` makes the same features."""
    if type(features) not in _KINDS.values():
        raise TypeError(f"features of type {type(features).__name__} cannot be stored: only {', '.join(_KINDS)} can")
    # The check above makes sure that this is a dataclass, which a type checker does not see.
    return {"kind": features.kind, **asdict(features)}  # type: ignore[call-overload]


def features_of(record: Mapping[str, Any]) -> Features:
    """The features that a record of `features_record` describes.

    Raises
    ------
    ArgumentError
        If the record does not describe features.
    """
    options = dict(record)
    kind = options.pop("kind", None)
    if kind not in _KINDS:
        raise ArgumentError(f"unknown features {kind!r}; {suggestion(str(kind), _KINDS)}")
    try:
        return _KINDS[kind](**{name: _tuples(value) for name, value in options.items()})
    except TypeError as error:
        raise ArgumentError(f"features {kind!r}: {error}") from None


def _tuples(value: Any) -> Any:
    return (
        tuple(_tuples(item) for item in value) if isinstance(value, Sequence) and not isinstance(value, str) else value
    )


def _check(holds: bool, message: str) -> None:
    if not holds:
        raise ArgumentError(message)


def _species(glass: Glass, count: int) -> NDArray[np.int32]:
    if glass.species is None:
        raise ModelError("these features need species, and this glass has none: use TriangleFeatures")
    if glass.species.max() >= count:
        raise ModelError(f"these features know {count} species, but this glass has species {glass.species.max()}")
    return glass.species
