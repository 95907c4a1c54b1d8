"""Saddle points around the particles of a glass, and the strains at which they predict plastic events."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassplast import _engine
from glassplast.errors import ArgumentError
from glassplast.files.records import described, load_record, save_record
from glassplast.files.same_run import require_same
from glassplast.foundation.arguments import finite_number, whole_number
from glassplast.foundation.arrays import FloatArray, IntegerArray
from glassplast.foundation.dimension import overloaded
from glassplast.foundation.keeping import Keeper
from glassplast.foundation.notebook import card
from glassplast.foundation.one_line import constructor_like, number, span
from glassplast.foundation.parallel import Check, on_threads
from glassplast.foundation.progress import ItemProgress, ProgressOption, shown
from glassplast.foundation.seeds import Seed, child, seed_of_record, seed_record, seed_sequence, stream_words
from glassplast.foundation.tables import structured
from glassplast.foundation.threads import thread_count
from glassplast.glass import Configuration, Glass, glass_of
from glassplast.loading import Loading, loading_matrix
from glassplast.probes.yield_map import particle_field
from glassplast.response.analysis import Analysis

__all__ = ["SaddleCatalogue", "saddle_points"]

SCHEMA, SCHEMA_VERSION = "glassplast saddle points", 1

CLUSTER_RADIUS, PATCH_RADIUS, PUSH, SADDLES, ATTEMPTS = 2.0, 10.0, 0.05, 5, 50


@dataclass(frozen=True, repr=False)
class SaddleCatalogue:
    """Saddle points that connect a minimum to other minima, found by searches around C centres.

    Attributes
    ----------
    centres : ndarray of int, shape (C,)
        Indices of the particles around which saddles were searched for.
    attempts, lost, repeated, unconnected, steps : ndarray of int, shape (C,)
        For each centre: the number of climbs; the numbers of those that found no saddle, a saddle known from this
        centre, or a saddle that does not lead from this minimum to another; and the number of factorizations.
    found_around : ndarray of int, shape (S,)
        The centre around which each saddle was found; a saddle found around several centres is listed for each.
    climb : ndarray of int, shape (S,)
        Index of the climb from this centre that found the saddle.
    barrier, coarse_barrier : ndarray, shape (S,)
        Barrier Q0 = U(saddle) - U(minimum) (energy), at the converged saddle, and at the point of the search where the
        largest force first fell below the coarse tolerance.
    stress_difference : ndarray, shape (S, d, d)
        Stress difference sigma(saddle) - sigma(minimum) (energy / volume).
    eigenvalue, force : ndarray, shape (S,)
        Negative eigenvalue of the Hessian (energy / length^2), and largest force left at the saddle (energy / length).
    core, participation : ndarray, shape (S,)
        Index of the particle that moves most along the mode of that eigenvalue, and participation ratio of the mode.
    energy_beyond, largest_displacement : ndarray, shape (S,)
        Energy of the minimum beyond the saddle minus that of this minimum, and the largest displacement of a particle
        between the two minima (length).
    displacements : ndarray, shape (S, N, d), or None
        Displacements from the minimum to each saddle (length), if they were asked for; those of rattlers are arbitrary.
    volume : float
        Volume of the cell.
    about : dict
        Arguments of the search.
    """

    centres: IntegerArray = described("particles around which saddles were searched for, (C,)")
    attempts: IntegerArray = described("number of climbs from each centre, (C,)")
    lost: IntegerArray = described("number of climbs that found no saddle, (C,)")
    repeated: IntegerArray = described("number of climbs to a saddle that this centre had found before, (C,)")
    unconnected: IntegerArray = described("number of climbs to a saddle that does not lead to another minimum, (C,)")
    steps: IntegerArray = described("number of factorizations in all climbs, (C,)")
    found_around: IntegerArray = described("particle around which each saddle was found, (S,)", stored_as="centre")
    climb: IntegerArray = described("index of the climb that found the saddle, (S,)", stored_as="attempt")
    barrier: FloatArray = described("U(saddle) - U(minimum), (S,)")
    coarse_barrier: FloatArray = described("barrier where forces first fell below the coarse tolerance, (S,)")
    stress_difference: FloatArray = described("sigma(saddle) - sigma(minimum), (S, d, d)")
    eigenvalue: FloatArray = described("negative eigenvalue of the Hessian at the saddle, (S,)")
    force: FloatArray = described("largest force left at the saddle, (S,)")
    core: IntegerArray = described("particle that moves most along the unstable mode, (S,)")
    participation: FloatArray = described("participation ratio of the unstable mode, (S,)")
    energy_beyond: FloatArray = described("U(minimum beyond the saddle) - U(minimum), (S,)")
    largest_displacement: FloatArray = described(
        "largest displacement of a particle from one minimum to the other, (S,)", stored_as="fall"
    )
    displacements: FloatArray | None = described("displacements from the minimum to the saddle, (S, N, d)")
    volume: float = described("volume of the cell")
    about: dict[str, Any] = described("arguments of the search")

    def __len__(self) -> int:
        return int(self.barrier.size)

    def __repr__(self) -> str:
        strains = self._triggering()
        return constructor_like(
            "SaddleCatalogue",
            saddles=len(self),
            centres=self.centres.size,
            dimension=self.stress_difference.shape[-1],
            barriers=span(self.barrier.min(), self.barrier.max()) if len(self) else None,
            least_triggering_strain=number(strains.min()) if strains.size else None,
        )

    def _repr_html_(self) -> str:
        strains = self._triggering()
        facts = {
            "saddles": f"{len(self)}, {self.distinct().size} of them different",
            "centres": self.centres.size,
            "climbs": int(self.attempts.sum()),
            "lost": int(self.lost.sum()),
            "known before": int(self.repeated.sum()),
            "not connected": int(self.unconnected.sum()),
            "barriers": span(self.barrier.min(), self.barrier.max()) if len(self) else None,
            "least triggering strain": number(strains.min()) if strains.size else None,
        }
        return card(self, "Catalogue of saddle points", facts)

    def _triggering(self) -> FloatArray:
        """The positive triggering strains in forward simple shear."""
        strains = self.triggering_strain()
        return strains[strains > 0.0]

    def stress_along(self, loading: Loading = 0.0) -> FloatArray:
        """Stress of each saddle minus that of the minimum along a loading, sigma : G, shape (S,).

        Parameters
        ----------
        loading : float or (d, d) array_like
            Angle in degrees or loading matrix, see `glassplast.loading.loading_matrix`.
        """
        matrix = loading_matrix(loading, self.stress_difference.shape[-1])
        along: FloatArray = np.einsum("sab,ab->s", self.stress_difference, matrix)
        return along

    def triggering_strain(self, loading: Loading = 0.0) -> FloatArray:
        r"""Strain at which the barrier of each saddle is expected to vanish, shape (S,).

        .. math:: \Delta\gamma_c = -\frac{3 Q_0}{2 V \Delta\tau}

        follows from :math:`Q(\gamma) = Q_0 (1 - \gamma/\Delta\gamma_c)^{3/2}` and :math:`dQ/d\gamma = V \Delta\tau` at
        γ = 0, see paper Eq. (B27). It is negative if the loading raises the barrier.

        Parameters
        ----------
        loading : float or (d, d) array_like
            Angle in degrees or loading matrix, see `glassplast.loading.loading_matrix`.
        """
        with np.errstate(divide="ignore"):
            strain: FloatArray = -1.5 * self.barrier / (self.volume * self.stress_along(loading))
        return strain

    def distinct(self, tolerance: float = 1e-6) -> IntegerArray:
        """One index for each distinct saddle; saddles with equal barrier, stress and eigenvalue count as one.

        Parameters
        ----------
        tolerance : float
            Largest difference of equal values, relative to the largest value of all saddles.
        """
        columns = [self.barrier, self.eigenvalue, *self.stress_difference.reshape(len(self), -1).T]
        known = np.stack([column / max(np.abs(column).max(initial=0.0), 1e-300) for column in columns], axis=1)
        kept: list[int] = []
        order = np.argsort(known[:, 0], kind="stable")
        for place, index in enumerate(order):
            repeated = False
            for before in order[:place][::-1]:
                if known[index, 0] - known[before, 0] > tolerance:
                    break
                repeated = repeated or bool((np.abs(known[index] - known[before]) <= tolerance).all())
            if not repeated:
                kept.append(int(index))
        return np.array(sorted(kept), dtype=np.int64)

    def table(self, loading: Loading = 0.0) -> NDArray[np.void]:
        """A structured array (S,) of the properties and triggering strains of saddles, which pandas.DataFrame accepts.

        Parameters
        ----------
        loading : float or (d, d) array_like
            Loading of the triggering strain: an angle in degrees or a matrix, see `glassplast.loading.loading_matrix`.
        """
        columns = {name: getattr(self, name) for name in ("found_around", *_OF_SADDLES)}
        columns |= {"stress": self.stress_along(loading), "triggering_strain": self.triggering_strain(loading)}
        return structured(columns)

    def field(self, glass: Configuration, loading: Loading = 0.0, radius: float = CLUSTER_RADIUS) -> FloatArray:
        """The smallest positive triggering strain of saddles around each particle, shape (N,).

        It is infinite if the loading drives none of these saddles, and NaN if there is no centre. See paper Eq. (B28).

        Parameters
        ----------
        glass : Glass or Analysis
            The minimum.
        loading : float or (d, d) array_like
            Angle in degrees or loading matrix, see `glassplast.loading.loading_matrix`.
        radius : float
            Largest distance from a particle to the centres whose saddles count (length).
        """
        strain = self.triggering_strain(loading)
        strain = np.where(strain > 0.0, strain, np.inf)
        least = {int(centre): np.inf for centre in self.centres}
        for centre, value in zip(self.found_around, strain, strict=True):
            least[int(centre)] = min(least[int(centre)], float(value))
        wrapped = glass_of(glass).wrapped()
        values = np.array([least[int(centre)] for centre in self.centres])
        return particle_field(wrapped, wrapped.positions[self.centres], values, radius)

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
    def load(cls, path: str | os.PathLike[str]) -> SaddleCatalogue:
        """Read a file written by `save`, or a checkpoint, which holds the centres that are done.

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

    def of_centres(self, centres: ArrayLike) -> SaddleCatalogue:
        """The catalogue of the saddles found around some of the centres, in the order of these centres.

        Parameters
        ----------
        centres : array_like of int
            Particles, which must be centres of this catalogue.
        """
        place = {int(centre): k for k, centre in enumerate(self.centres)}
        chosen = [place[int(centre)] for centre in np.asarray(centres)]
        rows = [row for k in chosen for row in np.flatnonzero(self.found_around == self.centres[k])]
        parts: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value = value[chosen] if field.name in ("centres", *_OF_CENTRES) else value[rows]
            parts[field.name] = value
        return SaddleCatalogue(**parts)


#: The fields of a catalogue that have one entry for each centre, and for each saddle as the engine finds it.
_OF_CENTRES = ("attempts", "lost", "repeated", "unconnected", "steps")
_OF_SADDLES = (
    "climb", "barrier", "coarse_barrier", "eigenvalue", "force", "core", "participation", "energy_beyond",
    "largest_displacement",
)  # fmt: skip
#: Names of some of these fields in the engine.
_IN_THE_ENGINE = {"climb": "attempt", "largest_displacement": "fall"}
_WHOLE = ("climb", "core")


def saddle_points(
    glass: Configuration,
    *,
    centres: ArrayLike | None = None,
    saddles: int = SADDLES,
    attempts: int = ATTEMPTS,
    seed: Seed = None,
    push: float = PUSH,
    cluster_radius: float = CLUSTER_RADIUS,
    patch_radius: float = PATCH_RADIUS,
    tolerance: float = 1e-8,
    coarse_tolerance: float = 5e-3,
    displacements: bool = False,
    checkpoint: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    progress: ProgressOption = None,
) -> SaddleCatalogue:
    """Sample the saddle points around particles by the activation-relaxation technique (ARTn).

    The particles within `cluster_radius` of a centre are pushed step by step along a random direction, while the system
    is relaxed perpendicular to it, until the Hessian has a negative eigenvalue. Then the climb follows the lowest mode
    upwards and relaxes perpendicular to it, and converges to the saddle by Newton's method. This is ARTn (Malek &
    Mousseau, Phys. Rev. E 62, 7723 (2000)) with the factorized Hessian instead of Lanczos steps on forces. In a climb
    the particles in a disk of `patch_radius` move first, and then all particles until the saddle is converged. From
    there the glass is relaxed down both sides: a saddle is listed if one side leads back to the minimum and the other
    does not. See paper Sec. B 14.

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum with a model, in two or three dimensions.
    centres : array_like of int, shape (C,), optional
        Indices of the particles around which to search; by default all.
    saddles, attempts : int
        Number of distinct saddles, and number of climbs; a centre is done when one of them is reached.
    seed : int, sequence of int or SeedSequence, optional
        Seed of the random directions; by default a random one, which `about` records. The saddles found around a centre
        depend only on the seed, the centre and the options. A run that continues from a checkpoint has the seed of the
        checkpoint.
    push : float
        Norm of the largest pushes (length). The first pushes are a sixteenth of it, so that nearby saddles are not
        passed over.
    cluster_radius : float
        Distance from the centre within which particles are pushed (length).
    patch_radius : float
        Radius of the disk in which a climb begins (length). It is used in two dimensions if the box holds two disks and
        a cutoff; with 0, all particles move from the beginning.
    tolerance, coarse_tolerance : float
        Largest forces left at a saddle, and at the point where `coarse_barrier` is recorded (energy / length).
    displacements : bool
        Whether to keep the displacements of all particles to each saddle.
    checkpoint : path-like, optional
        HDF5 file in which the centres that are done are stored every 30 s, on an interruption, and at the end. If the
        file exists, the centres in it are not searched again.
    threads : int, optional
        Number of threads; by default ``GLASSPLAST_NUM_THREADS``, or all cores. No result depends on it.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.

    Returns
    -------
    SaddleCatalogue

    Raises
    ------
    InstabilityError
        If the glass is not a minimum.
    ModelError
        If the glass has no model.
    ArgumentError
        If an argument is out of range, or a centre is not the index of a particle or is given twice.
    FileError
        If the checkpoint is corrupt, belongs to another search, or cannot be written.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> catalogue = gp.saddle_points(glass, centres=[0, 10], saddles=2, attempts=20, seed=1)
    >>> bool((catalogue.barrier > 0.0).all())
    True
    """
    known = glass_of(glass).wrapped()
    chosen = _centres(known, centres)
    options = {
        "push": push,
        "cluster_radius": cluster_radius,
        "patch_radius": patch_radius,
        "tolerance": tolerance,
        "coarse_tolerance": coarse_tolerance,
        "events": saddles,
        "attempts": attempts,
    }
    _check_options(options)
    # This raises an error unless the configuration is a minimum.
    _ = Analysis(known, threads=threads).minimum
    search = _engine.SaddleSearch(**options)
    sample = overloaded(_engine.saddle_points)
    path = None if checkpoint is None else Path(checkpoint)
    done = SaddleCatalogue.load(path) if path is not None and path.exists() else None
    if seed is None and done is not None:
        seed = _recorded_seed(done.about["seed"])
    sequence = seed_sequence(seed)
    recorded = sequence.entropy if not sequence.spawn_key else seed_record(sequence)
    about = {**options, "seed": recorded, "displacements": bool(displacements), "glass": known.digest}
    if path is not None and done is not None:
        require_same(path, {**done.about, "volume": done.volume}, {**about, "volume": known.volume})

    found: dict[int, Mapping[str, Any]] = {}
    finished = set() if done is None else {int(centre) for centre in done.centres}
    left = [int(centre) for centre in chosen if int(centre) not in finished]
    lock = threading.Lock()

    def collected() -> SaddleCatalogue:
        fresh = _catalogue(known, sorted(found), found, bool(displacements), about)
        return fresh if done is None else _joined(done, fresh)

    with (
        shown(progress) as tell,
        Keeper(None if path is None else lambda: collected().save(path)) as keeper,
    ):
        items = ItemProgress("saddle points", len(left), tell)

        def work(centre: int, check: Check) -> None:
            words = stream_words(child(sequence, centre))
            of_centre = sample(
                known.interaction, known.box, known.positions, centre, words, search, bool(displacements), check
            )
            with lock:
                found[centre] = of_centre
                keeper.now_and_then()
            items.one_more()

        on_threads(work, left, thread_count(threads))
    return collected().of_centres(chosen)


def _recorded_seed(record: Any) -> Seed:
    """The seed that a catalogue records, which is its entropy and, if there is one, its spawn key."""
    if isinstance(record, list) and len(record) == 2 and isinstance(record[1], list):
        return seed_of_record(record)
    return record  # type: ignore[no-any-return] # a number, as JSON has it


# --- arguments --------------------------------------------------------------------------------------------------------


def _centres(glass: Glass, centres: ArrayLike | None) -> IntegerArray:
    if centres is None:
        return np.arange(len(glass))
    given = np.asarray(centres)
    if given.ndim != 1 or (given.size and not np.issubdtype(given.dtype, np.integer)):
        raise ArgumentError(f"centres must be a list of particles, integers, not {given.dtype} of shape {given.shape}")
    if given.size and not (given.min() >= 0 and given.max() < len(glass)):
        wrong = given[(given < 0) | (given >= len(glass))][0]
        raise ArgumentError(f"centres must be particles from 0 to {len(glass) - 1}, not {wrong}")
    if len(np.unique(given)) < len(given):
        raise ArgumentError("centres must not name a particle twice")
    return given.astype(np.int64)


def _spelled(name: str) -> str:
    """The name of the argument that sets an option of the engine."""
    return "saddles" if name == "events" else name


def _check_options(options: Mapping[str, float]) -> None:
    for name, value in options.items():
        if name in ("events", "attempts"):
            whole_number(_spelled(name), value)
        elif name == "patch_radius":
            finite_number(name, value, least=0.0)
        else:
            finite_number(name, value, positive=True)


# --- catalogues -------------------------------------------------------------------------------------------------------


def _catalogue(
    glass: Glass,
    centres: list[int],
    found: Mapping[int, Mapping[str, Any]],
    displacements: bool,
    about: dict[str, Any],
) -> SaddleCatalogue:
    rows = [(centre, row) for centre in centres for row in found[centre]["saddles"]]
    size = glass.dimension

    def column(name: str) -> Any:
        key = _IN_THE_ENGINE.get(name, name)
        return np.array([row[key] for _, row in rows], dtype=np.int64 if name in _WHOLE else np.float64)

    of_centres: dict[str, Any] = {name: np.array([found[c][name] for c in centres], dtype=int) for name in _OF_CENTRES}
    return SaddleCatalogue(
        centres=np.array(centres, dtype=np.int64),
        **of_centres,
        found_around=np.array([centre for centre, _ in rows], dtype=np.int64),
        stress_difference=np.array([row["stress"] for _, row in rows]).reshape(-1, size, size),
        **{name: column(name) for name in _OF_SADDLES},
        displacements=np.array([row["displacement"] for _, row in rows]).reshape(-1, len(glass), size)
        if displacements
        else None,
        volume=glass.volume,
        about=about,
    )


def _joined(first: SaddleCatalogue, second: SaddleCatalogue) -> SaddleCatalogue:
    parts: dict[str, Any] = {}
    for field in fields(first):
        ours = getattr(first, field.name)
        joined = isinstance(ours, np.ndarray)
        parts[field.name] = np.concatenate([ours, getattr(second, field.name)]) if joined else ours
    return SaddleCatalogue(**parts)
