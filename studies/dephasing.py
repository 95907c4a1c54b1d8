"""How far is the nonaffine modulus that is estimated by dephasing from the sum over all modes?

Prints the steps, the estimated error, the true median error and that of 95 % of the particles, Spearman's correlation
with the exact field, and seconds of processor time and on the clock, for several accuracies. All modes take minutes at
N = 10^4. With --further 10000 the field is compared with that of ten thousand steps more instead, where all modes would
take hours.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

import glassplast as gp


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file")
    parser.add_argument("model")
    parser.add_argument("--accuracies", type=float, nargs="+", default=[0.02, 0.01, 0.005])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--further", type=int, metavar="STEPS", help="compare with so many steps more, not with all modes"
    )
    arguments = parser.parse_args()
    glass = gp.minimize(gp.read(arguments.file, model=arguments.model))
    analysis = gp.Analysis(glass, threads=arguments.threads)
    load, response = analysis.affine_gradient(0.0), -analysis.nonaffine_velocity(0.0)
    if arguments.further is None:
        exact = gp.response.nonaffine_decomposition(analysis, "all").field(0.0) * glass.volume
    print("accuracy    steps  estimate    median      95 %  Spearman  processor    clock")
    for accuracy in arguments.accuracies:
        began, began_processor = time.perf_counter(), time.process_time()
        found = gp.response.mode_sums(analysis, load, response, accuracy=accuracy)
        seconds, processor = time.perf_counter() - began, time.process_time() - began_processor
        if arguments.further is not None:
            # An accuracy that is never reached: the number of steps decides.
            most = found.steps + arguments.further
            exact = gp.response.mode_sums(analysis, load, response, accuracy=1e-9, most_steps=most).field
        errors = np.abs(found.field / exact - 1.0)
        errors = errors[~np.isnan(errors)]
        print(
            f"{accuracy:8.3g} {found.steps:8d} {found.error:9.4f} {np.median(errors):9.4f} "
            f"{np.quantile(errors, 0.95):9.4f} {gp.scores.spearman(found.field, exact):9.5f} "
            f"{processor:10.2f} {seconds:8.2f}"
        )


if __name__ == "__main__":
    main()
