"""The page that is explored asks for nothing else, and holds what was computed; studies/drive_report.py clicks it."""

import dataclasses
import json
import re
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import glassplast as gp
from glassplast.commands import main
from glassplast.foundation.ranks import ranks
from glassplast.indicators import find, keys, register, unregister
from glassplast.report.explore import explore_page
from glassplast.report.explore.data import Sample, decoded, sample_data
from glassplast.report.explore.page import library
from glassplast.report.sections import absences, absent, costs
from glassplast.report.symbols import html_symbol, html_unit, tex_label
from samples import small_minimum
from small_jobs import small_results

DATA = Path(__file__).parent / "data"


class Reader(HTMLParser):
    """Collects what a browser would load, the text, and the data of the page."""

    def __init__(self, text):
        super().__init__()
        self.loaded, self.links, self.metas, self.words, self.data = [], [], {}, [], None
        self.inside = ("", {})
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.inside = (tag, values)
        self.loaded += [values[name] for name in ("src", "srcset", "data", "poster") if name in values]
        if tag in ("link", "iframe", "object", "base"):
            self.loaded.append(tag)
        if tag == "a":
            self.links.append(values["href"])
        if tag == "meta" and "http-equiv" in values:
            self.metas[values["http-equiv"]] = values["content"]

    def handle_endtag(self, tag):
        self.inside = ("", {})

    def handle_data(self, text):
        tag, values = self.inside
        if values.get("id") == "data":
            self.data = json.loads(text)
        elif tag not in ("script", "style"):
            self.words.append(text)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@cache
def whole_page():
    return explore_page(small_results("rattler"))


def read(text):
    """A page without the library, which takes long to read."""
    assert text.count(library()) == 1
    return Reader(text.replace(library(), ""))


@cache
def read_page():
    return read(whole_page())


def test_the_page_loads_nothing_and_is_forbidden_to():
    page = read_page()
    assert not page.loaded and not page.links
    assert not re.search(r"<(script|link|img)[^>]*(src|href)\s*=", library()[:200] + library()[-200:])
    assert [tag for tag in re.findall(r"<script[^>]*>", library()) if "src" in tag] == []
    policy = page.metas["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "http" not in policy and "connect-src" not in policy


def test_the_page_holds_all_fields_and_their_ranks():
    results = small_results("rattler")
    assert "slices" not in read_page().text
    (sample,) = read_page().data["samples"]
    assert [entry["key"] for entry in sample["fields"]] == list(results.fields)
    for entry in sample["fields"]:
        field = results.fields[entry["key"]]
        assert np.array_equal(decoded(entry["values"]), field.astype(np.float32), equal_nan=True)
        doubled, known = decoded(entry["ranks"]), np.isfinite(field).sum()
        expected = ranks(field, find(entry["key"]).softer)
        assert np.array_equal(doubled == 0, np.isnan(field)) and entry["missing"] == np.isnan(field).sum()
        assert doubled[doubled > 0] / (2 * known) == pytest.approx(expected[doubled > 0], abs=1e-12)
        assert entry["events"] == results.ranks[entry["key"]]
        found = results.correlations[entry["key"]]
        assert [entry["C"], entry["low"], entry["high"]] == [found.value, found.low, found.high]


def test_the_page_holds_the_particles_and_events():
    results = small_results("rattler")
    start = results.start
    (sample,) = read_page().data["samples"]
    fractions = decoded(sample["fractions"]).reshape(-1, 2)
    apart = fractions - start.box.fractional(start.positions)
    assert np.abs(apart - np.rint(apart)).max() < 1e-6
    assert np.array_equal(decoded(sample["diameters"]), start.diameters.astype(np.float32))
    assert np.array_equal(decoded(sample["ids"]), start.ids)
    assert np.allclose(sample["cell"], start.cell)
    assert len(sample["events"]) == 2
    for record, event in zip(sample["events"], results.events, strict=True):
        assert (record["strain"], record["core"], record["core_id"]) == (event.strain, event.core, event.core_id)
        for name, values in (
            ("mode", event.mode),
            ("displacement", event.displacement),
            ("mode_d2min", event.d2min()),
            ("displacement_d2min", gp.d2min(event.before, event.displacement)),
        ):
            assert np.array_equal(decoded(record[name]), values.astype(np.float32).ravel(), equal_nan=True)
    # In fixed stepping the curve is that of the run.
    assert np.array_equal(decoded(sample["curve"]["strain"]), results.run.strain.astype(np.float32))


def test_events_beyond_the_allowance_have_no_maps():
    results = small_results()
    one = 100 * 4 * 6 * 4 / 3
    events = sample_data(Sample(results, "s"), event_bytes=int(1.5 * one))["events"]
    assert ["mode" in event for event in events] == [True, False]
    assert "fields" not in sample_data(Sample(results, "s", mapped=False))


def test_the_page_of_ten_thousand_particles_is_small_enough():
    """The library, 22 fields with ranks, and positions."""
    own = len(whole_page().encode())
    count = 10_000
    particles = count * (2 * 4 + 4 + 4) * 4 / 3
    fields = 22 * count * (4 + 2) * 4 / 3
    assert own + particles + fields + 5_000_000 < 15e6


def test_names_of_others_are_no_markup():
    text = explore_page(dataclasses.replace(small_results(), configuration={"source": "a</script><b>bold"}))
    assert "a</script>" not in text and "a&lt;/script&gt;&lt;b&gt;bold" in text
    assert read(text).data["samples"][0]["name"] == "a</script><b>bold"


def test_what_was_not_computed_is_said_with_the_reason():
    whole = small_results()
    few = dataclasses.replace(whole, fields={"density": whole.fields["density"]}, failures={"contacts": "no <x>"})
    reasons = absent(few)
    assert reasons.keys() == set(keys()) - {"density"}
    assert reasons["contacts"] == "no <x>" and "no trained model" in reasons["softness"]
    assert "only if it is named" in reasons["saddle_points"]
    told = absences(few)
    assert "no trained model" in told and "no &lt;x&gt;" in told
    asked = dataclasses.replace(few, configuration={"indicators": ["density"]})
    assert absent(asked)["vibrality"] == "it was not asked for"
    spheres = dataclasses.replace(few, start=read_spheres(), run=None)
    assert absent(spheres)["hexatic"] == "it exists in two dimensions only"


def test_the_costs_are_shown():
    seconds = {"seconds": {"shear": 12.5, "read": 0.25}, "seconds_of_indicators": {"density": 0.125}}
    told = Reader(costs(dataclasses.replace(small_results(), provenance=seconds))).text
    assert "How long it took" in told and "shear 12.5" in told and "density 0.125" in told
    assert "How long it took" not in read_page().text


def test_results_without_a_run_or_without_fields_make_a_page():
    whole = small_results()
    only_fields = read(explore_page(dataclasses.replace(whole, run=None)))
    assert only_fields.data["samples"][0]["events"] == [] and "Stress and strain" not in only_fields.text
    only_run = read(explore_page(dataclasses.replace(whole, fields={})))
    assert only_run.data["samples"][0]["fields"] == [] and "How alike" not in only_run.text
    assert "Stress and strain" in only_run.text


def read_spheres():
    return gp.read(DATA / "ka_216.xyz", "kob_andersen")


def test_three_dimensions_have_slices():
    start = read_spheres()
    results = gp.Results(start, fields=gp.indicators.compute(start, ["contacts", "potential_energy"]))
    page = read(explore_page(results))
    (sample,) = page.data["samples"]
    assert sample["dimension"] == 3 and decoded(sample["fractions"]).size == 3 * 216
    assert "Maps" in page.text and "the maps are slices" in page.text
    assert set(decoded(sample["species"])) == set(start.species)


def test_typeset_symbols():
    assert html_symbol("plastic_strength") == "Δ<i>τ</i><sub><i>y</i></sub>"
    assert html_symbol("pseudo_harmonic_modes") == "<i>π</i><sub>PH</sub>"
    assert html_symbol("nonaffine_velocity") == "<i>x\u0307</i>"
    assert html_symbol("excess_entropy") == "<i>s</i><sub>2</sub>"
    assert html_symbol("saddle_points") == "SPS"
    assert html_unit("heat_capacity", small_results().start) == "<i>k</i><sub>B</sub>"
    assert tex_label("steric_order") == r"steric order  $$\Theta$$"
    for key in keys():
        assert not re.search(r"[\\$_^{}]", html_symbol(key)), key


def test_a_symbol_that_cannot_be_typeset_stays_plain():
    @register("mine", symbol="X<", typeset=r"$\mathbb{X}$", family="other", softer="large")
    def mine(analysis):
        """Nothing."""

    try:
        assert html_symbol("mine") == "X&lt;"
    finally:
        unregister("mine")


def test_a_report_leaves_nothing_of_the_one_before(tmp_path):
    whole = small_results()
    few = dataclasses.replace(whole, fields={"density": whole.fields["density"]}, run=None)
    for name in ("field_gone.png", "mode_7.png", "stress_strain.png", "holiday.png", "fields.png", "results.h5"):
        (tmp_path / name).write_bytes(b"old")
    written = gp.report.write_report(few, tmp_path)
    assert set(written) == {"field_density", "report.html", "explore.html"}
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"field_density.png", "report.html", "explore.html", "holiday.png", "fields.png", "results.h5"}
    assert "href='explore.html'" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_run_into_an_old_directory_leaves_no_stale_picture(tmp_path):
    sample = tmp_path / "sample.xyz"
    gp.write(small_minimum("poly", 100, seed=1), sample)
    out = tmp_path / "out"
    out.mkdir()
    for name in ("field_vibrality.png", "mode_1.png", "scores.csv", "notes.txt"):
        (out / name).write_text("old")
    words = ["run", str(sample), "--to", "1e-4", "--stepping", "fixed", "--increment", "1e-4", "--out", str(out), "-q"]
    assert main([*words, "--indicators", "density"]) == 0
    names = {path.name for path in out.iterdir()}
    assert names == {
        "field_density.png", "stress_strain.png", "report.html", "explore.html", "results.h5", "notes.txt"
    }  # fmt: skip
    assert main([*words, "--indicators", "density", "--no-pictures", "--no-html"]) == 0
    assert {path.name for path in out.iterdir()} == {"results.h5", "notes.txt"}
    assert set(gp.Results.load(out / "results.h5").provenance["seconds_of_indicators"]) == {"density"}


def without_pictures():
    """Results of which nothing is drawn, which takes long."""
    start = read_spheres()
    return gp.Results(start, fields={"contacts": np.arange(216.0)})


def test_the_command_reports_again(tmp_path, capsys):
    few = without_pictures()
    (tmp_path / "a").mkdir()
    few.save(tmp_path / "a" / "results.h5")
    few.save(tmp_path / "other.h5")
    files = [str(tmp_path / "a" / "results.h5"), str(tmp_path / "other.h5")]
    assert main(["report", *files]) == 0
    assert (tmp_path / "a" / "explore.html").exists() and (tmp_path / "other" / "report.html").exists()
    assert (tmp_path / "other" / "explore.html").as_uri() in capsys.readouterr().err
    assert main(["report", files[0], "--out", str(tmp_path / "b")]) == 0
    assert {path.name for path in (tmp_path / "b").iterdir()} == {"report.html", "explore.html"}
    assert main(["report", files[0], files[0].replace("/a/", "/a/../a/"), "--out", str(tmp_path / "c")]) == 2
    assert "one by one" in capsys.readouterr().err


def test_without_bokeh_there_is_the_static_page(tmp_path, monkeypatch):
    few = without_pictures()
    for name in [name for name in sys.modules if name.startswith(("bokeh", "glassplast.report.explore"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "bokeh", None)
    monkeypatch.setattr("glassplast.report.writing.find_spec", lambda name: None)
    with pytest.raises(gp.errors.MissingExtraError, match=r"glassplast\[report\]"):
        gp.report.write_explorer(few, tmp_path / "explore.html")
    assert set(gp.report.write_report(few, tmp_path)) == {"report.html"}
    assert "explore.html" not in (tmp_path / "report.html").read_text(encoding="utf-8")
