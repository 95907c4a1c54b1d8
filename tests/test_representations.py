"""Short texts of objects in a terminal, and their tables and pictures in a notebook."""

import base64
import io
import pickle
import re
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

import glassplast as gp
from face_samples import saddle_catalogue, things, yield_map
from glassplast.plot import notebook
from samples import DATA, random_glass, small_minimum
from small_jobs import small_results

SHOWN = [
    "Glass", "Analysis", "Results", "Run", "Event", "Fields", "Elasticity", "YieldMap", "SaddleCatalogue",
]  # fmt: skip
DRAWN = [name for name in SHOWN if name != "Elasticity"]


def test_all_are_short_and_no_arrays():
    for name, thing in things().items():
        text = repr(thing)
        assert text.startswith(f"{name}(") and text.endswith(")")
        assert len(text) <= 240 and "\n" not in text
        assert "[" not in text and "0x" not in text
        # Rounded: no number has more than ten digits after its point.
        assert not re.search(r"\.\d{11}", text)


def test_what_they_say():
    known = things()
    run, event = known["Run"], known["Event"]
    assert repr(known["Glass"]) == "Glass(N=100, dimension=2, model='poly', strain=0)"
    assert f"events={len(run.events)}, first_strain={event.strain:.6g}, first_core={event.core})" in repr(run)
    assert f"strain=0 to {run.strain[-1]:.5g}" in repr(run) and "stepping='exact'" in repr(run)
    assert f"core={event.core}, stress_drop={event.stress_drop:.4g}, energy_drop={event.energy_drop:.4g}" in repr(event)
    assert repr(known["Fields"]) == "Fields(N=100, dimension=2, model='poly', fields=2: density, hexatic)"
    assert "events=2, fields=19" in repr(known["Results"])
    moduli = known["Elasticity"]
    assert f"isotropic_shear_modulus={moduli.isotropic_shear_modulus:.4g}" in repr(moduli)
    assert moduli.pressure == pytest.approx(-0.5 * np.trace(moduli.stress))
    assert "nodes=3, directions=2" in repr(yield_map()) and "centres=1" in repr(saddle_catalogue())
    assert "model=None" in repr(gp.Glass([[0.0, 0.0]], 3.0, diameters=[1.0]))


def test_nothing_is_computed_to_be_shown():
    analysis = gp.Analysis(small_minimum("poly", 100, seed=1))
    assert "energy" not in repr(analysis) and "energy" not in analysis._repr_html_()
    assert "minimum" not in vars(analysis) and "energy" not in vars(analysis)
    assert analysis.energy and f"energy_per_particle={analysis.energy / 100:.4g}" in repr(analysis)


def test_empty_things():
    glass = small_minimum("poly", 100, seed=1)
    run = gp.shear(glass, 1e-4)
    assert repr(run).endswith("strain=0 to 0.0001, events=0)") and "<table" in run._repr_html_()
    assert run.events_table().shape == (0,) and "stress_drop" in run.events_table().dtype.names
    results = gp.Results(glass)
    assert "events=0, fields=0)" in repr(results) and "<table" in results._repr_html_()
    assert results.table().shape == (0,)
    fields = gp.indicators.compute(glass, [])
    assert fields == {} and repr(fields).endswith("fields=0)") and "<img" not in fields._repr_html_()
    single = gp.Glass([[0.5, 0.5]], 3.0, diameters=[1.0])
    assert "<img" in single._repr_html_()


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.text, self.tags = [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read(html):
    reader = Reader()
    reader.feed(html)
    assert reader.open == []
    return reader


@pytest.mark.parametrize("name", SHOWN)
def test_tables_in_notebooks(name):
    reader = read(things()[name]._repr_html_())
    assert [tag for tag, _ in reader.tags].count("table") >= 1
    pictures = [attributes["src"] for tag, attributes in reader.tags if tag == "img"]
    assert len(pictures) == (name in DRAWN)
    for source in pictures:
        data = base64.b64decode(source.removeprefix("data:image/png;base64,"))
        assert len(data) <= 60_000
        with Image.open(io.BytesIO(data)) as picture:
            assert picture.format == "PNG" and min(picture.size) > 100


def test_large_and_spatial_glasses():
    large = gp.read(DATA / "poly_inf_10000.xyz", model="poly")
    image = notebook.picture(large)
    assert image is not None and len(image) <= notebook.LARGEST_PICTURE
    spatial = random_glass("kob_andersen", 216, 3)
    assert notebook.picture(spatial) is None and "<img" not in spatial._repr_html_()


def test_more_particles_than_can_be_seen(monkeypatch):
    monkeypatch.setattr(notebook, "MOST_PARTICLES", 99)
    for name in ("Glass", "Event", "Fields"):
        assert "<img" not in things()[name]._repr_html_()


def test_text_of_files_is_escaped():
    evil = "<script>alert('x')</script>"
    glass = small_minimum("poly", 100, seed=1).replace(provenance={"protocol": evil, evil: "name"})
    fields = gp.indicators.Fields(glass, {evil: np.zeros(100)})
    results = gp.Results(glass, failures={evil: evil}, interrupted=evil)
    for thing in (glass, gp.Analysis(glass), fields, results):
        html = thing._repr_html_()
        assert "<script" not in html and "&lt;script" in html


def test_without_matplotlib():
    code = """
import sys
sys.modules["matplotlib"] = None
import glassplast as gp
html = gp.Glass([[0.5, 0.5]], 3.0, diameters=[1.0])._repr_html_()
assert "<table" in html and "<img" not in html
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_fields_are_a_dict():
    glass = small_minimum("poly", 100, seed=1)
    fields = gp.indicators.compute(glass, ["density", "hexatic"])
    assert isinstance(fields, dict) and list(fields) == ["density", "hexatic"] and fields.glass is glass
    assert {**fields} == dict(fields) and fields == dict(fields)
    for copy in (pickle.loads(pickle.dumps(fields)), fields.copy()):
        assert list(copy) == list(fields) and np.array_equal(copy["hexatic"], fields["hexatic"])
    many = gp.indicators.Fields(glass, {f"field_{n}": np.zeros(100) for n in range(40)})
    assert len(repr(many)) < 240 and "fields=40: field_0, " in repr(many) and "..." in repr(many)


def test_all_survive_pickling():
    for name, thing in things().items():
        copy = pickle.loads(pickle.dumps(thing))
        assert type(copy) is type(thing)
        assert name == "Analysis" or repr(copy) == repr(thing)
    analysis = pickle.loads(pickle.dumps(gp.Analysis(small_minimum("poly", 100, seed=1), threads=1, progress=print)))
    assert analysis.threads == 1 and analysis.progress is None and analysis.energy > 0.0


def test_results_of_a_job_without_a_run():
    results = small_results("poly", "exact")
    alone = gp.Results(results.start, None, results.fields)
    assert "<img" in alone._repr_html_()
