"""Are the instabilities that exact stepping lands on those of fixed steps of 1e-6, and do they obey their laws?

python -m studies.instabilities [--events K] [--limit N] [--workers W] [--output FILE] [GLASS ...]

A GLASS is a file (each of its frames), or the name of an ensemble: ``samples`` (of the tests, N = 1024),
``samples_10000``, or ``random_poly`` (20 quenches from random positions, N = 1024). Of each glass: the first critical
strain, the first maximum of the stress before it, and the first event of fixed stepping from the same state. Then the
K - 1 events that follow, each fixed run started from the state that exact stepping has after the previous event.

Before each first instability states are followed up to chosen distances from it. There the eigenvalue of the critical
mode goes as the distance to the power 1/2, and the mode turns in proportion to the distance: on a fold the state moves
by sqrt(distance) along the mode, to first order the mode turns by as much, and 1 - |cos| is the square of that. Two
states at 4e-6 and 1e-6 therefore predict the recorded mode, 1e-9 before the instability, without going there.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import glassplast as gp
from bench.measure import sample

INCREMENT = 1e-6
FAR = 0.5
#: Distances to the instability at which the law of the eigenvalue is taken.
EIGENVALUE_DISTANCES = np.logspace(-8.0, -6.0, 5)
SAMPLES = {
    "samples": ("lj_htl_1024.data", "lj_gq_1024.data", "poly_inf_1024.xyz", "poly_t012_1024.xyz"),
    "samples_10000": ("lj_gq_10000.data", "poly_inf_10000.xyz"),
}
HEADER = (
    "| glass | event | gamma_c | stress maximum before it | fixed steps: irreversible after | inside | same core | "
    "1 - overlap, 1e-6 to 1e-9 | exponent | turn: power | 1 - overlap with predicted | steps, exact / fixed |"
)


@dataclass(frozen=True)
class Row:
    """What was found of one instability; NaN where it was not asked for."""

    glass: str
    number: int
    strain: float
    stress_maximum: float
    fixed: float
    same_core: bool
    runner_up: float
    turned: float
    exponent: float = math.nan
    turn_power: float = math.nan
    predicted: float = math.nan
    seconds: tuple[float, float] = (0.0, 0.0)

    @property
    def inside(self) -> bool:
        """Whether the fixed step that cannot be undone contains the critical strain."""
        rounding = 1e-12
        return self.fixed - rounding <= self.strain <= self.fixed + INCREMENT + rounding

    def __str__(self) -> str:
        core = "yes" if self.same_core else f"no ({self.runner_up:.3f} of the largest)"
        return (
            f"| {self.glass} | {self.number} | {self.strain:.10f} | {self.strain - self.stress_maximum:.1e} | "
            f"{self.fixed:.7f} | {'yes' if self.inside else 'NO'} | {core} | {self.turned:.1e} | {self.exponent:.4f} | "
            f"{self.turn_power:.3f} | {self.predicted:.1e} | {self.seconds[0]:.1f} s / {self.seconds[1]:.0f} s |"
        )


def critical_approach(glass: gp.Glass, event: gp.Event) -> tuple[float, float, float]:
    """Exponent of the eigenvalue, power of the turn of the mode, 1 - overlap of the predicted mode."""

    def mode_at(distance: float) -> tuple[float, NDArray[np.float64]]:
        state = gp.shear(glass, event.strain - distance, threads=1).glass_at(event.strain - distance)
        modes = gp.Analysis(state, threads=1).modes(4)
        overlaps = np.nansum(modes.vectors * event.mode, axis=(1, 2))
        best = int(np.abs(overlaps).argmax())
        return float(modes.eigenvalues[best]), np.nan_to_num(modes.vectors[best] * np.sign(overlaps[best]))

    stiffness = [mode_at(distance)[0] for distance in EIGENVALUE_DISTANCES]
    exponent = np.polyfit(np.log(EIGENVALUE_DISTANCES), np.log(stiffness), 1)[0]
    critical = np.nan_to_num(event.mode)
    nearest, near, far = (mode_at(distance)[1] for distance in (1e-7, 1e-6, 4e-6))
    # How far the state moves along the mode from each to where the mode is recorded, up to a factor.
    recorded = math.sqrt(abs(event.mode_distance))
    moves = [math.sqrt(distance) - recorded for distance in (1e-7, 1e-6, 4e-6)]
    # Squares of differences: 1 - cos would be lost to rounding.
    turns = [float(np.sum((mode - critical) ** 2)) / 2.0 for mode in (nearest, near)]
    power = math.log(turns[1] / turns[0]) / (2.0 * math.log(moves[1] / moves[0]))
    predicted = near + (near - far) * moves[1] / (moves[2] - moves[1])
    predicted /= np.linalg.norm(predicted)
    return float(exponent), power, float(np.sum((predicted - critical) ** 2)) / 2.0


def examine(glass: gp.Glass, name: str, events: int) -> Iterator[Row]:
    """The first instabilities of a glass, one after the other."""
    state = gp.minimize(glass, tolerance=1e-11)
    for number in range(1, events + 1):
        start = time.perf_counter()
        (event,) = gp.shear(state, FAR, max_events=1, threads=1).events
        middle = time.perf_counter()
        fixed = gp.shear(
            state, event.strain + 5.0 * INCREMENT, stepping="fixed", increment=INCREMENT, max_events=1, threads=1
        ).events
        seconds = (middle - start, time.perf_counter() - middle)
        size = np.sort(np.nan_to_num(np.linalg.norm(event.mode, axis=1)))
        row = Row(
            name,
            number,
            event.strain,
            event.stress_maximum_strain,
            fixed[0].onset_strain if fixed else math.nan,
            bool(fixed) and fixed[0].core == event.core,
            float(size[-2] / size[-1]),
            1.0 - event.overlap,
            *(critical_approach(state, event) if number == 1 else ()),
            seconds=seconds,
        )
        yield row
        state = event.after


def ensemble(name: str) -> Iterator[tuple[str, gp.Glass]]:
    """The glasses that a name on the command line stands for."""
    if name in SAMPLES:
        for file in SAMPLES[name]:
            yield file, sample(file)
    elif name == "random_poly":
        like = sample("poly_inf_1024.xyz")
        for seed in range(20):
            places = np.random.default_rng(seed).uniform(size=like.positions.shape)
            yield f"random_poly {seed}", like.replace(positions=places @ like.cell.T)
    else:
        for number, glass in enumerate(gp.read_frames(name), start=1):
            yield f"{Path(name).name} {number}", glass


def rows_of(named: tuple[str, gp.Glass], events: int) -> list[Row]:
    """In one worker: all rows of one glass, printed as they come."""
    rows = []
    for row in examine(named[1], named[0], events):
        print(row, flush=True)
        rows.append(row)
    return rows


def summary(rows: list[Row]) -> list[str]:
    """What the table says, counted."""
    first = [row for row in rows if row.number == 1]
    turned = np.array([row.turned for row in rows])
    exponents = [row.exponent for row in first]
    return [
        f"- {len(rows)} instabilities of {len(first)} glasses; inside the irreversible step of {INCREMENT:g}: "
        f"{sum(row.inside for row in rows)}; same core: {sum(row.same_core for row in rows)}.",
        f"- Exponent of the eigenvalue from 1e-8 to 1e-6: {min(exponents):.4f} to {max(exponents):.4f}.",
        f"- 1 - overlap of the modes 1e-6 and 1e-9 before the instability: median {np.nanmedian(turned):.1e}, largest "
        f"{np.nanmax(turned):.1e}; below 1e-4 in {int(np.sum(turned < 1e-4))}. It goes as the distance to the power "
        f"{np.median([row.turn_power for row in first]):.3f} (median; 1 is the law of a fold).",
        f"- 1 - overlap of the recorded mode with that predicted from 4e-6 and 1e-6: median "
        f"{np.median([row.predicted for row in first]):.1e}, largest {max(row.predicted for row in first):.1e}.",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("glasses", nargs="*", metavar="GLASS", default=["samples"])
    parser.add_argument("--events", type=int, default=1, metavar="K", help="instabilities of each glass (1)")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N glasses of each ensemble")
    parser.add_argument("--workers", type=int, default=1, help="processes (1)")
    parser.add_argument("--output", type=Path, help="write the table as Markdown")
    options = parser.parse_args()
    named = [pair for name in options.glasses for pair in list(ensemble(name))[: options.limit]]
    print(HEADER, flush=True)
    with multiprocessing.Pool(options.workers) as pool:
        rows = list(chain.from_iterable(pool.imap(partial(rows_of, events=options.events), named)))
    lines = summary(rows)
    print("\n".join(lines))
    if options.output is not None:
        divider = "|" + "---|" * (HEADER.count("|") - 1)
        options.output.write_text("\n".join([*lines, "", HEADER, divider, *map(str, rows), ""]))


if __name__ == "__main__":
    main()
