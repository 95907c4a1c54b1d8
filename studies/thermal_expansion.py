"""Thermal displacement by molecular dynamics against its harmonic limit, as the temperature rises.

python -m studies.thermal_expansion [--particles 256] [--samples 3] [--duration 6000]
    [--temperatures T ...] [FILE ...]

Projects the mean displacement of molecular dynamics on T times the harmonic one, -1/2 H^-1 (U3 : H^-1), at
temperatures up to the 0.01 T_MCT of Richard et al. (2020). Without files, samples of both models are
prepared: LJ quenched from the hot liquid, POLY equilibrated at 0.12.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

import glassplast as gp
from glassplast.response.anharmonicity import harmonic_thermal_displacement


def samples(particles: int, count: int) -> Iterator[tuple[str, gp.Glass]]:
    for seed in range(1, count + 1):
        yield f"LJ HTL {seed}", gp.prepare.lj(particles, protocol="HTL", equilibration=100.0, seed=seed)
        yield f"POLY 0.12 {seed}", gp.prepare.poly(particles, 0.12, seed=seed)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="*", metavar="FILE", help="minima, e.g. as glassplast prepare writes them")
    parser.add_argument("--particles", type=int, default=256)
    parser.add_argument("--samples", type=int, default=3)
    parser.add_argument("--duration", type=float, default=6000.0)
    parser.add_argument("--temperatures", type=float, nargs="+", help="by default 1e-6, 1e-5, 1e-4 and 0.01 T_MCT")
    options = parser.parse_args()
    begin = time.perf_counter()
    given = ((file, gp.read(file)) for file in options.files)
    print("| sample | N | T | projection | of the plain mean | stayed in its minimum |\n|---|---|---|---|---|---|")
    for name, glass in given if options.files else samples(options.particles, options.samples):
        glass = gp.minimize(glass)
        analysis = gp.Analysis(glass)
        harmonic = harmonic_thermal_displacement(analysis)
        assert glass.model is not None
        usual = (1e-6, 1e-5, 1e-4, 0.01 * glass.model.kind.mode_coupling)
        for temperature in options.temperatures or usual:
            found = gp.thermal_displacement(glass, temperature, duration=options.duration, seed=1)
            value, error = found.projection(temperature * harmonic)
            plain = found.projection(temperature * harmonic, plain=True)
            print(
                f"| {name} | {len(glass)} | {temperature:g} | {value:.3f} ± {error:.3f} | "
                f"{plain.value:.2f} ± {plain.error:.2f} | {'yes' if found.stayed else 'no'} |",
                flush=True,
            )
    print(f"measured in {time.perf_counter() - begin:.0f} s")


if __name__ == "__main__":
    main()
