"""Many samples from one seed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from glassplast.errors import FileError
from glassplast.glass import Glass
from glassplast.parallel import Check, StageProgress, on_threads
from glassplast.prepare.seeds import GivenSeed, child, seed_sequence
from glassplast.threads import thread_count


def ensemble(
    maker: Callable[..., Glass],
    samples: int,
    seed: GivenSeed = 1,
    *,
    checkpoint: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    progress: StageProgress | None = None,
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
    seed : int or SeedSequence
        Of all of them.
    checkpoint : path-like, optional
        A directory with a checkpoint for each sample; made if it is missing, gone on with if it is there.
    threads : int, optional
        By default ``GLASSPLAST_NUM_THREADS``, or all cores.
    progress : callable, optional
        Called with stages whose names begin with the number of the sample.
    **options
        For `maker`.

    Yields
    ------
    Glass
    """
    if samples < 1:
        raise ValueError(f"there must be at least one sample, not {samples}")
    workers = thread_count(threads)
    sequence = seed_sequence(seed)
    directory = None if checkpoint is None else Path(checkpoint)
    if directory is not None:
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(f"cannot make the directory {directory}: {error.strerror or error}") from error
    # A sample alone may use all threads itself.
    inner = max(1, workers // samples)

    def make(number: int, check: Check) -> Glass:
        def tell(stage: str, part: float, note: str) -> None:
            check()
            if progress is not None:
                progress(f"sample {number + 1} of {samples}, {stage}", part, note)

        file = None if directory is None else directory / f"sample-{number:06d}.h5"
        return maker(seed=child(sequence, number), checkpoint=file, threads=inner, progress=tell, **options)

    for first in range(0, samples, workers):
        yield from on_threads(make, range(first, min(first + workers, samples)), workers)
