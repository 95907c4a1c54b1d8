"""The page of a job: it needs no other files, and shows the results."""

import base64
import copy
import dataclasses
import io
import re
from functools import cache
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from glassplast.indicators import find, keys, register, unregister
from glassplast.report import draw, page, pictures, write_page
from small_jobs import small_results

VOID = {"meta", "img", "br"}


class Reader(HTMLParser):
    """Checks that elements nest, and collects references, images and text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.references, self.images, self.ids, self.words = [], [], [], set(), []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.references += [values[name] for name in ("src", "href", "srcset", "action") if name in values]
        if tag == "img":
            assert values["alt"]
            self.images.append(values["src"])
        self.ids.add(values.get("id"))
        assert tag not in ("script", "link", "iframe", "base")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@cache
def few_fields():
    """Results with fields of each kind; pictures of all are drawn by the test of the command that makes them."""
    results = small_results("rattler")
    chosen = ("density", "contacts", "vibrality", "nonaffine_velocity")
    return dataclasses.replace(results, fields={key: results.fields[key] for key in chosen})


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    directory = tmp_path_factory.mktemp("pictures")
    return draw(few_fields(), directory)


def test_the_page_needs_nothing_else(drawn, tmp_path):
    results = few_fields()
    write_page(results, drawn, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    reader = Reader(text)
    assert reader.references and all(reference.startswith("data:image/png;base64,") for reference in reader.references)
    assert not re.search(r"https?://|@import|url\(", text)
    # Every picture that was drawn is in it, whole.
    embedded = {base64.b64decode(source.partition(",")[2]) for source in reader.images}
    assert embedded == {path.read_bytes() for path in drawn.values()}
    for data in embedded:
        Image.open(io.BytesIO(data)).load()


def test_there_is_a_picture_of_everything(drawn):
    results = few_fields()
    expected = {f"field_{key}" for key in results.fields} | {
        "stress_strain",
        "scores",
        "similarity",
        "mode_1",
        "mode_2",
    }
    assert set(drawn) == expected


def test_the_page_says_what_was_computed():
    results = small_results("rattler")
    reader = Reader(page(results, {}))
    for key, ranks in results.ranks.items():
        assert key in reader.ids
        assert find(key).sentence in reader.text
        assert all(f"{rank:.3f}" in reader.text for rank in ranks)
    assert "How to read this" in reader.text and "2⟨r x ⟩ − 1" in reader.text
    for event in results.events:
        assert f"{event.strain:.4g}" in reader.text
    assert "1 particle without a value (grey)" in reader.text
    assert "2 plastic events" in reader.text and "model harmonic" in reader.text


def test_text_of_others_is_no_markup():
    results = small_results("rattler")
    text = page(results, {})
    assert "small <b>&amp; sheared" not in text and "small &lt;b&gt;&amp;amp; sheared" in text
    assert "something &lt;odd&gt;" in text


def test_partial_results_make_a_page():
    whole = small_results()
    only_run = dataclasses.replace(
        copy.copy(whole), fields={}, interrupted="indicators", failures={"contacts": "no <x>"}
    )
    reader = Reader(page(only_run, {}))
    assert "Interrupted during indicators" in reader.text and "No field contacts: no <x>" in reader.text
    assert "How to read this" not in reader.text
    assert [name for name, _ in pictures(only_run)] == ["stress_strain", "mode_1", "mode_2"]
    only_fields = dataclasses.replace(whole, run=None)
    assert "Rings mark" not in Reader(page(only_fields, {})).text
    assert all(name.startswith(("field_", "similarity")) for name, _ in pictures(only_fields))


def test_every_indicator_has_a_sentence_and_a_unit():
    glass = small_results("lj").start
    for key in keys():
        assert find(key).sentence.endswith(".")
        assert not set(find(key).unit_of(glass)) & {"L", "E"}
    assert find("soft_modes").unit_of(glass) == "ε/σ⁴"


def test_an_indicator_of_the_user_speaks_for_itself():
    @register("mine", symbol="X", family="own", softer="small")
    def mine(analysis):
        """Distance :math:`r` from ``nowhere``, and
        back. More about it."""
        return np.zeros(len(analysis.glass))

    try:
        assert find("mine").sentence == "Distance r from nowhere, and back."
        results = dataclasses.replace(small_results(), fields={"mine": np.arange(100.0)})
        assert "Distance r from nowhere" in Reader(page(results, {})).text and find("mine").family == "own"
        assert {name for name, _ in pictures(results)} >= {"field_mine", "scores"}
    finally:
        unregister("mine")


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.03, 3, "0.0300"),
        (105.0, 3, "105"),
        (-2.376777, 6, "−2.37678"),
        (5e-6, 1, "5 × 10<sup>−6</sup>"),
        (9.7e-13, 2, "9.7 × 10<sup>−13</sup>"),
        (0.0, 3, "0"),
        (3, 6, "3"),
        (float("nan"), 3, "–"),
    ],
)
def test_numbers_have_sensible_digits(value, digits, text):
    from glassplast.report.sections import number

    assert number(value, digits) == text
