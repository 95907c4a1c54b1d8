"""Small glasses and the results of small jobs, for the tests of drawing, writing and reading."""

from functools import cache

import numpy as np

from glassplast import Glass, Results, indicators, minimize, shear
from glassplast.response.analysis import Analysis
from glassplast.results import describe
from samples import random_glass, small_minimum


@cache
def glass_with_rattler():
    """A packing close to jamming, and (the last particle) a disk that just fits into its largest gap."""
    glass = minimize(random_glass("harmonic", 100, seed=3, sides=[1.2, 1.2]))
    side = np.linspace(0.0, 1.0, 200, endpoint=False)
    points = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    gaps = np.full(len(points), np.inf)
    for fraction, diameter in zip(glass.box.fractional(glass.positions), glass.diameters, strict=True):
        apart = points - fraction
        apart -= np.rint(apart)
        gaps = np.minimum(gaps, np.linalg.norm(apart @ glass.cell.T, axis=1) - 0.5 * diameter)
    best = int(gaps.argmax())
    return minimize(
        Glass(
            np.vstack([glass.positions, glass.cell @ points[best]]),
            glass.box,
            "harmonic",
            diameters=[*glass.diameters, gaps[best]],
        )
    )


@cache
def small_results(kind="poly", stepping="fixed"):
    """A run through two events with all fields; not to be changed."""
    start = glass_with_rattler() if kind == "rattler" else small_minimum(kind, 100, seed=1)
    increment = 1e-3 if stepping == "fixed" else None
    run = shear(start, start.strain + 0.3, stepping=stepping, increment=increment, max_events=2)
    assert len(run.events) == 2
    return Results(
        start,
        run,
        indicators.compute(start),
        state=describe(Analysis(start)),
        configuration={"source": "small <b>&amp; sheared"},
        provenance={"created": "now", "versions": {"glassplast": "1"}},
        warnings=["something <odd>"],
    )
