"""Runs timings one after the other, each in a process of its own, and keeps them in RESULTS.md and results.json.

python -m bench [--quick] [--long] [SUBJECT ...]         # all of them, or some: what is known of the others stays

Then writes the figures that the documentation takes from them (figures.py).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import figures
from bench.machine import circumstances, commit_of_sources
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
    "response",
    "selected_inverse",
    "nonaffine_modulus",
    "tessellation",
    "bond_order",
    "threads",
)
#: Those with rows that take many minutes, which `--long` measures.
LONG = ("quench", "factorization", "shear", "first_event", "modes", "nonaffine_modulus", "threads")


def run_subject(subject: str, quick: bool, long: bool) -> tuple[list[Comparison], bool]:
    """What a subject measured, and whether all its checks passed."""
    print(f"--- {subject}{' --long' * long}", flush=True)
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "comparisons.json"
        command = [sys.executable, "-m", f"bench.bench_{subject}", "--json", str(file)]
        ended = subprocess.run(command + ["--quick"] * quick + ["--long"] * long, cwd=HERE.parent, check=False)
        if not file.exists():
            return [], False
        comparisons = [Comparison.from_json(data) for data in json.loads(file.read_text())]
    return comparisons, ended.returncode == 0


#: Of each subject, and of "SUBJECT --long", "circumstances", and "seconds" as `Comparison` has them.
Record = dict[str, dict[str, Any]]


def table(comparisons: list[Comparison]) -> list[str]:
    """Of Markdown."""
    lines = ["| what | peer | glassplast, ms | peer, ms | peer / glassplast | runs |", "|---|---|---|---|---|---|"]
    for row in comparisons:
        times = f"{in_milliseconds(row.ours)} | {in_milliseconds(row.theirs)}"
        lines.append(f"| {row.case} | {row.peer} | {times} | {span(row.ratios)} | {len(row.theirs)} |")
    return lines


def report(record: Record) -> str:
    """RESULTS.md."""
    lines = ["# Timings", "", "Made by `python -m bench`. Median (smallest to largest) of interleaved runs.", ""]
    for subject, known in record.items():
        rows = [Comparison.from_json(data) for data in known["seconds"]]
        about = "; ".join(f"{name}: {value}" for name, value in known["circumstances"].items())
        lines += [f"## {subject}", "", about, "", *table(rows), "", "That both sides computed the same:", ""]
        for row in rows:
            said = [str(check) for check in row.checks] + ([row.remark] if row.remark else [])
            if said:
                lines.append(f"- {row.case}, {row.peer}: {'; '.join(said)}.")
        lines.append("")
    return "\n".join(lines)


def keep(record: Record) -> None:
    """Replaces what was known of the subjects of a record."""
    raw = HERE / "results.json"
    known: Record = json.loads(raw.read_text()) if raw.exists() else {}
    known.update(record)
    names = [name for subject in SUBJECTS for name in (subject, f"{subject} --long")]
    ordered = {name: known[name] for name in names if name in known}
    raw.write_text(json.dumps(ordered, indent=1) + "\n")
    (HERE / "RESULTS.md").write_text(report(ordered))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few repetitions: do they run at all? Writes nothing")
    parser.add_argument("--long", action="store_true", help="the rows that take many minutes, and no others")
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=f"of {', '.join(SUBJECTS)}; by default all")
    options = parser.parse_args()
    unknown = set(options.subjects) - set(SUBJECTS)
    if unknown:
        parser.error(f"unknown subject {min(unknown)!r}; there are {', '.join(SUBJECTS)}")
    known = LONG if options.long else SUBJECTS
    comparisons: list[Comparison] = []
    failed = []
    commit = commit_of_sources()
    for subject in [name for name in options.subjects or known if name in known]:
        about = circumstances("one where a row names no other number, the process kept on one core", commit)
        began = time.monotonic()
        measured, passed = run_subject(subject, options.quick, options.long)
        about["took"] = f"{(time.monotonic() - began) / 60.0:.1f} min"
        comparisons += measured
        if not passed:
            failed.append(subject)
            about["failed"] = "yes"
        # As soon as it is there: the next ones take long.
        if measured and not options.quick:
            name = subject + " --long" * options.long
            keep({name: {"circumstances": about, "seconds": [asdict(row) for row in measured]}})
    if not options.quick:
        figures.fill()
    print("\n".join(["", *table(comparisons)]))
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
