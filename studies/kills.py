"""Do computations that are killed at random moments go on to the bits of undisturbed ones?

Preparations (Monte Carlo and dynamics), a shear run, a map of local yield stresses and a catalogue of saddle points,
each with a checkpoint that is written as often as possible, run in a process of their own that gets ``kill -9`` after a
random part of the time that is left. Each is started again until it is done, and its result compared bit by bit with
that of a run that nobody disturbed. The exit code is 1 if one differs.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

import glassplast as gp
from glassplast.foundation import keeping
from glassplast.sampling import dynamics_run

#: Forked, so that a kill meets the computation and not the imports.
FORK = multiprocessing.get_context("fork")


@cache
def small_glass() -> gp.Glass:
    """A glass of soft disks that every job but the preparations begins with."""
    return gp.prepare.poly(n=144, temperature=0.3, seed=1, sweeps=100, threads=1, progress=False)


def poly(place: Path) -> list[object]:
    made = gp.prepare.poly(
        n=64, temperature=0.3, seed=2, most_sweeps=2000, annealing_sweeps=400, checkpoint=place, threads=1
    )
    return [made.positions, made.diameters, made.provenance["preparation"]]


def tempered(place: Path) -> list[object]:
    made = gp.prepare.poly(
        n=64,
        temperature=0.25,
        seed=2,
        most_sweeps=1000,
        annealing_sweeps=400,
        tempering=0.4,
        checkpoint=place,
        threads=1,
    )
    return [made.positions, made.diameters, made.provenance["preparation"]]


def lj(place: Path) -> list[object]:
    made = gp.prepare.lj(n=144, protocol="GQ", seed=3, equilibration=5.0, duration=20.0, checkpoint=place, threads=1)
    return [made.positions, made.species, made.provenance["preparation"]]


def shear(place: Path) -> list[object]:
    if (place / "start.h5").exists():
        run = gp.resume(place, threads=1)
    else:
        run = gp.shear(small_glass(), 0.2, checkpoint=place, threads=1)
    return [run.strain, run.stress, run.energy, run.end.positions, *(event.mode for event in run.events)]


def yield_map(place: Path) -> list[object]:
    angles = [0.0, 45.0, 90.0, 135.0]
    found = gp.local_yield_stress(small_glass(), radius=3.0, spacing=2.0, angles=angles, checkpoint=place, threads=1)
    return [found.threshold, found.stress, found.evaluations]


def saddles(place: Path) -> list[object]:
    centres = list(range(0, 144, 12))
    found = gp.saddle_points(
        small_glass(), centres=centres, saddles=2, attempts=10, seed=0, checkpoint=place, threads=1
    )
    return [found.centres, found.barrier, found.stress_difference, found.steps]


JOBS: dict[str, Callable[[Path], list[object]]] = {
    "poly": poly,
    "tempered": tempered,
    "lj": lj,
    "shear": shear,
    "yield map": yield_map,
    "saddles": saddles,
}


def digest(values: list[object]) -> str:
    """A hash of all bits of a result."""
    content = hashlib.sha256()
    for value in values:
        content.update(value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
    return content.hexdigest()


def at_work(job: Callable[[Path], list[object]], place: Path, answer: Path) -> None:
    """Run a job in a process of its own, which leaves a hash of what it found."""
    keeping.Keeper.__init__.__defaults__ = (0.0,)
    dynamics_run.CHECKPOINT_SECONDS = 0.0
    found = digest(job(place))
    answer.write_text(found)
    os._exit(0)


def started(job: Callable[[Path], list[object]], place: Path, answer: Path) -> multiprocessing.Process:
    process = FORK.Process(target=at_work, args=(job, place, answer))
    process.start()
    return process


def main() -> int:
    """Kill every job, and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=10, help="kills of each job (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the moments (default: %(default)s)")
    parser.add_argument("--only", nargs="*", choices=JOBS, default=list(JOBS), help="jobs to kill")
    arguments = parser.parse_args()
    moments = random.Random(arguments.seed)
    small_glass()
    wrong = 0
    for name in arguments.only:
        job = JOBS[name]
        with tempfile.TemporaryDirectory() as directory:
            folder = Path(directory)
            began = time.monotonic()
            started(job, folder / "undisturbed", folder / "expected").join()
            lasts = time.monotonic() - began
            expected = (folder / "expected").read_text()
            kills = runs = 0
            while kills < arguments.kills:
                runs += 1
                place, answer = folder / f"killed-{runs}", folder / f"found-{runs}"
                while not answer.exists():
                    process = started(job, place, answer)
                    # Some in each run may come too late; a run takes about four of them.
                    process.join(lasts * moments.uniform(0.0, 0.5) if kills < arguments.kills else None)
                    if process.is_alive():
                        process.kill()
                        process.join()
                        kills += 1
                    elif process.exitcode != 0:
                        print(f"{name}: failed after {kills} kills")
                        wrong += 1
                        break
                if answer.exists() and answer.read_text() != expected:
                    print(f"{name}: run {runs} has other bits")
                    wrong += 1
                if wrong:
                    break
            verdict = "WRONG" if wrong else "same bits"
            print(f"{name:10} {lasts:6.2f} s undisturbed, {kills} kills in {runs} runs: {verdict}", flush=True)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
