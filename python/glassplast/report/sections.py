"""Parts of a page that all pages have, as HTML."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from glassplast import plot
from glassplast.files.json_text import json_text
from glassplast.indicators import registry
from glassplast.report import wording
from glassplast.report.symbols import html_symbol, title
from glassplast.results import Results

__all__ = [
    "STYLE",
    "counted",
    "entries",
    "facts",
    "heading",
    "notices",
    "number",
    "provenance",
    "source_name",
    "strain",
    "table",
    "whole_page",
]

#: The style of all pages.
STYLE = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")


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


def whole_page(name: str, body: str, style: str = "", head: str = "", scripts: str = "") -> str:
    """A page.

    Parameters
    ----------
    name : str
        Title of the window.
    body : str
        HTML of the page.
    style : str
        Style beside that of all pages.
    head : str
        Further elements of the head.
    scripts : str
        Scripts at the end.

    Returns
    -------
    str
    """
    return (
        "<!DOCTYPE html>\n"
        f'<html lang="en"><head><meta charset="utf-8"><title>{escape(name)} – glassplast</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{head}'
        f"<style>{STYLE}{style}</style></head>\n<body><main>\n{body}\n</main>{scripts}</body></html>\n"
    )


def source_name(results: Results) -> str:
    """What was sheared, by its name."""
    return str(results.configuration.get("source", "glass"))


def table(head: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "") -> str:
    """A table as HTML; the first cell of each row is its heading."""
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>' + "".join(f"<td>{cell}</td>" for cell in row[1:]) + "</tr>" for row in rows
    )
    return f'<div class="scroll"><table class="{kind}"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def counted(number_of: int, what: str) -> str:
    """A number of things in words, such as "no event", "1 event", "2 events"."""
    return f"{number_of or 'no'} {what}{'' if number_of == 1 else 's'}"


def heading(results: Results, explorer: str | None = None) -> str:
    """The top of a page: what was computed, and when, with a link to a page that is explored if there is one."""
    start, run = results.start, results.run
    model = f"model <b>{escape(start.model.name)}</b>" if start.model is not None else "no model"
    story = f"{len(start)} particles in {start.dimension}D, {model}."
    if run is not None:
        story += (
            f" Sheared quasistatically from γ = {strain(run.strain[0])} to {strain(run.strain[-1])}: "
            f"{counted(len(run.events), 'plastic event')}."
        )
    if results.fields:
        story += f" {counted(len(results.fields), 'structural indicator')} at γ = {strain(start.strain)}."
    if explorer is not None:
        story += f" <a href='{escape(explorer)}'>Explore them</a> with maps that can be zoomed and compared."
    when = escape(str(results.provenance.get("created", "")))
    return (
        f"<header><p class='brand'>glassplast</p><h1>{escape(source_name(results))}</h1><p>{story}</p>"
        f"<p class='quiet'>{when}</p></header>"
    )


def notices(results: Results) -> str:
    """What did not go as it should, and what failed."""
    notes = [f"<b>Warning:</b> {escape(warning)}" for warning in results.warnings]
    if results.interrupted:
        notes.insert(0, f"<b>Interrupted</b> during {escape(results.interrupted)}: this page shows what was computed.")
    notes += [f"<b>No field {escape(key)}:</b> {escape(why)}" for key, why in results.failures.items()]
    return f"<ul class='notices'>{''.join(f'<li>{note}</li>' for note in notes)}</ul>" if notes else ""


def facts(results: Results) -> str:
    """Numbers that describe the start."""
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


def entries(values: Mapping[str, Any]) -> str:
    """A record as a table."""

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


def provenance(results: Results) -> str:
    """What was asked for, and what computed it."""
    protocol = results.run.protocol.record if results.run is not None else {}
    glass = json.loads(json_text(dict(results.start.provenance)))
    return (
        "<section><h2>Provenance</h2><h3>What was asked for</h3>"
        + entries(results.configuration)
        + ("<h3>Shear protocol</h3>" + entries(protocol) if protocol else "")
        + "<h3>The configuration</h3>"
        + entries(glass)
        + "<h3>What computed it</h3>"
        + entries(results.provenance)
        + "<p class='quiet'>All numbers are in results.h5 beside this page.</p></section>"
    )


def absent(results: Results) -> dict[str, str]:
    """Why indicators have no field.

    Parameters
    ----------
    results : Results
        Results of a job.

    Returns
    -------
    dict of str to str
        A reason by the key of each registered indicator without a field.
    """
    registered = registry.keys()
    return {key: _reason(key, results) for key in registered if key not in results.fields}


def _reason(key: str, results: Results) -> str:
    indicator, start = registry.find(key), results.start
    if key in results.failures:
        return results.failures[key]
    if results.interrupted:
        return f"the job was interrupted during {results.interrupted}"
    if indicator.planar and start.dimension != 2:
        return "it exists in two dimensions only"
    if indicator.needs == "model" and start.model is None:
        return "it needs the model of the interactions"
    asked = results.configuration.get("indicators")
    if isinstance(asked, list) and asked:
        return "it was not asked for"
    if indicator.fits(start):
        return "it was not computed"
    if indicator.family == "learning":
        return "no trained model suits the preparation of this glass; a model can be given as an option"
    return f"it is computed only if it is named, for a glass of this size (cost: {indicator.cost})"


def absences(results: Results) -> str:
    """The indicators that have no field, with the reasons, as a section."""
    reasons = absent(results)
    if not reasons:
        return ""
    rows = [
        (f"{title(key)} <span class='symbol'>{html_symbol(key)}</span>", escape(why)) for key, why in reasons.items()
    ]
    return (
        "<section id='absent'><h2>What was not computed, and why</h2>"
        f"{table(('indicator', 'why'), rows, 'reasons')}</section>"
    )


def costs(results: Results) -> str:
    """How long each stage took, where it is on record, as a section."""
    seconds = results.provenance.get("seconds")
    if not isinstance(seconds, Mapping) or not seconds:
        return ""
    single = results.provenance.get("seconds_of_indicators")
    groups = {"stage": seconds, "indicator": single if isinstance(single, Mapping) else {}}
    tables = "".join(bars(heading, values) for heading, values in groups.items() if values)
    return f"<section id='costs'><h2>How long it took</h2><div class='pair'>{tables}</div></section>"


def bars(heading: str, seconds: Mapping[str, float]) -> str:
    """Seconds as a table with bars, the longest first."""
    longest = max(seconds.values()) or 1.0
    rows = [
        (
            escape(title(name)),
            f"{number(float(value), 3)}",
            f"<span class='bar' style='width:{100.0 * value / longest:.1f}%'></span>",
        )
        for name, value in sorted(seconds.items(), key=lambda item: -item[1])
    ]
    return table((heading, "seconds", ""), rows, "bars")
