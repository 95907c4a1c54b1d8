"""Thresholds of patches along exact branches against those of fixed increments, and what either takes.

python -m studies.local_yield [--nodes 4] [--cg] [--whole] [--convergence] [--stability] [--widths]
    [FILE:MODEL ...]

Random nodes, 18 directions each. Fixed increments of 1e-4 (the original protocol) and 1e-5 are relaxed by Newton's
method; with --cg those of 1e-4 also by conjugate gradients, which takes a hundred times longer than the branch. Pairs
of node and direction where exact stepping differs from the increments by more than 1e-4 are listed with all three
thresholds and the strains where they were found. With --whole nothing is compared: the residual strength under one
loading and the map of all directions are computed on all threads and timed. With --convergence radius, spacing and
directions are varied; with --stability prestress and mean thresholds are shown; with --widths what the width of the
prestress is by other definitions.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from scipy.stats import kurtosis, skew, spearmanr

import glassplast as gp
from glassplast.probes.yield_map import YieldMap, grid, local_yield_stress, particle_field, residual_strength

SAMPLES = Path(__file__).resolve().parent.parent / "tests" / "data"
DEFAULTS = ("poly_inf_1024.xyz:poly", "poly_t012_1024.xyz:poly", "lj_gq_1024.data:lj")
ALLOWED = 1e-4


def timed(glass: gp.Glass, **options: object) -> tuple[YieldMap, float]:
    """A map on one thread, and its processor time for each pair of node and direction, in milliseconds."""
    start = time.process_time()
    result = local_yield_stress(glass, threads=1, **options)  # type: ignore[arg-type]
    return result, 1e3 * (time.process_time() - start) / result.threshold.size


def study(name: str, glass: gp.Glass, nodes: int, conjugate_gradient: bool) -> None:
    places = np.random.default_rng(1).random((nodes, 2)) @ glass.cell.T
    exact, own = timed(glass, nodes=places)
    later, _ = timed(glass, nodes=places, instability=True)
    fixed = {
        increment: timed(glass, nodes=places, stepping="fixed", method="newton", increment=increment)
        for increment in (1e-4, 1e-5)
    }
    coarse, fine = fixed[1e-4][0].threshold, fixed[1e-5][0].threshold
    apart = np.abs(exact.threshold - fine)
    agree = np.abs(coarse - fine) <= ALLOWED
    print(f"\n## {name}: {exact.threshold.size} pairs of node and direction\n")
    print(f"- exact: {own:.1f} ms a pair, {exact.evaluations.mean():.0f} evaluations, ", end="")
    print(f"{exact.factorizations.mean():.0f} factorizations; largest residual {exact.largest_residual.max():.1e}")
    for increment, (_, cost) in fixed.items():
        print(f"- increments of {increment:g}, Newton: {cost:.0f} ms a pair, {cost / own:.1f} times as long")
    if conjugate_gradient:
        slow, cost = timed(glass, nodes=places, stepping="fixed", method="cg", increment=1e-4)
        steps = np.maximum(slow.strain / 1e-4, 1.0)
        print(
            f"- increments of 1e-4, conjugate gradients: {cost:.0f} ms a pair, {cost / own:.0f} times as long, ", end=""
        )
        print(f"{(slow.evaluations / steps).mean():.0f} evaluations an increment; ", end="")
        print(f"thresholds differ from Newton's by {np.abs(slow.threshold - coarse).max():.1e} at most")
    print(f"- increments of 1e-4 and 1e-5 agree to 1e-4 in {agree.sum()}; there exact differs by at most ", end="")
    print(f"{apart[agree].max():.1e}, median {np.median(apart[agree]):.1e}")
    lag = later.instability_strain - later.strain
    print(f"- the first instability comes {np.median(lag):.1e} (median), {lag.max():.1e} (largest) after the maximum")
    for k, a in np.argwhere(apart > ALLOWED):
        known = [(run.threshold[k, a], run.strain[k, a]) for run in (exact, fixed[1e-4][0], fixed[1e-5][0])]
        words = ", ".join(f"{tau:.6f} at {gamma:.6f}" for tau, gamma in known)
        print(f"- node {k}, {exact.angles[a]:.0f} degrees: exact, 1e-4, 1e-5: {words}")
    for k, a in np.argwhere(~agree & (apart <= ALLOWED)):
        print(f"- node {k}, {exact.angles[a]:.0f} degrees: 1e-4 differs by {coarse[k, a] - fine[k, a]:.1e}, ", end="")
        print(f"exact and 1e-5 by {apart[k, a]:.1e}")


def whole(name: str, glass: gp.Glass) -> None:
    """Wall and processor time of all nodes of a glass."""
    clock, processor = time.perf_counter(), time.process_time()
    _, strength = residual_strength(glass, 0.0)
    one = time.perf_counter() - clock, time.process_time() - processor
    clock, processor = time.perf_counter(), time.process_time()
    known = local_yield_stress(glass)
    both = time.perf_counter() - clock, time.process_time() - processor
    print(f"{name}: {len(strength)} nodes; one loading {one[0]:.0f} s ({one[1]:.0f} s of processors), ", end="")
    print(f"{len(known.angles)} directions {both[0]:.0f} s ({both[1]:.0f} s)")
    print(f"same strength: {np.array_equal(known.strength(0.0), strength)}; without threshold: ", end="")
    print(f"{np.isnan(known.threshold).sum()}; tau before: {known.stress.std():.4f} (standard deviation)")


def convergence(name: str, glass: gp.Glass) -> None:
    """How the field of one loading direction depends on the radius of the disks, their spacing and the directions."""
    events = gp.shear(glass, 0.2, max_events=10).events
    reference = None
    print(f"\n## {name}\n\n| radius | spacing | directions | mean | least | Spearman with the default | C |")
    print("|---|---|---|---|---|---|---|")
    sets = [(5.0, 2.5, 18)] + [(radius, 2.5, 18) for radius in (3.0, 4.0, 6.0, 8.0)]
    sets += [(5.0, spacing, 18) for spacing in (5.0, 1.25)] + [(5.0, 2.5, count) for count in (9, 36)]
    for radius, spacing, count in sets:
        angles = [180.0 / count * k for k in range(count)]
        nodes, strength = residual_strength(glass, 0.0, radius=radius, spacing=spacing, angles=angles)
        field = particle_field(glass, nodes, strength, radius)
        reference = field if reference is None else reference
        same = spearmanr(field, reference, nan_policy="omit")[0]
        ranks = [gp.score({"plastic_strength": field}, event)["plastic_strength"] for event in events]
        print(f"| {radius:g} | {spacing:g} | {count} | {np.nanmean(field):.3f} | {np.nanmin(field):.4f} ", end="")
        print(f"| {same:.3f} | {2.0 * np.mean(ranks) - 1.0:.2f} |", flush=True)


def stability(name: str, glass: gp.Glass) -> None:
    """The shear stress that patches carry before anything moves, and what some of them bear."""
    still = local_yield_stress(
        glass, angles=(0.0, 45.0), stepping="fixed", method="newton", increment=1e-7, largest_strain=1e-7
    ).stress
    nodes = np.random.default_rng(0).choice(grid(glass), 60, replace=False)
    some = local_yield_stress(glass, nodes=nodes, angles=tuple(range(0, 180, 30)))
    print(
        f"{name}: stress of {len(still)} patches at 0 and 45 degrees: standard deviation {still.std(axis=0)}, ", end=""
    )
    print(f"skewness {skew(still)}, excess kurtosis {kurtosis(still)}; ", end="")
    print(f"threshold of {some.threshold.size} pairs of node and direction: mean {np.nanmean(some.threshold):.3f}")


def widths(name: str, glass: gp.Glass) -> None:
    """Standard deviation of the prestress of patches (both shear components, their mean taken off), by definition."""
    glass = glass.wrapped()
    pairs = gp.Analysis(glass).pairs
    pull = pairs.phi1 / pairs.distance
    x, y = pairs.separation.T
    shear = np.stack([pull * x * y, 0.5 * pull * (y**2 - x**2)])
    inverse, nodes = np.linalg.inv(glass.cell), grid(glass)
    offset = (glass.positions[None] - nodes[:, None]) @ inverse.T
    squared = np.sum(((offset - np.round(offset)) @ glass.cell.T) ** 2, axis=2)
    print(f"{name}: {len(nodes)} nodes, density {glass.number_density:.4f}, pressure ", end="")
    print(f"{-np.trace(gp.Analysis(glass).stress) / 2:.3f}")
    for radius in (3.0, 3.5, 4.0, 4.5, 5.0, 6.0):
        inside = squared < radius**2
        both = np.array([shear @ (disk[pairs.first] & disk[pairs.second]) for disk in inside])
        either = np.array([shear @ (disk[pairs.first] | disk[pairs.second]) for disk in inside])
        counted = {"half": 0.5 * (both + either), "free pairs only": both, "whole": either}
        for word, force in counted.items():
            if word != "half" and radius != 5.0:
                continue
            stress = force / (np.pi * radius**2)
            about = stress - stress.mean(axis=0)
            error = np.sqrt(np.pi * radius**2 / (4.0 * glass.volume))
            print(f"radius {radius:g}, {word}: {about.std():.4f} ± {error * about.std():.4f}", end="")
            print(
                f" (rms {np.sqrt(np.mean(stress**2)):.4f}); mean of the largest shear {np.hypot(*stress.T).mean():.4f}"
            )
            if word == "half" and radius == 5.0:
                number = inside.sum(axis=1)[:, None] / (glass.number_density * np.pi * radius**2)
                scaled = stress / number
                print(f"the same per area of its particles: {(scaled - scaled.mean(axis=0)).std():.4f}")
    stress = gp.coarse_grained_stress(glass, nodes)
    about = np.stack([stress[:, 0, 1], 0.5 * (stress[:, 1, 1] - stress[:, 0, 0])], axis=1)
    print(f"coarse grained, radius 5: {(about - about.mean(axis=0)).std():.4f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="*", metavar="FILE:MODEL", default=DEFAULTS)
    parser.add_argument("--nodes", type=int, default=4)
    parser.add_argument("--cg", action="store_true")
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--stability", action="store_true", help="prestress and mean threshold")
    parser.add_argument("--widths", action="store_true", help="of the prestress, by its definition and the radius")
    parser.add_argument("--convergence", action="store_true", help="radius, spacing and directions")
    options = parser.parse_args()
    for entry in options.files:
        file, _, model = entry.rpartition(":")
        path = Path(file) if Path(file).exists() else SAMPLES / file
        glass = gp.minimize(gp.read(path, model=model))
        if options.stability:
            stability(entry, glass)
        elif options.widths:
            widths(entry, glass)
        elif options.convergence:
            convergence(entry, glass)
        elif options.whole:
            whole(entry, glass)
        else:
            study(entry, glass, options.nodes, options.cg)


if __name__ == "__main__":
    main()
