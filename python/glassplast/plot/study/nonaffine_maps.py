"""Where glasses have moved after yielding (paper, the snapshots of Fig. 1)."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from glassplast.errors import NotInStudyError
from glassplast.fields.nonaffine import d2min, nonaffine_displacement
from glassplast.plot.disks import draw_disks, require_planar
from glassplast.plot.figure import length_unit
from glassplast.plot.study.appearance import DOUBLE, letter, study_figure, styled
from glassplast.plot.study.figure_of_study import StudyFigure
from glassplast.plot.study.particle_maps import MANY, bare_cell, particle_rows, scale_bar
from glassplast.plot.study.yielding_states import least_and_most_stable, run_of, samples_by_drop
from glassplast.study import Study, Tables

__all__ = ["nonaffine_displacements"]


def nonaffine_displacements(
    study: Study,
    tables: Tables | None = None,
    *,
    ductile: str | None = None,
    brittle: str | None = None,
    strain: float | None = None,
    measure: Literal["displacement", "d2min"] = "displacement",
) -> StudyFigure:
    """Draw how far particles of a ductile and of a brittle glass have moved, apart from the affine deformation.

    Parameters
    ----------
    study : Study
        The study.
    tables : Tables, optional
        Its tables; by default they are collected anew.
    ductile, brittle : str, optional
        The protocols; by default those with the smallest and the largest mean strain of the first event. Of each the
        sample with the largest stress drop is drawn.
    strain : float, optional
        Strain from the start, along the loading; by default the largest one that both samples reached.
    measure : {"displacement", "d2min"}
        Whether colours show the length of the displacement, relative to its mean, or the square root of its D2min.

    Returns
    -------
    StudyFigure

    Raises
    ------
    NotInStudyError
        If no sample has an event, or a run does not reach the strain.
    GeometryError
        If the glasses are not two-dimensional.
    """
    known = study.tables() if tables is None else tables
    protocols = least_and_most_stable(study, known, ductile, brittle)
    chosen = {name: samples_by_drop(known, name) for name in protocols}
    for name, samples in chosen.items():
        if not samples:
            raise NotInStudyError(f"no sample of {name!r} has an event; run it, or shear further (shear.to)")
    runs = {name: run_of(study, name, samples[0]) for name, samples in chosen.items()}
    for run in runs.values():
        require_planar(run.start)
    reached = min(abs(float(run.strain[-1] - run.strain[0])) for run in runs.values())
    if strain is not None and strain > reached:
        raise NotInStudyError(f"the runs reach a strain of {reached:.4g}, not {strain:.4g}; shear further (shear.to)")
    at = reached if strain is None else strain
    rows: list[dict[str, Any]] = []
    maps, told = [], []
    for name, run in runs.items():
        glass = run.glass_at(float(run.strain[0]) + run.direction * at)
        moved = nonaffine_displacement(run.start, glass)
        size = np.linalg.norm(moved, axis=1) if measure == "displacement" else np.sqrt(d2min(run.start, moved))
        maps.append((name, glass, size))
        head: dict[str, Any] = {"protocol": name, "sample": chosen[name][0], "strain": at}
        rows += particle_rows(glass, head, x_moved=moved[:, 0], y_moved=moved[:, 1], **{measure: size})
        passed = [event for event in run.events if run.direction * (event.strain - run.start.strain) <= at]
        told.append(
            f"sample {chosen[name][0]} of {name} ({len(glass)} particles, events: {len(passed)}, largest stress "
            f"drop: {max((event.stress_drop for event in passed), default=0.0):.2g})"
        )
    limit = float(np.nanpercentile(np.concatenate([size for *_, size in maps]), 99.0))
    with styled():
        # A map is as high as it is wide; its title, the scale and the colours come in addition.
        figure = study_figure(DOUBLE if len(maps) > 1 else 0.6 * DOUBLE, 3.2)
        panels = figure.subplots(1, len(maps), squeeze=False)[0]
        for ax, (name, glass, size) in zip(panels, maps, strict=True):
            disks, owners = draw_disks(ax, glass, bare_cell(ax, glass), cmap="magma_r", clim=(0.0, limit or 1.0))
            disks.set_array(np.ma.masked_invalid(size)[owners])
            disks.set_rasterized(len(glass) > MANY)
            scale_bar(ax, glass)
            ax.set_title(name)
        label = "nonaffine displacement" if measure == "displacement" else r"$\sqrt{D^2_\mathrm{min}}$"
        lengths = {length_unit(glass) for _, glass, _ in maps}
        # Two models have two units.
        unit = f" ({lengths.pop()})" if len(lengths) == 1 else ""
        figure.colorbar(
            disks, ax=panels.tolist(), label=label + unit, fraction=0.04, pad=0.02,
            extend="max",
        )  # fmt: skip
        letter(panels)
    what = (
        "lengths of the displacements, relative to their mean"
        if measure == "displacement"
        else "square roots of the D2min of the displacements"
    )
    caption = (
        f"Cumulative nonaffine displacements between the start and a strain of {at:.3g}: {what}, after the affine "
        f"deformation of the cell has been taken off. Shown are {' and '.join(told)}. The colours end at the 99th "
        "percentile of all particles shown."
    )
    return StudyFigure("nonaffine_displacements", "Nonaffine displacements after yielding", caption, figure, rows)
