"""What a million particles cost: from random positions through quench, modes and fields to a picture.

python -m bench.scale DIRECTORY [--sizes 1000 10000 100000 1000000] [--threads 2]
python -m bench.scale --figure              # docs/pictures/scaling.png anew from scale.json

Polydisperse soft disks at density 1. DIRECTORY keeps the minima (poly_N.h5), which are made where they are missing: a
million particles take an hour. Each size is measured in a process of its own, and each step has its wall time,
processor time and largest memory. Results go into scale.json and SCALE.md, the figure with fitted powers of N into
docs/pictures/. Of sizes that are not named, what is known stays.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

import glassplast as gp
from bench.machine import circumstances
from glassplast.prepare.soft_disks import poly_diameters

HERE = Path(__file__).resolve().parent
FIGURE = HERE.parent / "docs" / "pictures" / "scaling.png"
SIZES = (1000, 10_000, 100_000, 1_000_000)
MODES = 10
SEED = 1
#: Particles of a block that is quenched alone before the whole is.
BLOCK = 2500
#: Below it, a step is measured several times.
SMALL = 50_000

Spent = dict[str, float]
#: Of one size.
Row = dict[str, Any]


class Clock:
    """What a step takes: seconds, and GB of the process at its largest."""

    def __init__(self) -> None:
        # Linux forgets the largest size so far.
        Path("/proc/self/clear_refs").write_text("5")
        self.wall, self.processor = time.perf_counter(), time.process_time()

    def spent(self) -> Spent:
        status = Path("/proc/self/status").read_text()
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return {
            "wall": time.perf_counter() - self.wall,
            "processor": time.process_time() - self.processor,
            "memory": int(peak.split()[1]) / 1e6,
        }


def quenched(count: int, threads: int) -> gp.Glass:
    """From random positions: blocks in boxes of their own first, and then the whole, where only seams are far off."""
    random = np.random.default_rng(SEED)
    across = max(1, round((count / BLOCK) ** 0.5))
    if count % across**2:
        raise SystemExit(f"bench.scale: {count} particles cannot be dealt to {across} x {across} blocks")
    side = count**0.5
    edge = side / across
    diameters = random.permutation(poly_diameters(count)).reshape(across**2, -1)
    starts = edge * random.random((*diameters.shape, 2))

    def block(k: int) -> np.ndarray:
        start = gp.Glass(starts[k], box=edge, model="poly", diameters=diameters[k])
        loose = gp.minimize(start, tolerance=1e-2, polish=False, progress=False).wrapped()
        return loose.positions + edge * np.array(divmod(k, across))

    with ThreadPoolExecutor(threads) as pool:
        positions = np.concatenate(list(pool.map(block, range(across**2))))
    return gp.minimize(gp.Glass(positions, box=side, model="poly", diameters=diameters.ravel()))


def made(file: Path, count: int, threads: int) -> None:
    clock = Clock()
    glass = quenched(count, threads)
    gp.write(glass.replace(provenance={"quench": clock.spent()}), file)


def structural() -> list[str]:
    return [entry["key"] for entry in gp.indicators.table() if entry["family"] == "structure"]


def steps(glass: gp.Glass, threads: int) -> dict[str, Spent]:
    """All that is done after the quench, in order: later steps have what earlier ones computed."""
    analysis = gp.Analysis(glass, threads=threads, progress=False)
    fields: dict[str, np.ndarray] = {}

    def compute(*keys: str) -> None:
        fields.update(gp.indicators.compute(analysis, keys))

    def certified_modes() -> None:
        modes = analysis.modes(MODES)
        assert modes.certified_count >= MODES

    def picture() -> None:
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "vibrality.png"
            gp.plot.field(glass, fields["vibrality"], key="vibrality", path=path)

    works: dict[str, Callable[[], object]] = {
        "Hessian": lambda: analysis.hessian,
        "factorization": lambda: analysis.solver,
        f"{MODES} lowest modes, certified": certified_modes,
        "vibrality, heat capacity": lambda: compute("vibrality", "heat_capacity"),
        "structural fields": lambda: compute(*structural()),
        "nonaffine velocity": lambda: compute("nonaffine_velocity"),
        "local modulus": lambda: compute("shear_modulus"),
        "picture": picture,
    }
    spent = {}
    for name, work in works.items():
        clock = Clock()
        work()
        spent[name] = clock.spent()
        if len(glass) > SMALL:
            print(f"  {name}: {spent[name]['wall']:.1f} s", file=sys.stderr, flush=True)
    return spent


def one(file: Path, threads: int) -> None:
    """Measures a file and prints it as JSON; of small glasses the medians of five, after one that warms up."""
    glass = gp.read(file)
    runs = [steps(glass, threads) for _ in range(6 if len(glass) < SMALL else 1)]
    runs = runs[1:] or runs
    medians = {
        name: {what: float(np.median([run[name][what] for run in runs])) for what in runs[0][name]} for name in runs[0]
    }
    quench = glass.provenance.get("quench")
    print(json.dumps({"N": len(glass), "threads": threads, "quench": quench, "steps": medians}))


def exponent(rows: list[Row], step: str) -> float:
    """Of the processor time from 10^4 on, where it is proportional to a power."""
    large = [row for row in rows if row["N"] >= 10_000]
    large = large if len(large) > 1 else rows
    if len(large) < 2:
        return float("nan")
    counts = [row["N"] for row in large]
    return float(np.polyfit(np.log(counts), np.log([row["steps"][step]["processor"] for row in large]), 1)[0])


def table(rows: list[Row]) -> str:
    """SCALE.md."""
    head = [f"N = {row['N']}" for row in rows]
    lines = ["# Costs from a thousand particles to a million", "", "Made by `python -m bench.scale`.", ""]
    for row in rows:
        about = "; ".join(f"{name}: {value}" for name, value in row["circumstances"].items())
        lines += [f"N = {row['N']}: {about}.", ""]
    lines += [f"| wall (processor) seconds, GB | {' | '.join(head)} | power of N |", "|---" * (len(head) + 2) + "|"]
    if all(row["quench"] for row in rows):
        lines.append(f"| quench from random positions | {' | '.join(_cell(row['quench']) for row in rows)} | |")
    for step in rows[0]["steps"]:
        cells = " | ".join(_cell(row["steps"][step]) for row in rows)
        lines.append(f"| {step} | {cells} | {exponent(rows, step):.2f} |")
    whole = [
        {
            "wall": sum(spent["wall"] for spent in row["steps"].values()),
            "processor": sum(spent["processor"] for spent in row["steps"].values()),
            "memory": max(spent["memory"] for spent in row["steps"].values()),
        }
        for row in rows
    ]
    lines.append(f"| all after the quench | {' | '.join(map(_cell, whole))} | |")
    return "\n".join(lines) + "\n"


def _cell(spent: Spent) -> str:
    return f"{spent['wall']:.3g} ({spent['processor']:.3g}), {spent['memory']:.2g}"


def draw(rows: list[Row]) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.0, 5.0), layout="constrained")
    ax = figure.subplots()
    for step in rows[0]["steps"]:
        times = [row["steps"][step]["processor"] for row in rows]
        ax.loglog([row["N"] for row in rows], times, "o-", label=f"{step}: $N^{{{exponent(rows, step):.2f}}}$")
    ax.set_xlabel("number of particles N")
    ax.set_ylabel("processor time (s)")
    ax.grid(which="major", alpha=0.3)
    ax.legend(fontsize="small", frameon=False)
    figure.savefig(FIGURE, dpi=150)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("directory", type=Path, nargs="?")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--figure", action="store_true", help="draw what is in scale.json")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    raw = HERE / "scale.json"
    if options.one is not None:
        one(options.one, options.threads)
        return
    if options.figure:
        draw(json.loads(raw.read_text()))
        return
    if options.directory is None:
        parser.error("name a directory for the minima")
    options.directory.mkdir(parents=True, exist_ok=True)
    known = json.loads(raw.read_text()) if raw.exists() else []
    for count in options.sizes:
        file = options.directory / f"poly_{count}.h5"
        if not file.exists():
            print(f"quenching {count} particles", flush=True)
            made(file, count, options.threads)
        print(f"{count} particles", flush=True)
        about = circumstances(f"{options.threads}")
        words = [sys.executable, "-m", "bench.scale", "--one", str(file), "--threads", str(options.threads)]
        done = subprocess.run(words, cwd=HERE.parent, check=True, stdout=subprocess.PIPE, text=True)
        row = {"circumstances": about, **json.loads(done.stdout.splitlines()[-1])}
        known = sorted([*(other for other in known if other["N"] != count), row], key=lambda each: each["N"])
        raw.write_text(json.dumps(known, indent=1) + "\n")
    (HERE / "SCALE.md").write_text(table(known))
    print(table(known))
    if len(known) > 1:
        draw(known)


if __name__ == "__main__":
    main()
