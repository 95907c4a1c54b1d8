"""Saddle points, barriers of nonlinear modes, and first events: how well one tells the other.

python -m studies.saddle_points FILE MODEL                     # modes against saddles, and the first events
python -m studies.saddle_points FILE MODEL --centres 200       # what a random centre costs
python -m studies.saddle_points FILE MODEL --approach 1e-3 1e-4 # both, ahead of the first event
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from scipy.stats import spearmanr

import glassplast as gp


def modes_against_saddles(glass: gp.Glass, count: int) -> None:
    """Barriers of the softest modes by their cubic expansion, over those of the saddles that they lead to."""
    modes = gp.nonlinear_modes(glass)
    chosen = np.argsort(modes.stiffnesses)[:count]
    print("| kappa | barrier, cubic | barrier, quartic | of the saddle | overlap | ratio |")
    print("|---|---|---|---|---|---|")
    ratios = []
    for k in chosen:
        found = gp.saddle_points(
            glass, centres=[int(modes.cores[k])], saddles=8, attempts=60, seed=0, displacements=True
        )
        if not len(found):
            print(
                f"| {modes.stiffnesses[k]:.3g} | {modes.cubic_barriers[k]:.3g} | {modes.barriers[k]:.3g} | none | | |"
            )
            continue
        mode = np.nan_to_num(modes.vectors[k]).ravel()
        ways = found.displacements.reshape(len(found), -1)
        overlap = ways @ mode / np.linalg.norm(ways, axis=1)
        best = int(overlap.argmax())
        ratio = modes.cubic_barriers[k] / found.barrier[best]
        if overlap[best] > 0.5:
            ratios.append(ratio)
        print(
            f"| {modes.stiffnesses[k]:.3g} | {modes.cubic_barriers[k]:.3g} | {modes.barriers[k]:.3g} "
            f"| {found.barrier[best]:.3g} | {overlap[best]:.2f} | {ratio:.2f} |",
            flush=True,
        )
    if ratios:
        print(f"median ratio {np.median(ratios):.2f} over the {len(ratios)} with an overlap above 0.5")


def approach(glass: gp.Glass, distances: list[float]) -> None:
    """The barrier of the softest mode, and the strain that the lowest saddle predicts, ahead of the first event."""
    event = gp.shear(glass, 0.3, max_events=1).events[0]
    print("| ahead | barrier | way back | farthest particle | predicted / ahead | order | quartic | cubic | overlap |")
    print("|---|---|---|---|---|---|---|---|---|")
    for ahead in distances:
        before = gp.shear(glass, event.strain - ahead).end
        found = gp.saddle_points(before, centres=[event.core], saddles=50, seed=0, displacements=True)
        low = int(found.barrier.argmin())
        farthest = np.linalg.norm(found.displacements[low], axis=1).max()
        way_back = found.barrier[low] - found.energy_beyond[low]
        predicted = found.triggering_strain(np.eye(2, k=1))[low] / ahead
        harmonic = np.nan_to_num(gp.Analysis(before).modes(1).vectors[0])
        for order in (3, 4):
            modes = gp.nonlinear_modes(before, order=order)
            k = int(modes.stiffnesses.argmin())
            ratios = [barrier[k] / found.barrier[low] for barrier in (modes.barriers, modes.cubic_barriers)]
            overlap = abs(np.sum(np.nan_to_num(modes.vectors[k]) * harmonic))
            print(
                f"| {ahead:g} | {found.barrier[low]:.4g} | {way_back:.4g} | {farthest:.2g} | {predicted:.3f} | {order} "
                f"| {ratios[0]:.4f} | {ratios[1]:.4f} | {overlap:.4f} |",
                flush=True,
            )


def against_events(glass: gp.Glass, catalogue: gp.SaddleCatalogue, count: int) -> None:
    """Ranks of the cores of the first events in the field, and predicted against true strains around them."""
    run = gp.shear(glass, 0.3, max_events=count)
    field = catalogue.field(glass, run.loading)
    ranks = [float(np.mean(field >= field[event.core])) for event in run.events]
    true = [event.strain - glass.strain for event in run.events]
    predicted = [float(field[event.core]) for event in run.events]
    for event, rank, guess in zip(run.events, ranks, predicted, strict=True):
        print(f"event at {event.strain:.5f}: rank of its core {rank:.3f}, predicted there {guess:.5f}")
    known = np.isfinite(predicted)
    correlation = spearmanr(np.array(predicted)[known], np.array(true)[known])[0]
    print(f"mean rank {np.mean(ranks):.3f}; Spearman {correlation:.2f} of {known.sum()} predicted and true strains")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("model")
    parser.add_argument("--centres", type=int, help="random centres; by default all particles")
    parser.add_argument(
        "--events", type=int, default=10, help="of the shear run, compared with the field of all centres"
    )
    parser.add_argument(
        "--approach", type=float, nargs="+", metavar="STRAIN", help="ahead of the first event, at its core"
    )
    parser.add_argument("--checkpoint")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    glass = gp.minimize(gp.read(arguments.file, model=arguments.model))
    if arguments.approach:
        approach(glass, arguments.approach)
        return
    count = len(glass)
    centres = np.arange(count)
    if arguments.centres is not None:
        centres = np.sort(np.random.default_rng(arguments.seed).choice(count, arguments.centres, replace=False))
    else:
        modes_against_saddles(glass, 10)
    began, processor = time.perf_counter(), time.process_time()
    catalogue = gp.saddle_points(glass, centres=centres, seed=0, checkpoint=arguments.checkpoint)
    elapsed, processor = time.perf_counter() - began, time.process_time() - processor
    full = np.array([(catalogue.found_around == centre).sum() for centre in centres]) >= 5
    print(
        f"{arguments.file}: {len(centres)} centres of {count}, {len(catalogue)} saddles, {len(catalogue.distinct())} "
        f"distinct, five from {full.sum()} centres\n{catalogue.attempts.sum()} climbs: {catalogue.lost.sum()} lost, "
        f"{catalogue.repeated.sum()} repeated, {catalogue.unconnected.sum()} unconnected\n{elapsed:.0f} s, "
        f"{processor:.0f} s of processor time, {processor / len(centres):.2f} s a centre, all centres "
        f"{processor / len(centres) * count / 3600:.2f} h"
    )
    if arguments.centres is None:
        against_events(glass, catalogue, arguments.events)


if __name__ == "__main__":
    main()
