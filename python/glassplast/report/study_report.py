"""The page of a study, with its figures and samples."""

from __future__ import annotations

from contextlib import suppress
from html import escape
from pathlib import Path
from typing import Any

from glassplast.errors import MissingExtraError
from glassplast.files.replacing import made_directory, replacing
from glassplast.foundation.progress import ProgressOption, shown
from glassplast.plot.study import draw
from glassplast.report.sections import whole_page
from glassplast.report.study_sections import (
    costs_of_study,
    failures_of_study,
    figures_of_study,
    plan_of_study,
    protocols_of_study,
    scores_of_study,
    top_of_study,
)
from glassplast.report.writing import PAGE, explorer_installed, write_explorer
from glassplast.study import Study, Tables

__all__ = ["write_study_report"]


def write_study_report(
    study: Study,
    tables: Tables | None = None,
    *,
    figures: bool = True,
    samples: int = 0,
    progress: ProgressOption = None,
) -> dict[str, Path]:
    """Write the page of a study, with its scores, samples, figures, costs and what was not computed.

    The page ``report.html`` in the directory of the study works offline and holds all that it shows. With Bokeh its
    tables are sorted by a click, protocol and sample are chosen, and the first samples have maps as in the page of a
    run; without it the page has tables and figures.

    Parameters
    ----------
    study : Study
        The study, which need not be complete.
    tables : Tables, optional
        Its tables; by default they are collected anew.
    figures : bool
        Whether to draw the figures, into the directory ``figures``.
    samples : int
        Number of samples of each protocol that get a page of their own, in the directory ``samples``; this needs Bokeh.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.

    Returns
    -------
    dict of str to Path
        The page and those of the samples, by names.

    Raises
    ------
    FileError
        If a file cannot be written.
    MissingExtraError
        If figures are asked for without Matplotlib, or pages of samples without Bokeh.

    Examples
    --------
    >>> import glassplast as gp
    >>> study = gp.study.run("quick", "quick/")     # doctest: +SKIP
    >>> gp.report.write_study_report(study)         # doctest: +SKIP
    """
    if samples and not explorer_installed():
        raise MissingExtraError("a page that is explored", "report")
    out = made_directory(study.out)
    known = study.tables() if tables is None else tables
    scores = study.c_min(known)
    parts = [top_of_study(study, known), protocols_of_study(study, known)]
    written: dict[str, Path] = {}
    with shown(progress) as tell:
        folder = out / "figures"
        drawn, lacking = draw(study, folder, known, progress=tell) if figures else ([], {})
        tell("pages", None, PAGE)
        links = ""
        for name in study.plan.protocols:
            for sample in study.samples(name)[:samples]:
                path = made_directory(out / "samples") / f"{name.replace(' ', '_')}-{sample:04d}.html"
                tell("pages", None, path.name)
                results = study.results(name, sample)
                results.configuration = {"source": f"{study.plan.name}: {name}, sample {sample}"}
                written[path.name] = write_explorer(results, path)
                links += f"<li><a href='samples/{escape(path.name)}'>{escape(name)}, sample {sample}</a></li>"
        if links:
            links = f"<section><h2>Pages of samples</h2><ul>{links}</ul></section>"
        tail = [
            links,
            figures_of_study(drawn, lacking, folder, out),
            costs_of_study(known),
            failures_of_study(known, study),
            plan_of_study(study, _versions(study)),
        ]
        if explorer_installed():
            from glassplast.report.explore.page import document
            from glassplast.report.explore.study_page import study_parts

            middle = study_parts(study, scores)
            body = "\n".join(filter(None, [*parts, middle.scores, middle.samples, *tail]))
            text = document(study.plan.name, body, middle.script, middle.data)
        else:
            text = whole_page(study.plan.name, "\n".join([*parts, scores_of_study(scores), *tail]))
        with replacing(out / PAGE) as temporary:
            temporary.write_text(text, encoding="utf-8")
    written[PAGE] = out / PAGE
    return written


def _versions(study: Study) -> dict[str, Any]:
    """What computed the first sample that is there."""
    for name in study.plan.protocols:
        for sample in study.samples(name)[:1]:
            with suppress(FileNotFoundError):
                return dict(study.results(name, sample).provenance)
    return {}
