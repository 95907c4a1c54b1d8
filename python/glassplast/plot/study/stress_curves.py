"""How the glasses of each protocol respond to shear (paper, Figs. 1 and 6d)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from glassplast.errors import NotInStudyError
from glassplast.foundation.arrays import FloatArray
from glassplast.models import Model, names
from glassplast.plot.field_maps import field
from glassplast.plot.study.appearance import (
    DOUBLE,
    GUIDE,
    SINGLE,
    letter,
    name_protocols,
    plain_logarithm,
    protocol_color,
    protocol_curve,
    protocol_legend,
    protocol_marker,
    study_figure,
    styled,
)
from glassplast.plot.study.ensembles import (
    POINTS,
    by_model,
    by_stability,
    counted,
    enough_samples,
    events_of,
    gamma_min_of,
    means,
    means_of_samples,
    samples_of,
    strain_windows,
    summed,
    told_intervals,
    yield_strain,
)
from glassplast.plot.study.figure_of_study import StudyFigure
from glassplast.study import Study, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["dissipated_energy", "gamma_min_by_protocol", "mean_beside_samples", "stress_drops", "stress_strain_curves"]


def stress_strain_curves(
    study: Study,
    tables: Tables | None = None,
    *,
    sample: int = 0,
    mapped: str | None = None,
    event: int = 1,
    measure: Literal["mode", "d2min"] = "mode",
) -> StudyFigure:
    r"""Draw a stress-strain curve of each protocol, and the nonaffine field of an event (paper, Fig. 1a, b).

    Parameters
    ----------
    study : Study
        The study.
    tables : Tables, optional
        Its tables; by default they are collected anew.
    sample : int
        Number of the sample whose curve is drawn; of a protocol without it, that of its first one.
    mapped : str, optional
        The protocol whose event is shown; by default that with the smallest mean strain of the first event.
    event : int
        Number of the event that is shown, from 1; the last one if there are fewer.
    measure : {"mode", "d2min"}
        Whether the map shows :math:`|\Psi_c|` of each particle or D2min of the critical mode.

    Returns
    -------
    StudyFigure
        A ring on the map marks the core. There is no map in three dimensions.

    Raises
    ------
    NotInStudyError
        If no sample has been sheared, or the study has no such protocol.
    """
    known = study.tables() if tables is None else tables
    chosen = {}
    for name in study.plan.protocols:
        there = [row["sample"] for row in samples_of(known, name)]
        if there:
            chosen[name] = sample if sample in there else there[0]
    if not chosen:
        raise NotInStudyError("no sample of the study is finished yet: run it")
    runs = {name: study.sheared(name, place) for name, place in chosen.items()}
    groups, map_of = by_model(study, known, runs), mapped or _softest_with_event(study, known, runs)
    if map_of is not None and map_of not in runs:
        raise NotInStudyError(f"no sample of protocol {map_of!r} has been sheared; known: {', '.join(runs)}")
    planar = map_of is not None and bool(runs[map_of].events) and runs[map_of].start.dimension == 2
    rows: list[dict[str, Any]] = []
    with styled():
        columns = len(groups) + planar
        figure = study_figure(SINGLE if columns == 1 else DOUBLE, 2.5)
        grid = figure.add_gridspec(1, columns)
        panels = [figure.add_subplot(grid[0, place]) for place in range(len(groups))]
        for ax, (model, protocols) in zip(panels, groups.items(), strict=True):
            for name in protocols:
                strain, stress = runs[name].smooth_curve(2)
                # Loading backwards looks like loading forwards.
                along, stress = np.abs(strain - strain[0]), runs[name].direction * stress
                ax.plot(along, stress, color=protocol_color(study, name), linewidth=0.9)
                rows += [
                    {"protocol": name, "sample": chosen[name], "strain": x, "stress": y}
                    for x, y in zip(along.tolist(), stress.tolist(), strict=True)
                ]
            ax.set_xlabel(r"strain $\gamma$")
            ax.set_ylabel(rf"stress $\sigma$ ({_stress_unit(study, known, protocols[0])})")
            ax.set_title(model)
            ax.set_xlim(left=0.0)
        about = ""
        if planar and map_of is not None:
            shown = runs[map_of].events[min(event, len(runs[map_of].events)) - 1]
            ax = figure.add_subplot(grid[0, -1])
            values = np.linalg.norm(shown.mode, axis=1) if measure == "mode" else shown.d2min()
            label = r"$|\Psi_c|$" if measure == "mode" else r"$D^2_\mathrm{min}$ of $\Psi_c$"
            field(shown.before, values, shown, scale="log", label=label, ax=ax)
            for low, high, put in ((*ax.get_xlim(), ax.set_xlim), (*ax.get_ylim(), ax.set_ylim)):
                # The ring around a core at the rim stays whole.
                put(low - 0.04 * (high - low), high + 0.04 * (high - low))
            ax.set_xticks([])
            ax.set_yticks([])
            ax.set_xlabel("")
            ax.set_ylabel("")
            panels.append(ax)
            number = runs[map_of].events.index(shown) + 1
            onset = abs(shown.strain - runs[map_of].start.strain)
            about = (
                f" The map shows event {number} of {map_of} at strain {onset:.4f}: "
                f"{'the size of the critical mode' if measure == 'mode' else 'D2min of the critical mode'} at each "
                "particle, on a logarithmic scale, and a ring around the core."
            )
        letter(panels)
        protocol_legend(figure, study, list(runs), markers=False)
    which = ", ".join(f"sample {place} of {name}" for name, place in chosen.items())
    caption = f"Stress along the loading against strain by protocol, one sample of each (n = 1: {which}).{about}"
    return StudyFigure("stress_strain_curves", "Stress and strain", caption, figure, rows)


def _softest_with_event(study: Study, tables: Tables, runs: Mapping[str, Any]) -> str | None:
    known = [row["protocol"] for row in tables.events]
    order = by_stability(study, tables) if known else []
    planar = [name for name in order if name in runs and runs[name].start.dimension == 2]
    return next((name for name in planar if runs[name].events), None)


def gamma_min_by_protocol(study: Study, tables: Tables | None = None, *, yielding: float | None = None) -> StudyFigure:
    """Draw the mean strain of the first event of each protocol, with the yield strain (paper, Fig. 1c).

    Parameters
    ----------
    study : Study
        The study.
    tables : Tables, optional
        Its tables; by default they are collected anew.
    yielding : float, optional
        The yield strain. By default it is the mean strain of the largest stress drop of each sample in the most stable
        protocol, and there is none if the runs end after a number of events.

    Returns
    -------
    StudyFigure

    Raises
    ------
    NotInStudyError
        If no sample has an event.
    """
    known = study.tables() if tables is None else tables
    protocols = by_stability(study, known)
    rows: list[dict[str, Any]] = []
    numbers = {}
    with styled():
        figure = study_figure(SINGLE, 2.5)
        ax = figure.add_subplot()
        for place, name in enumerate(protocols):
            values = gamma_min_of(known, name)
            values = values[np.isfinite(values)]
            numbers[name] = values.size
            mean = means_of_samples(values[:, None])
            value, low, high = (float(part[0]) for part in (mean.value, mean.low, mean.high))
            mean_beside_samples(ax, study, name, place, values.tolist(), (value, low, high))
            rows.append({"protocol": name, "gamma_min": value, "low": low, "high": high, "samples": values.size})
        strain, of = yield_strain(study, known) if yielding is None else (yielding, "")
        if math.isfinite(strain):
            ax.axhline(strain, color=GUIDE, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
            rows.append({"protocol": "yield strain", "gamma_min": strain})
        ax.set_yscale("log")
        plain_logarithm(ax.yaxis)
        name_protocols(ax, protocols)
        ax.set_ylabel(r"strain of first event $\gamma_\mathrm{min}$")
    line = ""
    if math.isfinite(strain):
        line = f" The dashed line is the yield strain {strain:.3g}"
        line += f", the mean strain of the largest stress drop of each sample of {of}." if of else "."
    caption = (
        f"Mean strain of the first plastic event by protocol, with {counted(numbers)} that have an event; small points "
        f"are single samples.{line} {told_intervals(numbers.values())}"
    )
    return StudyFigure("gamma_min_by_protocol", "Strain of the first event", caption, figure, rows)


def mean_beside_samples(
    ax: Axes, study: Study, protocol: str, place: float, values: Sequence[float], mean: tuple[float, float, float]
) -> None:
    """Draw the values of the samples of a protocol as small points, and their mean with its interval."""
    color = protocol_color(study, protocol)
    aside = place + (np.linspace(-0.22, 0.22, len(values)) if len(values) > 1 else np.zeros(len(values)))
    ax.plot(aside, np.sort(values), ".", markersize=4.0, color=color, alpha=0.45, markeredgewidth=0.0)
    value, low, high = mean
    if math.isfinite(low):
        ax.plot([place, place], [low, high], color=color, linewidth=1.4)
    ax.plot(place, value, protocol_marker(study, protocol), color=color, markeredgecolor="white", **_MEAN)


#: Size of the markers of means, and width of their rims.
_MEAN: dict[str, Any] = {"markersize": 6.0, "markeredgewidth": 0.5}


def stress_drops(study: Study, tables: Tables | None = None, *, windows: int = 12) -> StudyFigure:
    """Draw the mean stress drop of events against strain, with its peak (paper, Fig. 1d).

    Parameters
    ----------
    study : Study
        The study.
    tables : Tables, optional
        Its tables; by default they are collected anew.
    windows : int
        Number of windows of equal width into which the strain is divided.

    Returns
    -------
    StudyFigure
        Windows in which at least two samples have events, or one of a protocol with up to three samples; a star is at
        the largest mean.

    Raises
    ------
    NotInStudyError
        If no sample has an event.
    """
    known = study.tables() if tables is None else tables
    protocols = by_stability(study, known)
    edges = strain_windows(study, windows)
    centers = 0.5 * (edges[1:] + edges[:-1])
    rows: list[dict[str, Any]] = []
    with styled():
        figure, panels = _panels_of_models(study, known, protocols)
        for ax, model_protocols in panels:
            lowest = []
            for name in model_protocols:
                events = events_of(known, name)
                window = np.searchsorted(edges, events.strain, side="left") - 1
                mean = means(*summed(events.samples, window, events.stress_drop, windows))
                enough, color = enough_samples(mean.samples, known, name), protocol_color(study, name)
                shown = np.where(enough, mean.value, np.nan)
                x = protocol_curve(ax, study, model_protocols, name, centers, shown, mean.low, mean.high)
                peak = int(np.nanargmax(shown)) if enough.any() else -1
                if peak >= 0:
                    ax.plot(x[peak], shown[peak], "*", markersize=10.0, color=color, markeredgecolor="white", zorder=4)
                    lowest.append(float(np.nanmin(shown)))
                rows += [
                    {
                        "protocol": name,
                        "strain_low": edges[k],
                        "strain_high": edges[k + 1],
                        "stress_drop": mean.value[k],
                        "low": mean.low[k],
                        "high": mean.high[k],
                        "samples": mean.samples[k],
                        "events": mean.count[k],
                        "peak": k == peak,
                    }
                    for k in range(windows)
                ]
            ax.set_ylabel(
                rf"stress drop $\langle\Delta\sigma\rangle$ ({_stress_unit(study, known, model_protocols[0])})"
            )
            # Few events raise the stress.
            ax.set_ylim(bottom=min([0.0, *(1.1 * drop for drop in lowest)]))
        protocol_legend(figure, study, protocols)
    numbers = {name: len(samples_of(known, name)) for name in protocols}
    peaks = ", ".join(
        f"{row['strain_low']:.3g} to {row['strain_high']:.3g} ({row['protocol']})" for row in rows if row["peak"]
    )
    caption = (
        f"Mean stress drop of the plastic events in windows of strain, by protocol, with {counted(numbers)}. {POINTS} "
        f"{f'Stars mark the largest mean, at {peaks}. ' if peaks else ''}{told_intervals(numbers.values())}"
    )
    return StudyFigure("stress_drops", "Stress drops against strain", caption, figure, rows)


def dissipated_energy(study: Study, tables: Tables | None = None, *, windows: int = 8) -> StudyFigure:
    r"""Draw the energy that events dissipate against strain, by protocol (paper, Fig. 6d).

    .. math:: \Gamma = \left\langle \sum_e \Delta U_e \right\rangle / (V \Delta\gamma)

    Parameters
    ----------
    study : Study
        The study.
    tables : Tables, optional
        Its tables; by default they are collected anew.
    windows : int
        Number of windows of equal width into which the strain is divided.

    Returns
    -------
    StudyFigure
        A sample counts in the windows that its run covers. Windows without events have no point, because the scale is
        logarithmic; their rows hold 0.

    Raises
    ------
    NotInStudyError
        If no sample has an event.

    See Also
    --------
    glassplast.dissipation : The same of runs, with the balance of work and energy.
    """
    known = study.tables() if tables is None else tables
    protocols = by_stability(study, known)
    edges = strain_windows(study, windows)
    centers = 0.5 * (edges[1:] + edges[:-1])
    rows: list[dict[str, Any]] = []
    with styled():
        figure, panels = _panels_of_models(study, known, protocols)
        for ax, model_protocols in panels:
            values = np.empty(0)
            for name in model_protocols:
                mean = means_of_samples(_rates(known, name, edges))
                shown = np.where(mean.value > 0.0, mean.value, np.nan)
                # A band that reaches down to zero is drawn down to the axis.
                protocol_curve(ax, study, model_protocols, name, centers, shown, np.maximum(mean.low, 1e-30), mean.high)
                values = np.append(values, shown[np.isfinite(shown)])
                rows += [
                    {
                        "protocol": name,
                        "strain_low": edges[k],
                        "strain_high": edges[k + 1],
                        "dissipation": mean.value[k],
                        "low": mean.low[k],
                        "high": mean.high[k],
                        "samples": mean.samples[k],
                    }
                    for k in range(windows)
                ]
            ax.set_ylabel(rf"dissipated energy $\Gamma$ ({_stress_unit(study, known, model_protocols[0])})")
            ax.set_yscale("log")
            if values.size:
                ax.set_ylim(0.2 * values.min(), 8.0 * values.max())
        protocol_legend(figure, study, protocols)
    numbers = {name: len(samples_of(known, name)) for name in protocols}
    caption = (
        "Energy that plastic events dissipate, divided by volume and width of the window of strain, by protocol, with "
        f"{counted(numbers)}. {told_intervals(numbers.values())}"
    )
    return StudyFigure("dissipated_energy", "Dissipated energy against strain", caption, figure, rows)


def _rates(tables: Tables, protocol: str, edges: FloatArray) -> FloatArray:
    """Dissipated energy by volume and strain in each window for each sample, NaN beyond the end of its run: (S, W)."""
    samples, events = samples_of(tables, protocol), events_of(tables, protocol)
    rates = np.full((len(samples), edges.size - 1), np.nan)
    for place, row in enumerate(samples):
        own = events.samples == row["sample"]
        window = np.searchsorted(edges, events.strain[own], side="left") - 1
        inside = (window >= 0) & (window < edges.size - 1)
        lost = np.bincount(window[inside], events.energy_drop[own][inside], edges.size - 1)
        reached = abs(row["last_strain"] - row["strain"]) >= edges[1:] - 1e-9
        rates[place, reached] = (lost / (row["volume"] * np.diff(edges)))[reached]
    return rates


def _panels_of_models(
    study: Study, tables: Tables, protocols: Sequence[str]
) -> tuple[Figure, list[tuple[Axes, list[str]]]]:
    """A figure with a panel for each model, because units and scales of models differ."""
    groups = by_model(study, tables, protocols)
    figure = study_figure(SINGLE if len(groups) == 1 else DOUBLE, 2.6)
    axes = figure.subplots(1, len(groups), squeeze=False)[0]
    for ax, model in zip(axes, groups, strict=True):
        ax.set_title(model)
        ax.set_xlabel(r"strain $\gamma$")
        ax.set_xlim(0.0, abs(study.plan.shear.to))
    letter(axes)
    return figure, list(zip(axes, groups.values(), strict=True))


def _stress_unit(study: Study, tables: Tables, protocol: str) -> str:
    """Energy by volume in the symbols of the model of a protocol."""
    plan = study.plan.protocols[protocol]
    kind = Model(plan.model).kind if plan.model in names() else None
    power = "³" if samples_of(tables, protocol)[0]["dimension"] == 3 else "²"
    return f"{kind.energy_unit}/{kind.length_unit}{power}" if kind is not None else f"ε/ℓ{power}"
