"""How far is the nonaffine modulus that is estimated by dephasing from the sum over all modes?

Prints the steps, the estimated error, the true median error and that of 95 % of the particles, Spearman's correlation
with the exact field, and seconds of processor time, for several accuracies. All modes take minutes at N = 10^4.
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
    arguments = parser.parse_args()
    glass = gp.minimize(gp.read(arguments.file, model=arguments.model))
    analysis = gp.Analysis(glass, threads=arguments.threads)
    load, response = analysis.affine_gradient(0.0), -analysis.nonaffine_velocity(0.0)
    exact = gp.response.nonaffine_decomposition(analysis, "all").field(0.0) * glass.volume
    print("accuracy    steps  estimate    median      95 %  Spearman  seconds")
    for accuracy in arguments.accuracies:
        began = time.process_time()
        found = gp.response.mode_sums(analysis, load, response, accuracy=accuracy)
        seconds = time.process_time() - began
        errors = np.abs(found.field / exact - 1.0)
        errors = errors[~np.isnan(errors)]
        print(
            f"{accuracy:8.3g} {found.steps:8d} {found.error:9.4f} {np.median(errors):9.4f} "
            f"{np.quantile(errors, 0.95):9.4f} {gp.scores.spearman(found.field, exact):9.5f} {seconds:8.2f}"
        )


if __name__ == "__main__":
    main()
