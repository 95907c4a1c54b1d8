"""A brittle glass on its way through yielding: soft regions grow, and line up in a band (paper, Figs. 8 and S9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from glassplast.errors import NotInStudyError
from glassplast.foundation.arrays import FloatArray
from glassplast.plot.disks import require_planar
from glassplast.plot.figure import INK, energy_unit, length_unit
from glassplast.plot.study.appearance import (
    DOUBLE,
    letter,
    protocol_color,
    study_figure,
    styled,
    symbol,
)
from glassplast.plot.study.densities import density, draw_density, linear_edges, logarithmic_axis, logarithmic_edges
from glassplast.plot.study.ensembles import counted
from glassplast.plot.study.figure_of_study import StudyFigure
from glassplast.plot.study.low_excitations import excitations, frequency_of_waves
from glassplast.plot.study.particle_maps import alike, cross, particle_rows, soft_regions
from glassplast.plot.study.yielding_states import (
    Stage,
    least_and_most_stable,
    numbered_stages,
    run_of,
    samples_by_drop,
)
from glassplast.quasistatic import Run
from glassplast.study import Study, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["WAVELENGTH", "soft_regions_through_yielding", "softness_through_yielding"]

#: By default excitations are low if their frequency is below that of shear waves of this wavelength (length).
WAVELENGTH = 16.0


@dataclass(frozen=True)
class _Quantity:
    """What of a field is shown, and where it is soft.

    `threshold` bounds the soft values from the side that `softer` says; if `by_modulus`, values are divided by the bulk
    shear modulus of the start first.
    """

    key: str
    threshold: float
    softer: Literal["large", "small"]
    logarithmic: bool
    by_modulus: bool = False

    @property
    def label(self) -> str:
        return f"{symbol(self.key)}$/\\mu$" if self.by_modulus else symbol(self.key)

    @property
    def condition(self) -> str:
        limit = f"{100.0 * self.threshold:g} %" if self.by_modulus else f"{self.threshold:g}"
        return f"{self.label} {'>' if self.softer == 'large' else '<'} {limit}"

    @property
    def in_words(self) -> str:
        """The condition without typesetting, for captions."""
        limit = f"{100.0 * self.threshold:g} % of the modulus" if self.by_modulus else f"{self.threshold:g}"
        return f"{self.key.replace('_', ' ')} {'above' if self.softer == 'large' else 'below'} {limit}"

    def values(self, fields: Mapping[str, FloatArray], modulus: float) -> FloatArray:
        return fields[self.key] / modulus if self.by_modulus else fields[self.key]

    def soft(self, values: FloatArray) -> Any:
        with np.errstate(invalid="ignore"):
            return values > self.threshold if self.softer == "large" else values < self.threshold


def soft_regions_through_yielding(
    study: Study,
    tables: Tables | None = None,
    *,
    ductile: str | None = None,
    brittle: str | None = None,
    sample: int | None = None,
    largest_strength: float = 0.03,
    smallest_disorder: float = 0.1,
    frequency: float | None = None,
) -> StudyFigure:
    """Draw a brittle sample through yielding: its stress, the distributions at the start, and maps of soft regions.

    Particles are soft where the plastic strength is small compared with the bulk shear modulus, and where the steric
    order is large. Crosses are low-energy excitations, which are computed here: the cores of the pseudo-harmonic modes
    below a frequency.

    Parameters
    ----------
    study : Study
        The study.
    tables : Tables, optional
        Its tables; by default they are collected anew.
    ductile, brittle : str, optional
        The protocols; by default those with the smallest and the largest mean strain of the first event.
    sample : int, optional
        Sample of the brittle protocol; by default the one with the largest stress drop that has the states.
    largest_strength : float
        Largest plastic strength of soft particles, divided by the modulus of the start.
    smallest_disorder : float
        Smallest steric order of soft particles.
    frequency : float, optional
        Frequency below which modes are marked; by default that of shear waves with a wavelength of 16 in the brittle
        sample at its start.

    Returns
    -------
    StudyFigure

    Raises
    ------
    NotInStudyError
        If no sample has the two fields at its start and in another state.
    GeometryError
        If the glasses are not two-dimensional.
    """
    quantities = (
        _Quantity("plastic_strength", largest_strength, "small", logarithmic=True, by_modulus=True),
        _Quantity("steric_order", smallest_disorder, "large", logarithmic=True),
    )
    return _drawn(
        study, tables, quantities, ductile, brittle, sample, frequency, "soft_regions_through_yielding",
        "Soft regions through yielding",
    )  # fmt: skip


def softness_through_yielding(
    study: Study,
    tables: Tables | None = None,
    *,
    ductile: str | None = None,
    brittle: str | None = None,
    sample: int | None = None,
    smallest_softness: float = 0.0,
    frequency: float | None = None,
) -> StudyFigure:
    """Draw a brittle sample through yielding like `soft_regions_through_yielding`, for the softness (paper, Fig. S9).

    Parameters
    ----------
    study : Study
        The study; its softness comes from the trained model that the plan or the preparation names.
    tables : Tables, optional
        Its tables; by default they are collected anew.
    ductile, brittle, sample, frequency
        See `soft_regions_through_yielding`.
    smallest_softness : float
        Smallest softness of soft particles; 0 is the plane between the two classes.

    Returns
    -------
    StudyFigure

    Raises
    ------
    NotInStudyError
        If no sample has the softness at its start and in another state.
    GeometryError
        If the glasses are not two-dimensional.
    """
    quantities = (_Quantity("softness", smallest_softness, "large", logarithmic=False),)
    return _drawn(
        study, tables, quantities, ductile, brittle, sample, frequency, "softness_through_yielding",
        "Softness through yielding",
    )  # fmt: skip


def _chosen(
    study: Study, tables: Tables, protocol: str, sample: int | None, keys: Sequence[str]
) -> tuple[int, list[Stage]]:
    """The sample to draw with its states: of those with the most states the one with the largest stress drop."""
    if sample is not None:
        return sample, numbered_stages(study, tables, protocol, sample, keys)
    best: tuple[int, list[Stage]] | None = None
    reason = f"no sample of {protocol!r} has an event; run it, or shear further (shear.to)"
    for number in samples_by_drop(tables, protocol):
        try:
            stages = numbered_stages(study, tables, protocol, number, keys)
        except NotInStudyError as error:
            reason = str(error)
            continue
        if best is None or len(stages) > len(best[1]):
            best = number, stages
        if len(stages) == 4:
            break
    if best is None:
        raise NotInStudyError(reason)
    return best


def _drawn(
    study: Study,
    tables: Tables | None,
    quantities: Sequence[_Quantity],
    ductile: str | None,
    brittle: str | None,
    sample: int | None,
    frequency: float | None,
    name: str,
    title: str,
) -> StudyFigure:
    known = study.tables() if tables is None else tables
    names = least_and_most_stable(study, known, ductile, brittle)
    keys = [quantity.key for quantity in quantities]
    number, stages = _chosen(study, known, names[-1], sample, keys)
    run = run_of(study, names[-1], number)
    moduli = {(row["protocol"], row["sample"]): row.get("shear_modulus", np.nan) for row in known.samples}
    fields = _at_the_start(study, names, quantities, moduli)
    first = stages[0].glass
    require_planar(first)
    modulus = moduli[names[-1], number]
    limit = frequency_of_waves(first, modulus, WAVELENGTH) if frequency is None else frequency
    # The start of the ductile glass, then the states of the brittle one.
    maps: list[tuple[str, int, float, Stage]] = [(names[-1], number, modulus, stage) for stage in stages]
    if len(names) > 1:
        for other in samples_by_drop(known, names[0]):
            known_start = study.start(names[0], other)
            if all(key in known_start.fields for key in keys):
                stage = Stage(1, "start", 0.0, known_start.start, known_start.fields)
                maps.insert(0, (names[0], other, moduli[names[0], other], stage))
                break
    marks = [excitations(stage.glass, limit, run.loading) for *_, stage in maps]
    rows: list[dict[str, Any]] = []
    last = chr(ord("b") + len(quantities))
    with styled():
        figure = study_figure(DOUBLE, 2.5 + 1.55 * len(quantities))
        above, below = figure.subfigures(2, 1, height_ratios=(2.1, 0.4 + 1.55 * len(quantities)), squeeze=False)[:, 0]
        panels = above.subplots(1, 1 + len(quantities), width_ratios=[1.25] + [1.0] * len(quantities))
        rows += _curve(panels[0], run, stages, names[-1], number)
        for ax, quantity in zip(panels[1:], quantities, strict=True):
            rows += _distributions(ax, study, quantity, fields)
        letter(panels)
        handles, labels = panels[-1].get_legend_handles_labels()
        above.legend(handles, labels, loc="outside upper right", ncols=len(labels))
        grid = below.subplots(len(quantities), len(maps), squeeze=False)
        for line, quantity in enumerate(quantities):
            for ax, (protocol, which, mu, stage), (cores, _) in zip(grid[line], maps, marks, strict=True):
                values = quantity.values(stage.fields, mu)
                soft, there = quantity.soft(values), np.isfinite(values)
                soft_regions(ax, stage.glass, soft, there)
                cross(ax, stage.glass, stage.glass.positions[cores])
                part = float(soft.sum() / max(int(there.sum()), 1))
                head = {"what": "map", "protocol": protocol, "sample": which, "state": stage.number,
                        "strain": stage.strain, "indicator": quantity.key}  # fmt: skip
                rows += particle_rows(stage.glass, head, value=values, soft=soft,
                                      excitation=np.isin(np.arange(len(stage.glass)), cores))  # fmt: skip
                text = f"({stage.number}) {100.0 * part:.3g} %"
                ax.set_xlabel(text, labelpad=2.0)
                if line == 0:
                    ax.set_title(f"{protocol}\n$\\gamma$ = {stage.strain:.3g}", fontsize=7.0)
            grid[line][0].set_ylabel(quantity.condition)
        grid[0][0].annotate(f"({last})", (0.0, 1.0), xycoords="axes fraction", xytext=(-24.0, 8.0),
                            textcoords="offset points", fontweight="bold")  # fmt: skip
        alike(grid.ravel().tolist())
    side = float(np.linalg.norm(first.cell[:, 0]))
    found = ", ".join(f"{len(cores)}" for cores, _ in marks)
    numbers = {name: len(fields[name][keys[0]]) for name in names if fields[name][keys[0]]}
    caption = (
        f"Sample {number} of {names[-1]} ({len(first)} particles in a cell of {side:.3g} {length_unit(first)}) through "
        f"yielding. (a) Stress with the states 1 to {len(stages)}: {', '.join(_named(stage) for stage in stages)}. "
        + _of_distributions(quantities, numbers)
        + f" ({last}) Particles with {' (upper row) or with '.join(q.in_words for q in quantities)}"
        f"{' (lower row)' if len(quantities) > 1 else ''} are white, and grey ones have no value; below each map is "
        "the part of the white ones. Crosses are the cores of pseudo-harmonic modes with frequencies below "
        f"{limit:.3g}: {found} from left to right."
        + (f" The first map is the start of sample {maps[0][1]} of {names[0]}." if len(maps) > len(stages) else "")
    )
    return StudyFigure(name, title, caption, figure, rows)


def _named(stage: Stage) -> str:
    told = {"start": "the start", "before_yielding": "before the largest stress drop", "after_yielding": "after it",
            "end": "the end of the run"}  # fmt: skip
    return f"{stage.number} {told.get(stage.kind, 'on the way')} (γ = {stage.strain:.4g})"


def _of_distributions(quantities: Sequence[_Quantity], numbers: Mapping[str, int]) -> str:
    letters = ["b", "c"][: len(quantities)]
    what = " and ".join(
        f"({mark}) the {quantity.key.replace('_', ' ')}{' over the modulus' if quantity.by_modulus else ''}"
        for mark, quantity in zip(letters, quantities, strict=True)
    )
    return (
        f"Distributions at the start of {what}, with {counted(numbers)}; bands are standard errors over three or more "
        "samples, and dotted lines the limits of soft regions."
    )


def _at_the_start(
    study: Study, names: Sequence[str], quantities: Sequence[_Quantity], moduli: Mapping[tuple[str, int], float]
) -> dict[str, dict[str, list[FloatArray]]]:
    """The values of each quantity at the start of all samples, by protocol and key."""
    found: dict[str, dict[str, list[FloatArray]]] = {}
    for name in names:
        found[name] = {quantity.key: [] for quantity in quantities}
        for sample in (number for protocol, number in moduli if protocol == name):
            fields = study.start(name, sample).fields
            for quantity in quantities:
                if quantity.key in fields:
                    found[name][quantity.key].append(quantity.values(fields, moduli[name, sample]))
    return found


def _curve(ax: Axes, run: Run, stages: Sequence[Stage], protocol: str, sample: int) -> list[dict[str, Any]]:
    """The stress of the run with its states."""
    from matplotlib.patheffects import withStroke

    strain, stress = run.smooth_curve()
    along = run.direction * (strain - run.start.strain)
    ax.plot(along, run.direction * stress, color=INK, linewidth=1.0)
    rows: list[dict[str, Any]] = [
        {"what": "curve", "protocol": protocol, "sample": sample, "strain": x, "stress": y}
        for x, y in zip(along.tolist(), (run.direction * stress).tolist(), strict=True)
    ]
    low, high = ax.get_ylim()
    ax.set_ylim(low - 0.08 * (high - low), high + 0.14 * (high - low))
    for stage in stages:
        at = run.start.strain + run.direction * stage.strain
        value = run.direction * float(run.stress_at(at))
        ax.plot(stage.strain, value, "o", color="#c0264e", markersize=4.0, zorder=3)
        # States on both sides of a drop have the same strain: their numbers stand on different sides.
        below = stage.kind in ("start", "after_yielding")
        text = ax.annotate(
            str(stage.number), (stage.strain, value), (6.0, 0.0) if below else (-4.0, 3.0),
            textcoords="offset points", color="#c0264e", fontweight="bold", ha="left" if below else "right",
            va="center" if below else "bottom",
        )  # fmt: skip
        text.set_path_effects([withStroke(linewidth=2.0, foreground="white")])
        rows.append({"what": "state", "protocol": protocol, "sample": sample, "state": stage.number,
                     "strain": stage.strain, "stress": value})  # fmt: skip
    ax.set_xlabel(r"strain $\gamma$")
    ax.set_ylabel(f"stress ({energy_unit(run.start)}/{length_unit(run.start)}$^{run.start.dimension}$)")
    ax.margins(x=0.04)
    return rows


def _distributions(
    ax: Axes, study: Study, quantity: _Quantity, fields: Mapping[str, Mapping[str, list[FloatArray]]]
) -> list[dict[str, Any]]:
    every = [values for found in fields.values() for values in found[quantity.key]]
    edges = logarithmic_edges(every) if quantity.logarithmic else linear_edges(every)
    rows: list[dict[str, Any]] = []
    for name, found in fields.items():
        if found[quantity.key]:
            curve = density(found[quantity.key], edges)
            draw_density(ax, curve, color=protocol_color(study, name), label=name)
            rows += curve.rows(what="distribution", protocol=name, indicator=quantity.key)
    logarithmic_axis(ax, "y")
    if quantity.logarithmic:
        logarithmic_axis(ax, "x")
    ax.axvline(quantity.threshold, color=INK, linewidth=0.8, linestyle=":", zorder=0)
    ax.set_xlabel(quantity.label)
    ax.set_ylabel(f"$P$({quantity.label})")
    return rows
