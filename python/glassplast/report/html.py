"""The page of a job, which is one HTML file that needs neither the network nor other files."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from glassplast import plot
from glassplast.files.json_text import json_text
from glassplast.files.replacing import replacing
from glassplast.indicators import registry
from glassplast.report import wording
from glassplast.results import Results

__all__ = ["number", "page", "strain", "write_page"]

_STYLE = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")


def number(value: float, digits: int = 4) -> str:
    """A number with a given number of significant digits, as HTML."""
    if value is None or not math.isfinite(value):
        return "–"
    # Integers are written in full.
    text = str(value) if isinstance(value, int) else wording.significant(value, digits)
    mantissa, mark, exponent = text.partition("e")
    mantissa = mantissa.replace("-", "−")
    if not mark:
        return mantissa
    power = f"10<sup>{str(int(exponent)).replace('-', '−')}</sup>"
    return power if mantissa == "1" else f"{mantissa} × {power}"


def strain(value: float) -> str:
    """A strain with as few digits as it needs."""
    return f"{value:.6g}".replace("-", "−")


def page(results: Results, images: Mapping[str, bytes]) -> str:
    """The page as text.

    Parameters
    ----------
    results : Results
        Results of a job.
    images : mapping of str to bytes
        PNG pictures by the names of `glassplast.report.figures.pictures`; missing pictures are left out.

    Returns
    -------
    str
    """
    parts = [
        _head(results),
        _notices(results),
        _state(results),
        _curve(results, images),
        _scores(results, images),
        _fields(results, images),
        _modes(results, images),
        _similarity(images),
        _provenance(results),
    ]
    title = escape(_source(results))
    return (
        "<!DOCTYPE html>\n"
        f'<html lang="en"><head><meta charset="utf-8"><title>{title} – glassplast</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head>\n<body><main>\n" + "\n".join(filter(None, parts)) + "\n</main></body></html>\n"
    )


def write_page(results: Results, pictures: Mapping[str, Path], path: Path) -> None:
    """Write the page with pictures that were drawn before.

    Parameters
    ----------
    results : Results
        Results of a job.
    pictures : mapping of str to Path
        Files of the pictures by their names, from `draw`.
    path : Path
        File to write.

    Raises
    ------
    FileError
        If the page cannot be written.
    """
    text = page(results, {name: picture.read_bytes() for name, picture in pictures.items()})
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _source(results: Results) -> str:
    return str(results.configuration.get("source", "glass"))


def _image(images: Mapping[str, bytes], name: str, description: str) -> str:
    if name not in images:
        return ""
    data = base64.b64encode(images[name]).decode("ascii")
    return f'<img src="data:image/png;base64,{data}" alt="{escape(description)}">'


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "") -> str:
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>' + "".join(f"<td>{cell}</td>" for cell in row[1:]) + "</tr>" for row in rows
    )
    return f'<div class="scroll"><table class="{kind}"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def _count(number_of: int, what: str) -> str:
    return f"{number_of or 'no'} {what}{'' if number_of == 1 else 's'}"


def _head(results: Results) -> str:
    start, run = results.start, results.run
    model = f"model <b>{escape(start.model.name)}</b>" if start.model is not None else "no model"
    story = f"{len(start)} particles in {start.dimension}D, {model}."
    if run is not None:
        story += (
            f" Sheared quasistatically from γ = {strain(run.strain[0])} to {strain(run.strain[-1])}: "
            f"{_count(len(run.events), 'plastic event')}."
        )
    if results.fields:
        story += f" {_count(len(results.fields), 'structural indicator')} at γ = {strain(start.strain)}."
    when = escape(str(results.provenance.get("created", "")))
    return (
        f"<header><p class='brand'>glassplast</p><h1>{escape(_source(results))}</h1><p>{story}</p>"
        f"<p class='quiet'>{when}</p></header>"
    )


def _notices(results: Results) -> str:
    notes = [f"<b>Warning:</b> {escape(warning)}" for warning in results.warnings]
    if results.interrupted:
        notes.insert(0, f"<b>Interrupted</b> during {escape(results.interrupted)}: this page shows what was computed.")
    notes += [f"<b>No field {escape(key)}:</b> {escape(why)}" for key, why in results.failures.items()]
    return f"<ul class='notices'>{''.join(f'<li>{note}</li>' for note in notes)}</ul>" if notes else ""


def _state(results: Results) -> str:
    if not results.state:
        return ""
    length, energy = plot.length_unit(results.start), plot.energy_unit(results.start)
    stress = f"{energy}/{length}{'²' if results.start.dimension == 2 else '³'}"
    names = {
        "number_density": ("number density", f"1/{length}{'²' if results.start.dimension == 2 else '³'}", 5),
        "energy_per_particle": ("energy per particle", energy, 6),
        "pressure": ("pressure", stress, 5),
        "shear_stress": ("shear stress σ<sub>xy</sub>", stress, 4),
        "shear_modulus": ("shear modulus", stress, 4),
        "largest_force": ("largest force left", f"{energy}/{length}", 2),
        "rattlers": ("rattlers", "", 6),
    }
    items = "".join(
        f"<div><dt>{label}</dt><dd>{number(results.state[key], digits)} <small>{unit}</small></dd></div>"
        for key, (label, unit, digits) in names.items()
        if key in results.state
    )
    return f"<section><h2>The glass</h2><dl class='facts'>{items}</dl></section>"


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
    table = _table(head, rows) if rows else "<p>No plastic event in this range of strain.</p>"
    return (
        f"<section><h2>Stress and strain</h2><figure class='wide'>{picture}</figure>{table}"
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
    table = _table(head, rows, "scores")
    shown = (
        f"<figure class='wide'>{picture}</figure><details><summary>The same as text</summary>{table}</details>"
        if picture
        else table
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
        gaps = f" <b>{_count(missing, 'particle')}</b> without a value (grey)." if missing else ""
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


def _entries(values: Mapping[str, Any]) -> str:
    def shown(value: Any) -> str:
        if isinstance(value, Mapping):
            return ", ".join(f"{key}: {shown(entry)}" for key, entry in value.items()) or "–"
        if isinstance(value, (list, tuple)):
            return " ".join(map(str, value)) or "–"
        if isinstance(value, float):
            return f"{value:.6g}"
        return str(value)

    rows = "".join(
        f"<tr><th scope='row'>{escape(str(key).replace('_', ' '))}</th><td>{escape(shown(value))}</td></tr>"
        for key, value in values.items()
        if value is not None
    )
    return f"<div class='scroll'><table class='entries'><tbody>{rows}</tbody></table></div>"


def _provenance(results: Results) -> str:
    protocol = results.run.protocol.record if results.run is not None else {}
    glass = json.loads(json_text(dict(results.start.provenance)))
    return (
        "<section><h2>Provenance</h2><h3>What was asked for</h3>"
        + _entries(results.configuration)
        + ("<h3>Shear protocol</h3>" + _entries(protocol) if protocol else "")
        + "<h3>The configuration</h3>"
        + _entries(glass)
        + "<h3>What computed it</h3>"
        + _entries(results.provenance)
        + "<p class='quiet'>All numbers are in results.h5 beside this page.</p></section>"
    )
