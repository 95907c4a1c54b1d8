"""Labelled particles to learn from, which are split by sample and never by particle."""

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
    """The features of labelled particles.

    Attributes
    ----------
    features : ndarray, shape (M, F)
        Values of F structure functions for each of M particles.
    labels : ndarray of int, shape (M,)
        Label of each particle: 1 for soft, 0 for stiff.
    samples : ndarray of int, shape (M,)
        Number of the sample that each particle belongs to.
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
                "do not have shapes for the same number of particles"
            )

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def sample_count(self) -> int:
        """Number of different samples."""
        return int(np.unique(self.samples).size)

    def chosen(self, mask: ArrayLike) -> Examples:
        """A selection of the particles.

        Parameters
        ----------
        mask : array_like of bool, shape (M,), or of int
            Mask, or indices of the particles.

        Returns
        -------
        Examples
        """
        chosen = np.asarray(mask)
        return Examples(self.features[chosen], self.labels[chosen], self.samples[chosen])

    def split(self, part: float = 0.5, *, seed: int = 0) -> tuple[Examples, Examples]:
        """Split the examples at random into two sets that have no sample in common.

        Parameters
        ----------
        part : float
            Fraction of the samples in the first set; each set has at least one sample.
        seed : int
            Seed of the random choice.

        Returns
        -------
        (Examples, Examples)

        Raises
        ------
        ArgumentError
            If the fraction is not in (0, 1), or there are fewer than two samples.
        """
        if not 0.0 < part < 1.0:
            raise ArgumentError(f"part must lie between 0 and 1, not {part}")
        numbers = np.unique(self.samples)
        if numbers.size < 2:
            raise ArgumentError("a split by sample needs two samples; particles of one sample are correlated")
        first = int(np.clip(round(part * numbers.size), 1, numbers.size - 1))
        chosen = np.random.default_rng(seed).permutation(numbers)[:first]
        inside = np.isin(self.samples, chosen)
        return self.chosen(inside), self.chosen(~inside)

    def balanced(self, most: int | None = None, *, seed: int = 0) -> Examples:
        """A random selection with equal numbers of soft and stiff particles.

        Parameters
        ----------
        most : int, optional
            Largest number of particles of each kind.
        seed : int
            Seed of the random choice.

        Returns
        -------
        Examples
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
    """Make examples from a displacement field, for example of an event, an experiment or a thermal run.

    Parameters
    ----------
    glass : Glass or Analysis
        The state before the displacement; positions and diameters (or species) are sufficient.
    displacement : array_like, shape (N, d)
        Displacement of each particle (length); NaN if it is unknown.
    features : Features, optional
        Structure functions; by default `default_features` of the glass.
    sample : int
        Number of the sample, which all examples from one sample must share.
    radius, steps, graph
        See `rearrangement_labels`.

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
    """Make examples from the critical modes of plastic events.

    Parameters
    ----------
    runs : iterable of sequences of Event
        One sequence of events for each sample, such as ``[run.events for run in runs]``. If a sample was sheared in
        several directions, all its events belong into one sequence.
    features : Features, optional
        Structure functions; by default `default_features` of the first state.
    radius, steps
        See `rearrangement_labels`.

    Returns
    -------
    Examples
        Particles of the last stable state before each event; the index of a sequence in `runs` is the number of its
        sample.

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
    """Join several sets of examples.

    Parameters
    ----------
    parts : sequence of Examples
        Sets with the same features.

    Returns
    -------
    Examples

    Raises
    ------
    ArgumentError
        If there is no set.
    GeometryError
        If the sets have different numbers of features.
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
