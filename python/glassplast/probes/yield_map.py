"""Local yield stress: the additional stress, along any direction, at which a patch of a glass yields."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassplast import _engine
from glassplast.errors import ArgumentError, GeometryError, ModelError, UnknownNameError, suggestion
from glassplast.files.records import described, load_record, save_record
from glassplast.files.same_run import require_same
from glassplast.foundation.arguments import finite_number
from glassplast.foundation.arrays import FloatArray, IntegerArray
from glassplast.foundation.dimension import overloaded
from glassplast.foundation.grid import node_counts
from glassplast.foundation.grid import nodes as node_grid
from glassplast.foundation.keeping import Keeper
from glassplast.foundation.notebook import card
from glassplast.foundation.one_line import constructor_like, span
from glassplast.foundation.parallel import Check, on_threads
from glassplast.foundation.progress import ItemProgress, Progress, ProgressOption, shown
from glassplast.foundation.tables import structured
from glassplast.foundation.threads import thread_count
from glassplast.glass import Configuration, Glass, glass_of
from glassplast.loading import Loading, loading_angle

__all__ = ["YieldMap", "grid", "local_yield_stress", "particle_field", "patches_fit", "residual_strength"]

SCHEMA, SCHEMA_VERSION = "glassplast yield map", 1

Definition = Literal["maximum", "instability"]

RADIUS, SPACING, LARGEST_STRAIN = 5.0, 2.5, 0.5
#: Directions of loading in degrees, in steps of 10.
DIRECTIONS = tuple(10.0 * k for k in range(18))
STEPPINGS = ("exact", "fixed")
METHODS = {"cg": _engine.PatchRelaxer.conjugate_gradient, "newton": _engine.PatchRelaxer.newton}
#: Number of nodes that a thread computes at a time.
_CHUNK = 8


@dataclass(frozen=True, repr=False)
class YieldMap:
    """Local yield stresses of patches around M nodes, along K directions of loading.

    Attributes
    ----------
    nodes : ndarray, shape (M, 2)
        Centres of the patches (length).
    angles : ndarray, shape (K,)
        Directions of loading in degrees, see `glassplast.loading.loading_matrix`.
    radius : float
        Radius of the patches, which are disks whose particles relax (length).
    prestress : ndarray, shape (M, 2, 2)
        Stress of each patch before loading (energy / area), from its pairs and half of those with other particles.
    stress, modulus : ndarray, shape (M, K)
        Shear stress tau along each direction before loading, and its derivative with respect to strain, which is the
        local shear modulus of the patch (energy / area).
    threshold, strain : ndarray, shape (M, K)
        tau at its first maximum along the quasistatic path, or at an earlier instability, and the strain there. NaN if
        there is neither up to the largest strain, or if the path could not be followed.
    instability_threshold, instability_strain : ndarray, shape (M, K)
        tau at the first instability, and the strain there; NaN unless they were asked for.
    largest_residual : ndarray, shape (M, K)
        Largest residual of the energy balance of all steps (energy), which certifies that no event was passed over; 0
        in fixed stepping.
    evaluations, factorizations : ndarray, shape (M, K)
        Number of evaluations of the energy and of factorizations of the Hessian.
    about : dict
        Arguments of the computation.
    """

    nodes: FloatArray = described("centres of the patches, (M, 2)")
    angles: FloatArray = described("directions of loading in degrees, (K,)")
    radius: float = described("radius of the patches, which are disks whose particles relax")
    prestress: FloatArray = described("stress of each patch before loading, (M, 2, 2)")
    stress: FloatArray = described("shear stress tau along each direction before loading, (M, K)")
    modulus: FloatArray = described("derivative of tau with respect to strain before loading, (M, K)")
    threshold: FloatArray = described("tau at its first maximum, or at an earlier instability, (M, K)")
    strain: FloatArray = described("strain at this maximum or instability, (M, K)")
    instability_threshold: FloatArray = described("tau at the first instability, (M, K)")
    instability_strain: FloatArray = described("strain at the first instability, (M, K)")
    largest_residual: FloatArray = described("largest residual of the energy balance of a step, (M, K)")
    evaluations: FloatArray = described("number of evaluations of energy and forces, (M, K)")
    factorizations: FloatArray = described("number of factorizations of the Hessian, (M, K)")
    about: dict[str, Any] = described("arguments of the computation")

    def __repr__(self) -> str:
        known = self._thresholds()
        return constructor_like(
            "YieldMap",
            nodes=len(self.nodes),
            directions=self.angles.size,
            radius=self.radius,
            thresholds=span(known.min(), known.max()) if known.size else None,
            missing=self.threshold.size - known.size,
        )

    def _repr_html_(self) -> str:
        known, strength = self._thresholds(), self.strength()
        strength = strength[np.isfinite(strength)]
        facts = {
            "nodes": len(self.nodes),
            "directions": self.angles.size,
            "radius": self.radius,
            "stepping": self.about.get("stepping"),
            "thresholds": span(known.min(), known.max()) if known.size else None,
            "without a threshold": f"{self.threshold.size - known.size} of {self.threshold.size}",
            "residual strength, forward": span(strength.min(), strength.max()) if strength.size else None,
        }
        return card(self, "Map of the local yield stress", facts)

    def _thresholds(self) -> FloatArray:
        return self.threshold[np.isfinite(self.threshold)]

    def table(self) -> NDArray[np.void]:
        """One row for each node and direction with its numbers: a structured array, (M K,).

        ``pandas.DataFrame(yield_map.table())`` takes it as it is. Nodes are numbered from 0, in the order of `nodes`.
        """
        nodes, angles = self.threshold.shape
        place = np.repeat(np.arange(nodes), angles)
        columns: dict[str, NDArray[Any]] = {
            "node": place,
            "x": self.nodes[place, 0],
            "y": self.nodes[place, 1],
            "angle": np.tile(self.angles, nodes),
        }
        return structured(columns | {name: getattr(self, name).ravel() for name in _OF_DIRECTIONS})

    def strength(self, loading: Loading = 0.0, definition: Definition = "maximum") -> FloatArray:
        r"""Residual strength of each patch under a loading direction, shape (M,) (energy / area).

        .. math:: \Delta\tau_y(\alpha_l) = \min_{|\alpha - \alpha_l| < 45^\circ}
                  \frac{\tau_c(\alpha) - \tau_0(\alpha)}{\cos 2(\alpha - \alpha_l)}

        with angles modulo 180 degrees, see paper Sec. B 15. It is NaN if no direction has a threshold.

        Parameters
        ----------
        loading : float or (2, 2) array_like
            Direction of loading in degrees, or a loading matrix that shears.
        definition : {"maximum", "instability"}
            Whether the threshold τ_c is the stress maximum or the first instability.
        """
        if definition not in ("maximum", "instability"):
            raise UnknownNameError(
                f"unknown definition {definition!r}; {suggestion(definition, ('maximum', 'instability'))}"
            )
        threshold = self.threshold if definition == "maximum" else self.instability_threshold
        cosine = _cosines(self.angles, loading)
        near = cosine > 0.0
        ratio = (threshold - self.stress)[:, near] / cosine[near]
        return np.where(np.isfinite(ratio).any(axis=1), np.fmin.reduce(ratio, axis=1, initial=np.inf), np.nan)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write an HDF5 file that `load` reads.

        Parameters
        ----------
        path : path-like
            File to write; an existing file is replaced.

        Raises
        ------
        FileError
            If the file cannot be written; a file that was there before is left untouched.
        """
        save_record(path, self, SCHEMA, SCHEMA_VERSION)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> YieldMap:
        """Read a file written by `save`, or a checkpoint, in which nodes that are not done are NaN.

        Parameters
        ----------
        path : path-like
            File to read.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        FileError
            If the file is corrupt, or of another kind.
        """
        return load_record(path, cls, SCHEMA, SCHEMA_VERSION)


#: The fields of a map that have one entry for each node and direction.
_OF_DIRECTIONS = (
    "stress", "modulus", "threshold", "strain", "instability_threshold", "instability_strain", "largest_residual",
    "evaluations", "factorizations",
)  # fmt: skip


def grid(glass: Configuration, spacing: float = SPACING) -> FloatArray:
    """The nodes of a grid along the cell vectors, shape (M, 2), the first of which is at the origin of the cell.

    Parameters
    ----------
    glass : Glass or Analysis
        A configuration in two dimensions.
    spacing : float
        Largest distance between nodes (length); each side of the cell is divided evenly.
    """
    known = glass_of(glass)
    return node_grid(known.cell, known.box.origin, node_counts(known.cell, spacing)).reshape(-1, 2)


def local_yield_stress(
    glass: Configuration,
    *,
    nodes: ArrayLike | None = None,
    angles: Sequence[float] = DIRECTIONS,
    radius: float = RADIUS,
    spacing: float = SPACING,
    stepping: str = "exact",
    instability: bool = False,
    increment: float = 1e-4,
    method: str = "cg",
    largest_strain: float = LARGEST_STRAIN,
    checkpoint: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    progress: ProgressOption = None,
) -> YieldMap:
    r"""Shear disks of a glass, each within a matrix that moves affinely, until they yield.

    The particles within `radius` of a node relax, while the others move with :math:`F = \exp E(\alpha)`, where
    :math:`E(\alpha) = \tfrac{\gamma}{2}\begin{pmatrix} -\sin 2\alpha & \cos 2\alpha \\ \cos 2\alpha & \sin 2\alpha
    \end{pmatrix}`. The stress :math:`\tau(\alpha) = \sigma_{xy} \cos 2\alpha + \tfrac12 (\sigma_{yy} - \sigma_{xx})
    \sin 2\alpha` comes from the pairs among these particles and half of their pairs with others, per area of the disk.
    See Barbot et al., Phys. Rev. E 97, 033001 (2018); paper Sec. B 15.

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum in two dimensions, with a model.
    nodes : array_like, shape (M, 2), optional
        Centres of the disks (length); by default the nodes of a grid with `spacing`.
    angles : sequence of float
        Directions of loading in degrees.
    radius, spacing : float
        Radius of the disks, and largest distance between nodes of the grid (length).
    stepping : {"exact", "fixed"}
        ``"exact"`` follows the elastic branch of each patch to the first maximum of tau, located as a root of its
        derivative (or to an earlier instability, located as a fold), and checks every step by the balance of energy and
        work. ``"fixed"`` takes equal increments until tau falls, as in the paper.
    instability : bool
        Whether exact stepping continues beyond the maximum of tau to the first instability, so that both are known.
    increment : float
        Strain increment of fixed stepping.
    method : {"cg", "newton"}
        Minimizer that relaxes the increments of fixed stepping.
    largest_strain : float
        Strain at which to give up.
    checkpoint : path-like, optional
        HDF5 file in which the nodes that are done are stored every 30 s, on an interruption, and at the end. If the
        file exists, the nodes in it are not computed again.
    threads : int, optional
        Number of threads; by default ``GLASSPLAST_NUM_THREADS``, or all cores. No result depends on it.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.

    Returns
    -------
    YieldMap

    Raises
    ------
    GeometryError
        If the glass is not in two dimensions, the box is too small for two disks and a cutoff, or a disk holds no
        particle.
    ModelError
        If the glass has no model.
    UnknownNameError, ArgumentError
        If the stepping or method is not known, or an argument is out of range.
    FileError
        If the checkpoint is corrupt, belongs to another computation, or cannot be written.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> patches = gp.local_yield_stress(glass, nodes=[[0.0, 0.0]], radius=2.5, angles=[-30.0, 0.0, 30.0])
    >>> patches.threshold.shape
    (1, 3)
    >>> patches.strength().shape
    (1,)
    """
    known = _checked(glass_of(glass), radius, largest_strain)
    if stepping not in STEPPINGS:
        raise UnknownNameError(f"unknown stepping {stepping!r}; {suggestion(stepping, STEPPINGS)}")
    if method not in METHODS:
        raise UnknownNameError(f"unknown method {method!r}; {suggestion(method, METHODS)}")
    finite_number("increment", increment, "strain", positive=True)
    directions = _directions(angles)
    centres = _centres(known, nodes, spacing)
    if stepping == "exact":
        options: Any = _engine.YieldOptions(radius=radius, largest_strain=largest_strain, to_instability=instability)
        probe: Any = _engine.local_yield
    else:
        options = _engine.FixedYieldOptions(
            radius=radius, largest_strain=largest_strain, increment=increment, relaxer=METHODS[method]
        )
        probe = _engine.fixed_yield
    radians = np.deg2rad(directions).tolist()

    def work(chosen: FloatArray, check: Check) -> dict[str, FloatArray]:
        found: dict[str, FloatArray] = probe(
            known.interaction, known.box, known.positions, chosen, radians, options, check
        )
        return found

    about: dict[str, Any] = {"radius": radius, "stepping": stepping, "largest_strain": largest_strain}
    about["glass"] = known.digest
    about |= {"instability": bool(instability)} if stepping == "exact" else {"increment": increment, "relaxer": method}
    shape = (len(centres), len(directions))
    empty = {name: np.full(shape, np.nan) for name in _OF_DIRECTIONS}
    result = YieldMap(centres, directions, float(radius), np.full((len(centres), 2, 2), np.nan), **empty, about=about)
    with shown(progress) as tell:
        _fill(result, work, checkpoint, thread_count(threads), tell)
    return result


def residual_strength(
    glass: Configuration,
    loading: Loading = 0.0,
    *,
    nodes: ArrayLike | None = None,
    angles: Sequence[float] = DIRECTIONS,
    radius: float = RADIUS,
    spacing: float = SPACING,
    largest_strain: float = LARGEST_STRAIN,
    threads: int | None = None,
    progress: ProgressOption = None,
) -> tuple[FloatArray, FloatArray]:
    """Compute the residual strength under one loading direction, faster than `YieldMap.strength` of a whole map.

    Directions are computed in the order of their distance from the loading. A direction is abandoned as soon as its
    stress has risen so far that it cannot be the weakest any more, since tau rises up to its first maximum.

    Parameters
    ----------
    glass, nodes, angles, radius, spacing, largest_strain, threads, progress
        See `local_yield_stress`.
    loading : float or (2, 2) array_like
        Direction of loading in degrees, or a loading matrix that shears.

    Returns
    -------
    nodes, strength : ndarray, shapes (M, 2) and (M,)
        Centres of the disks (length), and their residual strength (energy / area).
    """
    known = _checked(glass_of(glass), radius, largest_strain)
    directions = _directions(angles)
    cosines, radians = _cosines(directions, loading).tolist(), np.deg2rad(directions).tolist()
    centres = _centres(known, nodes, spacing)
    options = _engine.YieldOptions(radius=radius, largest_strain=largest_strain)
    probe = overloaded(_engine.residual_strength)
    chunks = [slice(first, first + _CHUNK) for first in range(0, len(centres), _CHUNK)]
    with shown(progress) as tell:
        done = ItemProgress("patches", len(chunks), tell)

        def work(chunk: slice, check: Check) -> FloatArray:
            found = probe(
                known.interaction, known.box, known.positions, centres[chunk], radians, cosines, options, check
            )
            done.one_more()
            return np.asarray(found)

        parts = on_threads(work, chunks, thread_count(threads))
    return centres, np.concatenate(parts)


def patches_fit(glass: Configuration, radius: float) -> bool:
    """Whether disks of this radius fit into the box without interacting with their own periodic images."""
    glass = glass_of(glass)
    return bool(2.0 * radius + glass.interaction.range <= glass.box.smallest_width)


def particle_field(glass: Configuration, nodes: ArrayLike, values: ArrayLike, radius: float = RADIUS) -> FloatArray:
    """The smallest value among the nodes closer than a radius to each particle, shape (N,); NaN if there is none.

    Parameters
    ----------
    glass : Glass or Analysis
        The configuration.
    nodes, values : array_like, shapes (M, 2) and (M,)
        Positions of the nodes (length), and the value of each node.
    radius : float
        Largest distance from a particle to a node (length).
    """
    # The module is imported here because its import takes long.
    from scipy.spatial import cKDTree

    glass = glass_of(glass)
    inverse = np.linalg.inv(glass.cell)
    places = np.asarray(nodes, dtype=np.float64)
    # These are all periodic images of the nodes within the radius of the cell.
    widths = 1.0 / np.linalg.norm(inverse, axis=1)
    reach = np.ceil(radius / widths).astype(int)
    shifts = np.stack(np.meshgrid(*(np.arange(-k, k + 1) for k in reach), indexing="ij"), axis=-1).reshape(
        -1, glass.dimension
    )
    images = (places[None] + (shifts @ glass.cell.T)[:, None]).reshape(-1, glass.dimension)
    repeated = np.tile(np.asarray(values, dtype=np.float64), len(shifts))
    near = cKDTree(images).query_ball_point(glass.wrapped().positions, radius * (1.0 - 1e-12))
    return np.array([np.fmin.reduce(repeated[chosen], initial=np.nan) for chosen in near])


# --- arguments --------------------------------------------------------------------------------------------------------


def _checked(glass: Glass, radius: float, largest_strain: float) -> Glass:
    if glass.model is None:
        raise ModelError("the local yield stress needs a potential: give the glass a model, e.g. model='poly'")
    if glass.dimension != 2:
        raise GeometryError(f"the local yield stress is defined in two dimensions, not in {glass.dimension}")
    for name, value in (("radius", radius), ("largest_strain", largest_strain)):
        finite_number(name, value, positive=True)
    return glass.wrapped()


def _centres(glass: Glass, nodes: ArrayLike | None, spacing: float) -> FloatArray:
    if nodes is None:
        return grid(glass, spacing)
    centres = np.asarray(nodes, dtype=np.float64)
    if centres.ndim != 2 or centres.shape[1] != 2:
        raise GeometryError(f"nodes must have shape (M, 2), not {centres.shape}")
    if not np.isfinite(centres).all():
        raise GeometryError("nodes must be finite, not NaN or infinite")
    return centres


def _directions(angles: Sequence[float]) -> FloatArray:
    directions = np.asarray(angles, dtype=np.float64)
    if directions.ndim != 1 or not len(directions) or not np.isfinite(directions).all():
        raise ArgumentError("angles must be a sequence of finite numbers, at least one")
    return directions


def _cosines(angles: FloatArray, loading: Loading) -> FloatArray:
    """cos 2 (alpha - loading), or 0 if that is not positive; 45 degrees itself is excluded, also after rounding."""
    cosine = np.cos(2.0 * np.deg2rad(angles - loading_angle(loading)))
    return np.where(cosine > 1e-9, cosine, 0.0)


# --- computing node after node ----------------------------------------------------------------------------------------


def _fill(
    result: YieldMap,
    work: Callable[[FloatArray, Check], dict[str, FloatArray]],
    checkpoint: str | os.PathLike[str] | None,
    workers: int,
    tell: Progress,
) -> None:
    """Compute the nodes that are missing."""
    path = None if checkpoint is None else Path(checkpoint)
    if path is not None and path.exists():
        _adopt(result, path)
    missing = np.flatnonzero(np.isnan(result.stress[:, 0]))
    chunks = [missing[first : first + _CHUNK] for first in range(0, len(missing), _CHUNK)]
    done = ItemProgress("patches", len(chunks), tell)
    lock = threading.Lock()

    def compute(chunk: IntegerArray, check: Check) -> None:
        found = work(result.nodes[chunk], check)
        with lock:
            for name in _OF_DIRECTIONS:
                getattr(result, name)[chunk] = found[name]
            xx, yy, xy = found["prestress"].T
            result.prestress[chunk] = np.array([[xx, xy], [xy, yy]]).transpose(2, 0, 1)
            keeper.now_and_then()
        done.one_more()

    with Keeper(None if path is None else lambda: result.save(path)) as keeper:
        on_threads(compute, chunks, workers)


def _adopt(result: YieldMap, path: Path) -> None:
    """Copy the nodes in a checkpoint into the result, or raise `FileError` if it belongs to another computation."""
    known = YieldMap.load(path)
    asked = {**result.about, "nodes": result.nodes.tolist(), "angles": result.angles.tolist()}
    require_same(path, {**known.about, "nodes": known.nodes.tolist(), "angles": known.angles.tolist()}, asked)
    for name in ("prestress", *_OF_DIRECTIONS):
        getattr(result, name)[:] = getattr(known, name)
