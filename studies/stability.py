"""Inherent-structure energy, first instability and soft modes against the temperature of preparation.

python -m studies.stability [--picture FILE] T=FILE ...

Each FILE holds the samples prepared at one temperature T, one a frame, as `glassplast prepare poly` writes them. Prints
a table, and the probability (one-sided rank test of Mann and Whitney) that gamma_min of the coldest and of the hottest
samples come from one distribution.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from scipy.stats import mannwhitneyu

import glassplast as gp


def prepared(text: str) -> tuple[float, list[gp.Glass]]:
    """Temperature and samples of an argument T=FILE."""
    temperature, file = text.split("=", 1)
    return float(temperature), [gp.minimize(glass) for glass in gp.read_frames(file)]


def shown(mean: gp.stability.Mean, digits: int) -> str:
    return f"{mean.value:.{digits}f} ± {mean.error:.{digits}f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("ensembles", nargs="+", metavar="T=FILE")
    parser.add_argument("--picture", type=Path, help="draw the measures")
    options = parser.parse_args()
    start = time.perf_counter()
    glasses = dict(prepared(text) for text in options.ensembles)
    coldest = min(glasses)
    # One frequency for all: that of the softest shear wave of the most stable glasses.
    frequency = min(gp.stability.measure(glass, to=0.0).frequency for glass in glasses[coldest])
    ensembles = gp.stability.against_temperature(glasses, frequency=frequency)
    print(f"modes are counted below omega = {frequency:.4f}")
    print("| T | samples | inherent energy | gamma_min | modes | shear modulus |\n|---|---|---|---|---|---|")
    for temperature, found in ensembles.items():
        print(
            f"| {temperature:g} | {len(found.samples)} | {shown(found.energy, 5)} | {shown(found.gamma_min, 4)} | "
            f"{shown(found.soft_modes, 1)} | {shown(found.shear_modulus, 2)} |"
        )
    ends = [[sample.gamma_min for sample in ensembles[t].samples] for t in (coldest, max(glasses))]
    print(f"gamma_min, coldest > hottest: p = {mannwhitneyu(*ends, alternative='greater').pvalue:.1e}")
    print(f"measured in {time.perf_counter() - start:.0f} s")
    if options.picture is not None:
        gp.plot.stability(ensembles, path=options.picture)


if __name__ == "__main__":
    main()
