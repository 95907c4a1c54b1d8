"""What comes from a file stays text on every page, whatever it is."""

import dataclasses
from html.parser import HTMLParser

import pytest

from glassplast.report import page
from glassplast.report.explore import explore_page
from glassplast.report.explore.data import data_block
from glassplast.report.explore.page import library
from small_jobs import small_results

HOSTILE = [
    "</script><x-evil>",
    "<x-evil onload='x()'>",
    '"><x-evil>',
    "'><x-evil>",
    "<!--<script>",
    "]]><x-evil>",
    "&lt;x-evil&gt;</title><x-evil>",
]


class Elements(HTMLParser):
    """The elements, their attributes and the pieces of script of a page, as a browser finds them."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.comments = [], set(), 0
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_comment(self, data):
        self.comments += 1


def with_names(words):
    """Results in which each text that a file may hold is `words`."""
    results = small_results("rattler")
    return dataclasses.replace(
        results,
        fields={key: results.fields[key] for key in ("density", "vibrality")},
        configuration={"source": words, words: words, "options": {words: words}},
        provenance={"created": words, "command": ["glassplast", words], "versions": {words: words}},
        warnings=[words],
        interrupted=words,
        failures={"hexatic": words, words: words},
        notes={"vibrality": words},
        state={**results.state, words: 1.0},
    )


@pytest.mark.parametrize("made", [lambda results: page(results, {}), explore_page], ids=["report", "explore"])
def test_texts_of_a_file_add_no_element(made):
    harmless = Elements(made(with_names("word")).replace(library(), ""))
    for words in HOSTILE:
        found = Elements(made(with_names(words)).replace(library(), ""))
        assert found.tags == harmless.tags, words
        assert found.attributes == harmless.attributes
        assert found.comments == harmless.comments


@pytest.mark.parametrize("words", HOSTILE)
def test_data_of_a_page_can_not_end_or_comment_out_its_element(words):
    found = Elements(data_block({words: [words]}) + "<p>after</p>")
    assert found.tags == ["script", "p"] and "<" not in data_block({words: words})[len("<script") : -len("</script>")]
