"""Tables for the terminal."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from glassplast import indicators, models
from glassplast.foundation.progress import duration
from glassplast.glass import Glass
from glassplast.quasistatic import Event
from glassplast.report.wording import event_strain, significant
from glassplast.results import Results

if TYPE_CHECKING:
    from glassplast.study import Estimate, Study, Tables
    from glassplast.verification import Verification

__all__ = [
    "SCORE_LEGEND",
    "Stopwatch",
    "estimate_table",
    "event_table",
    "indicator_table",
    "info_table",
    "model_table",
    "score_table",
    "standing_table",
    "study_table",
    "trained_table",
    "verification_table",
]


def _number(value: float, digits: int = 4) -> str:
    if not math.isfinite(value):
        return "–"
    return significant(value, digits).replace("-", "−")


#: Explanation of the numbers in `score_table`.
SCORE_LEGEND = "rank r_x of the core: 1 = softest particle, 0.5 = chance;  C = 2<r_x> − 1"


def score_table(results: Results) -> Table:
    """The table of the rank of the core of each event in each field, and of C."""
    table = Table()
    table.add_column("indicator", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("softer", no_wrap=True)
    # A line has room for twelve events; the files hold all of them.
    shown = results.events[:12]
    for number, event in enumerate(shown, start=1):
        table.add_column(f"event {number}\n{event_strain(event, 6)}", justify="right", no_wrap=True)
    table.add_column("C", justify="right", style="bold", no_wrap=True)
    correlations = results.correlations
    for key, ranks in results.ranks.items():
        indicator = indicators.find(key)
        cells = [f"{rank:.3f}" if math.isfinite(rank) else "–" for rank in ranks[: len(shown)]]
        value = correlations[key].value
        total = f"{round(value, 3) + 0.0:.3f}".replace("-", "−") if math.isfinite(value) else "–"
        table.add_row(key, indicator.symbol, indicator.softer, *cells, total)
    if len(results.events) > len(shown):
        table.caption = f"C of all {len(results.events)} events, of which the first {len(shown)} are shown"
    return table


def event_table(events: Sequence[Event], glass: Glass) -> Table:
    """The table of events; `past maximum` is the strain from the stress maximum of a branch to its instability."""
    # All of it must fit into a line of 80 columns: what does not is cut off.
    table = Table(title="plastic events", title_justify="left", padding=(0, 1, 0, 0))
    heads = (
        "",
        "strain",
        "±",
        "stress\ndrop",
        "energy\ndrop",
        "core\nid",
        "partici-\npation",
        "stiffness",
        "past\nmaximum",
    )
    for head in heads:
        table.add_column(head, justify="right", no_wrap=True)
    for number, event in enumerate(events, start=1):
        table.add_row(
            str(number),
            event_strain(event),
            _number(event.strain_uncertainty, 1),
            _number(event.stress_drop, 3),
            _number(event.energy_drop, 3),
            str(int(glass.ids[event.core])),
            _number(event.participation, 3),
            _number(event.eigenvalue, 3),
            _number(abs(event.strain - event.stress_maximum_strain), 2),
        )
    return table


def info_table(entries: Mapping[str, Any]) -> Table:
    """A table of names and values."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for name, value in entries.items():
        table.add_row(name, escape(str(value)))
    return table


def indicator_table() -> Table:
    """The table of all registered indicators."""
    table = Table()
    for head in ("key", "symbol", "family", "softer when", "needs", "cost"):
        table.add_column(head, no_wrap=head != "cost")
    for row in indicators.table():
        table.add_row(row["key"], row["symbol"], row["family"], row["softer"], row["needs"], row["cost"])
    return table


def model_table() -> Table:
    """The table of all models."""
    table = Table()
    table.add_column("model", no_wrap=True)
    table.add_column("particles have", no_wrap=True)
    table.add_column("parameters", no_wrap=True)
    table.add_column("what it is")
    for name in models.names():
        kind = models.Model(name).kind
        parameters = "\n".join(f"{key} = {value}" for key, value in kind.defaults.items())
        table.add_row(name, kind.describes, parameters, kind.doc)
    return table


def trained_table() -> Table:
    """The table of trained softness models of the package, and of those of the paper that are missing."""
    from glassplast import softness

    table = Table()
    for name in ("model", "features", "trained on", "accuracy", "of the paper"):
        table.add_column(name, no_wrap=name == "model")
    for name in softness.names():
        plane = softness.trained(name)
        about = plane.provenance
        validation = about.get("validation", {})
        table.add_row(
            name,
            f"{len(plane.features.names)} {plane.features.kind}",
            f"{about['soft'] + about['stiff']} particles, {about['samples']} samples",
            f"{100.0 * validation['accuracy']:.1f} %" if "accuracy" in validation else "",
            f"{100.0 * about['paper_accuracy']:.1f} %" if "paper_accuracy" in about else "",
        )
    for name, reason in softness.MISSING.items():
        table.add_row(name, "missing", reason, "", "")
    return table


class Stopwatch:
    """Measures the time since it was made."""

    def __init__(self) -> None:
        self.began = time.perf_counter()

    def __str__(self) -> str:
        return duration(time.perf_counter() - self.began)


def standing_table(study: Study) -> Table:
    """How many tasks of each protocol and stage are done, failed and waiting."""
    from glassplast.study.tasks import STAGES

    state = study.standing()
    table = Table()
    for head in ("protocol", "stage", "done", "failed", "waiting"):
        table.add_column(head, justify="left" if head in ("protocol", "stage") else "right", no_wrap=True)
    for protocol in study.plan.protocols:
        for stage in STAGES:
            counts = [
                sum(task.protocol == protocol and task.stage == stage for task in tasks)
                for tasks in (state.done, state.failed, state.waiting)
            ]
            if any(counts):
                table.add_row(escape(protocol), stage, *map(str, counts))
    return table


def estimate_table(estimate: Estimate) -> Table:
    """What each stage of each protocol of a study takes."""
    table = Table()
    for head in ("protocol", "stage", "samples", "first", "each further", "all", "on disk"):
        table.add_column(head, justify="left" if head in ("protocol", "stage") else "right", no_wrap=True)
    for row in estimate.stages:
        times = [
            duration(seconds) if math.isfinite(seconds) else "–" for seconds in (row.first, row.further, row.seconds)
        ]
        size = f"{1e3 * row.gigabytes:.3g} MB"
        table.add_row(escape(row.protocol), row.stage, str(row.tasks), *times, size)
    return table


def study_table(study: Study, found: Tables) -> Table:
    """C_min of each indicator by protocol, with its interval over samples."""
    scores = study.c_min(found)
    found_keys = {key for known in scores.values() for key in known.keys}
    keys = sorted(found_keys, key=indicators.keys().index)
    table = Table(title="C of the first event, structure at the start; 95 % over samples", title_justify="left")
    table.add_column("indicator", no_wrap=True)
    for protocol, known in scores.items():
        table.add_column(f"{escape(protocol)}\nn = {max(known.samples, default=0)}", justify="right", no_wrap=True)
    for key in keys:
        cells = []
        for known in scores.values():
            place = known.keys.index(key) if key in known.keys else -1
            if place < 0 or not math.isfinite(known.value[place]):
                cells.append("–")
                continue
            value, low, high = (float(values[place]) for values in (known.value, known.low, known.high))
            interval = f" ({low:.2f} to {high:.2f})" if math.isfinite(low) else ""
            cells.append(f"{value:.2f}{interval}".replace("-", "−"))
        table.add_row(key, *cells)
    return table


def verification_table(found: Verification) -> Table:
    """The checks of a configuration, each with its number, the limit and a sentence."""
    table = Table()
    for head in ("", "check"):
        table.add_column(head, no_wrap=True)
    for head in ("value", "limit"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("what was found", overflow="fold")
    for check in found.checks:
        mark = "[green]✓[/]" if check.passed else "[bold red]✗[/]"
        table.add_row(mark, check.name, _number(check.value, 3), _number(check.limit, 3), escape(check.sentence))
    return table
