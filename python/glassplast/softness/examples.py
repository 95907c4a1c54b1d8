"""Labelled particles to learn from, and how to split them: by sample, never by particle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from glassplast.errors import ArgumentError, GeometryError
from glassplast.foundation.arrays import FloatArray, IntegerArray
from glassplast.foundation.one_line import without_arrays
from glassplast.glass import Configuration, glass_of
from glassplast.quasistatic import Event
from glassplast.softness.features import Features, default_features
from glassplast.softness.labels import rearrangement_labels

__all__ = ["Examples", "joined", "label_displacement", "label_events"]


@dataclass(frozen=True, repr=False)
class Examples:
    """Features of labelled particles.

    Attributes
    ----------
    features : (M, F) float array
    labels : (M,) int array
        1 for soft, 0 for stiff.
    samples : (M,) int array
        The number of the sample each particle is of.
    """

    features: FloatArray
    labels: NDArray[np.int8]
    samples: IntegerArray

    __repr__ = without_arrays

    def __post_init__(self) -> None:
        count = len(self.features)
        if self.features.ndim != 2 or self.labels.shape != (count,) or self.samples.shape != (count,):
            raise GeometryError(
                f"features {self.features.shape}, labels {self.labels.shape} and samples {self.samples.shape} "
                "are not those of one set of particles"
            )

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def sample_count(self) -> int:
        """Number of different samples."""
        return int(np.unique(self.samples).size)

    def chosen(self, mask: ArrayLike) -> Examples:
        """Those of a mask, or of an array of indices."""
        chosen = np.asarray(mask)
        return Examples(self.features[chosen], self.labels[chosen], self.samples[chosen])

    def split(self, part: float = 0.5, *, seed: int = 0) -> tuple[Examples, Examples]:
        """Two sets that share no sample.

        Parameters
        ----------
        part : float
            Of the samples, in the first set; at least one sample is in each.
        seed : int
            Decides which.

        Raises
        ------
        ArgumentError
            For parts outside (0, 1), and with fewer than two samples.
        """
        if not 0.0 < part < 1.0:
            raise ArgumentError(f"part must lie between 0 and 1, not be {part}")
        numbers = np.unique(self.samples)
        if numbers.size < 2:
            raise ArgumentError("a split by sample needs two samples; particles of one sample know each other")
        first = int(np.clip(round(part * numbers.size), 1, numbers.size - 1))
        chosen = np.random.default_rng(seed).permutation(numbers)[:first]
        inside = np.isin(self.samples, chosen)
        return self.chosen(inside), self.chosen(~inside)

    def balanced(self, most: int | None = None, *, seed: int = 0) -> Examples:
        """As many soft as stiff particles.

        Parameters
        ----------
        most : int, optional
            At most so many of each.
        seed : int
            Decides which.
        """
        generator = np.random.default_rng(seed)
        places = [np.flatnonzero(self.labels == label) for label in (0, 1)]
        count = min(place.size for place in places)
        count = count if most is None else min(count, most)
        kept = [np.sort(generator.choice(place, count, replace=False)) for place in places]
        return self.chosen(np.sort(np.concatenate(kept)))


def label_displacement(
    glass: Configuration,
    displacement: ArrayLike,
    features: Features | None = None,
    *,
    sample: int = 0,
    radius: float = 2.5,
    steps: int = 2,
    graph: sparse.csr_matrix | None = None,
) -> Examples:
    """Examples from one displacement field: of an event, an experiment, a thermal run.

    Parameters
    ----------
    glass : Glass or Analysis
        The state before. Positions and diameters (or species) are enough.
    displacement : (N, d) array_like
        NaN where unknown.
    features : Features, optional
        By default `default_features` of the glass.
    sample : int
        A number that examples of one sample share.
    radius, steps, graph
        As of `rearrangement_labels`.

    Returns
    -------
    Examples
    """
    glass = glass_of(glass)
    labels = rearrangement_labels(glass, displacement, radius=radius, steps=steps, graph=graph)
    labelled = np.flatnonzero(labels >= 0)
    described = (default_features(glass) if features is None else features).compute(glass)
    return Examples(described[labelled], labels[labelled], np.full(labelled.size, sample, dtype=np.int64))


def label_events(
    runs: Iterable[Sequence[Event]],
    features: Features | None = None,
    *,
    radius: float = 2.5,
    steps: int = 2,
) -> Examples:
    """Examples from the critical modes of plastic events: one sequence of events for each sample.

    Parameters
    ----------
    runs : iterable of sequences of Event
        ``[run.events for run in runs]``: one entry a sample, or several if samples are to be told apart. Whoever
        shears one sample in several directions puts all its events into one entry.
    features : Features, optional
        By default `default_features` of the first state.
    radius, steps
        As of `rearrangement_labels`.

    Returns
    -------
    Examples
        Of the last stable state before each event; the place of an entry in `runs` is the number of its sample.

    Raises
    ------
    ArgumentError
        If there is no event at all.
    """
    parts: list[Examples] = []
    for sample, events in enumerate(runs):
        for event in events:
            features = default_features(event.before) if features is None else features
            parts.append(
                label_displacement(event.before, event.mode, features, sample=sample, radius=radius, steps=steps)
            )
    return joined(parts)


def joined(parts: Sequence[Examples]) -> Examples:
    """All examples of several sets.

    Raises
    ------
    ArgumentError
        Without any.
    GeometryError
        If they have different numbers of features.
    """
    if not parts:
        raise ArgumentError("there is nothing to learn from: no plastic event")
    widths = {part.features.shape[1] for part in parts}
    if len(widths) > 1:
        raise GeometryError(f"sets of {sorted(widths)} features cannot be joined")
    return Examples(
        np.concatenate([part.features for part in parts]),
        np.concatenate([part.labels for part in parts]),
        np.concatenate([part.samples for part in parts]),
    )
