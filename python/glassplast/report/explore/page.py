"""The page that is explored: figures of Bokeh, the data they show, and the text around them, in one HTML file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from bokeh.document import Document
from bokeh.embed import components
from bokeh.models import ColumnDataSource, Model, Select
from bokeh.palettes import Viridis256
from bokeh.resources import Resources

from glassplast.files.replacing import replacing
from glassplast.foundation.version import package_version
from glassplast.indicators import registry
from glassplast.plot import FAMILY_COLORS, length_unit
from glassplast.report.explore.curve import curve
from glassplast.report.explore.data import Sample, data_block, sample_data, stress_label
from glassplast.report.explore.heat_maps import DIVERGING, cells, heat_map
from glassplast.report.explore.maps import SIDES, maps
from glassplast.report.explore.tables import event_columns, indicator_columns, sortable
from glassplast.report.sections import absences, costs, facts, heading, notices, provenance, source_name, whole_page
from glassplast.report.symbols import tex_label, title
from glassplast.results import Results
from glassplast.scores import cross_correlation

__all__ = ["Explorer", "document", "explore_page", "library", "placed", "table_card", "write_explore_page"]

_HERE = Path(__file__).parent
#: No browser that reads this fetches anything from anywhere.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; worker-src blob:"
)
#: Ranks of more events have no columns in the table of indicators.
_RANK_COLUMNS = 12


class Explorer:
    """What is explored of one or several samples.

    Parameters
    ----------
    samples : sequence of Sample
        The samples, of which the first is shown at the beginning.
    chosen : bool
        Whether protocol and sample are chosen on the page.
    most_events : int, optional
        Largest number of events of a sample that have maps; by default as many as `EVENT_BYTES` allows.

    Attributes
    ----------
    models : dict of str to Model
        The figures and widgets, each of which the page holds at a place of its own.
    """

    def __init__(self, samples: Sequence[Sample], *, chosen: bool = False, most_events: int | None = None) -> None:
        self.samples = list(samples)
        self.entries = [sample_data(sample, most_events=most_events) for sample in samples]
        self.chosen = chosen
        self.planes = any(_has_maps(sample) for sample in samples)
        self.sliced = any(sample.results.start.dimension == 3 for sample in samples)
        self.models: dict[str, Model] = {}
        first = samples[0].results.start
        if any(sample.results.run is not None for sample in samples):
            self._add_curve(samples[0].results)
        if self.planes:
            found = maps(length_unit(first))
            self.models |= {f"{side}_map": found.figures[side] for side in SIDES} | found.controls
            if not chosen:
                del self.models["group"], self.models["sample"]
            if not self.sliced:
                del self.models["depth"]
        if any(entry.get("fields") for entry in self.entries):
            self._add_scores()

    def _add_curve(self, results: Results) -> None:
        plot, events = curve(r"strain $$\gamma$$", stress_label(results))
        most = max(len(entry["events"]) for entry in self.entries)
        self.models |= {
            "curve_figure": plot,
            "event_table": sortable(events, event_columns(), "event_table", max(most, 1)),
        }

    def _add_scores(self) -> None:
        events = max(len(entry["events"]) for entry in self.entries)
        fields = max(len(entry.get("fields", ())) for entry in self.entries)
        columns = indicator_columns(min(events, _RANK_COLUMNS))
        source = ColumnDataSource({name: [] for name in ("key", *(column[0] for column in columns))}, name="indicators")
        self.models["indicator_table"] = sortable(source, columns, "indicator_table", fields)
        if events:
            order = Select(
                title="order of the rows",
                options=[("C", "C over all events"), ("event", "rank of the chosen event"), ("family", "family")],
                value="C",
                name="ranks_order",
                sizing_mode="stretch_width",
            )
            chart = heat_map("ranks", "rank of the core, 1 = softest", low=0.0, high=1.0)
            chart.height = 26 * fields + 130
            self.models |= {"ranks_order": order, "ranks": chart}

    def data(self) -> dict[str, Any]:
        """What the script of the page reads."""
        registered = registry.keys()
        return {
            "samples": self.entries,
            "labels": {key: tex_label(key) for key in registered},
            "colors": FAMILY_COLORS,
            "palette": list(Viridis256),
            "reversed": list(reversed(Viridis256)),
        }

    def sections(self, places: Mapping[str, str]) -> str:
        """The part of the page in which samples are explored.

        Parameters
        ----------
        places : mapping of str to str
            Elements for the models.

        Returns
        -------
        str
        """
        parts = [self._curve_section(places), self._maps_section(places), self._scores_section(places)]
        if self.chosen:
            choice = f"<div>{places['group']}</div><div>{places['sample']}</div>" if "group" in places else ""
            parts.insert(
                0,
                f"<section id='samples'><h2>Samples</h2><div class='card'><div class='controls'>{choice}</div></div>"
                "<p id='unmapped' hidden>The particles of this sample are not on this page, which would become too "
                "large; its curve is.</p></section>",
            )
        return "\n".join(filter(None, parts))

    def _curve_section(self, places: Mapping[str, str]) -> str:
        if "curve_figure" not in places:
            return ""
        return (
            "<section id='curve'><h2>Stress and strain</h2><p>Click an event on the curve or in the table to choose it "
            "everywhere on this page.</p>"
            f"<div class='card'>{places['curve_figure']}</div>{table_card(self.models, places, 'event_table')}"
            "</section>"
        )

    def _maps_section(self, places: Mapping[str, str]) -> str:
        if "left_map" not in places:
            return ""
        names = ("event", "left", "right", "scale", "arrows", "arrow_sides", "arrow_scale", "depth")
        controls = "".join(f"<div>{places[name]}</div>" for name in names if name in places)
        figures = "".join(f"<div><h3 id='{side}_title'>&nbsp;</h3>{places[f'{side}_map']}</div>" for side in SIDES)
        cut = (
            " In three dimensions the maps are slices, in which spheres are cut; the slider moves the slice, and the "
            "choice of an event moves it to its core. Arrows are projected on it."
            if self.sliced
            else ""
        )
        return (
            "<section id='maps' data-needs='particles'><h2>Maps</h2><p>Both maps show the positions at the start, also "
            "of what happens in an event, so that the same particle is at the same place. They are zoomed and moved "
            "together. Colours end at the 1st and 99th percentile; particles without a value are grey. The ring marks "
            f"the core of the chosen event. Click a particle to read its values.{cut}</p>"
            f"<div class='card'><div class='controls'>{controls}</div><div class='maps'>{figures}</div></div>"
            "<div class='card' id='particle'></div></section>"
        )

    def _scores_section(self, places: Mapping[str, str]) -> str:
        if "indicator_table" not in places:
            return ""
        chart = ""
        if "ranks" in places:
            chart = (
                f"<div class='card'><div class='controls'><div>{places['ranks_order']}</div></div>"
                f"<div class='scroll'><div class='wide' style='--least:620px'>{places['ranks']}</div></div></div>"
            )
        return (
            "<section id='scores' data-needs='particles'><h2>Indicators</h2>"
            "<p>The rank r<sub>x</sub> of the core of an event in a field is 1 if the core is the softest particle of "
            "all, and about ½ if the field knows nothing. C = 2⟨r<sub>x</sub>⟩ − 1 averages over the events, with a "
            "bootstrap interval over them. Click a heading to sort, and a row to show its field on the left map.</p>"
            f"{table_card(self.models, places, 'indicator_table')}{chart}</section>"
        )


def table_card(models: Mapping[str, Model], places: Mapping[str, str], name: str) -> str:
    """A table that is scrolled sideways where the window is narrower than its columns."""
    least = models[name].min_width
    return f"<div class='card scroll'><div class='wide' style='--least:{least}px'>{places[name]}</div></div>"


def _has_maps(sample: Sample) -> bool:
    """Whether there are maps: in the plane, and of slices where two vectors of the cell lie in planes of equal z."""
    cell = sample.results.start.cell
    return sample.mapped and (len(cell) == 2 or (cell[2, 0] == cell[2, 1] == 0.0))


def similarity(results: Results) -> Model | None:
    """Spearman's correlation of each two fields, ordered by family; None if there is none."""
    registered = registry.keys()
    keys = [key for key in results.fields if key in registered]
    keys.sort(key=lambda key: list(FAMILY_COLORS).index(_family(key)))
    if len(keys) < 2:
        return None
    names = [title(key) for key in keys]
    matrix = cross_correlation({key: results.fields[key] for key in keys})
    figure: Model = heat_map(
        "similarity",
        "Spearman correlation",
        low=-1.0,
        high=1.0,
        palette=DIVERGING,
        filled=cells(matrix, names, names, -1.0, 1.0),
        rows=[tex_label(key) for key in keys],
        columns=[tex_label(key, words=False) for key in keys],
    )
    return figure


def _family(key: str) -> str:
    family = registry.find(key).family
    return family if family in FAMILY_COLORS else "other"


def explore_page(results: Results) -> str:
    """Make the page of a run that is explored.

    Parameters
    ----------
    results : Results
        Results of a job.

    Returns
    -------
    str
        HTML that needs neither other files nor the network.
    """
    explorer = Explorer([Sample(results, source_name(results))])
    models = dict(explorer.models)
    alike = similarity(results)
    if alike is not None:
        models["similarity"] = alike
    script, places = placed(models)
    parts = [heading(results), notices(results), facts(results), explorer.sections(places)]
    if alike is not None:
        count = len(results.fields)
        parts.append(
            "<section id='similarity'><h2>How alike the fields are</h2><p>Spearman's rank correlation of each two "
            "fields over the particles, both turned so that larger is softer.</p><div class='card scroll'>"
            f"<div class='wide' style='--least:{240 + 34 * count}px'>{places['similarity']}</div></div></section>"
        )
    parts += [costs(results), absences(results), provenance(results)]
    return document(source_name(results), "\n".join(filter(None, parts)), script, explorer.data())


def write_explore_page(results: Results, path: Path) -> None:
    """Write the page of a run that is explored.

    Parameters
    ----------
    results : Results
        Results of a job.
    path : Path
        File to write.

    Raises
    ------
    FileError
        If the page cannot be written.
    """
    text = explore_page(results)
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def placed(models: Mapping[str, Model]) -> tuple[str, dict[str, str]]:
    """The script that draws the models, and the element of each of them."""
    if not models:
        return "", {}
    whole = Document()
    # Bokeh would go through all models once for each that is added.
    with whole.models.freeze():
        for model in models.values():
            whole.add_root(model)
    script, places = components(dict(models))
    return script, dict(places)


@cache
def library() -> str:
    """The JavaScript of Bokeh, from the installed package."""
    parts = ["bokeh", "bokeh-widgets", "bokeh-tables", "bokeh-mathjax"]
    script: str = Resources(mode="inline", components=parts).render_js()
    return script


def document(name: str, body: str, script: str, data: Mapping[str, Any]) -> str:
    """A whole page.

    Parameters
    ----------
    name : str
        Title of the window.
    body : str
        HTML of the page.
    script : str
        Script of Bokeh for the models in the body; empty if there are none.
    data : mapping
        What the script of the page reads.

    Returns
    -------
    str
    """
    head = (
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="generator" content="glassplast {package_version()}">'
    )
    scripts = ""
    if script:
        parts = [(_HERE / name).read_text(encoding="utf-8") for name in ("particles.js", "explore.js")]
        own = "\n".join(['(() => { "use strict";', *parts, "})();"])
        scripts = f"\n{library()}\n{script}{data_block(data)}\n<script>{own}</script>\n"
        body = f"<noscript><p>This page is drawn by JavaScript, which is turned off here.</p></noscript>\n{body}"
    return whole_page(name, body, (_HERE / "explore.css").read_text(encoding="utf-8"), head, scripts)
