"""The pictures of a job: its curve, scores and similarities, and maps of all fields and critical modes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glassplast import plot
from glassplast.files.replacing import made_directory
from glassplast.foundation.progress import ProgressOption, shown
from glassplast.indicators import registry
from glassplast.report import wording
from glassplast.results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["DRAWN_MODES", "draw", "field_map", "pictures"]

#: Largest number of events for which critical modes are drawn.
DRAWN_MODES = 12


def pictures(results: Results) -> Iterator[tuple[str, Callable[[], Figure]]]:
    """The pictures that can be made from the results.

    Parameters
    ----------
    results : Results
        Results of a job.

    Yields
    ------
    (str, callable)
        Name of the picture, and a function without arguments that makes the figure.
    """
    start, events = results.start, results.events
    if results.run is not None:
        run = results.run
        yield "stress_strain", lambda: plot.stress_strain(run)
    ranks = results.ranks
    if ranks and events:
        yield "scores", lambda: plot.score_chart(ranks, strains=[event.strain for event in events])
    if len(ranks) > 1:
        yield "similarity", lambda: plot.similarity({key: results.fields[key] for key in ranks})
    if start.dimension != 2:
        return
    # The defaults bind the variables of the loop; mypy infers no type for a lambda with defaults.
    for key in ranks:
        yield f"field_{key}", lambda key=key: field_map(results, key)  # type: ignore[misc]
    for number, event in enumerate(events[:DRAWN_MODES], start=1):
        yield (
            f"mode_{number}",
            lambda event=event, number=number: plot.field(  # type: ignore[misc]
                event.before,
                np.linalg.norm(event.mode, axis=1),
                event,
                label="|Ψ| of a particle",
                title=f"critical mode of event {number}, γ = {wording.event_strain(event, 6)}",
                scale="linear",
            ),
        )


def field_map(results: Results, key: str) -> Figure:
    """The map of a field with the core of each event."""
    indicator = registry.find(key)
    symbol, unit = indicator.typeset, indicator.unit_of(results.start)
    return plot.field(
        results.start,
        results.fields[key],
        results.events,
        key=key,
        label=f"{symbol} ({unit.replace('k_B', '$k_B$')})" if unit else symbol,
    )


def draw(
    results: Results, directory: Path, *, progress: ProgressOption = None, seconds: float | None = None
) -> dict[str, Path]:
    """Write all pictures as PNG files.

    Parameters
    ----------
    results : Results
        Results of a job.
    directory : Path
        Directory for the files, which is made if it is missing.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.
    seconds : float, optional
        Time after the first picture from which no further one is begun; by default all are drawn.

    Returns
    -------
    dict of str to Path
        File of each picture by its name.

    Raises
    ------
    FileError
        If a picture cannot be written.
    MissingExtraError
        If Matplotlib is not installed.
    """
    made_directory(directory)
    made = {}
    makers = list(pictures(results))
    began: float | None = None
    with shown(progress) as tell:
        for number, (name, make) in enumerate(makers):
            if seconds is not None and began is not None and time.monotonic() - began > seconds:
                break
            tell("pictures", number / len(makers), name)
            path = directory / f"{name}.png"
            plot.save(make(), path)
            made[name] = path
            # The first one imports Matplotlib.
            began = began or time.monotonic()
    return made
