"""Seeds, and the streams of random numbers that follow from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassplast.errors import ArgumentError

__all__ = ["Seed", "child", "seed_of_record", "seed_record", "seed_sequence", "stream_words"]

#: The argument ``seed`` of functions: a numpy.random.SeedSequence or what it is made from. None asks for a random seed,
#: which is recorded in the result.
Seed = int | Sequence[int] | np.random.SeedSequence | None


def seed_sequence(seed: Seed) -> np.random.SeedSequence:
    """A seed as NumPy's SeedSequence; for None it has entropy from the operating system.

    Raises
    ------
    ArgumentError
        If the seed contains negative numbers, or values that are not integers.
    """
    if isinstance(seed, np.random.SeedSequence):
        return seed
    if seed is None:
        return np.random.SeedSequence()
    words = list(seed) if isinstance(seed, Sequence) and not isinstance(seed, str) else [seed]
    for word in words:
        if isinstance(word, bool) or not isinstance(word, (int, np.integer)) or word < 0:
            raise ArgumentError(f"seed must be a non-negative integer, a SeedSequence or None, not {seed!r}")
    return np.random.SeedSequence([int(word) for word in words] if isinstance(seed, Sequence) else int(seed))


def child(seed: Seed, *key: int) -> np.random.SeedSequence:
    """The seed sequence, or its descendant with a key, which unlike `SeedSequence.spawn` depends only on both."""
    sequence = seed_sequence(seed)
    return np.random.SeedSequence(sequence.entropy, spawn_key=(*sequence.spawn_key, *key))


def seed_record(sequence: np.random.SeedSequence) -> list[Any]:
    """Entropy and spawn key of a seed sequence, as values that JSON can hold."""
    entropy = sequence.entropy
    known: Any = list(map(int, entropy)) if isinstance(entropy, Sequence) else entropy
    return [known, list(map(int, sequence.spawn_key))]


def seed_of_record(record: Sequence[Any]) -> np.random.SeedSequence:
    """The seed sequence that `seed_record` describes."""
    entropy, spawn_key = record
    return np.random.SeedSequence(entropy, spawn_key=tuple(spawn_key))


def stream_words(seed: Seed) -> list[int]:
    """Four words that start a random stream of the engine."""
    return [int(word) for word in child(seed).generate_state(4, np.uint64)]
