"""Pictures: positions and sizes of disks, and the meaning of colours."""

import sys
import time

import numpy as np
import pytest
from matplotlib.collections import EllipseCollection
from PIL import Image

import glassplast as gp
from glassplast import plot
from glassplast.errors import FileError, GeometryError, GlassplastError, MissingExtraError, UnknownNameError
from samples import random_glass, small_minimum
from small_jobs import glass_with_rattler, small_results


def size_of(path):
    with Image.open(path) as picture:
        return picture.size


def disks_of(figure):
    (disks,) = (c for c in figure.axes[0].collections if isinstance(c, EllipseCollection))
    disks.update_scalarmappable()
    return disks


@pytest.mark.parametrize("strain", [0.0, 0.3, -2.4])
def test_disks_are_the_particles_in_the_cell(strain):
    glass = random_glass("poly", 64, strain=strain, seed=4)
    # The value of a particle says which it is.
    disks = disks_of(plot.field(glass, np.arange(64.0)))
    centers, owners = np.asarray(disks.get_offsets()), np.asarray(disks.get_array()).astype(int)
    assert set(owners) == set(range(64))
    fractions = np.linalg.solve(glass.cell, (centers - glass.positions[owners]).T)
    assert np.abs(fractions - np.rint(fractions)).max() < 1e-9
    assert disks._widths * 2 == pytest.approx(glass.diameters[owners])
    # One image of each particle has its center in the cell; the others reach in from outside.
    inside = np.linalg.solve(glass.cell, centers.T)
    assert np.sum((inside > -1e-12) & (inside < 1 - 1e-12), axis=1).min() >= 64
    assert np.sum(((inside >= 0) & (inside < 1)).all(axis=0)) == 64


def luminance(color):
    return float(np.dot(color[:3], [0.2126, 0.7152, 0.0722]))


@pytest.mark.parametrize("softer", ["large", "small"])
def test_soft_is_bright(softer):
    glass = random_glass("poly", 64)
    disks = disks_of(plot.field(glass, np.arange(64.0), softer=softer))
    values = np.asarray(disks.get_array())
    light = np.array([luminance(color) for color in disks.get_facecolor()])
    order = np.argsort(values if softer == "large" else -values)
    assert np.all(np.diff(light[order]) > -1e-3) and light[order[-1]] > light[order[0]] + 0.5


def test_no_value_is_grey_and_outliers_do_not_spoil_the_colours():
    glass = random_glass("poly", 100)
    values = np.linspace(0.0, 1.0, 100)
    values[[3, 4, 5]] = np.nan, 1e9, np.inf
    disks = disks_of(plot.field(glass, values))
    owners = np.ma.getmaskarray(disks.get_array())
    colors = disks.get_facecolor()[owners]
    assert len(colors) >= 1 and np.allclose(colors[:, 0], colors[:, 1]) and np.allclose(colors[:, 1], colors[:, 2])
    assert disks.norm.vmax < 2e9 and disks.norm.vmin == pytest.approx(0.01, abs=0.01)
    assert plot.field(glass, np.where(np.arange(100) == 7, 1e9, values[:1])).axes


@pytest.mark.parametrize("values", [np.full(36, 2.0), np.full(36, np.nan), np.zeros(36), np.full(36, np.inf)])
def test_fields_without_contrast_are_drawn(values, tmp_path):
    plot.field(random_glass("poly", 36), values, path=tmp_path / "flat.png")
    assert min(size_of(tmp_path / "flat.png")) > 500


def test_wide_positive_fields_are_logarithmic():
    glass = random_glass("poly", 100)
    assert disks_of(plot.field(glass, np.logspace(-4, 4, 100))).norm.__class__.__name__ == "LogNorm"
    assert disks_of(plot.field(glass, np.logspace(-4, 4, 100), scale="linear")).norm.__class__.__name__ == "Normalize"
    assert disks_of(plot.field(glass, np.linspace(1, 2, 100))).norm.__class__.__name__ == "Normalize"


def test_cores_are_marked_where_they_are():
    results = small_results()
    figure = plot.field(results.start, results.fields["steric_order"], results.events, key="steric_order")
    rings = [c for c in figure.axes[0].collections if not isinstance(c, EllipseCollection)]
    cores = [event.core for event in results.events]
    expected = results.start.wrapped().positions[cores]
    for ring in rings:
        assert np.asarray(ring.get_offsets()) == pytest.approx(expected, abs=1e-9)
    numbers = [text.get_text() for text in figure.axes[0].texts]
    assert numbers == ["1", "2"]
    single = plot.field(results.start, results.fields["steric_order"], results.events[1])
    assert not single.axes[0].texts and len(single.axes[0].collections) == 3


def test_units_and_names_are_on_the_axes():
    results = small_results("lj")
    figure = plot.field(results.start, results.fields["hexatic"], key="hexatic")
    axes, bar = figure.axes
    assert axes.get_xlabel() == "x (σ)" and axes.get_title() == "hexatic"
    assert bar.get_ylabel() == r"$\Psi_6$" and bar.yaxis_inverted()
    assert "ε/σ²" in plot.stress_strain(results.run).axes[0].get_ylabel()


def test_the_curve_is_the_run():
    run = small_results().run
    axes = plot.stress_strain(run).axes[0]
    curve = axes.lines[0]
    assert np.array_equal(curve.get_xdata(), run.strain) and np.array_equal(curve.get_ydata(), run.stress)
    marks = next(line for line in axes.lines if line.get_label() == "plastic event")
    assert list(marks.get_xdata()) == [event.strain for event in run.events]


def test_runs_without_events_and_of_one_point_are_drawn():
    glass = small_minimum("poly", 100, seed=1)
    run = gp.shear(glass, 1e-4, stepping="fixed", increment=1e-4)
    assert not run.events and plot.stress_strain(run).axes
    assert plot.stress_strain(gp.shear(glass, 0.0, stepping="fixed")).axes


def test_score_chart_shows_ranks_and_their_score():
    ranks = {"steric_order": [0.25, 1.0], "contacts": [np.nan, 0.5]}
    texts = [text.get_text() for text in plot.score_chart(ranks, strains=[0.01, 0.02]).axes[0].texts]
    assert texts == ["0.250", "1.000", "0.250", "–", "0.500", "0.000"]
    with pytest.raises(UnknownNameError, match="steric_order"):
        plot.score_chart({"steric_ordr": [0.5]})


def test_many_events_and_none_make_a_chart(tmp_path):
    plot.score_chart({"contacts": list(np.linspace(0, 1, 60))}, strains=list(range(60)), path=tmp_path / "a.png")
    plot.score_chart({"contacts": []}, path=tmp_path / "b.png")
    plot.score_chart({}, path=tmp_path / "c.png")
    assert all(size_of(tmp_path / f"{name}.png")[1] > 100 for name in "abc")


def test_distribution_steps_at_the_ranks():
    axes = plot.distribution({"contacts": [0.9, 0.5, np.nan], "hexatic": []}).axes[0]
    line = next(line for line in axes.lines if "contacts" in line.get_label())
    assert list(line.get_xdata()) == pytest.approx([0.0, 0.1, 0.5, 1.0])
    assert list(line.get_ydata()) == [0.0, 0.5, 1.0, 1.0]


def test_similarity_of_a_field_with_itself_is_one():
    results = small_results("rattler")
    texts = [text.get_text() for text in plot.similarity(results.fields).axes[0].texts]
    count = len(results.fields)
    assert texts[:: count + 1] == ["1.00"] * count


@pytest.mark.parametrize("ending", ["png", "pdf", "svg"])
def test_files(tmp_path, ending):
    path = tmp_path / f"map.{ending}"
    plot.field(random_glass("poly", 36), np.arange(36.0), path=path)
    start = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}[ending]
    assert path.read_bytes().startswith(start) and list(tmp_path.iterdir()) == [path]


def test_small_files_keep_the_colour_of_rings(tmp_path):
    results = small_results()
    plot.field(results.start, results.start.diameters, results.events[0], path=tmp_path / "map.png")
    with Image.open(tmp_path / "map.png") as picture:
        colors = np.asarray(picture.convert("RGB")).reshape(-1, 3).astype(int)
    # Of a palette of 256: a few steps away from the ring's own.
    assert np.sum(np.abs(colors - [0xD1, 0x10, 0x5A]).max(axis=1) < 16) > 100


def test_a_picture_is_cut_at_its_content_and_holds_all_of_it(tmp_path):
    glass = random_glass("poly", 36)
    margin = round(0.12 * 150)

    def inked(title):
        figure = plot.field(glass, np.arange(36.0), title=title, path=tmp_path / "map.png")
        assert figure.dpi == 150
        with Image.open(tmp_path / "map.png") as picture:
            return (np.asarray(picture.convert("L")) < 250).nonzero(), picture.size

    (rows, columns), (width, height) = inked("short")
    assert min(rows) == min(columns) == margin
    assert (max(columns), max(rows)) == (width - 1 - margin, height - 1 - margin)
    # A title that is wider than the figure is wider than the picture was, and not cut.
    (_, columns), (long, _) = inked("a title that is long " * 8)
    assert long > 1.3 * width and min(columns) > 0.5 * margin and max(columns) < long - 0.5 * margin


def test_files_that_cannot_be_written(tmp_path):
    glass = random_glass("poly", 36)
    with pytest.raises(FileError, match="no directory"):
        plot.field(glass, np.arange(36.0), path=tmp_path / "missing" / "map.png")
    with pytest.raises(GlassplastError, match="docx"):
        plot.field(glass, np.arange(36.0), path=tmp_path / "map.docx")


def test_wrong_shapes_are_refused():
    with pytest.raises(GeometryError, match="two dimensions"):
        plot.field(random_glass("poly", 343, 3), np.zeros(343))
    with pytest.raises(GeometryError, match="36"):
        plot.field(random_glass("poly", 36), np.zeros(35))


def test_missing_matplotlib_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match=r"glassplast\[plot\]"):
        plot.field(random_glass("poly", 36), np.zeros(36))


def test_given_axes_are_drawn_into():
    from matplotlib.figure import Figure

    figure = Figure()
    left, right = figure.subplots(1, 2)
    glass = glass_with_rattler()
    assert plot.field(glass, glass.diameters, ax=right, colorbar=False) is figure
    assert not left.collections and right.collections


def test_ten_thousand_particles_are_quick(tmp_path):
    glass = random_glass("poly", 10_000)
    # Of this process, because a machine may be busy with others.
    began = time.process_time()
    plot.field(glass, np.arange(10_000.0), path=tmp_path / "large.png")
    # 1 s on an idle core.
    assert time.process_time() - began < 10.0
