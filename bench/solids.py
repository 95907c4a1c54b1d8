"""Kob-Andersen glasses in three dimensions, hot liquids that are quenched at once."""

from __future__ import annotations

import numpy as np

import glassplast as gp
from glassplast.prepare.mixtures import KOB_ANDERSEN_DENSITY, KOB_ANDERSEN_PART, Mixture, random_start

TEMPERATURE = 2.0
#: Long enough to forget the random start, of which overlaps have been removed.
DURATION = 5.0
SEED = 3


def named(count: int) -> str:
    """In the rows of all subjects."""
    return f"Kob-Andersen in 3D, N = {count}"


def hot_liquid(count: int) -> gp.Glass:
    majority = round(count * KOB_ANDERSEN_PART[3])
    mixture = Mixture("kob_andersen", 3, (majority, count - majority), KOB_ANDERSEN_DENSITY)
    start = random_start(mixture, np.random.default_rng(SEED))
    run = gp.sampling.molecular_dynamics(
        start, temperature=TEMPERATURE, duration=DURATION, sample_interval=0, seed=SEED, progress=False
    )
    return run.glass.wrapped()


def quenched(count: int, tolerance: float) -> gp.Glass:
    return gp.minimize(hot_liquid(count), tolerance=tolerance)
