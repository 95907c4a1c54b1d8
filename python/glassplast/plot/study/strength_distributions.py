"""How the distribution of the plastic strength changes on the way through yielding (paper, Fig. 9)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from glassplast.errors import NotInStudyError
from glassplast.foundation.arrays import FloatArray
from glassplast.plot.study.appearance import DOUBLE, letter, study_figure, styled, symbol
from glassplast.plot.study.densities import density, draw_density, logarithmic_axis, logarithmic_edges
from glassplast.plot.study.figure_of_study import StudyFigure
from glassplast.plot.study.yielding_states import computed_stages, least_and_most_stable, planned
from glassplast.study import Study, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["STATE_COLORS", "WINDOWS", "strength_distributions_through_yielding"]

#: Windows of strain of the states 2, 3 and 4.
WINDOWS = ((0.04, 0.05), (0.06, 0.07), (0.1, math.inf))
#: Colours of the states 1 to 4.
STATE_COLORS = ("#1f2328", "#8b95a1", "#e0861a", "#c0264e")

# Of each state of a protocol, from 1: by sample the field, the strain and the modulus.
_States = dict[int, list[tuple[FloatArray, float, float]]]


def strength_distributions_through_yielding(
    study: Study,
    tables: Tables | None = None,
    *,
    ductile: str | None = None,
    brittle: str | None = None,
    indicator: str = "plastic_strength",
    windows: Sequence[tuple[float, float]] = WINDOWS,
) -> StudyFigure:
    """Draw the distribution of the plastic strength at four strains, with what elastic loading makes of the first.

    Parameters
    ----------
    study : Study
        The study.
    tables : Tables, optional
        Its tables; by default they are collected anew.
    ductile, brittle : str, optional
        The protocols; by default those with the smallest and the largest mean strain of the first event.
    indicator : str
        Key of a field in units of stress.
    windows : sequence of (float, float)
        Smallest and largest strain of the states 2, 3, ...; state 1 is the start. States of one sample in the same
        window are averaged.

    Returns
    -------
    StudyFigure

    Raises
    ------
    NotInStudyError
        If there is no protocol with the indicator at its start and in one of the windows.
    """
    known = study.tables() if tables is None else tables
    names = least_and_most_stable(study, known, ductile, brittle)
    moduli = {(row["protocol"], row["sample"]): row.get("shear_modulus", math.nan) for row in known.samples}
    found = {name: _states(study, name, indicator, windows, moduli) for name in names}
    found = {name: states for name, states in found.items() if 1 in states and len(states) > 1}
    if not found:
        told = ", ".join(f"{low:g} to {high:g}" for low, high in windows)
        raise NotInStudyError(
            f"no sample of {' or '.join(map(repr, names))} has {indicator!r} at its start and at strains of {told}; "
            f"{planned(indicator)}"
        )
    every = [values for states in found.values() for entries in states.values() for values, _, _ in entries]
    edges = logarithmic_edges(every)
    rows: list[dict[str, Any]] = []
    with styled():
        figure = study_figure(DOUBLE if len(found) > 1 else 0.55 * DOUBLE, 3.2)
        panels = figure.subplots(1, len(found), sharey=True, squeeze=False)[0]
        for ax, (name, states) in zip(panels, found.items(), strict=True):
            rows += _panel(ax, name, states, edges, indicator)
            ax.set_title(name)
        panels[0].set_ylabel(f"$P$({symbol(indicator)})")
        letter(panels)
    counts = "; ".join(
        f"n = {', '.join(str(len(entries)) for _, entries in sorted(states.items()))} samples of {name} in the states "
        f"{', '.join(map(str, sorted(states)))}"
        for name, states in found.items()
    )
    lacking = [str(number + 2) for number in range(len(windows)) if any(number + 2 not in s for s in found.values())]
    caption = (
        f"Distribution of the {indicator.replace('_', ' ')} at the start (state 1) and in windows of strain "
        f"({'; '.join(f'state {n}: {_told(w)}' for n, w in enumerate(windows, start=2))}). There are {counts}. "
        + (f"Not all protocols have a state {' and '.join(lacking)}. " if lacking else "")
        + "The dashed line is the distribution of state 1 shifted by -μγ, with the bulk shear modulus μ of each sample "
        "and the strain γ of its state 2. Bands are standard errors over three or more samples; values "
        "that are not positive count in the total, but have no place on a logarithmic axis."
    )
    return StudyFigure(
        "strength_distributions_through_yielding", "Plastic strength through yielding", caption, figure, rows
    )


def _told(window: tuple[float, float]) -> str:
    low, high = window
    return f"γ ≥ {low:g}" if math.isinf(high) else f"{low:g} ≤ γ ≤ {high:g}"


def _states(
    study: Study,
    protocol: str,
    indicator: str,
    windows: Sequence[tuple[float, float]],
    moduli: dict[tuple[str, int], float],
) -> _States:
    """By the number of the state, of each sample the values, the mean strain and the modulus."""
    found: _States = {}
    for sample in (number for name, number in moduli if name == protocol):
        modulus = moduli[protocol, sample]
        parts: dict[int, list[tuple[FloatArray, float]]] = {}
        for stage in computed_stages(study, protocol, sample):
            if indicator not in stage.fields:
                continue
            values = stage.fields[indicator]
            if stage.kind == "start":
                parts.setdefault(1, []).append((values, 0.0))
            for number, (low, high) in enumerate(windows, start=2):
                # Strains are sums of increments.
                if stage.kind != "start" and low - 1e-9 <= stage.strain <= high + 1e-9:
                    parts.setdefault(number, []).append((values, stage.strain))
        for number, pairs in parts.items():
            joined = np.concatenate([values for values, _ in pairs])
            strain = float(np.mean([strain for _, strain in pairs]))
            found.setdefault(number, []).append((joined, strain, modulus))
    return found


def _panel(ax: Axes, name: str, states: _States, edges: FloatArray, indicator: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for number, entries in sorted(states.items()):
        strain = float(np.mean([strain for _, strain, _ in entries]))
        curve = density([values for values, _, _ in entries], edges)
        color = STATE_COLORS[(number - 1) % len(STATE_COLORS)]
        draw_density(ax, curve, color=color, marker="osD^"[(number - 1) % 4], markersize=3.0,
                     label=f"({number}) $\\gamma$ = {strain:.3g}")  # fmt: skip
        head = {"protocol": name, "state": number, "strain": strain, "indicator": indicator}
        rows += curve.rows(**head, shifted=False)
    if 2 in states:
        strain = float(np.mean([strain for _, strain, _ in states[2]]))
        shifted = [values - modulus * strain for values, _, modulus in states[1] if math.isfinite(modulus)]
        if shifted:
            curve = density(shifted, edges)
            there = curve.count > 0
            ax.plot(curve.centers[there], curve.value[there], color=STATE_COLORS[1], linestyle=(0, (3, 2)),
                    label=r"(1) shifted by $-\mu\gamma$ of (2)")  # fmt: skip
            rows += curve.rows(protocol=name, state=1, strain=strain, indicator=indicator, shifted=True)
    logarithmic_axis(ax, "x")
    logarithmic_axis(ax, "y")
    ax.set_xlabel(symbol(indicator))
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.08), ncols=2, borderaxespad=0.0)
    return rows
