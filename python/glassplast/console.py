"""What a terminal shows: progress, messages and tables."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from glassplast import indicators, models
from glassplast.glass import Glass
from glassplast.main_job import Observer
from glassplast.quasistatic import Event
from glassplast.relax import RelaxationReport
from glassplast.report.wording import event_strain, significant
from glassplast.results import Results

#: A minimization that starts at such a force (or below) is done when it reaches the end of this many decades.
_FORCE_FLOOR = 1e-12


def make_consoles() -> tuple[Console, Console]:
    """For results (stdout), and for progress and messages (stderr)."""
    # A table that is piped must not be folded to the 80 columns that no terminal has.
    width = None if "COLUMNS" in os.environ else 160
    out = Console(highlight=False)
    if not out.is_terminal and width is not None:
        out = Console(highlight=False, width=width)
    errors = Console(stderr=True, highlight=False)
    if not errors.is_terminal and width is not None:
        errors = Console(stderr=True, highlight=False, width=width, soft_wrap=True)
    return out, errors


class ConsoleObserver(Observer):
    """Progress bars on a terminal, a line for each step in a log."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self.bar: TaskID | None = None
        self.sample_bars: dict[str, TaskID] = {}
        self.stage = ""
        self.first_force: float | None = None
        self.seen_events = 0
        self.written: list[Path] = []
        self.note = ""
        self.drawn = 0

    def __enter__(self) -> ConsoleObserver:
        self.bars.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.bars.stop()

    def say(self, text: str) -> None:
        """A line, above the bars."""
        self.console.print(text)

    def advance(self, stage: str, part: float, note: str = "") -> None:
        """Show how much of a stage is done."""
        if self.bar is None or stage != self.stage:
            self.done()
            self.bar = self.bars.add_task(stage, total=1.0, note="")
            self.stage = stage
        self.bars.update(self.bar, completed=part, note=note)

    def advance_sample(self, stage: str, part: float, note: str) -> None:
        """Show how far a stage of a sample is, each sample with a bar of its own: the name of it precedes a comma."""
        sample = stage.partition(",")[0]
        if sample not in self.sample_bars:
            self.sample_bars[sample] = self.bars.add_task(stage, total=1.0, note="")
        self.bars.update(self.sample_bars[sample], description=stage, completed=part, note=note)

    def done(self) -> None:
        """Take the bar of a stage away."""
        if self.bar is not None:
            self.bars.remove_task(self.bar)
            self.bar = None

    def read(self, glass: Glass, source: str) -> None:
        """Say what was read."""
        model = glass.model.name if glass.model is not None else "none"
        self.say(
            f"read {escape(source)}: {len(glass)} particles in {glass.dimension}D, model {model}, "
            f"strain {glass.strain:.6g}"
        )

    def minimizing(self, evaluations: float, force: float) -> None:
        """Show how far the largest force has fallen, in decades."""
        if self.first_force is None:
            self.first_force = max(force, 10.0 * _FORCE_FLOOR)
        decades = math.log10(self.first_force / _FORCE_FLOOR)
        part = math.log10(self.first_force / max(force, _FORCE_FLOOR)) / decades
        self.advance("minimizing", max(part, 0.0), f"{evaluations:.0f} evaluations, largest force {force:.2g}")

    def minimized(self, report: RelaxationReport) -> None:
        """Say how it went."""
        self.done()
        self.say(
            f"minimized: largest force {report.first_force:.3g} → {report.largest_force:.2g}, "
            f"largest displacement {report.largest_displacement:.3g} ({report.evaluations} evaluations)"
        )

    def prepared(self, glass: Glass, number: int, samples: int) -> None:
        """Say what a sample is like."""
        bar = self.sample_bars.pop(f"sample {number} of {samples}", None)
        if bar is not None:
            self.bars.remove_task(bar)
        about = glass.provenance["preparation"]
        words = [str(about["protocol"])] if "function" in about and "protocol" in about else []
        words += [f"T = {about['temperature']:g}"] if "temperature" in about else []
        if about.get("equilibrated") is not None:
            lasted = about["relaxation_times"]
            long = "less than a relaxation time" if lasted is None else f"{lasted:.3g} relaxation times"
            words.append(f"{'equilibrated' if about['equilibrated'] else 'NOT equilibrated'} ({long})")
        for key, name in (("inherent_energy", "inherent energy"), ("rattlers", "rattlers")):
            if key in about:
                words.append(f"{name} {about[key]:.7g}")
        self.say(f"sample {number} of {samples}: {', '.join(words)}")

    def shearing(self, start: float, to: float, strain: float, events: int, wanted: int | None) -> None:
        """Show the strain, and the number of events found."""
        part = abs(strain - start) / max(abs(to - start), 1e-300)
        if wanted:
            part = max(part, events / wanted)
        count = f"{events} of {wanted} events" if wanted is not None else f"{events} events"
        self.advance("shearing", part, f"γ = {strain:.5f}, {count}")
        if events > self.seen_events:
            self.seen_events = events
            self.say(f"event {events} by γ = {strain:.6g}")

    def sheared(self, results: Results) -> None:
        """Say how far it went."""
        self.done()
        if results.run is not None:
            count = len(results.events)
            plural = "" if count == 1 else "s"
            self.say(f"sheared to γ = {results.run.strain[-1]:.6g}: {count or 'no'} event{plural}")

    def computing(self, key: str, index: int, total: int) -> None:
        """Show which indicator is next."""
        self.note = key
        self.advance("indicators", index / total, key)

    def working(self, count: float, measure: float) -> None:
        """Show that a long computation lives."""
        if self.bar is not None and self.stage == "indicators":
            self.bars.update(self.bar, note=f"{self.note} ({count:.0f}, {measure:.2g})")

    def computed(self, key: str, seconds: float, failure: str | None) -> None:
        """Say how long an indicator took."""
        if failure is not None:
            self.warn(f"no {key}: {failure}")
        else:
            self.say(f"computed {key} in {duration(seconds)}")

    def drawing(self, name: str, total: int) -> None:
        """Show which picture is next."""
        self.advance("pictures", self.drawn / total, name)
        self.drawn += 1

    def wrote(self, path: Path) -> None:
        """Remember what was written."""
        self.done()
        self.written.append(path)

    def warn(self, message: str) -> None:
        """Say it in yellow."""
        self.console.print(f"[bold yellow]warning:[/] {escape(message)}", soft_wrap=True)


def duration(seconds: float) -> str:
    """A time in words."""
    if seconds < 60.0:
        return f"{seconds:.2g} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"


def _number(value: float, digits: int = 4) -> str:
    if not math.isfinite(value):
        return "–"
    return significant(value, digits).replace("-", "−")


#: What the numbers of `score_table` are.
SCORE_LEGEND = "rank r_x of the core: 1 = softest particle, 0.5 = chance;  C = 2<r_x> − 1"


def score_table(results: Results) -> Table:
    """Rank of the core of each event in each field, and C."""
    table = Table()
    table.add_column("indicator", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("softer", no_wrap=True)
    # As many events as a line holds; the files have them all.
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
    """The events of a run; `past maximum` is how far an instability lies beyond the stress maximum of its branch."""
    table = Table(title="plastic events", title_justify="left")
    heads = (
        "event",
        "strain",
        "±",
        "stress drop",
        "energy drop",
        "core id",
        "participation",
        "stiffness",
        "past maximum",
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
            _number(abs(event.strain - event.stress_maximum), 2),
        )
    return table


def info_table(entries: Mapping[str, Any]) -> Table:
    """Names and values."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for name, value in entries.items():
        table.add_row(name, escape(str(value)))
    return table


def indicator_table() -> Table:
    """All indicators registered."""
    table = Table()
    for head in ("key", "symbol", "family", "softer when", "needs", "cost"):
        table.add_column(head, no_wrap=head != "cost")
    for row in indicators.table():
        table.add_row(row["key"], row["symbol"], row["family"], row["softer"], row["needs"], row["cost"])
    return table


def model_table() -> Table:
    """All models."""
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
    """The softness models that come along, and those of the paper that do not."""
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
    """Time since it was made."""

    def __init__(self) -> None:
        self.began = time.perf_counter()

    def __str__(self) -> str:
        return duration(time.perf_counter() - self.began)
