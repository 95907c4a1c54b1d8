"""Ensembles of samples from one seed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from glassplast.errors import FileError
from glassplast.files.replacing import made_directory, replacing
from glassplast.foundation.arguments import whole_number
from glassplast.foundation.parallel import Check, on_threads
from glassplast.foundation.progress import ProgressOption, shown
from glassplast.foundation.seeds import Seed, child, seed_of_record, seed_record, seed_sequence
from glassplast.foundation.threads import thread_count
from glassplast.glass import Glass

__all__ = ["ensemble"]

#: The file in a directory of checkpoints that records the seed of the ensemble.
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
    """Make samples one after the other, of which as many are computed in parallel as there are threads.

    Sample k has the seed SeedSequence(seed, spawn_key=(k,)). It does not depend on the other samples, on their number,
    or on the number of threads.

    Parameters
    ----------
    maker : callable
        `glassplast.prepare.poly`, `lj`, `kob_andersen`, or another function that takes `seed`, `checkpoint`, `threads`
        and `progress`.
    samples : int
        Number of samples.
    seed : int, sequence of int or SeedSequence, optional
        Seed of the ensemble; by default a random one, which the provenance of each sample records. An ensemble that
        continues from checkpoints has the seed that their directory records.
    checkpoint : path-like, optional
        Directory with a checkpoint for each sample; it is made if it is missing. Samples continue from checkpoints that
        exist.
    threads : int, optional
        Number of threads; by default ``GLASSPLAST_NUM_THREADS``, or all cores.
    progress : callable, False or None
        Called with the stage, which begins with the number of the sample, the fraction done, and a note; see
        `glassplast.foundation.progress.shown`.
    **options
        Further arguments of `maker`.

    Yields
    ------
    Glass
        The next sample.

    Raises
    ------
    ArgumentError
        If there is no sample to make.
    FileError
        If the directory cannot be made, or the seed that it records is corrupt.
    """
    samples = whole_number("samples", samples)
    workers = thread_count(threads)
    directory = None if checkpoint is None else made_directory(checkpoint)
    if seed is None and directory is not None:
        seed = _recorded_seed(directory)
    sequence = seed_sequence(seed)
    if directory is not None and not (directory / _SEED).exists():
        with replacing(directory / _SEED) as temporary:
            temporary.write_text(json.dumps({"seed": seed_record(sequence)}) + "\n", encoding="utf-8")
    # When there are fewer samples than threads, each sample may use several threads.
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
    """The seed that a directory of checkpoints records; None if it records none."""
    try:
        record = json.loads((directory / _SEED).read_text(encoding="utf-8"))["seed"]
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise FileError(f"{directory / _SEED} is corrupt: give the seed, or choose another directory") from error
    return seed_of_record(record)
