"""Figures of a study: the numbers in them, what their captions say, and what they say when a study lacks something."""

import csv
import dataclasses
import json
import re
import sys

import numpy as np
import pytest
from matplotlib.collections import EllipseCollection
from matplotlib.colors import to_hex
from matplotlib.text import Text
from scipy.stats import spearmanr

import glassplast as gp
from glassplast.errors import MissingExtraError, NotInStudyError
from glassplast.plot.study import FIGURES, StudyFigure, drawing
from glassplast.plot.study.appearance import protocol_color
from glassplast.study import load_plan
from test_docstrings import parameter_names, section_names

PLAN = {
    "seed": 5,
    "protocols": {
        "soft": {"model": "poly", "size": 64, "temperature": 0.6, "annealing_sweeps": 100, "samples": 3},
        "mixture": {"model": "lj", "protocol": "HTL", "size": 80, "equilibration": 1.0, "samples": 3},
    },
    "shear": {"to": 0.1},
    "indicators": {"density": {}, "steric_order": {}, "vibrality": {}},
    "states": {"before_events": {"distances": [1e-4, 1e-3], "events": 2, "indicators": ["density", "vibrality"]}},
    "questions": {"stability": {}, "mode_convergence": {}},
}

MINE = (
    "stress_strain_curves", "gamma_min_by_protocol", "stress_drops", "rank_distributions", "indicator_similarity",
    "c_min_of_indicators", "indicator_differences", "c_min_against_stability", "c_gamma_of_events", "c_delta_gamma",
    "c_gamma_by_protocol", "dissipated_energy", "mode_convergence", "stability_measures",
)  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return gp.study.run(PLAN, tmp_path_factory.mktemp("study") / "out", workers=1, progress=False)


@pytest.fixture(scope="module")
def tables(study):
    return study.tables()


@pytest.fixture(scope="module")
def figures(study, tables):
    """All of them, by name."""
    return {name: FIGURES[name](study, tables) for name in MINE}


@pytest.fixture(scope="module")
def samples(study):
    """Results of all samples by protocol."""
    return {name: [study.results(name, k) for k in study.samples(name)] for name in study.plan.protocols}


def rows_of(figure, **values):
    return [row for row in figure.data if all(row.get(name) == value for name, value in values.items())]


def only(figure, **values):
    (row,) = rows_of(figure, **values)
    return row


def rank(values, core):
    """The part of the particles that are not softer, for a field whose large values are soft."""
    known = values[~np.isnan(values)]
    return np.sum(known <= values[core]) / known.size


def oriented(results, key):
    return results.fields[key] * {"density": -1.0, "steric_order": 1.0, "vibrality": 1.0}[key]


def strains(results):
    return np.array([event.strain for event in results.events]) - results.start.strain


# --- what all have in common ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MINE)
def test_a_figure_has_its_caption_its_numbers_and_letters_that_can_be_read(figures, name):
    figure = figures[name]
    assert figure.name == name and figure.title and figure.caption.endswith(".")
    assert re.search(r"n = [13]\b", figure.caption)
    assert figure.data and all(isinstance(row, dict) for row in figure.data)
    texts = [text for text in figure.figure.findobj(Text) if text.get_visible() and text.get_text()]
    assert texts and min(text.get_fontsize() for text in texts) >= 7.0
    assert figure.figure.get_figwidth() <= 7.1


@pytest.mark.parametrize("name", FIGURES)
def test_each_figure_is_described(name):
    documented = FIGURES[name].__doc__
    assert sorted(section_names(documented, "Parameters")) == sorted(parameter_names(FIGURES[name]))
    assert "\n    Returns\n" in documented and "NotInStudyError" in documented
    assert getattr(gp.plot.study, name) is FIGURES[name]


def test_a_protocol_has_one_colour_everywhere(study, figures):
    colors = {name: protocol_color(study, name) for name in study.plan.protocols}
    assert len(set(colors.values())) == 2
    for name in ("stress_strain_curves", "stress_drops", "c_gamma_by_protocol", "dissipated_energy"):
        (legend,) = figures[name].figure.legends
        entries = zip(legend.get_texts(), legend.get_lines(), strict=True)
        assert {text.get_text(): to_hex(line.get_color()) for text, line in entries} == colors
    curves = figures["stress_drops"].figure.axes
    assert {to_hex(line.get_color()) for ax in curves for line in ax.lines} == set(colors.values())


# --- curves -----------------------------------------------------------------------------------------------------------


def test_stress_strain_curves_are_those_of_the_runs(figures, samples):
    for name, known in samples.items():
        strain, stress = known[0].run.smooth_curve(2)
        rows = rows_of(figures["stress_strain_curves"], protocol=name)
        assert [row["strain"] for row in rows] == pytest.approx(np.abs(strain - strain[0]))
        assert [row["stress"] for row in rows] == pytest.approx(stress)


@pytest.mark.parametrize("measure", ["mode", "d2min"])
def test_the_map_is_that_of_the_event_which_the_caption_names(study, tables, samples, measure):
    figure = gp.plot.study.stress_strain_curves(study, tables, mapped="soft", event=2, measure=measure)
    event = samples["soft"][0].events[1]
    onset = event.strain - samples["soft"][0].start.strain
    assert f"shows event 2 of soft at strain {onset:.4f}" in figure.caption
    (disks,) = (c for ax in figure.figure.axes for c in ax.collections if isinstance(c, EllipseCollection))
    expected = np.linalg.norm(event.mode, axis=1) if measure == "mode" else event.d2min()
    known = expected[np.isfinite(expected)]
    assert set(np.asarray(disks.get_array().compressed())) == set(known)


def test_a_map_of_a_protocol_that_is_not_there_is_refused(study, tables):
    with pytest.raises(NotInStudyError, match="no sample of protocol 'hard' has been sheared; known: soft, mixture"):
        gp.plot.study.stress_strain_curves(study, tables, mapped="hard")


def test_gamma_min_and_the_yield_strain(study, tables, figures, samples):
    figure, stable = figures["gamma_min_by_protocol"], []
    for name, known in samples.items():
        first = [strains(one)[0] for one in known if one.events]
        row = only(figure, protocol=name)
        assert row["gamma_min"] == pytest.approx(np.mean(first)) and row["samples"] == len(first)
        assert row["low"] < row["gamma_min"] < row["high"]
        stable.append((np.mean(first), name))
    # The most stable protocol tells where it yields: at the largest drop of each sample.
    _, name = max(stable)
    largest = [strains(one)[np.argmax([event.stress_drop for event in one.events])] for one in samples[name]]
    assert only(figure, protocol="yield strain")["gamma_min"] == pytest.approx(np.mean(largest))
    assert f"the yield strain {np.mean(largest):.3g}" in figure.caption
    given = gp.plot.study.gamma_min_by_protocol(study, tables, yielding=0.07)
    assert only(given, protocol="yield strain")["gamma_min"] == 0.07


def test_no_yield_strain_is_claimed_where_runs_end_early(study, tables):
    plan = load_plan(PLAN | {"shear": {"to": 0.1, "max_events": 2}})
    figure = gp.plot.study.gamma_min_by_protocol(dataclasses.replace(study, plan=plan), tables)
    assert "yield" not in figure.caption and not rows_of(figure, protocol="yield strain")


def test_stress_drops_are_means_over_the_events_of_a_window(study, tables, samples):
    figure = gp.plot.study.stress_drops(study, tables, windows=4)
    for name, known in samples.items():
        drops = [(x, e.stress_drop) for one in known for x, e in zip(strains(one), one.events, strict=True)]
        expected = []
        for k in range(4):
            row = only(figure, protocol=name, strain_low=pytest.approx(0.025 * k))
            inside = [drop for x, drop in drops if 0.025 * k < x <= 0.025 * (k + 1)]
            assert row["events"] == len(inside)
            if inside:
                assert row["stress_drop"] == pytest.approx(np.mean(inside))
            expected.append(np.mean(inside) if inside else -np.inf)
        assert [row["peak"] for row in rows_of(figure, protocol=name)] == [k == np.argmax(expected) for k in range(4)]


def test_events_of_one_among_many_samples_make_neither_points_nor_a_peak(study, tables):
    others = [row | {"sample": 3 + row["sample"], "gamma_min": np.nan} for row in tables.samples]
    events = [row for row in tables.events if row["sample"] == 0]
    figure = gp.plot.study.stress_drops(
        study, dataclasses.replace(tables, samples=tables.samples + others, events=events)
    )
    assert not any(row["peak"] for row in figure.data) and "Stars" not in figure.caption
    assert all(len(line.get_xdata()) == 0 for ax in figure.figure.axes for line in ax.lines)
    assert sum(row["events"] for row in figure.data) == len(events)


def test_dissipated_energy_is_that_of_the_runs(study, tables, samples):
    figure = gp.plot.study.dissipated_energy(study, tables, windows=3)
    for name, known in samples.items():
        expected = gp.dissipation([one.run for one in known], np.linspace(0.0, 0.1, 4))
        rows = rows_of(figure, protocol=name)
        assert [row["dissipation"] for row in rows] == pytest.approx(expected.rate)
        assert [row["samples"] for row in rows] == [3, 3, 3]


def test_a_run_that_ends_early_counts_only_in_the_windows_it_covers(study, tables):
    short = [row | {"last_strain": 0.05} if row["sample"] == 1 else row for row in tables.samples]
    figure = gp.plot.study.dissipated_energy(study, dataclasses.replace(tables, samples=short), windows=4)
    assert [row["samples"] for row in rows_of(figure, protocol="soft")] == [3, 3, 2, 2]


def test_models_and_dimensions_have_panels_of_their_own(study, tables, figures):
    def titles(figure):
        return [ax.get_title() for ax in figure.figure.axes]

    assert sorted(titles(figures["stress_drops"])) == ["LJ", "POLY"]
    solid = [row | {"dimension": 3} if row["protocol"] == "mixture" else row for row in tables.samples]
    figure = gp.plot.study.stress_drops(study, dataclasses.replace(tables, samples=solid))
    assert sorted(titles(figure)) == ["LJ, 3D", "POLY"]
    assert next(ax.get_ylabel() for ax in figure.figure.axes if ax.get_title() == "LJ, 3D").endswith("(ε/σ³)")


def test_captions_say_of_few_samples_that_intervals_are_too_narrow(study, tables, figures):
    assert figures["stress_drops"].caption.endswith("With fewer than 10 samples these intervals are too narrow.")
    alone = dataclasses.replace(
        tables,
        **{
            name: [row for row in getattr(tables, name) if row["sample"] == 0]
            for name in ("samples", "events", "ranks")
        },
    )
    figure = gp.plot.study.stress_drops(study, alone)
    assert figure.caption.endswith("There are none over a single sample.") and np.isnan(figure.data[0]["low"])


# --- scores -----------------------------------------------------------------------------------------------------------


def test_c_min_is_computed_from_the_ranks_of_first_cores(figures, samples):
    for name, known in samples.items():
        for key in ("density", "steric_order", "vibrality"):
            ranks = [rank(oriented(one, key), one.events[0].core) for one in known]
            for figure in ("c_min_of_indicators", "c_min_against_stability"):
                rows = rows_of(figures[figure], protocol=name, indicator=key)
                assert [row["C"] for row in rows] == pytest.approx([2.0 * np.mean(ranks) - 1.0] * len(rows))
            assert only(figures["c_min_of_indicators"], protocol=name, indicator=key)["samples"] == 3
    # Of two structural indicators only the better one stands against stability.
    shown = {row["indicator"] for row in figures["c_min_against_stability"].data}
    assert "vibrality" in shown and len(shown) == 2


def test_the_distribution_counts_the_ranks_near_one(study, tables, samples):
    figure = gp.plot.study.rank_distributions(study, tables, protocol="soft", indicators=["vibrality"])
    ranks = np.array([rank(oriented(one, "vibrality"), one.events[0].core) for one in samples["soft"]])
    for row in rows_of(figure, quantity="F"):
        assert row["value"] == pytest.approx(np.mean(1.0 - ranks <= row["x"] + 1e-9))
    assert only(figure, quantity="C")["value"] == pytest.approx(2.0 * ranks.mean() - 1.0)


def test_differences_are_those_of_the_scores(figures, samples):
    figure = figures["indicator_differences"]
    (name,) = [name for name in samples if f" in {name}," in figure.caption]
    scores = {
        key: 2.0 * np.mean([rank(oriented(one, key), one.events[0].core) for one in samples[name]]) - 1.0
        for key in ("density", "steric_order", "vibrality")
    }
    assert len(figure.data) == 3
    for row in figure.data:
        assert row["difference"] == pytest.approx(scores[row["first"]] - scores[row["second"]]) and row["samples"] == 3
        assert row["difference"] >= 0.0, "rows go from the best to the worst"
    assert f"marks the {sum(row['distinct'] for row in figure.data)} of 3 pairs" in figure.caption


def test_similarity_is_averaged_over_samples(study, tables, samples):
    figure = gp.plot.study.indicator_similarity(study, tables, protocol="mixture")
    assert [(row["indicator"], row["other"]) for row in figure.data] == [
        ("density", "steric_order"),
        ("density", "vibrality"),
        ("steric_order", "vibrality"),
    ]
    for row in figure.data:
        pairs = [(oriented(one, row["indicator"]), oriented(one, row["other"])) for one in samples["mixture"]]
        expected = [spearmanr(a, b, nan_policy="omit").statistic for a, b in pairs]
        assert row["spearman"] == pytest.approx(np.mean(expected)) and row["samples"] == 3


def test_c_gamma_pools_the_events_of_a_number_and_of_a_window(study, tables, samples):
    figure = gp.plot.study.c_gamma_of_events(study, tables, indicators=["vibrality"], protocols=["mixture"], windows=2)
    found = [
        (x, number, rank(oriented(one, "vibrality"), event.core))
        for one in samples["mixture"]
        for number, (x, event) in enumerate(zip(strains(one), one.events, strict=True), start=1)
    ]
    assert max(number for _, number, _ in found) > 4
    for row in figure.data:
        place = {"event": 1, "strain": 0}[row["against"]]
        inside = [
            one[2]
            for one in found
            if (row["from"] <= one[place] if place else row["from"] < one[place]) and one[place] <= row["to"]
        ]
        assert row["C"] == pytest.approx(2.0 * np.mean(inside) - 1.0) and row["events"] == len(inside)
    groups = [(row["from"], row["to"]) for row in rows_of(figure, against="event")]
    assert groups[:4] == [(1, 1), (2, 2), (3, 3), (4, 5)]
    by_protocol = gp.plot.study.c_gamma_by_protocol(study, tables, indicators=["vibrality"], windows=2)
    for row in rows_of(figure, against="strain"):
        same = only(by_protocol, protocol="mixture", strain_low=row["from"])
        assert (same["C"], same["low"], same["high"]) == (row["C"], row["low"], row["high"])


def test_a_sample_without_ranks_shifts_no_events(study, tables, samples):
    """Its events are on record, but no indicator was computed."""
    ranks = [row for row in tables.ranks if (row["protocol"], row["sample"]) != ("mixture", 0)]
    without = dataclasses.replace(tables, ranks=ranks)
    figure = gp.plot.study.c_gamma_by_protocol(study, without, indicators=["vibrality"], windows=1)
    known = [rank(oriented(one, "vibrality"), event.core) for one in samples["mixture"][1:] for event in one.events]
    row = only(figure, protocol="mixture")
    assert row["C"] == pytest.approx(2.0 * np.mean(known) - 1.0) and (row["samples"], row["events"]) == (2, len(known))
    windows = gp.plot.study.c_gamma_by_protocol(study, without, indicators=["vibrality"], windows=5)
    inside = [x <= 0.02 for one in samples["mixture"][1:] for x in strains(one)]
    assert only(windows, protocol="mixture", strain_low=0.0)["C"] == pytest.approx(
        2.0 * np.mean(np.array(known)[inside]) - 1.0
    )


def test_c_delta_gamma_pools_all_events_at_a_distance(study, figures, samples):
    figure = figures["c_delta_gamma"]
    for distance in (1e-4, 1e-3):
        ranks = []
        for one in samples["mixture"]:
            for event in one.events[:2]:
                if event.strain - distance > event.branch_start:
                    state = one.run.glass_at(event.strain - distance)
                    values = gp.indicators.compute(state, ["vibrality"])["vibrality"]
                    ranks.append(rank(values, event.core))
        row = only(figure, protocol="mixture", indicator="vibrality", distance=distance)
        assert row["events"] == len(ranks) and row["C"] == pytest.approx(2.0 * np.mean(ranks) - 1.0, abs=1e-9)


# --- questions --------------------------------------------------------------------------------------------------------


def test_answers_are_drawn_as_they_are(study, figures):
    for name in study.plan.protocols:
        answers = [study.answers(name, k) for k in range(3)]
        for measure in ("energy", "gamma_min", "soft_modes", "shear_modulus"):
            values = [getattr(one.stability, measure) for one in answers]
            assert only(figures["stability_measures"], protocol=name, measure=measure)["mean"] == pytest.approx(
                np.mean(values)
            )
        for sample, one in enumerate(answers):
            approach = one.mode_convergence[1]
            known = np.isfinite(approach.normalized_stress)
            rows = rows_of(figures["mode_convergence"], protocol=name, sample=sample)
            for quantity in ("distance", "normalized_stress", "overlap_deficit", "rank_difference"):
                assert [row[quantity] for row in rows] == pytest.approx(getattr(approach, quantity)[known])


# --- what a study lacks -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "lost", "told"),
    [
        ("c_delta_gamma", "ranks", "ask for states.before_events in the plan"),
        ("stability_measures", "stability", "ask for questions.stability in the plan"),
        ("mode_convergence", "mode_convergence", "ask for questions.mode_convergence in the plan"),
        ("indicator_similarity", "spearman", "with some under indicators in its plan"),
        ("c_min_of_indicators", "ranks", "with registered keys under indicators"),
        ("gamma_min_by_protocol", "samples", r"shear further \(shear.to in its plan\)"),
        ("stress_strain_curves", "samples", "no sample of the study is finished yet: run it"),
    ],
)
def test_what_is_lacking_is_said(study, tables, name, lost, told):
    without = dataclasses.replace(tables, **{lost: []})
    with pytest.raises(NotInStudyError, match=told):
        FIGURES[name](study, without)


def test_what_was_asked_for_and_is_not_there_is_named(study, tables):
    with pytest.raises(NotInStudyError, match="no ranks in softness: add it under indicators in its plan"):
        gp.plot.study.c_gamma_by_protocol(study, tables, indicators=["vibrality", "softness"])
    with pytest.raises(NotInStudyError, match="no scores of protocol 'hard'; known: "):
        gp.plot.study.rank_distributions(study, tables, protocol="hard")
    alone = dataclasses.replace(tables, samples=[row for row in tables.samples if row["protocol"] == "soft"])
    alone = dataclasses.replace(alone, ranks=[row for row in tables.ranks if row["protocol"] == "soft"])
    with pytest.raises(NotInStudyError, match="do not depend on stability: add another one under protocols"):
        gp.plot.study.c_min_against_stability(study, alone)
    first = dataclasses.replace(tables, events=[row for row in tables.events if row["event"] == 1])
    first = dataclasses.replace(first, ranks=[row for row in tables.ranks if row["event"] == 1])
    with pytest.raises(NotInStudyError, match="no sample has a second event: raise max_events or to"):
        gp.plot.study.c_gamma_of_events(study, first)


def test_without_matplotlib_the_extra_is_named(study, tables, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=re.escape("pip install 'glassplast[plot]'")):
        gp.plot.study.draw(study, tmp_path / "new", tables, progress=False)


# --- all of them ------------------------------------------------------------------------------------------------------


def test_drawing_writes_what_can_be_drawn_and_says_why_the_rest_is_not(study, tables, tmp_path, monkeypatch):
    chosen = ("gamma_min_by_protocol", "stability_measures")
    monkeypatch.setattr(drawing, "FIGURES", {name: FIGURES[name] for name in chosen})
    told = []
    drawn, lacking = gp.plot.study.draw(study, tmp_path / "new", tables, progress=lambda *about: told.append(about))
    assert [figure.name for figure in drawn] == list(chosen) and not lacking and len(told) == 2
    endings = (".png", ".pdf", ".csv")
    expected = {f"{name}{ending}" for name in chosen for ending in endings} | {"captions.json"}
    assert {path.name for path in (tmp_path / "new").iterdir()} == expected
    with (tmp_path / "new" / "stability_measures.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [float(row["mean"]) for row in rows] == [row["mean"] for row in drawn[1].data]
    captions = json.loads((tmp_path / "new" / "captions.json").read_text(encoding="utf-8"))
    assert captions["figures"]["stability_measures"]["caption"] == drawn[1].caption

    # Drawn again from less, no file of the old figure is left.
    _, lacking = gp.plot.study.draw(study, tmp_path / "new", dataclasses.replace(tables, stability=[]), progress=False)
    assert list(lacking) == ["stability_measures"] and "questions.stability" in lacking["stability_measures"]
    left = {path.name for path in (tmp_path / "new").iterdir()}
    assert left == {name for name in expected if not name.startswith("stability_measures")}
    captions = json.loads((tmp_path / "new" / "captions.json").read_text(encoding="utf-8"))
    assert captions["not_drawn"] == lacking and list(captions["figures"]) == ["gamma_min_by_protocol"]


def test_the_same_numbers_give_the_same_files(figures, tmp_path):
    figure = figures["gamma_min_by_protocol"]
    assert isinstance(figure, StudyFigure) and repr(figure).startswith("StudyFigure('gamma_min_by_protocol'")
    for folder in ("one", "other"):
        figure.write(tmp_path / folder)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes()
