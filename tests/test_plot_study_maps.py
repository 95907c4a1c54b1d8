"""Figures of a study that show particles, branches and yielding: their numbers against independent computations."""

import math
import re
import shutil

import numpy as np
import pytest

import glassplast as gp
from glassplast.errors import GeometryError, NotInStudyError
from glassplast.plot.study.densities import density, logarithmic_edges
from glassplast.study import Study

SIZE = 100
INDICATORS = {
    "steric_order": {},
    "vibrality": {},
    "softness": {"options": {"model": "poly_0.3"}},
    "plastic_strength": {"options": {"radius": 3.0}},
}
STATES = {
    "along": {"strains": [0.03, 0.045, 0.065], "samples": 1},
    "yielding": {"drop": "largest", "samples": 1},
    "moved": {"indicators": ["steric_order"]},
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Two glasses of each of two protocols."""
    folder = tmp_path_factory.mktemp("glasses")
    for name, temperature, sweeps in (("hot", 1.0, 100), ("cold", 0.2, 400)):
        for number in range(2):
            glass = gp.prepare.poly(SIZE, temperature, seed=number, sweeps=sweeps, progress=False)
            gp.write(glass, folder / f"{name}-{number}.h5")
    return folder


def plan(files, **parts):
    names = {name: {"files": str(files / f"{name}-*.h5")} for name in ("hot", "cold")}
    return {"seed": 5, "protocols": names, "shear": {"to": 0.12}, "indicators": INDICATORS, **parts}


@pytest.fixture(scope="module")
def study(files, tmp_path_factory):
    asked = plan(files, states=STATES, questions={"reversals": {"events": 2}})
    made = gp.study.run(asked, tmp_path_factory.mktemp("study") / "out", workers=2, progress=False)
    assert not made.standing().failed and not made.standing().waiting
    return made


@pytest.fixture(scope="module")
def tables(study):
    return study.tables()


@pytest.fixture(scope="module")
def start_alone(files, study, tmp_path_factory):
    """The same study without further states and questions."""
    out = tmp_path_factory.mktemp("start") / "out"
    shutil.copytree(study.out, out, ignore=shutil.ignore_patterns("states.h5", "answers.h5"))
    return Study.of(plan(files), out)


def column(rows, name):
    return np.array([row[name] for row in rows])


def rows_of(figure, **wanted):
    found = [row for row in figure.data if all(row.get(name) == value for name, value in wanted.items())]
    assert found, wanted
    return found


def yielding(run):
    return max(run.events, key=lambda event: event.stress_drop)


# --- where particles went ---------------------------------------------------------------------------------------------


def test_nonaffine_displacements_are_what_the_cell_does_not_explain(study, tables):
    figure = gp.plot.study.nonaffine_displacements(study, tables)
    for protocol in ("hot", "cold"):
        rows = rows_of(figure, protocol=protocol)
        run = study.sheared(protocol, rows[0]["sample"])
        affine = run.start.positions + np.outer(0.12 * run.start.positions[:, 1], [1.0, 0.0])
        # Positions of a run are not wrapped.
        moved = run.end.positions - affine
        moved -= moved.mean(axis=0)
        assert column(rows, "particle").tolist() == run.start.ids.tolist()
        assert np.allclose(np.stack([column(rows, "x_moved"), column(rows, "y_moved")], axis=1), moved, atol=1e-9)
        assert np.allclose(column(rows, "displacement"), np.linalg.norm(moved, axis=1), atol=1e-9)


def test_nonaffine_displacements_at_a_smaller_strain(study, tables):
    figure = gp.plot.study.nonaffine_displacements(study, tables, ductile="cold", brittle="cold", strain=0.02)
    (sample,) = set(column(figure.data, "sample").tolist())
    run = study.sheared("cold", sample)
    moved = gp.fields.nonaffine_displacement(run.start, run.glass_at(0.02))
    assert np.allclose(column(figure.data, "x_moved"), moved[:, 0]) and "sample" in figure.caption
    with pytest.raises(NotInStudyError, match=r"reach a strain of 0.12, not 0.5; shear further \(shear.to\)"):
        gp.plot.study.nonaffine_displacements(study, tables, strain=0.5)


def test_the_loop_of_a_reversible_event_dissipates_what_its_events_do(study, tables):
    figure = gp.plot.study.reversible_event(study, tables)
    head = {name: figure.data[0][name] for name in ("protocol", "sample")}
    forward, back = (rows_of(figure, branch=name) for name in ("forward", "back"))
    (reversal,) = (
        known
        for known in study.answers(*head.values()).reversals.values()
        if known.returned and math.isclose(known.event.onset_strain, forward[-1]["strain"])
    )
    assert forward[0]["strain"] == pytest.approx(reversal.strain) == pytest.approx(back[-1]["strain"])
    # Both branches join the states on both sides of the instability.
    assert forward[-1]["energy"] == pytest.approx(reversal.event.energy_before, abs=1e-6)
    assert back[0]["energy"] == pytest.approx(reversal.event.energy_after, abs=1e-6)
    # The energy is what it was after a closed loop: the work was dissipated in the events.
    dissipated = reversal.event.energy_drop + sum(event.energy_drop for event in reversal.events)
    work = SIZE * sum(np.trapezoid(column(rows, "stress"), column(rows, "strain")) for rows in (forward, back))
    assert work == pytest.approx(dissipated, rel=5e-3)
    assert float(re.search(r"dissipates (\S+) v", figure.caption)[1]) == pytest.approx(dissipated, rel=1e-2)


# --- along the elastic branch -----------------------------------------------------------------------------------------


def test_c_min_of_moved_states_is_that_of_their_fields(study, tables):
    figure = gp.plot.study.c_min_of_moved_states(study, tables)
    for protocol in ("hot", "cold"):
        ranks = {}
        for sample in range(2):
            core = study.sheared(protocol, sample).events[0].core
            fields = {state.kind: state.fields["steric_order"] for state in study.states(protocol, sample)
                      if state.kind in ("moved_affinely", "moved_nonaffinely", "onset")}  # fmt: skip
            fields["start"] = study.results(protocol, sample).fields["steric_order"]
            for kind, field in fields.items():
                # The core is softer than so many particles.
                ranks.setdefault(kind, []).append(float(np.sum(field <= field[core])) / SIZE)
        assert len(ranks) == 4
        for kind, found in ranks.items():
            (row,) = rows_of(figure, protocol=protocol, state=kind)
            assert row["C_min"] == pytest.approx(2.0 * np.mean(found) - 1.0) and row["samples"] == 2


def test_moved_positions_differ_by_what_is_of_second_order(study, tables):
    figure = gp.plot.study.moved_positions(study, tables)
    protocol, sample, strain = (figure.data[0][name] for name in ("protocol", "sample", "strain"))
    run = study.sheared(protocol, sample)
    start, onset = run.start, run.events[0].before
    assert strain == pytest.approx(onset.strain)
    velocity = np.nan_to_num(gp.Analysis(start).nonaffine_velocity())
    predicted = start.positions + strain * (np.outer(start.positions[:, 1], [1.0, 0.0]) + velocity)
    difference = onset.positions - predicted
    difference -= difference.mean(axis=0)
    assert np.allclose(column(figure.data, "beyond"), np.linalg.norm(difference, axis=1), atol=1e-9)
    assert (column(figure.data, "nonaffine") > 0.0).all()


def test_velocity_and_modes_are_of_the_start(study, tables):
    figure = gp.plot.study.velocity_and_modes(study, tables, protocol="cold", sample=1, count=3)
    start = study.results("cold", 1).start
    rows = rows_of(figure, what="velocity")
    velocity = gp.Analysis(start).nonaffine_velocity()
    assert np.allclose(column(rows, "x_velocity"), velocity[:, 0], equal_nan=True)
    modes = rows_of(figure, what="mode")
    stiffnesses = np.sort(gp.nonlinear_modes(start, progress=False).stiffnesses)
    assert np.allclose(column(modes, "stiffness"), stiffnesses[:3]) and column(modes, "mode").tolist() == [1, 2, 3]
    # Where more are asked for than are found, the search has more starts.
    found = len(gp.nonlinear_modes(start, spacing=2.0, progress=False))
    many = gp.plot.study.velocity_and_modes(study, tables, protocol="cold", sample=1, count=10**4)
    assert f"only {found} distinct modes" in many.caption and len(rows_of(many, what="mode")) == found


# --- through yielding -------------------------------------------------------------------------------------------------


def test_soft_regions_are_those_below_and_above_the_limits(study, tables):
    figure = gp.plot.study.soft_regions_through_yielding(study, tables, largest_strength=0.02, smallest_disorder=0.15)
    states = rows_of(figure, what="state")
    protocol, sample = states[0]["protocol"], states[0]["sample"]
    run = study.sheared(protocol, sample)
    drop = yielding(run).strain
    strains = column(states, "strain")
    assert len(states) == 4 and strains[0] == 0.0 and (np.diff(strains) > 0.0).all()
    assert strains[2] < drop <= strains[3] and strains[2] == pytest.approx(drop, abs=1e-6)
    for row in states[:3]:
        assert row["stress"] == pytest.approx(float(run.stress_at(row["strain"])), abs=1e-9)
    # State 3 is on record as the one before yielding.
    results = study.results(protocol, sample)
    (before,) = (state for state in study.states(protocol, sample) if state.kind == "before_yielding")
    modulus = gp.Analysis(run.start).shear_modulus()
    for number, fields in ((1, results.fields), (3, before.fields)):
        strong = rows_of(figure, what="map", protocol=protocol, state=number, indicator="plastic_strength")
        assert np.allclose(column(strong, "value"), fields["plastic_strength"] / modulus)
        assert (column(strong, "soft") == (fields["plastic_strength"] < 0.02 * modulus)).all()
        order = rows_of(figure, what="map", protocol=protocol, state=number, indicator="steric_order")
        assert (column(order, "soft") == (fields["steric_order"] > 0.15)).all()
    other = "hot" if protocol == "cold" else "cold"
    assert {row["state"] for row in rows_of(figure, what="map", protocol=other)} == {1}


def test_excitations_are_cores_of_modes_below_the_frequency(study, tables):
    figure = gp.plot.study.softness_through_yielding(study, tables, frequency=2.0)
    rows = rows_of(figure, what="map", state=1, protocol=rows_of(figure, what="state")[0]["protocol"])
    start = study.results(rows[0]["protocol"], rows[0]["sample"]).start
    modes = gp.pseudo_harmonic_modes(start, progress=False)
    low = modes.vectors[modes.stiffnesses < 4.0]
    cores = {int(start.ids[np.nanargmax(np.linalg.norm(vector, axis=1))]) for vector in low}
    assert cores and {row["particle"] for row in rows if row["excitation"]} == cores
    none = gp.plot.study.softness_through_yielding(study, tables, frequency=1e-9)
    assert not any(row["excitation"] for row in rows_of(none, what="map"))


def test_distributions_at_the_start_are_of_all_samples(study, tables):
    figure = gp.plot.study.softness_through_yielding(study, tables)
    for protocol in ("hot", "cold"):
        rows = rows_of(figure, what="distribution", protocol=protocol)
        values = np.concatenate([study.results(protocol, sample).fields["softness"] for sample in range(2)])
        widths = column(rows, "high") - column(rows, "low")
        assert np.sum(column(rows, "density") * widths) == pytest.approx(1.0)
        assert [row["particles"] for row in rows] == [
            int(np.sum((values >= row["low"]) & (values < row["high"]))) for row in rows
        ]


def test_strengths_are_shifted_by_the_elastic_load(study, tables):
    windows = ((0.04, 0.05), (0.06, 0.07))
    figure = gp.plot.study.strength_distributions_through_yielding(study, tables, windows=windows)
    for protocol in ("hot", "cold"):
        (inside,) = (
            state.strain for state in study.states(protocol, 0) if state.kind == "along" and state.strain == 0.045
        )
        samples = [study.results(protocol, sample) for sample in range(2)]
        strengths = [results.fields["plastic_strength"] for results in samples]
        # Only the first sample has further states.
        loads = [gp.Analysis(results.start).shear_modulus() * inside for results in samples]
        for shifted in (False, True):
            rows = rows_of(figure, protocol=protocol, state=1, shifted=shifted)
            values = np.concatenate(
                [strength - shifted * load for strength, load in zip(strengths, loads, strict=True)]
            )
            low, high = rows[0]["low"], rows[-1]["high"]
            inside = np.sum((values >= low) & (values < high))
            assert abs(sum(row["particles"] for row in rows) - inside) <= 2
            widths = column(rows, "high") - column(rows, "low")
            total = np.sum(np.isfinite(values))
            assert np.sum(column(rows, "density") * widths) == pytest.approx(inside / total, abs=0.02)
        assert {row["state"] for row in rows_of(figure, protocol=protocol)} == {1, 2, 3}


def test_profiles_and_ranks_belong_to_the_band(study, tables):
    figure = gp.plot.study.softening_in_the_band(study, tables, ranked=("vibrality", "steric_order", "density"))
    head = {name: figure.data[0][name] for name in ("protocol", "sample")}
    run = study.sheared(*head.values())
    band = gp.shear_band(run)
    if band is None:
        assert "this is no band" in figure.caption
        largest = run.events.index(yielding(run))
        band = max(
            gp.quasistatic.fitted_bands(run, largest),
            key=lambda peak: peak.contrast * peak.extent * min(1.0, 0.5 * peak.height / peak.width),
        )
    fields = study.results(*head.values()).fields
    rows = rows_of(figure, what="profile", state=1, indicator="plastic_strength")
    # The bins hold all particles once.
    known = fields["plastic_strength"][np.isfinite(fields["plastic_strength"])]
    particles, mean = column(rows, "particles"), column(rows, "mean")
    assert particles.sum() == known.size
    assert np.nansum(particles * mean) / known.size == pytest.approx(known.mean())
    inside = band.inside(run.start)
    ranks = gp.scores.ranks(fields["vibrality"])[inside]
    rows = rows_of(figure, what="mean rank", indicator="vibrality")
    assert rows[0]["strain"] == 0.0 and rows[0]["mean"] == pytest.approx(np.nanmean(ranks))
    assert not [row for row in figure.data if row["indicator"] == "density"]
    strains = column(rows, "strain")
    assert (np.diff(strains) >= 0.0).all() and strains.size == 1 + 3 + 3


# --- what a study lacks -----------------------------------------------------------------------------------------------


LACKING = {
    "reversible_event": r"\[questions\.reversals\]",
    "c_min_of_moved_states": r"\[states\.moved\]",
    "moved_positions": r"\[states\.moved\]",
    "soft_regions_through_yielding": r"\[states\.along\] and with \[states\.yielding\].*'plastic_strength'",
    "softness_through_yielding": r"\[states\.along\] and with \[states\.yielding\].*'softness'",
    "strength_distributions_through_yielding": r"\[states\.along\] and with \[states\.yielding\]",
    "softening_in_the_band": r"\[states\.along\] and with \[states\.yielding\]",
}


@pytest.mark.parametrize("name", LACKING)
def test_a_study_without_states_and_answers_is_told_what_asks_for_them(start_alone, name):
    with pytest.raises(NotInStudyError, match=LACKING[name]):
        gp.plot.study.FIGURES[name](start_alone)


def test_an_indicator_that_was_not_asked_for_is_named(study, tables):
    with pytest.raises(NotInStudyError, match=r"no field of 'density' at its start; \[indicators\.density\]"):
        gp.plot.study.softening_in_the_band(study, tables, profiles=("density",))
    with pytest.raises(NotInStudyError, match="no sample has 'density' in the moved states"):
        gp.plot.study.c_min_of_moved_states(study, tables, indicator="density")


def test_a_sample_that_is_not_there(study, tables):
    with pytest.raises(NotInStudyError, match="no results of sample 7 of 'hot' yet"):
        gp.plot.study.velocity_and_modes(study, tables, protocol="hot", sample=7)


def test_maps_are_of_two_dimensions():
    from glassplast.plot.disks import require_planar

    with pytest.raises(GeometryError, match="two dimensions"):
        require_planar(gp.Glass(np.zeros((1, 3)), 5.0, diameters=[1.0]))


# --- densities --------------------------------------------------------------------------------------------------------


def test_a_density_is_the_mean_over_samples_with_its_error():
    generator = np.random.default_rng(1)
    samples = [generator.uniform(size=2000) for _ in range(20)]
    found = density(samples, np.linspace(0.0, 1.0, 11))
    assert found.samples == 20 and found.particles == 40_000
    assert np.abs(found.value - 1.0).max() < 0.05
    # The part of a bin is binomial.
    assert found.error.mean() == pytest.approx(math.sqrt(0.1 * 0.9 / 2000) / 0.1 / math.sqrt(20), rel=0.25)
    assert np.isnan(density(samples[:2], found.edges).error).all()


def test_values_beyond_the_edges_and_unknown_ones(tmp_path):
    found = density([np.array([0.5, 1.5, 7.0, np.nan])], np.array([0.0, 1.0, 2.0]))
    assert np.allclose(found.value, 1.0 / 3.0) and found.particles == 3
    edges = logarithmic_edges([np.array([-1.0, 0.0, np.nan, 0.02, 3.0])])
    assert edges[0] <= 0.02 and edges[-1] > 3.0 and np.allclose(np.diff(np.log10(edges)), 1.0 / 3.0)
    with pytest.raises(NotInStudyError, match="no value of the field is positive"):
        logarithmic_edges([np.array([-1.0, 0.0])])


def test_all_are_written(study, tables, tmp_path):
    gp.plot.study.moved_positions(study, tables).write(tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".png", ".pdf", ".csv"}
