"""How stable the glasses of each protocol are (paper, Fig. S1)."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassplast.errors import NotInStudyError
from glassplast.plot.study.appearance import DOUBLE, letter, name_protocols, study_figure, styled
from glassplast.plot.study.ensembles import by_model, counted, means_of_samples, told_intervals
from glassplast.plot.study.figure_of_study import StudyFigure
from glassplast.plot.study.stress_curves import mean_beside_samples
from glassplast.study import Study, Tables

__all__ = ["stability_measures"]

_MEASURES = {
    "energy": "energy per particle",
    "gamma_min": r"strain of first event $\gamma_\mathrm{min}$",
    "soft_modes": "modes below shear waves",
    "shear_modulus": r"shear modulus $\mu$",
}


def stability_measures(study: Study, tables: Tables | None = None) -> StudyFigure:
    """Draw energy, gamma_min, number of soft modes and shear modulus of each protocol (paper, Fig. S1).

    Parameters
    ----------
    study : Study
        The study.
    tables : Tables, optional
        Its tables; by default they are collected anew.

    Returns
    -------
    StudyFigure
        One line of panels for each model; protocols go from the smallest mean of gamma_min to the largest.

    Raises
    ------
    NotInStudyError
        If the stability of no sample was measured.
    """
    known = study.tables() if tables is None else tables
    found: dict[str, dict[str, list[float]]] = {}
    for row in known.stability:
        for measure in _MEASURES:
            found.setdefault(row["protocol"], {}).setdefault(measure, []).append(float(row[measure]))
    if not found:
        raise NotInStudyError("the stability of no sample was measured: ask for questions.stability in the plan")
    order = sorted(found, key=lambda name: float(np.nan_to_num(np.nanmean(found[name]["gamma_min"]), nan=np.inf)))
    groups = by_model(study, known, order)
    rows: list[dict[str, Any]] = []
    with styled():
        figure = study_figure(DOUBLE, 2.2 * len(groups) + 0.2)
        axes = figure.subplots(len(groups), len(_MEASURES), squeeze=False)
        for line, (model, protocols) in zip(axes, groups.items(), strict=True):
            for ax, (measure, label) in zip(line, _MEASURES.items(), strict=True):
                for place, name in enumerate(protocols):
                    values = np.array(found[name][measure])
                    values = values[np.isfinite(values)]
                    if not values.size:
                        continue
                    mean = means_of_samples(values[:, None])
                    value, low, high = (float(part[0]) for part in (mean.value, mean.low, mean.high))
                    mean_beside_samples(ax, study, name, place, values.tolist(), (value, low, high))
                    rows.append(
                        {
                            "protocol": name,
                            "measure": measure,
                            "mean": value,
                            "low": low,
                            "high": high,
                            "samples": values.size,
                        }
                    )
                name_protocols(ax, protocols)
                ax.set_ylabel(label)
                ax.set_title(model)
        letter(axes.ravel())
    numbers = {name: len(measures["energy"]) for name, measures in found.items()}
    caption = (
        f"Measures of the stability of the glasses by protocol, with {counted(numbers)}: inherent-structure energy per "
        "particle, strain of the first event, number of modes below the frequency of the softest shear wave, and shear "
        f"modulus. Small points are single samples. {told_intervals(numbers.values())}"
    )
    return StudyFigure("stability_measures", "Stability of the protocols", caption, figure, rows)
