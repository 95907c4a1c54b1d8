"""Softness trained on sheared samples of one protocol, and what it reaches on others of the same protocol.

python -m studies.softness NAME DIRECTORY [--held-out M] [--write FILE] [--paper ACCURACY] [--picture FILE]
python -m studies.softness NAME DIRECTORY --make M [--n N] [--first K] [--duration TIME]

NAME is ``poly_T``, ``lj_HTL``, ``lj_ESL``, or ``lj_GQ`` and whatever follows; DIRECTORY holds, or with --make gets, one
HDF5 file for each sample sheared to 0.12. Prints the accuracy on held-out samples for both losses and two classifiers
that are not linear, the learning curve, and C_min of the first events of the held-out samples for each classifier and
for other structural indicators, with bootstrap confidence intervals. --write stores the linear model of hinge loss with
these numbers.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import glassplast as gp
from glassplast import softness
from glassplast.sampling.monte_carlo import MonteCarlo
from glassplast.scores import correlation, ranks, score, spearman
from glassplast.softness.model import linear_machine, other_classifier

STRAIN = 0.12
#: Sweeps of a relaxation time of POLY (docs/validation-prepare.md); two of them part the samples of one chain.
RELAXATION = {0.3: 1000, 0.12: 6500, 0.085: 22000}
OTHERS = ("steric_order", "density", "free_volume", "hexatic", "excess_entropy", "voronoi_anisotropy")
SIZES = (500, 1000, 2000, 4000, 8000, 16000, 32000)


def glasses(name: str, count: int, n: int, first: int, duration: float) -> Iterator[gp.Glass]:
    """Samples of a protocol. Those of POLY are of one chain, ten relaxation times after annealing, two apart."""
    model, protocol = name.split("_", 1)
    if model == "lj":
        for seed in range(first + 1, first + count + 1):
            known = "GQ" if protocol.startswith("GQ") else protocol
            yield gp.prepare.lj(n, known, seed, equilibration=300.0, duration=duration)
        return
    temperature = float(protocol)
    sweeps = RELAXATION[temperature]
    seed = 1000 * first + round(1000 * temperature)
    liquid = gp.prepare.poly(n, temperature, seed, sweeps=10 * sweeps, quench=False)
    chain = MonteCarlo(liquid, temperature, 77 + first)
    for _ in range(count):
        yield gp.minimize(chain.glass.wrapped()).replace(provenance=dict(liquid.provenance))
        chain.run(2 * sweeps)


def protocol(name: str, duration: float) -> dict[str, Any]:
    """As `glassplast.softness.protocol_of` finds it in the provenance of such a sample."""
    model, kind = name.split("_", 1)
    if model == "poly":
        return {"model": model, "temperature": float(kind)}
    if kind.startswith("GQ"):
        return {"model": model, "protocol": "GQ", "duration": duration}
    return {"model": model, "protocol": kind}


def make(options: argparse.Namespace) -> None:
    """Prepare and shear samples."""
    options.directory.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    every = glasses(options.name, options.make, options.n, options.first, options.duration)
    for number, glass in enumerate(every, start=options.first):
        run = gp.shear(glass, STRAIN)
        gp.Results(glass, run).save(options.directory / f"{number:03d}.h5")
        print(f"{number}: {len(run.events)} events, {time.perf_counter() - start:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--make", type=int, metavar="M")
    parser.add_argument("--n", type=int, default=1024)
    parser.add_argument("--first", type=int, default=0, metavar="K")
    parser.add_argument("--duration", type=float, default=2e3, help="of the cooling of lj_GQ... (default: %(default)g)")
    parser.add_argument("--held-out", type=float, default=1.0 / 3.0, metavar="PART")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=int, metavar="M", help="train on at most so many particles of each class")
    parser.add_argument("--reach", type=float, default=2.5, help="of D2min (default: %(default)s)")
    parser.add_argument("--paper", type=float, metavar="ACCURACY")
    parser.add_argument("--write", type=Path, metavar="FILE")
    parser.add_argument("--picture", type=Path, metavar="FILE")
    options = parser.parse_args()
    if options.make is not None:
        make(options)
        return

    start = time.perf_counter()
    files = sorted(options.directory.glob("*.h5"))
    results = [gp.Results.load(file) for file in files]
    runs = [found.run for found in results if found.run is not None]
    features = softness.default_features(runs[0].start)
    examples = softness.label_events([run.events for run in runs], features, radius=options.reach)
    training, held_out = examples.split(1.0 - options.held_out, seed=options.seed)
    training, validation = training.balanced(options.most), held_out.balanced()
    events = sum(len(run.events) for run in runs)
    print(
        f"## {options.name}: {len(runs)} samples of {len(runs[0].start)}, {events} events, {len(examples)} labelled by "
        f"D2min within {options.reach:g}; "
        f"{len(training)} to train on ({training.sample_count} samples), {len(validation)} to validate on "
        f"({validation.sample_count} samples)"
    )

    model = gp.SoftnessModel(features, provenance={"protocol": protocol(options.name, options.duration)})
    machines: dict[str, Any] = {
        "hinge": model,
        "squared_hinge": linear_machine("squared_hinge"),
        "gradient_boosting": other_classifier("gradient_boosting"),
        "neural_network": other_classifier("neural_network"),
    }
    print("| classifier | accuracy, training | accuracy, held-out | seconds to train |\n|---|---|---|---|")
    accuracies: dict[str, float] = {}
    for name, machine in machines.items():
        begun = time.perf_counter()
        if name == "hinge":
            model.train(training)
        else:
            machine.fit(training.features, training.labels)
        seconds = time.perf_counter() - begun
        own = machine.score(training.features, training.labels)
        accuracies[name] = float(machine.score(validation.features, validation.labels))
        print(f"| {name} | {own:.4f} | {accuracies[name]:.4f} | {seconds:.1f} |", flush=True)

    sizes = [size for size in SIZES if 2 * size <= len(training)]
    base = gp.SoftnessModel(features, loss="squared_hinge")
    curve = softness.learning_curve(training, validation, sizes, model=base, repeats=5)
    print("| particles of each class | " + " | ".join(map(str, sizes)) + " |")
    print("|---" * (len(sizes) + 1) + "|")
    print("| accuracy | " + " | ".join(f"{row.mean():.4f} ± {row.std(ddof=1):.4f}" for row in curve) + " |")

    probability = model.predict_proba(validation.features)[:, 1]
    tenths = [(probability >= low) & (probability < low + 0.2) for low in np.arange(0.0, 1.0, 0.2)]
    print("| predicted probability | " + " | ".join(f"{probability[part].mean():.3f}" for part in tenths) + " |")
    print("|---" * 6 + "|")
    print("| part that is soft | " + " | ".join(f"{validation.labels[part].mean():.3f}" for part in tenths) + " |")

    unseen = np.unique(held_out.samples)
    ranked: dict[str, list[float]] = {}
    likeness: dict[str, list[float]] = {key: [] for key in OTHERS}
    for number in unseen:
        run = runs[int(number)]
        if not run.events:
            continue
        described = features.compute(run.start)
        fields = dict(gp.indicators.compute(run.start, OTHERS))
        fields["softness"] = model.softness(run.start)
        found = score(fields, run.events[0])
        for key in ("gradient_boosting", "neural_network"):
            probable = machines[key].predict_proba(described)[:, 1]
            found[key] = float(ranks(probable)[run.events[0].core])
        for key, rank in found.items():
            ranked.setdefault(key, []).append(rank)
        for key in OTHERS:
            oriented = gp.indicators.find(key).oriented(fields[key])
            likeness[key].append(spearman(fields["softness"], oriented))
    print(f"| field | C_min of {len(unseen)} held-out samples | 95 % | Spearman with softness |\n|---|---|---|---|")
    summary: dict[str, Any] = {}
    for key, found in sorted(ranked.items(), key=lambda item: -float(np.mean(item[1]))):
        c_min = correlation(found)
        alike = f"{np.mean(likeness[key]):.3f}" if key in likeness else ""
        print(f"| {key} | {c_min.value:.3f} | {c_min.low:.3f} to {c_min.high:.3f} | {alike} |")
        summary[key] = [round(value, 4) for value in c_min[:3]]

    if options.write is not None:
        model.provenance = {
            **(model.provenance or {}),
            "reach": options.reach,
            "particles": len(runs[0].start),
            "events": events,
            "made_by": f"python -m studies.softness {options.name}",
            "validation": {
                "accuracy": round(accuracies["hinge"], 4),
                "accuracy_of_others": {name: round(accuracies[name], 4) for name in machines if name != "hinge"},
                "particles": len(validation),
                "samples": validation.sample_count,
                "c_min": summary,
                "spearman_with_steric_order": round(float(np.mean(likeness["steric_order"])), 4),
            },
            **({} if options.paper is None else {"paper_accuracy": options.paper}),
        }
        model.save(options.write)
    if options.picture is not None:
        gp.plot.softness_weights(model, path=options.picture)
    print(f"measured in {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
