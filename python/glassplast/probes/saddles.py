"""Saddle points around the particles of a glass, and the strains at which they predict it to yield."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassplast import _engine
from glassplast.errors import ArgumentError, GeometryError
from glassplast.files.records import described, load_record, save_record
from glassplast.files.same_run import require_same
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
    """Saddle points that connect a minimum to others, as they were found around centres.

    Attributes
    ----------
    centres : (C,) int array
        Particles around which was searched.
    attempts, lost, repeated, unconnected, steps : (C,) int array
        Climbs from each, how many found no saddle, one that was known from this centre, or one that does not lead
        from this minimum to another; and factorizations of all climbs.
    found_around : (S,) int array
        The centre around which each saddle was found. One that was found around several is listed as often.
    climb : (S,) int array
        Which climb from there found it.
    barrier, coarse_barrier : (S,) array
        Q0 = U(saddle) - U(minimum), polished, and where the largest force first fell below the coarse tolerance.
    stress_difference : (S, d, d) array
        sigma(saddle) - sigma(minimum).
    eigenvalue, force : (S,) array
        The one negative eigenvalue of the Hessian, and the largest force left.
    core, participation : (S,) array
        The particle that moves most along the mode of that eigenvalue, and the participation ratio of the mode.
    energy_beyond, largest_displacement : (S,) array
        Energy of the minimum on the other side minus that of the first, and how far the particle that moves most goes
        from the one to the other.
    displacements : (S, N, d) array or None
        Saddle - minimum, if asked for; rattlers as they happen to lie.
    volume : float
        Of the cell.
    about : dict
        The arguments.
    """

    centres: IntegerArray = described("particles around which was searched, (C,)")
    attempts: IntegerArray = described("climbs from each centre")
    lost: IntegerArray = described("of them found no saddle")
    repeated: IntegerArray = described("led to a saddle that was known")
    unconnected: IntegerArray = described("led to a saddle from which no way, or both ways, lead back to the minimum")
    steps: IntegerArray = described("factorizations of all climbs")
    found_around: IntegerArray = described("particle around which each saddle was found, (S,)", stored_as="centre")
    climb: IntegerArray = described("of its centre that found it", stored_as="attempt")
    barrier: FloatArray = described("U(saddle) - U(minimum)")
    coarse_barrier: FloatArray = described("the same where the forces first fell below the coarse tolerance")
    stress_difference: FloatArray = described("sigma(saddle) - sigma(minimum), (S, d, d)")
    eigenvalue: FloatArray = described("of the Hessian, the negative one")
    force: FloatArray = described("the largest left")
    core: IntegerArray = described("particle that moves most along the unstable mode")
    participation: FloatArray = described("ratio of that mode")
    energy_beyond: FloatArray = described("U(minimum beyond) - U(minimum)")
    largest_displacement: FloatArray = described(
        "how far the particle that moves most goes from one minimum to the other", stored_as="fall"
    )
    displacements: FloatArray | None = described("saddle - minimum, (S, N, d)")
    volume: float = described("of the cell")
    about: dict[str, Any] = described("the arguments")

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
        """Of simple shear forward, those that are positive."""
        strains = self.triggering_strain()
        return strains[strains > 0.0]

    def stress_along(self, loading: Loading = 0.0) -> FloatArray:
        """(S,): stress of the saddle minus that of the minimum along a loading, sigma : G."""
        matrix = loading_matrix(loading, self.stress_difference.shape[-1])
        along: FloatArray = np.einsum("sab,ab->s", self.stress_difference, matrix)
        return along

    def triggering_strain(self, loading: Loading = 0.0) -> FloatArray:
        r"""(S,): strain at which the barrier is expected to vanish.

        .. math:: \Delta\gamma_c = -\frac{3 Q_0}{2 V \Delta\tau}

        from :math:`Q(\gamma) = Q_0 (1 - \gamma/\Delta\gamma_c)^{3/2}` and :math:`dQ/d\gamma = V \Delta\tau` at 0. Paper
        Eq. (B27). Negative where the loading raises the barrier.
        """
        with np.errstate(divide="ignore"):
            strain: FloatArray = -1.5 * self.barrier / (self.volume * self.stress_along(loading))
        return strain

    def distinct(self, tolerance: float = 1e-6) -> IntegerArray:
        """One index for each saddle that was found: those of equal barrier, stress and eigenvalue are one.

        Parameters
        ----------
        tolerance : float
            Largest difference of each of them, relative to the largest of all.
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
        """One row for each saddle with its numbers and the triggering strain: a structured array, (S,).

        ``pandas.DataFrame(catalogue.table())`` takes it as it is.
        """
        columns = {name: getattr(self, name) for name in ("found_around", *_OF_SADDLES)}
        columns |= {"stress": self.stress_along(loading), "triggering_strain": self.triggering_strain(loading)}
        return structured(columns)

    def field(self, glass: Configuration, loading: Loading = 0.0, radius: float = CLUSTER_RADIUS) -> FloatArray:
        """(N,): the smallest positive triggering strain among the saddles found from centres within a radius.

        Infinite where the loading drives none of them; NaN where there is no centre. Paper Eq. (B28).
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

        Raises
        ------
        FileError
            If it cannot be written; what was there before is untouched.
        """
        save_record(path, self, SCHEMA, SCHEMA_VERSION)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> SaddleCatalogue:
        """Read a file of `save`, or a checkpoint, which holds the centres that are done.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        FileError
            If it is corrupt, or of another kind.
        """
        return load_record(path, cls, SCHEMA, SCHEMA_VERSION)

    def of_centres(self, centres: ArrayLike) -> SaddleCatalogue:
        """What was found around some of the centres, in their order."""
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
#: What the engine calls some of them.
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
    """Sample the saddle points around particles by the activation-relaxation technique.

    The particles within `cluster_radius` of a centre are pushed step by step along a random direction, and everything
    is relaxed across it, until the Hessian has a negative eigenvalue; then the climb follows the lowest mode upwards
    and goes down across it, close to the saddle by Newton's method: ARTn (Malek & Mousseau, Phys. Rev. E 62, 7723
    (2000)) with the factorized Hessian in the place of Lanczos steps on forces. A climb is made in a disk of
    `patch_radius` first, whose saddle is then polished with all particles. From there the glass is relaxed down both
    sides: a saddle is listed when one side leads back to the minimum and the other does not. Paper Sec. B 14.

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum, with a model, in two or three dimensions.
    centres : (C,) array_like of int, optional
        Particles; by default all.
    saddles, attempts : int
        A centre is done after so many distinct saddles, or so many climbs.
    seed : int, sequence of int or SeedSequence, optional
        What is found around a centre depends on this, on the centre and on the options, on nothing else. By default a
        random one, which is on record in `about`; a checkpoint that exists is gone on with by its own.
    push : float
        Norm of the largest pushes; the first are a sixteenth of it, so that near saddles are not passed.
    cluster_radius : float
        Whose particles are pushed.
    patch_radius : float
        Of the disk in which a climb begins, in two dimensions and where the box holds two of them and a cutoff; 0: all
        particles move from the beginning.
    tolerance, coarse_tolerance : float
        Largest force at a saddle, and that at which `coarse_barrier` is taken.
    displacements : bool
        Keep the displacements of all particles to each saddle.
    checkpoint : path-like, optional
        An HDF5 file that keeps centres that are done: every 30 s, when interrupted, and at the end. If it exists, they
        are not searched again.
    threads : int, optional
        By default ``GLASSPLAST_NUM_THREADS``, or all cores; no result depends on it.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.

    Returns
    -------
    SaddleCatalogue

    Raises
    ------
    InstabilityError
        If the glass is no minimum.
    GeometryError
        If a centre is no particle, or is named twice.
    ModelError
        If the glass has no model.
    ArgumentError
        For arguments that cannot be meant.
    FileError
        If the checkpoint is corrupt or of something else, or cannot be written.
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
    # Its Hessian and its forces must be those of a minimum.
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
    """The seed that a catalogue has on record: entropy, with a spawn key where there is one."""
    if isinstance(record, list) and len(record) == 2 and isinstance(record[1], list):
        return seed_of_record(record)
    return record  # type: ignore[no-any-return] # a number, as JSON has it


# --- arguments --------------------------------------------------------------------------------------------------------


def _centres(glass: Glass, centres: ArrayLike | None) -> IntegerArray:
    if centres is None:
        return np.arange(len(glass))
    given = np.asarray(centres)
    if given.ndim != 1 or (given.size and not np.issubdtype(given.dtype, np.integer)):
        raise GeometryError(f"centres must be a list of particles, integers, not {given.dtype} of shape {given.shape}")
    if given.size and not (given.min() >= 0 and given.max() < len(glass)):
        wrong = given[(given < 0) | (given >= len(glass))][0]
        raise GeometryError(f"there is no particle {wrong} among {len(glass)}")
    if len(np.unique(given)) < len(given):
        raise GeometryError("a centre is named twice")
    return given.astype(np.int64)


def _spelled(name: str) -> str:
    """The argument behind an option of the engine."""
    return "saddles" if name == "events" else name


def _check_options(options: Mapping[str, float]) -> None:
    for name, value in options.items():
        if not (math.isfinite(value) and (value > 0.0 or (name == "patch_radius" and value == 0.0))):
            raise ArgumentError(f"{_spelled(name)} must be positive and finite, not {value}")
    for name in ("events", "attempts"):
        if int(options[name]) != options[name]:
            raise ArgumentError(f"{_spelled(name)} must be an integer, not {options[name]}")


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
