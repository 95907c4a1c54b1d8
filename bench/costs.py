"""Time and peak memory of each indicator on one glass, from its positions, each in a process of its own.

python -m bench.costs FILE MODEL [--names A,B] [--option KEY.NAME=VALUE] [--threads K]
python -m bench.costs --make N FILE       # soft disks, quenched after 200 sweeps at T = 0.3

Wall time and processor time of `glassplast.indicators.compute` on a minimum, without starting Python and reading the
file; memory is the largest resident set of the process, less what it had before.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from typing import Any

import glassplast as gp
from glassplast.commands.option_values import option

#: Too dear for one run at every size: asked for by --names.
DEAR = ("saddle_points",)


def resident() -> float:
    """Peak memory so far, GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def one(arguments: argparse.Namespace) -> None:
    glass = gp.read(arguments.file, model=arguments.model)
    before = resident()
    start, processor = time.perf_counter(), time.process_time()
    options: dict[str, dict[str, Any]] = {}
    for key, name, value in arguments.option:
        options.setdefault(key, {})[name] = value
    analysis = gp.Analysis(glass, threads=arguments.threads)
    gp.indicators.compute(
        analysis, arguments.one, options={key: options[key] for key in options if key == arguments.one}
    )
    spent = {
        "wall": time.perf_counter() - start,
        "processor": time.process_time() - processor,
        "memory": resident() - before,
    }
    print(json.dumps(spent))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("model", nargs="?")
    parser.add_argument("--make", type=int, metavar="N")
    parser.add_argument("--names")
    parser.add_argument("--option", type=option, action="append", default=[])
    parser.add_argument("--threads", type=int)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.make is not None:
        gp.write(gp.prepare.poly(arguments.make, 0.3, seed=1, sweeps=200), arguments.file)
        return
    if arguments.one is not None:
        one(arguments)
        return
    glass = gp.read(arguments.file, model=arguments.model)
    known = [entry["key"] for entry in gp.indicators.table()]
    names = arguments.names.split(",") if arguments.names else [key for key in known if key not in DEAR]
    print(f"{arguments.file}, N = {len(glass)}")
    print("| indicator | wall, s | processor, s | peak memory, GB |\n|---|---|---|---|")
    for key in names:
        words = [sys.executable, "-m", "bench.costs", *sys.argv[1:], "--one", key]
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode != 0:
            print(f"| {key} | {' '.join(done.stderr.splitlines()[-1:])} | | |", flush=True)
            continue
        spent = json.loads(done.stdout.splitlines()[-1])
        print(f"| {key} | {spent['wall']:.3g} | {spent['processor']:.3g} | {spent['memory']:.2f} |", flush=True)


if __name__ == "__main__":
    main()
