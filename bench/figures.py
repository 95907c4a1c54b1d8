"""Fills the figures of the documentation that come from timings, from results.json.

python -m bench.figures             # writes them into the pages; `python -m bench` does it at its end
python -m bench.figures --check     # only says which are not those of results.json

A page names a figure in a comment, and what is measured stands between the two:

    <!-- bench:forces/glass -->4.3<!-- /bench -->
    <!-- bench:response/lj_1024 ours_ms -->7.1<!-- /bench -->

The first word is a key of `FIGURES`, the second one of `QUANTITIES`, by default "ratio".
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results.json"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
MARKER = re.compile(r"<!-- bench:(\S+)(?: (\w+))? -->(.*?)<!-- /bench -->", re.DOTALL)

#: A row of results.json: "case", "peer", and seconds "ours" and "theirs".
Row = dict[str, Any]


@dataclass(frozen=True)
class Figure:
    """Rows of a subject, chosen by patterns with the wildcards of file names; of several peers the fastest counts."""

    subject: str
    case: str
    peer: str = "*"


_OF_THREADS = "nonaffine modulus, {}, N = {}, {} thread*"

#: What pages can name.
FIGURES: dict[str, Figure] = {
    "forces/glass": Figure("forces", "LJ glass, N = 10000, list kept", "LAMMPS, loop"),
    "forces/liquid": Figure("forces", "LJ hot liquid, N = 10000, list kept", "LAMMPS, loop"),
    "forces/glass_anew": Figure("forces", "LJ glass, N = 10000, list made anew*", "LAMMPS, loop"),
    "forces/liquid_anew": Figure("forces", "LJ hot liquid, N = 10000, list made anew*", "LAMMPS, loop"),
    "forces/glass_jax_md": Figure("forces", "LJ glass, N = 10000, list kept", "jax-md*"),
    "forces/poly_jax_md": Figure("forces", "POLY glass, N = 10000, list kept", "jax-md*"),
    "dynamics/nve_1024": Figure("dynamics", "*N = 1024, constant energy*"),
    "dynamics/nve_10000": Figure("dynamics", "*N = 10000, constant energy*"),
    "dynamics/langevin_1024": Figure("dynamics", "*N = 1024, Langevin*"),
    "dynamics/langevin_10000": Figure("dynamics", "*N = 10000, Langevin*"),
    "monte_carlo/1024": Figure("monte_carlo", "*N = 1024"),
    "monte_carlo/10000": Figure("monte_carlo", "*N = 10000"),
    "quench/1024": Figure("quench", "*N = 1024, cg then Newton"),
    "quench/10000": Figure("quench", "*N = 10000, cg then Newton"),
    "shear/1024": Figure("shear", "*LJ, N = 1024"),
    "shear/10000": Figure("shear", "*LJ, N = 10000"),
    "first_event/lj_htl_1024": Figure("first_event", "*lj_htl_1024,*", "LAMMPS*"),
    "first_event/lj_gq_1024": Figure("first_event", "*lj_gq_1024,*", "LAMMPS*"),
    "first_event/lj_gq_10000": Figure("first_event", "*lj_gq_10000,*", "LAMMPS*"),
    "first_event/poly_1024": Figure("first_event", "*poly_inf_1024,*", "*CG"),
    "first_event/poly_10000": Figure("first_event", "*poly_inf_10000,*", "*CG"),
    "modes/18_lj": Figure("modes", "18 *LJ, N = 10000"),
    "modes/18_poly": Figure("modes", "18 *POLY, N = 10000"),
    "modes/512_lj": Figure("modes", "512 *LJ, N = 10000"),
    "modes/512_poly": Figure("modes", "512 *POLY, N = 10000"),
    "tessellation/radical": Figure("tessellation", "radical*", "LAMMPS*"),
    "tessellation/plain": Figure("tessellation", "Voronoi*", "freud"),
    "bond_order/sixfold": Figure("bond_order", "Psi_6*"),
    "bond_order/twofold": Figure("bond_order", "Psi_2*"),
    **{
        f"factorization/{model.lower()}_{library.lower()}": Figure(
            "factorization", f"numeric factorization, {model}, N = 10000", f"{library}*"
        )
        for model in ("LJ", "POLY")
        for library in ("CHOLMOD", "Eigen")
    },
    **{
        f"response/{model.lower()}_{count}": Figure("response", f"*{model}, N = {count},*")
        for model in ("LJ", "POLY")
        for count in (512, 1024, 2048)
    },
    **{
        f"selected_inverse/{model.lower()}_{count}": Figure("selected_inverse", f"*{model}, N = {count}")
        for model in ("LJ", "POLY")
        for count in (1024, 10000)
    },
    **{
        f"{stem}/{model.lower()}_{count}_{threads}": Figure(
            "nonaffine_modulus", case + _OF_THREADS.format(model, count, threads)
        )
        for stem, case in (("all_modes", "exact "), ("dephasing", "*to 1 %, "))
        for model, counts in (("LJ", (1024,)), ("POLY", (1024, 2025, 4096)))
        for count in counts
        for threads in (1, 2)
    },
    **{
        f"solid_{subject}/{count}": Figure(subject, f"*Kob-Andersen in 3D, N = {count}*")
        for subject in ("forces", "quench", "shear", "first_event", "factorization")
        for count in (4096, 30000)
    },
    **{
        f"solid_modes/{modes}_{count}": Figure("modes", f"{modes} *Kob-Andersen in 3D, N = {count}")
        for modes in (18, 512)
        for count in (4096, 30000)
    },
}


def digits(value: float) -> str:
    """Two significant digits, and all of the whole part."""
    return f"{value:.0f}" if value >= 9.95 else f"{value:.2g}" if value < 0.995 else f"{value:.1f}"


def ratios(row: Row) -> list[float]:
    """As those of `measure.Comparison`, which needs the package."""
    ours, theirs = row["ours"], row["theirs"]
    if len(ours) == len(theirs):
        return [peer / own for own, peer in zip(ours, theirs, strict=True)]
    return [peer / statistics.median(ours) for peer in theirs]


def _spread(row: Row) -> str:
    values = ratios(row)
    low, high = digits(min(values)), digits(max(values))
    return f"{digits(statistics.median(values))} ({low} to {high})"


#: What can be said of a row.
QUANTITIES: dict[str, Callable[[Row], str]] = {
    "ratio": lambda row: digits(statistics.median(ratios(row))),
    "spread": _spread,
    "ours_ms": lambda row: digits(1e3 * statistics.median(row["ours"])),
    "theirs_ms": lambda row: digits(1e3 * statistics.median(row["theirs"])),
    "ours_s": lambda row: digits(statistics.median(row["ours"])),
    "theirs_s": lambda row: digits(statistics.median(row["theirs"])),
    "rate": lambda row: digits(1.0 / statistics.median(row["ours"])),
}


class UnknownFigureError(Exception):
    """A page asks for what is not in `FIGURES`, or was not measured."""


def measured(key: str, quantity: str, results: dict[str, Any]) -> str:
    """A figure as pages write it."""
    if key not in FIGURES or quantity not in QUANTITIES:
        raise UnknownFigureError(f"{key} {quantity}: bench/figures.py knows no such figure")
    figure = FIGURES[key]
    rows = [
        row
        for subject in (figure.subject, f"{figure.subject} --long")
        for row in results.get(subject, {"seconds": []})["seconds"]
        if fnmatchcase(row["case"], figure.case) and fnmatchcase(row["peer"], figure.peer)
    ]
    if not rows:
        raise UnknownFigureError(f"{key}: results.json has no such row; run python -m bench {figure.subject}")
    if len({row["case"] for row in rows}) > 1:
        raise UnknownFigureError(f"{key}: more than one case of results.json is meant")
    return QUANTITIES[quantity](min(rows, key=lambda row: statistics.median(row["theirs"])))


def stale(text: str, results: dict[str, Any] | None = None) -> Iterator[str]:
    """What a page says that is not what was measured."""
    known = json.loads(RESULTS.read_text()) if results is None else results
    for key, quantity, written in MARKER.findall(text):
        try:
            value = measured(key, quantity or "ratio", known)
        except UnknownFigureError as error:
            yield str(error)
            continue
        if value != written:
            yield f"{key} {quantity}".rstrip() + f" is {value} and not {written} (python -m bench.figures)"


def filled(text: str, results: dict[str, Any]) -> str:
    """A page with all its figures as they were measured; those that were not stay."""

    def value(match: re.Match[str]) -> str:
        key, quantity, written = match.groups()
        try:
            found = measured(key, quantity or "ratio", results)
        except UnknownFigureError:
            found = written
        return match[0].replace(f"-->{written}<!--", f"-->{found}<!--")

    return MARKER.sub(value, text)


def fill() -> None:
    """Writes the figures into all pages."""
    results = json.loads(RESULTS.read_text())
    for page in PAGES:
        text = page.read_text()
        current = filled(text, results)
        if current != text:
            page.write_text(current)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.figures", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a figure is stale")
    options = parser.parse_args()
    if not options.check:
        fill()
    problems = [f"{page.relative_to(ROOT)}: {problem}" for page in PAGES for problem in stale(page.read_text())]
    print("\n".join([*problems, f"{len(problems)} figures that are not those of bench/results.json"]))
    if problems:
        sys.exit(1)


if __name__ == "__main__":
    main()
