"""How a glass softens where its shear band will form (paper, Fig. 10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from glassplast.errors import NotInStudyError
from glassplast.indicators import registry
from glassplast.plot.figure import length_unit
from glassplast.plot.study.appearance import CHANCE, DOUBLE, indicator_looks, letter, study_figure, styled, symbol
from glassplast.plot.study.figure_of_study import StudyFigure
from glassplast.plot.study.strength_distributions import STATE_COLORS
from glassplast.plot.study.yielding_states import (
    ON_THE_WAY,
    Stage,
    computed_stages,
    least_and_most_stable,
    numbered_stages,
    run_of,
    samples_by_drop,
)
from glassplast.quasistatic import Run, ShearBand, fitted_bands, shear_band
from glassplast.study import Study, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["RANKED", "softening_in_the_band"]

#: Indicators whose mean rank in the band is drawn, as far as the study has them.
RANKED = (
    "plastic_strength",
    "vibrality",
    "nonaffine_velocity",
    "softness",
    "steric_order",
    "free_volume",
    "potential_energy",
)


def softening_in_the_band(
    study: Study,
    tables: Tables | None = None,
    *,
    protocol: str | None = None,
    sample: int | None = None,
    profiles: Sequence[str] = ("plastic_strength", "steric_order"),
    ranked: Sequence[str] = RANKED,
    bins: int | None = None,
    bands_only: bool = False,
) -> StudyFigure:
    """Draw profiles across the shear band of a sample at four strains, and mean ranks in the band against the strain.

    Parameters
    ----------
    study : Study
        The study.
    tables : Tables, optional
        Its tables; by default they are collected anew.
    protocol : str, optional
        The protocol; by default the one with the largest mean strain of the first event.
    sample : int, optional
        The sample; by default the first one with a band, beginning with the largest stress drop.
    profiles : sequence of str
        Keys of the indicators whose profiles are drawn.
    ranked : sequence of str
        Keys of the indicators whose mean rank is drawn; those that the states lack are left out.
    bins : int, optional
        Number of bins of a profile; by default each is at least two mean distances between particles wide.
    bands_only : bool
        Whether it is an error if no largest stress drop is a band. Otherwise the peak that comes nearest to one is
        drawn, and the caption says that it is none.

    Returns
    -------
    StudyFigure

    Raises
    ------
    NotInStudyError
        If no sample has the states with these fields, or none has a band and `bands_only` is set.
    """
    known = study.tables() if tables is None else tables
    name = least_and_most_stable(study, known, brittle=protocol)[-1]
    number, run, band = _band(study, known, name, sample, profiles, bands_only)
    stages = numbered_stages(study, known, name, number, profiles)
    path = computed_stages(study, name, number, (*ON_THE_WAY, "before_event", "onset"))
    shown = [key for key in ranked if sum(key in stage.fields for stage in path) > 1]
    count = max(3, int(band.height / (2.0 * np.sqrt(run.start.volume / len(run.start))))) if bins is None else bins
    # An odd number has a bin around the centre.
    count += 1 - count % 2 if bins is None else 0
    head = {"protocol": name, "sample": number}
    rows: list[dict[str, Any]] = []
    with styled():
        figure = study_figure(DOUBLE, 2.7)
        panels = figure.subplots(1, len(profiles) + 1, width_ratios=[1.0] * len(profiles) + [1.25])
        for ax, key in zip(panels, profiles, strict=False):
            rows += _profile(ax, band, stages, key, count, head)
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper left", ncols=len(labels))
        rows += _ranks(panels[-1], run, band, path, shown, head)
        letter(panels)
    side = f" along {'yx'[band.axis]}" if run.start.dimension == 2 else ""
    is_none = (
        ""
        if band.is_band
        else " By the criteria of glassplast.shear_band this is no band, but it comes nearest to one in this protocol "
        f"(contrast {band.contrast:.2f}, extent {band.extent:.2f}, width {band.width / band.height:.2f} of the cell)."
    )
    letters = "ab" if len(profiles) == 2 else "a"
    caption = (
        f"Sample {number} of {name} ({len(run.start)} particles). ({letters[0]}"
        f"{f', {letters[-1]}' if len(letters) > 1 else ''}) Means of "
        f"{' and of '.join(key.replace('_', ' ') for key in profiles)} against the distance from the centre "
        f"of the shear band{side}, in the states {', '.join(f'{s.number} (γ = {s.strain:.4g})' for s in stages)}; "
        "bars are standard errors as if particles were independent, and the shaded part is the width of the band, "
        f"{band.width:.2g} ± {band.width_uncertainty:.1g} {length_unit(run.start)}. "
        f"({chr(ord('a') + len(profiles))}) Mean rank of the particles inside the band against the strain; 1/2 knows "
        "nothing of the band. The dashed line is the largest stress drop, "
        f"γ = {_strain_of(run, band):.4g}.{is_none}"
    )
    return StudyFigure("softening_in_the_band", "Softening in the shear band", caption, figure, rows)


def _strain_of(run: Run, band: ShearBand) -> float:
    return run.direction * (band.strain - run.start.strain)


def _band(
    study: Study, tables: Tables, protocol: str, sample: int | None, keys: Sequence[str], bands_only: bool
) -> tuple[int, Run, ShearBand]:
    """The first sample with the states and a band in its largest drop, or the one whose peak comes nearest to it."""
    reason = f"no sample of {protocol!r} has an event; run it, or shear further (shear.to)"
    nearest: tuple[int, Run, ShearBand] | None = None
    for number in samples_by_drop(tables, protocol) if sample is None else [sample]:
        try:
            numbered_stages(study, tables, protocol, number, keys)
        except NotInStudyError as error:
            reason = str(error)
            continue
        run = run_of(study, protocol, number)
        band = shear_band(run)
        if band is not None:
            return number, run, band
        largest = max(range(len(run.events)), key=lambda place: run.events[place].stress_drop)
        for peak in fitted_bands(run, largest):
            if nearest is None or _likeness(peak) > _likeness(nearest[2]):
                nearest = number, run, peak
    if nearest is None:
        raise NotInStudyError(reason)
    if bands_only:
        raise NotInStudyError(
            f"no sample of {protocol!r} with these states has a shear band in its largest stress drop; shear further "
            "(shear.to), or take larger or more stable glasses (size and temperature of the protocol)"
        )
    return nearest


def _likeness(peak: ShearBand) -> float:
    """How near a peak comes to a band: contrast and extent, less for a peak wider than half of the cell."""
    return peak.contrast * peak.extent * min(1.0, 0.5 * peak.height / peak.width)


def _profile(
    ax: Axes, band: ShearBand, stages: Sequence[Stage], key: str, bins: int, head: Mapping[str, Any]
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    ax.axvspan(-0.5 * band.width, 0.5 * band.width, color=CHANCE, alpha=0.4, linewidth=0.0)
    for stage in stages:
        profile = band.profile(stage.fields[key], bins=bins, glass=stage.glass)
        color = STATE_COLORS[(stage.number - 1) % 4]
        ax.errorbar(
            profile.distance, profile.value, profile.error, color=color, marker="osD^"[(stage.number - 1) % 4],
            markersize=3.0, linewidth=1.0, elinewidth=0.7, label=f"({stage.number}) $\\gamma$ = {stage.strain:.3g}",
        )  # fmt: skip
        columns = (profile.distance, profile.value, profile.error, profile.particles)
        rows += [
            {"what": "profile", **head, "indicator": key, "state": stage.number, "strain": stage.strain,
             "distance": x, "mean": y, "standard_error": e, "particles": n}
            for x, y, e, n in zip(*(column.tolist() for column in columns), strict=True)
        ]  # fmt: skip
    ax.set_xlabel(f"distance from the band ({length_unit(band.glass)})")
    ax.set_ylabel(rf"$\langle${symbol(key)}$\rangle$")
    return rows


def _ranks(
    ax: Axes, run: Run, band: ShearBand, path: Sequence[Stage], keys: Sequence[str], head: Mapping[str, Any]
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    ax.axhline(0.5, color=CHANCE, linewidth=1.0, zorder=0)
    ax.axvline(_strain_of(run, band), color="#4b5563", linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
    looks = indicator_looks(keys)
    for key in keys:
        softer = registry.find(key).softer
        found: list[tuple[float, float]] = [
            (stage.strain, band.mean_rank(stage.fields[key], softer, glass=stage.glass))
            for stage in path
            if key in stage.fields
        ]
        strain, rank = np.array(found, dtype=np.float64).T
        ax.plot(strain, rank, **looks[key], markersize=3.0, linewidth=1.0, label=symbol(key))
        rows += [{"what": "mean rank", **head, "indicator": key, "strain": x, "mean": y} for x, y in found]
    ax.set_xlabel(r"strain $\gamma$")
    ax.set_ylabel(r"mean rank in the band $\langle r\rangle_\mathrm{sb}$")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.02), borderaxespad=0.2, handlelength=2.2)
    return rows
