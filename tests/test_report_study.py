"""The page of a study: it holds the scores, samples and figures of the study, and asks for nothing else."""

import re

import numpy as np
import pytest

import glassplast as gp
from glassplast.commands import main
from glassplast.errors import NotInStudyError
from glassplast.plot.study import gamma_min_by_protocol
from glassplast.report.explore.data import decoded, mapped_bytes
from glassplast.report.explore.page import library
from glassplast.report.explore.study_page import study_parts
from test_report_explore import Reader

PLAN = """
name = "two <b>ways"
seed = 3
[protocols]
fast = {model = "kob_andersen", size = 64, dimension = 2, equilibration = 1.0, samples = 2}
slow = {model = "kob_andersen", size = 64, dimension = 2, equilibration = 2.0, samples = 1}
[shear]
to = 0.08
max_events = 1
[indicators]
contacts = {}
potential_energy = {}
vibrality = {samples = 1}
"""


def not_there(study, tables=None):
    raise NotInStudyError("the plan does not ask for reversals")


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    path = tmp_path_factory.mktemp("study") / "plan.toml"
    path.write_text(PLAN)
    return path


@pytest.fixture(scope="module")
def study(plan):
    return gp.study.run(plan, plan.parent / "out", workers=1, progress=False)


@pytest.fixture(scope="module")
def tables(study):
    return study.tables()


@pytest.fixture(scope="module")
def page(study, tables):
    with pytest.MonkeyPatch.context() as patch:
        few = {"gamma_min_by_protocol": gamma_min_by_protocol, "reversible_event": not_there}
        patch.setattr("glassplast.plot.study.drawing.FIGURES", few)
        written = gp.report.write_study_report(study, tables, samples=1, progress=False)
    text = written["report.html"].read_text(encoding="utf-8")
    assert set(written) == {"report.html", "fast-0000.html", "slow-0000.html"}
    assert text.count(library()) == 1
    return Reader(text.replace(library(), ""))


def test_the_page_loads_nothing_else(page):
    assert page.loaded and all(source.startswith("data:image/png;base64,") for source in page.loaded)
    assert "default-src 'none'" in page.metas["Content-Security-Policy"]


def test_its_links_lead_to_files_beside_it(page, study):
    assert len(page.links) == 5
    assert all((study.out / link).is_file() for link in page.links)


def test_it_holds_the_scores_of_the_study(page, study, tables):
    scores = study.c_min(tables)
    assert page.data["scores"].keys() == scores.keys()
    for protocol, known in scores.items():
        rows = page.data["scores"][protocol]
        assert sorted(row["key"] for row in rows) == sorted(known.keys)
        for row in rows:
            place = known.keys.index(row["key"])
            expected = [float(values[place]) for values in (known.value, known.low, known.high)]
            found = [np.nan if row[name] is None else row[name] for name in ("C", "low", "high")]
            assert found == pytest.approx(expected, nan_ok=True) and row["samples"] == known.samples[place]
        values = [row["C"] for row in rows if row["C"] is not None]
        assert values == sorted(values, reverse=True)


def test_it_holds_the_samples(page, study):
    entries = page.data["samples"]
    assert [(entry["group"], entry["name"]) for entry in entries] == [
        ("fast", "sample 0"),
        ("fast", "sample 1"),
        ("slow", "sample 0"),
    ]
    for entry in entries:
        results = study.results(entry["group"], int(entry["name"].split()[1]))
        assert [event["strain"] for event in entry["events"]] == [event.strain for event in results.events]
        assert [field["key"] for field in entry["fields"]] == list(results.fields)
        for field in entry["fields"]:
            assert np.array_equal(decoded(field["values"]), results.fields[field["key"]].astype(np.float32))


def test_samples_beyond_the_allowance_have_curves_alone(study, tables, monkeypatch):
    size = mapped_bytes(study.results("fast", 0), 3)
    monkeypatch.setattr("glassplast.report.explore.study_page.SAMPLE_BYTES", int(2.5 * size))
    entries = study_parts(study, study.c_min(tables)).data["samples"]
    # The first sample of each protocol comes before further ones.
    assert ["fields" in entry for entry in entries] == [True, False, True]
    assert all(decoded(entry["curve"]["strain"]).size > 1 for entry in entries)


def test_it_says_what_was_not_computed_and_what_it_cost(page):
    assert "the plan does not ask for reversals" in page.text and "reversible event" in page.text
    assert "the plan names indicators, and not this one" in page.text
    assert "What it cost" in page.text and "processor hours" in page.text
    assert "Seed 3" in page.text and '"equilibration": 2.0' in page.text
    assert "two <b>ways" in page.text and "2 protocols, 3 samples" in page.text


def test_captions_are_on_the_page(page, study, tables):
    figure = gamma_min_by_protocol(study, tables)
    assert figure.title in page.text and " ".join(figure.caption.split()) in page.text


def test_a_failure_is_on_the_page(study, tables, tmp_path):
    failed = {"protocol": "fast", "sample": 1, "stage": "contacts", "reason": "no <contacts>"}
    with_failure = type(tables)(**{**vars(tables), "failures": [failed]})
    text = gp.report.write_study_report(study, with_failure, figures=False, progress=False)["report.html"].read_text(
        encoding="utf-8"
    )
    assert "no &lt;contacts&gt;" in text and "What failed" in text


def test_without_bokeh_there_are_tables_and_figures(study, tables, monkeypatch):
    monkeypatch.setattr("glassplast.report.study_report.explorer_installed", lambda: False)
    written = gp.report.write_study_report(study, tables, figures=False, progress=False)
    text = written["report.html"].read_text(encoding="utf-8")
    assert "<script" not in text and re.search(r"contacts .*\(−?\d\.\d\d to", text)
    with pytest.raises(gp.errors.MissingExtraError, match=r"glassplast\[report\]"):
        gp.report.write_study_report(study, tables, samples=1)


def test_the_command_writes_the_page(study, plan, capsys):
    page = study.out / "report.html"
    page.unlink(missing_ok=True)
    words = ["study", "report", str(plan), "--out", str(study.out)]
    assert main([*words, "--no-html"]) == 0
    assert not page.exists() and (study.out / "ranks.csv").exists()
    assert main([*words, "--no-figures"]) == 0
    assert page.exists() and page.as_uri() in capsys.readouterr().err
