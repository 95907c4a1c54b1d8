"""The page of a job, which is one HTML file that needs neither the network nor other files."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from html import escape
from pathlib import Path

from glassplast import plot
from glassplast.files.replacing import replacing
from glassplast.indicators import registry
from glassplast.report import wording
from glassplast.report.sections import (
    counted,
    facts,
    heading,
    notices,
    number,
    provenance,
    source_name,
    strain,
    table,
    whole_page,
)
from glassplast.results import Results

__all__ = ["page", "write_page"]


def page(results: Results, images: Mapping[str, bytes], *, explorer: str | None = None) -> str:
    """The page as text.

    Parameters
    ----------
    results : Results
        Results of a job.
    images : mapping of str to bytes
        PNG pictures by the names of `glassplast.report.figures.pictures`; missing pictures are left out.
    explorer : str, optional
        Name of a page beside this one on which the same results are explored, for a link.

    Returns
    -------
    str
    """
    parts = [
        heading(results, explorer),
        notices(results),
        facts(results),
        _curve(results, images),
        _scores(results, images),
        _fields(results, images),
        _modes(results, images),
        _similarity(images),
        provenance(results),
    ]
    return whole_page(source_name(results), "\n".join(filter(None, parts)))


def write_page(results: Results, pictures: Mapping[str, Path], path: Path, *, explorer: str | None = None) -> None:
    """Write the page with pictures that were drawn before.

    Parameters
    ----------
    results : Results
        Results of a job.
    pictures : mapping of str to Path
        Files of the pictures by their names, from `draw`.
    path : Path
        File to write.
    explorer : str, optional
        See `page`.

    Raises
    ------
    FileError
        If the page cannot be written.
    """
    text = page(results, {name: picture.read_bytes() for name, picture in pictures.items()}, explorer=explorer)
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _image(images: Mapping[str, bytes], name: str, description: str) -> str:
    if name not in images:
        return ""
    data = base64.b64encode(images[name]).decode("ascii")
    return f'<img src="data:image/png;base64,{data}" alt="{escape(description)}">'


def _curve(results: Results, images: Mapping[str, bytes]) -> str:
    run = results.run
    if run is None:
        return ""
    picture = _image(images, "stress_strain", "stress-strain curve with the plastic events")
    rows = [
        (
            str(index),
            f"{wording.event_strain(event)} ± {number(event.strain_uncertainty, 1)}",
            number(event.stress_drop, 3),
            number(event.energy_drop, 3),
            str(int(run.start.ids[event.core])),
            number(event.participation * len(run.start), 3),
            number(event.eigenvalue, 3),
            number(abs(event.strain - event.stress_maximum_strain), 2),
            "yes" if event.irreversible else "no",
        )
        for index, event in enumerate(run.events, start=1)
    ]
    head = (
        "event",
        "strain γ",
        "stress drop",
        "energy drop",
        "core (id)",
        "particles in mode",
        "stiffness",
        "past the stress maximum by",
        "irreversible",
    )
    listing = table(head, rows) if rows else "<p>No plastic event in this range of strain.</p>"
    return (
        f"<section><h2>Stress and strain</h2><figure class='wide'>{picture}</figure>{listing}"
        "<p class='quiet'>± says how closely the instability was located. Stress and energy drops are taken at fixed "
        "strain. The core is the particle that moves most "
        "in the critical mode of an event, at the last stable state before it; <i>stiffness</i> is the eigenvalue of "
        "that mode there, and <i>particles in mode</i> N times its participation ratio.</p></section>"
    )


def _scores(results: Results, images: Mapping[str, bytes]) -> str:
    ranks = results.ranks
    if not ranks or not results.events:
        return ""
    rows = []
    for key, found in results.correlations.items():
        values = ranks[key]
        rows.append(
            (
                f"{escape(key)} <span class='symbol'>{escape(registry.find(key).symbol)}</span>",
                registry.find(key).family,
                *(_fixed(value) for value in values),
                f"<b>{_fixed(found.value)}</b>",
                f"{_fixed(found.low)} to {_fixed(found.high)}",
            )
        )
    head = ("indicator", "family", *(f"event {n + 1}" for n in range(len(results.events))), "C", "95 %")
    picture = _image(images, "scores", "rank of the core of each event in each field")
    listing = table(head, rows, "scores")
    shown = (
        f"<figure class='wide'>{picture}</figure><details><summary>The same as text</summary>{listing}</details>"
        if picture
        else listing
    )
    return (
        f"<section><h2>Which fields knew where it would yield?</h2>{shown}"
        "<div class='explain'><p><b>How to read this.</b> Each field is turned so that larger means softer, and its "
        "particles are ranked. <b>r<sub>x</sub></b> is the rank of the core particle of an event, between 0 and 1: "
        "1 if it is the softest particle of all, 0.9 if a tenth of the particles are softer, about ½ if the field "
        "knows nothing. Particles without a value (rattlers, grey in the maps) take no rank.</p>"
        "<p><b>C = 2⟨r<sub>x</sub>⟩ − 1</b> averages over the events: 1 for a perfect predictor, 0 for chance, "
        "negative if events begin where the field says the glass is hard. The range in the last column is a bootstrap "
        "interval over these events. They are few and of one sample, and later ones begin in a structure that "
        "earlier ones have changed: compare indicators over many samples before you conclude.</p></div></section>"
    )


def _fixed(value: float) -> str:
    return f"{round(value, 3) + 0.0:.3f}".replace("-", "−") if math.isfinite(value) else "–"


def _fields(results: Results, images: Mapping[str, bytes]) -> str:
    ranks, cards = results.ranks, []
    correlations = results.correlations
    for key, values in ranks.items():
        indicator, name = registry.find(key), key.replace("_", " ")
        missing = int((results.fields[key] != results.fields[key]).sum())
        scores = "".join(
            f"<span><small>event {n}</small>{_fixed(rank)}</span>" for n, rank in enumerate(values[:12], start=1)
        )
        if values:
            scores += f"<span class='total'><small>C</small>{_fixed(correlations[key].value)}</span>"
        gaps = f" <b>{counted(missing, 'particle')}</b> without a value (grey)." if missing else ""
        unit = escape(indicator.unit_of(results.start)).replace("k_B", "k<sub>B</sub>")
        cards.append(
            f"<article id='{escape(key)}'><h3>{escape(name)} <span class='symbol'>{escape(indicator.symbol)}</span>"
            f"<span class='family' style='background:{plot.FAMILY_COLORS.get(indicator.family, '#4b5563')}'>"
            f"{escape(indicator.family)}</span></h3>"
            f"<p>{escape(indicator.sentence)} {indicator.softer.capitalize()} values are softer"
            f"{f'; unit {unit}' if unit else ''}.{gaps}</p>"
            f"{_image(images, f'field_{key}', f'map of {name}')}<p class='ranks'>{scores}</p></article>"
        )
    if not cards:
        return ""
    marks = " Rings mark the cores of the events, numbered in their order." if results.events else ""
    maps = (
        "Particles are disks of their size in the periodic cell; bright is soft, and the colours end at the 1st and "
        f"99th percentile.{marks} Below each map is the rank r<sub>x</sub> of each core."
    )
    return (
        f"<section><h2>The fields at γ = {strain(results.start.strain)}</h2><p>{maps}</p>"
        f"<div class='grid'>{''.join(cards)}</div></section>"
    )


def _modes(results: Results, images: Mapping[str, bytes]) -> str:
    cards = [
        f"<article><h3>event {n}</h3>{_image(images, f'mode_{n}', f'critical mode of event {n}')}</article>"
        for n in range(1, len(results.events) + 1)
        if f"mode_{n}" in images
    ]
    if not cards:
        return ""
    return (
        "<section><h2>The critical modes</h2><p>How far each particle moves in the mode that becomes unstable, at the "
        "last stable state before each event (the whole mode has length 1).</p>"
        f"<div class='grid'>{''.join(cards)}</div></section>"
    )


def _similarity(images: Mapping[str, bytes]) -> str:
    picture = _image(images, "similarity", "Spearman correlation of each two fields")
    if not picture:
        return ""
    return (
        "<section><h2>How alike the fields are</h2><p>Spearman's rank correlation of each two fields over the "
        f"particles, both turned so that larger is softer.</p><figure class='wide'>{picture}</figure></section>"
    )
