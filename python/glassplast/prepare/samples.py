"""Many samples from one seed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from glassplast.errors import ArgumentError, FileError
from glassplast.files.replacing import replacing
from glassplast.foundation.parallel import Check, on_threads
from glassplast.foundation.progress import ProgressOption, shown
from glassplast.foundation.seeds import Seed, child, seed_of_record, seed_record, seed_sequence
from glassplast.foundation.threads import thread_count
from glassplast.glass import Glass

__all__ = ["ensemble"]

#: The file in a directory of checkpoints that has the seed of the ensemble on record.
_SEED = "seed.json"


def ensemble(
    maker: Callable[..., Glass],
    samples: int,
    seed: Seed = None,
    *,
    checkpoint: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    progress: ProgressOption = None,
    **options: Any,
) -> Iterator[Glass]:
    """Samples of a maker, one after the other, as many at a time as there are threads.

    Sample k has the seed SeedSequence(seed, spawn_key=(k,)): it does not depend on the others, on their number, or on
    the number of threads.

    Parameters
    ----------
    maker : callable
        `glassplast.prepare.poly`, `lj`, `kob_andersen`, or another that takes `seed`, `checkpoint`, `threads` and
        `progress`.
    samples : int
        How many.
    seed : int, sequence of int or SeedSequence, optional
        Of all of them; by default a random one, which the provenance of each has on record. A directory of checkpoints
        that exists is gone on with by its own.
    checkpoint : path-like, optional
        A directory with a checkpoint for each sample; made if it is missing, gone on with if it is there.
    threads : int, optional
        By default ``GLASSPLAST_NUM_THREADS``, or all cores.
    progress : callable, False or None
        Is told stages whose names begin with the number of the sample; see `glassplast.foundation.progress.shown`.
    **options
        For `maker`.

    Yields
    ------
    Glass
    """
    if samples < 1:
        raise ArgumentError(f"samples must be at least 1, not {samples}")
    workers = thread_count(threads)
    directory = None if checkpoint is None else Path(checkpoint)
    if directory is not None:
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(f"cannot make the directory {directory}: {error.strerror or error}") from error
    if seed is None and directory is not None:
        seed = _recorded_seed(directory)
    sequence = seed_sequence(seed)
    if directory is not None and not (directory / _SEED).exists():
        with replacing(directory / _SEED) as temporary:
            temporary.write_text(json.dumps({"seed": seed_record(sequence)}) + "\n", encoding="utf-8")
    # A sample alone may use all threads itself.
    inner = max(1, workers // samples)

    def make(number: int, check: Check) -> Glass:
        def tell_sample(stage: str, part: float | None, note: str) -> None:
            check()
            tell(f"sample {number + 1} of {samples}, {stage}", part, note)

        file = None if directory is None else directory / f"sample-{number:06d}.h5"
        return maker(seed=child(sequence, number), checkpoint=file, threads=inner, progress=tell_sample, **options)

    for first in range(0, samples, workers):
        with shown(progress) as tell:
            glasses = on_threads(make, range(first, min(first + workers, samples)), workers)
        yield from glasses


def _recorded_seed(directory: Path) -> Seed:
    """The seed that a directory of checkpoints has on record; None where it has none."""
    try:
        record = json.loads((directory / _SEED).read_text(encoding="utf-8"))["seed"]
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise FileError(f"{directory / _SEED} is corrupt: give the seed, or choose another directory") from error
    return seed_of_record(record)
