"""Seeds: what numpy.random.SeedSequence takes, and the streams of random numbers that follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

#: What numpy.random.SeedSequence takes, or one.
Seed = int | Sequence[int] | np.random.SeedSequence | None
#: A seed that somebody chose.
GivenSeed = int | np.random.SeedSequence


def seed_sequence(seed: GivenSeed) -> np.random.SeedSequence:
    """A seed as NumPy's SeedSequence.

    Raises
    ------
    ValueError
        If it is a negative number, or none.
    """
    if isinstance(seed, np.random.SeedSequence):
        return seed
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise ValueError(f"a seed must be a non-negative integer or a SeedSequence, not {seed!r}")
    return np.random.SeedSequence(int(seed))


def child(seed: Seed, *key: int) -> np.random.SeedSequence:
    """The sequence itself, or the descendant of that key: a function of both alone, unlike `SeedSequence.spawn`."""
    sequence = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    return np.random.SeedSequence(sequence.entropy, spawn_key=(*sequence.spawn_key, *key))


def seed_record(sequence: np.random.SeedSequence) -> list[Any]:
    """What makes the same sequence again, for JSON: entropy and spawn key."""
    entropy = sequence.entropy
    known: Any = list(map(int, entropy)) if isinstance(entropy, Sequence) else entropy
    return [known, list(map(int, sequence.spawn_key))]


def stream_words(seed: Seed) -> list[int]:
    """Four words that start a random stream of the engine."""
    return [int(word) for word in child(seed).generate_state(4, np.uint64)]
