"""How the softest mode becomes the critical mode as an event comes closer (paper, Fig. 11)."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassplast.errors import NotInStudyError
from glassplast.plot.study.appearance import (
    DOUBLE,
    letter,
    protocol_color,
    protocol_legend,
    study_figure,
    styled,
)
from glassplast.plot.study.ensembles import counted, samples_of
from glassplast.plot.study.figure_of_study import StudyFigure
from glassplast.study import Study, Tables

__all__ = ["mode_convergence"]

_PANELS = {
    "normalized_stress": r"stress $\sigma/\sigma_c$",
    "overlap_deficit": r"$1 - |\Psi_c\cdot\Psi_\gamma|$",
    "rank_difference": r"$r_c - r_\gamma$",
}


def mode_convergence(study: Study, tables: Tables | None = None) -> StudyFigure:
    r"""Draw stress, mode and rank of the core as an instability is approached (paper, Fig. 11).

    Parameters
    ----------
    study : Study
        The study.
    tables : Tables, optional
        Its tables; by default they are collected anew.

    Returns
    -------
    StudyFigure
        One thin line for each branch, against the distance to the instability at its end.

    Raises
    ------
    NotInStudyError
        If no branch was followed back from its event.

    See Also
    --------
    glassplast.mode_convergence : What is drawn, of one event.
    """
    known = study.tables() if tables is None else tables
    found: dict[str, list[tuple[int, Any]]] = {}
    for name in study.plan.protocols:
        for row in samples_of(known, name):
            given = study.answers(name, row["sample"]).mode_convergence
            several = given if isinstance(given, (list, tuple)) else [] if given is None else [given]
            for one in several:
                found.setdefault(name, []).append((row["sample"], one))
    if not found:
        raise NotInStudyError(
            "no branch was followed back from its event: ask for mode_convergence under questions in the plan"
        )
    rows: list[dict[str, Any]] = []
    with styled():
        figure = study_figure(DOUBLE, 2.5)
        panels = figure.subplots(1, len(_PANELS))
        for name, approaches in found.items():
            for sample, approach in approaches:
                for ax, quantity in zip(panels, _PANELS, strict=True):
                    values = np.asarray(getattr(approach, quantity))
                    ax.plot(approach.distance, values, color=protocol_color(study, name), linewidth=0.8, alpha=0.7)
                rows += [
                    {
                        "protocol": name,
                        "sample": sample,
                        "distance": approach.distance[k],
                        **{quantity: getattr(approach, quantity)[k] for quantity in _PANELS},
                    }
                    for k in range(approach.distance.size)
                    if np.isfinite(approach.normalized_stress[k])
                ]
        for ax, (quantity, label) in zip(panels, _PANELS.items(), strict=True):
            ax.set_xscale("log")
            ax.set_ylabel(label)
            ax.set_xlabel(r"distance $\gamma_c - \gamma$")
            if quantity == "overlap_deficit":
                ax.set_yscale("log")
        panels[2].set_ylim(min(-0.02, panels[2].get_ylim()[0]), max(0.02, panels[2].get_ylim()[1]))
        letter(panels)
        protocol_legend(figure, study, list(found), markers=False)
    numbers = {name: len(approaches) for name, approaches in found.items()}
    caption = (
        f"Approach to an instability against the distance in strain, {counted(numbers, 'events')}, one line each: (a) "
        "stress divided by that at the instability; (b) difference of the selected mode from the critical mode; (c) "
        "rank of the core in the critical mode minus its rank in the selected mode, 0 where the core is the same."
    )
    return StudyFigure("mode_convergence", "Convergence of the critical mode", caption, figure, rows)
