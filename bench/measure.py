"""What all timings share: interleaved runs on one core, checks that both sides computed the same, the table."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

import glassplast as gp

DATA = Path(__file__).resolve().parent.parent / "tests" / "data"


@dataclass(frozen=True)
class Check:
    """A difference between what both sides computed, and how large it may be."""

    what: str
    value: float
    limit: float

    @property
    def passed(self) -> bool:
        return self.value <= self.limit

    def __str__(self) -> str:
        sign = "<=" if self.passed else "FAILED, >"
        return f"{self.what} {self.value:.1e} {sign} {self.limit:.0e}"


@dataclass(frozen=True)
class Comparison:
    """Seconds that glassplast and a peer took for the same thing, in the order of the runs."""

    subject: str
    case: str
    peer: str
    ours: list[float]
    theirs: list[float]
    checks: list[Check] = field(default_factory=list)
    remark: str = ""

    @property
    def ratios(self) -> np.ndarray:
        """Of runs next to each other; where the peer ran less often, to the median of ours."""
        if len(self.ours) == len(self.theirs):
            return np.array(self.theirs) / np.array(self.ours)
        return np.array(self.theirs) / np.median(self.ours)

    @staticmethod
    def from_json(data: dict) -> Comparison:
        return Comparison(**{**data, "checks": [Check(**check) for check in data["checks"]]})


def interleaved(runs: Sequence[Callable[[], float]], repetitions: int, *, warm_up: bool = True) -> list[list[float]]:
    """The seconds each run reports, A B C A B C ..., after a round that only warms up.

    In turn, so that what else goes on in the machine disturbs all alike.
    """
    for run in runs if warm_up else ():
        run()
    rounds = [[run() for run in runs] for _ in range(repetitions)]
    return [list(times) for times in zip(*rounds, strict=True)]


def seconds(action: Callable[[], object]) -> float:
    """Wall-clock time of an action."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def sample(name: str) -> gp.Glass:
    """One of the configurations that the tests use."""
    return gp.read(DATA / name, model="poly" if name.startswith("poly") else "lj")


def relative(ours: float, theirs: float) -> float:
    """The relative difference."""
    return abs(ours - theirs) / abs(theirs)


def overlap(u: np.ndarray, v: np.ndarray) -> float:
    """The cosine of the angle between two fields; particles where one has no value take no part."""
    return float(np.nansum(u * v) / np.sqrt(np.nansum(u * u) * np.nansum(v * v)))


def pin_to_one_core() -> int | None:
    """Keeps this process on one core; which, or None where that is not possible."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return core


@contextmanager
def cores_for(threads: int) -> Iterator[None]:
    """All cores for what runs on several threads, processes that it starts among them; for one thread no change."""
    if threads <= 1 or not hasattr(os, "sched_setaffinity"):
        yield
        return
    pinned = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    try:
        yield
    finally:
        os.sched_setaffinity(0, pinned)


def span(values: Sequence[float] | np.ndarray) -> str:
    """Median (smallest to largest), three digits at least."""
    low, middle, high = (
        f"{value:.3g}" if value < 1000.0 else f"{value:.0f}" for value in np.percentile(values, [0.0, 50.0, 100.0])
    )
    return f"{middle} ({low} to {high})"


def in_milliseconds(times: Sequence[float]) -> str:
    return span(1e3 * np.array(times))


def describe(comparison: Comparison) -> str:
    """A comparison for the terminal."""
    lines = [
        f"{comparison.case}, against {comparison.peer}",
        f"  glassplast {in_milliseconds(comparison.ours)} ms, peer {in_milliseconds(comparison.theirs)} ms, "
        f"ratio {span(comparison.ratios)}; {len(comparison.ours)} and {len(comparison.theirs)} runs",
    ]
    lines += [f"  {check}" for check in comparison.checks]
    if comparison.remark:
        lines.append(f"  {comparison.remark}")
    return "\n".join(lines)


def main(
    compare: Callable[[bool], list[Comparison]],
    description: str | None,
    compare_long: Callable[[bool], list[Comparison]] | None = None,
) -> None:
    """The command line of one subject; `compare_long` has those rows that take many minutes."""
    parser = argparse.ArgumentParser(description=(description or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few repetitions: does it run at all?")
    parser.add_argument("--json", type=Path, help="write the raw times here")
    if compare_long is not None:
        parser.add_argument("--long", action="store_true", help="the rows that take many minutes, and no others")
    options = parser.parse_args()
    pin_to_one_core()
    chosen = compare_long if compare_long is not None and options.long else compare
    comparisons = chosen(options.quick)
    for comparison in comparisons:
        print(describe(comparison), flush=True)
    if options.json is not None:
        options.json.write_text(json.dumps([asdict(comparison) for comparison in comparisons], indent=1))
    if not all(check.passed for comparison in comparisons for check in comparison.checks):
        sys.exit("the two sides did not compute the same")
