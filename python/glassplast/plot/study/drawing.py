"""All figures of a study that can be drawn from what it has, written into a directory."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from glassplast.errors import GlassplastError
from glassplast.files.replacing import made_directory, replacing
from glassplast.foundation.progress import ProgressOption, shown
from glassplast.plot.study.band_profiles import softening_in_the_band
from glassplast.plot.study.elastic_branch import c_min_of_moved_states, moved_positions, velocity_and_modes
from glassplast.plot.study.figure_of_study import ENDINGS, StudyFigure
from glassplast.plot.study.indicator_scores import (
    c_min_against_stability,
    c_min_of_indicators,
    indicator_differences,
    rank_distributions,
)
from glassplast.plot.study.mode_approach import mode_convergence
from glassplast.plot.study.nonaffine_maps import nonaffine_displacements
from glassplast.plot.study.reversible_events import reversible_event
from glassplast.plot.study.score_approach import c_delta_gamma
from glassplast.plot.study.score_decay import c_gamma_by_protocol, c_gamma_of_events
from glassplast.plot.study.spearman_matrix import indicator_similarity
from glassplast.plot.study.stability_by_protocol import stability_measures
from glassplast.plot.study.strength_distributions import strength_distributions_through_yielding
from glassplast.plot.study.stress_curves import (
    dissipated_energy,
    gamma_min_by_protocol,
    stress_drops,
    stress_strain_curves,
)
from glassplast.plot.study.yielding import soft_regions_through_yielding, softness_through_yielding
from glassplast.study import Study, Tables

__all__ = ["FIGURES", "draw"]

#: The functions that draw the figures, by name, in the order of the paper.
FIGURES: Mapping[str, Callable[..., StudyFigure]] = {
    function.__name__: function
    for function in (
        stress_strain_curves,
        gamma_min_by_protocol,
        stress_drops,
        nonaffine_displacements,
        rank_distributions,
        indicator_similarity,
        c_min_of_indicators,
        indicator_differences,
        c_min_against_stability,
        c_gamma_of_events,
        c_delta_gamma,
        reversible_event,
        c_gamma_by_protocol,
        dissipated_energy,
        c_min_of_moved_states,
        moved_positions,
        velocity_and_modes,
        soft_regions_through_yielding,
        strength_distributions_through_yielding,
        softening_in_the_band,
        mode_convergence,
        stability_measures,
        softness_through_yielding,
    )
}


def draw(
    study: Study,
    directory: str | os.PathLike[str],
    tables: Tables | None = None,
    progress: ProgressOption = None,
) -> tuple[list[StudyFigure], dict[str, str]]:
    """Draw every figure for which the study has what is needed.

    Each figure is written as NAME.png, NAME.pdf and, with the numbers in it, NAME.csv. ``captions.json`` holds title
    and caption of each figure by name under ``figures``, and under ``not_drawn`` why others are not there. Files of
    figures that cannot be drawn any more are removed.

    Parameters
    ----------
    study : Study
        A study, which need not be complete.
    directory : path-like
        Directory of the files, which is made if it is missing; existing files are replaced.
    tables : Tables, optional
        The tables of this study; by default they are collected anew.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.

    Returns
    -------
    figures : list of StudyFigure
        The figures that were drawn.
    not_drawn : dict of str to str
        Of each other figure what the study lacks, by name.

    Raises
    ------
    FileError
        If a file cannot be written.
    MissingExtraError
        If Matplotlib is not installed.

    Examples
    --------
    >>> import glassplast as gp
    >>> study = gp.study.run("quick", "quick/")                               # doctest: +SKIP
    >>> figures, not_drawn = gp.plot.study.draw(study, "quick/figures/")      # doctest: +SKIP
    """
    folder = made_directory(directory)
    known = study.tables() if tables is None else tables
    drawn: list[StudyFigure] = []
    lacking: dict[str, str] = {}
    with shown(progress) as tell:
        for place, (name, function) in enumerate(FIGURES.items()):
            tell("figures", place / len(FIGURES), name.replace("_", " "))
            try:
                figure = function(study, known)
            except ImportError:
                raise
            except GlassplastError as error:
                lacking[name] = str(error)
                for ending in ENDINGS:
                    (folder / f"{name}{ending}").unlink(missing_ok=True)
                continue
            figure.write(folder)
            drawn.append(figure)
    _write_captions(drawn, lacking, folder / "captions.json")
    return drawn, lacking


def _write_captions(drawn: list[StudyFigure], lacking: dict[str, str], path: Path) -> None:
    told = {
        "figures": {figure.name: {"title": figure.title, "caption": figure.caption} for figure in drawn},
        "not_drawn": lacking,
    }
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
