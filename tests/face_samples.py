"""One sample of each kind of object that has a short text or a table."""

from functools import cache

import numpy as np

import glassplast as gp
from samples import small_minimum
from small_jobs import small_results


@cache
def yield_map():
    glass = small_minimum("poly", 100, seed=1)
    return gp.local_yield_stress(glass, nodes=glass.positions[:3], angles=[0.0, 45.0], radius=2.0)


@cache
def saddle_catalogue():
    return gp.saddle_points(small_minimum("poly", 100, seed=1), centres=[3], attempts=6, seed=5)


@cache
def ensemble():
    """Ranks of an ensemble, and what follows from them, by name."""
    sample = {"density": [0.5, 0.75], "hexatic": [np.nan, 0.25]}
    ranks = gp.ensemble_scores.RankTable.of_samples([sample, {"density": [1.0], "hexatic": [0.5]}, sample])
    options = {"resamples": 20}
    return {
        "ranks": ranks,
        "correlations": gp.ensemble_scores.correlations(ranks, **options),
        "differences": gp.ensemble_scores.differences(ranks, **options),
        "chance": gp.ensemble_scores.chance(ranks, 100),
        "distributions": gp.ensemble_scores.distributions(ranks, **options),
    }


@cache
def things():
    """By the name of the type; not to be changed."""
    results = small_results("poly", "exact")
    glass = results.start
    found = [
        glass,
        gp.Analysis(glass),
        results,
        results.run,
        results.events[0],
        gp.indicators.compute(glass, ["density", "hexatic"]),
        gp.Analysis(glass).modes(5),
        gp.elasticity(glass),
        gp.density_of_states([glass]),
        gp.shear_modulus_map(glass, spacing=2.5),
        gp.pseudo_harmonic_modes(glass),
        gp.nonlinear_modes(glass),
        gp.stability.measure(glass, to=0.0),
        gp.verify(glass),
        gp.cyclic_shear(glass, 0.01, 1),
        gp.reversal(results.events[0], max_events=1),
        gp.dissipation(results.run, np.linspace(0.0, 0.1, 3)),
        gp.softness.trained("poly_0.12"),
        yield_map(),
        saddle_catalogue(),
        *ensemble().values(),
    ]
    return {type(thing).__name__: thing for thing in found}
