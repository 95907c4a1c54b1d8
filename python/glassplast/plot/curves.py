"""Stress-strain curves, densities of states, and the stability of glasses as a function of their preparation."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from glassplast.errors import ArgumentError
from glassplast.glass import simple_shear
from glassplast.plot.figure import ACCENT, NUMBERED_EVENTS, axes, finished, new_figure, units
from glassplast.quasistatic import Run
from glassplast.response.vibrations import DensityOfStates
from glassplast.stability import EnsembleStability

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from glassplast.quasistatic import Run
    from glassplast.response.vibrations import DensityOfStates
    from glassplast.stability import EnsembleStability

__all__ = ["density_of_states", "stability", "stress_strain"]


def stress_strain(
    run: Run,
    *,
    ax: Axes | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """Draw the stress-strain curve of a run with its events.

    Parameters
    ----------
    run : Run
        The shear run.
    ax, path
        See `field`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, ax = axes(ax, 8.0, 4.6)
    length, energy = units(run.start)
    power = "²" if run.start.dimension == 2 else "³"
    ax.plot(*run.smooth_curve(), color="#2b6cb0", linewidth=1.2, zorder=2)
    numbered = len(run.events) <= NUMBERED_EVENTS
    if run.events:
        strains = [event.strain for event in run.events]
        for strain in strains:
            ax.axvline(strain, color=ACCENT, linewidth=0.7, linestyle=(0, (3, 3)), zorder=1, ymax=0.93)
        ax.plot(
            strains,
            [event.stress_before for event in run.events],
            linestyle="none",
            marker="o",
            markersize=7.0 if numbered else 3.5,
            markerfacecolor="white",
            markeredgecolor=ACCENT,
            markeredgewidth=1.6,
            label="plastic event",
            zorder=3,
        )
    ax.margins(x=0.02)
    if numbered:
        low, high = ax.get_ylim()
        ax.set_ylim(low, high + 0.07 * (high - low))
        _number_events(ax, [event.strain for event in run.events])
    simple = np.array_equal(run.loading, simple_shear(run.start.dimension))
    ax.set_xlabel("shear strain γ" if simple else "strain γ along the loading")
    stress = "shear stress $\\sigma_{xy}$" if simple else "stress $\\sigma : G$ along the loading"
    ax.set_ylabel(f"{stress} ({energy}/{length}{power})")
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", color="#e5e7eb", linewidth=0.8)
    ax.set_axisbelow(True)
    if run.events:
        ax.legend(frameon=False, loc="upper left")
    return finished(figure, path)


def _number_events(ax: Axes, strains: Sequence[float]) -> None:
    """Write the numbers of the events above the curve; events that are close to each other share a label."""
    low, high = ax.get_xlim()
    groups: list[list[int]] = []
    for number in np.argsort(strains, kind="stable"):
        if groups and strains[number] - strains[groups[-1][-1]] < 0.018 * (high - low):
            groups[-1].append(int(number))
        else:
            groups.append([int(number)])
    for group in groups:
        ax.annotate(
            ", ".join(str(number + 1) for number in sorted(group)),
            (float(np.mean([strains[number] for number in group])), 1.0),
            xycoords=("data", "axes fraction"),
            ha="center",
            va="top",
            color=ACCENT,
            fontweight="bold",
        )


def stability(
    ensembles: Mapping[float, EnsembleStability],
    *,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """Draw inherent-structure energy, gamma_min and number of soft modes against the temperature of preparation.

    Parameters
    ----------
    ensembles : mapping of float to EnsembleStability
        Result of `glassplast.stability.against_temperature`.
    path
        See `field`.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ArgumentError
        If there is no ensemble.
    """
    if not ensembles:
        raise ArgumentError("there is no ensemble to draw")
    figure = new_figure(11.0, 3.6)
    temperatures = sorted(ensembles)
    panels = (
        ("energy", "inherent-structure energy per particle"),
        ("gamma_min", "strain at the first instability $\\gamma_{min}$"),
        ("soft_modes", "modes below the softest shear wave"),
    )
    for ax, (name, label) in zip(figure.subplots(1, 3), panels, strict=True):
        for temperature in temperatures:
            values = [float(getattr(sample, name)) for sample in ensembles[temperature].samples]
            places = np.full(len(values), temperature)
            ax.plot(places, values, linestyle="none", marker="o", markersize=3.0, color="#9aa0a6", alpha=0.6, zorder=1)
        means = [getattr(ensembles[temperature], name) for temperature in temperatures]
        ax.errorbar(
            temperatures,
            [mean.value for mean in means],
            yerr=[0.0 if np.isnan(mean.error) else mean.error for mean in means],
            color="#2b6cb0",
            marker="o",
            markersize=6.0,
            linewidth=1.2,
            capsize=3.0,
            zorder=2,
        )
        ax.set_xlabel("temperature of preparation $T_{ini}$")
        ax.set_ylabel(label)
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(axis="y", color="#e5e7eb", linewidth=0.8)
        ax.set_axisbelow(True)
    return finished(figure, path)


def density_of_states(
    ensembles: DensityOfStates | Mapping[str, DensityOfStates],
    *,
    power: float = 0.0,
    ax: Axes | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """Draw the vibrational density of states of one or several ensembles, with its standard error.

    Parameters
    ----------
    ensembles : DensityOfStates or mapping of str to DensityOfStates
        Results of `glassplast.density_of_states`, by the names for the legend if there are several.
    power : float
        Exponent of D / omega^power, which is drawn. With the exponent d - 1 sound waves give a constant, so that
        further modes become visible.
    ax, path
        See `field`.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ArgumentError
        If there is no ensemble.
    """
    several = ensembles if isinstance(ensembles, Mapping) else {"": ensembles}
    if not several:
        raise ArgumentError("there is no density of states to draw")
    figure, ax = axes(ax, 7.0, 4.4)
    for number, (name, states) in enumerate(several.items()):
        color = f"C{number}" if len(several) > 1 else "#2b6cb0"
        scale = states.centers**-power
        ax.stairs(states.density * scale, states.edges, color=color, linewidth=1.4, label=name or None)
        error = np.nan_to_num(states.error * scale)
        ax.errorbar(
            states.centers, states.density * scale, yerr=error, linestyle="none", color=color, alpha=0.5, elinewidth=1.0
        )
    ax.set_xlabel("frequency $\\omega$")
    ax.set_ylabel("$D(\\omega)$" if power == 0.0 else f"$D(\\omega)\\,/\\,\\omega^{{{power:g}}}$")
    ax.set_xlim(left=0.0)
    ax.set_ylim(bottom=0.0)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", color="#e5e7eb", linewidth=0.8)
    ax.set_axisbelow(True)
    if any(several):
        ax.legend(frameon=False)
    return finished(figure, path)
