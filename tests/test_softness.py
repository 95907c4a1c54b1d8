"""Labels, examples, the estimator and its file, against transcriptions, scikit-learn and an invented rule."""

import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.utils.estimator_checks import check_estimator

import glassplast as gp
from glassplast import softness
from glassplast.commands.entry import main
from glassplast.errors import ArgumentError, FileError, GeometryError, GlassplastError, ModelError, UnknownNameError
from glassplast.fields.tessellation import Tessellation
from glassplast.softness import (
    Examples,
    SoftnessPlane,
    TriangleFeatures,
    extrema,
    label_displacement,
    label_events,
    learning_curve,
    rearrangement_labels,
)
from samples import DATA, random_glass, small_minimum
from small_jobs import small_results

FEATURES = TriangleFeatures(count=8)


def path_graph(count):
    """Each with those before and after it."""
    ones = np.ones(count - 1, dtype=bool)
    return sparse.csr_matrix(sparse.diags_array([ones, ones], offsets=[-1, 1], dtype=bool))


def made_up(samples=6, each=150, seed=0, noise=1.0):
    """Softness is a direction in the space of features, and noise."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(samples * each, len(FEATURES.names))) * np.linspace(0.5, 3.0, len(FEATURES.names)) + 2.0
    truth = (values[:, 2] - 2.0) - 0.5 * (values[:, 5] - 2.0)
    labels = (truth + noise * rng.normal(size=truth.size) > 0.0).astype(np.int8)
    return Examples(values, labels, np.repeat(np.arange(samples), each))


# --- labels -----------------------------------------------------------------------------------------------------------


def test_extrema_of_a_path():
    found = extrema([3.0, 1.0, 2.0, 2.0, 0.5, 4.0], path_graph(6))
    # Equal neighbours are no strict extrema.
    assert found.tolist() == [1, 0, -1, -1, 0, 1]


def test_unknown_values_are_neither_labelled_nor_compared_with():
    found = extrema([3.0, np.nan, 1.0, 2.0, np.nan, 5.0], path_graph(6))
    # The first and the last are left without anybody to be compared with.
    assert found.tolist() == [-1, -1, 0, 1, -1, -1]


def test_a_graph_of_another_size_is_refused():
    with pytest.raises(GeometryError, match="does not fit"):
        extrema([1.0, 2.0], path_graph(3))


def test_labels_are_extrema_of_d2min_within_two_steps():
    glass = small_minimum("poly", 144, seed=2)
    u = np.random.default_rng(4).normal(size=glass.positions.shape)
    labels = rearrangement_labels(glass, u)
    field = gp.d2min(glass, u)
    tessellation = Tessellation(glass)
    for i in range(len(glass)):
        near = set(tessellation.neighbors(i).tolist())
        near |= {k for j in near for k in tessellation.neighbors(j).tolist()}
        others = field[sorted(near - {i})]
        expected = 1 if field[i] > others.max() else 0 if field[i] < others.min() else -1
        assert labels[i] == expected
    assert np.count_nonzero(labels == 1) > 3 and np.count_nonzero(labels == 0) > 3


def test_any_displacement_of_a_glass_without_a_model_will_do():
    measured = random_glass("poly", 100)
    alone = gp.Glass(measured.positions, measured.cell, diameters=measured.diameters)
    u = np.random.default_rng(4).normal(size=alone.positions.shape)
    u[7] = np.nan
    found = label_displacement(alone, u, sample=3)
    assert found.features.shape == (len(found), 26) and set(found.samples) == {3}
    assert set(found.labels) == {0, 1}
    assert rearrangement_labels(alone, u)[7] == -1
    with pytest.raises(GeometryError, match="shape"):
        label_displacement(alone, u[:-1])


def test_three_dimensions_need_a_graph():
    glass = random_glass("kob_andersen", 64, 3)
    u = np.random.default_rng(0).normal(size=glass.positions.shape)
    with pytest.raises(GeometryError, match="two dimensions"):
        rearrangement_labels(glass, u)
    first, second, *_ = gp._engine.find_pairs(glass.box, glass.positions, 1.5)
    ones = np.ones(len(first), dtype=bool)
    graph = sparse.coo_matrix((ones, (first, second)), shape=(len(glass),) * 2).tocsr()
    found = label_displacement(glass, u, graph=graph + graph.T)
    assert found.features.shape == (len(found), 129)


def test_events_are_labelled_in_the_last_stable_state():
    run = small_results("poly", "exact").run
    found = label_events([run.events, run.events[:1]])
    first = run.events[0]
    labels = rearrangement_labels(first.before, first.mode)
    place = np.flatnonzero(labels >= 0)
    assert np.array_equal(found.labels[: place.size], labels[place])
    assert np.array_equal(found.features[: place.size], TriangleFeatures().compute(first.before)[place])
    assert set(found.samples) == {0, 1}
    with pytest.raises(ArgumentError, match="nothing to learn"):
        label_events([[], []])


# --- splits -----------------------------------------------------------------------------------------------------------


def test_no_sample_is_on_both_sides_of_a_split():
    examples = made_up()
    for seed in range(5):
        one, other = examples.split(0.6, seed=seed)
        assert one.sample_count == 4 and other.sample_count == 2
        assert not set(one.samples) & set(other.samples)
        assert len(one) + len(other) == len(examples)
    assert len({tuple(np.unique(examples.split(seed=seed)[0].samples)) for seed in range(5)}) > 1
    with pytest.raises(ArgumentError, match="two samples"):
        made_up(samples=1).split()
    with pytest.raises(ArgumentError, match="between 0 and 1"):
        examples.split(1.0)


def test_balanced_sets_have_as_many_of_both():
    examples = made_up().chosen(np.arange(300))
    uneven = examples.chosen((examples.labels == 0) | (np.arange(300) % 3 == 0))
    even = uneven.balanced()
    assert np.count_nonzero(even.labels == 0) == np.count_nonzero(even.labels == 1) == np.count_nonzero(uneven.labels)
    assert len(uneven.balanced(20)) == 40
    assert np.array_equal(uneven.balanced(20, seed=3).features, uneven.balanced(20, seed=3).features)


# --- the estimator ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", ["hinge", "squared_hinge"])
def test_it_is_the_scaler_and_the_machine_of_scikit_learn(loss):
    examples = made_up()
    model = gp.SoftnessModel(FEATURES, loss=loss).fit(examples.features, examples.labels, groups=examples.samples)
    machine = (
        SVC(kernel="linear", C=1.0)
        if loss == "hinge"
        else LinearSVC(dual=False, C=1.0, intercept_scaling=10.0, max_iter=10_000)
    )
    own = make_pipeline(StandardScaler(), machine).fit(examples.features, examples.labels)
    # Two fits of one problem; libsvm stops at 1e-3.
    assert np.allclose(model.decision_function(examples.features), own.decision_function(examples.features), atol=1e-9)
    assert model.score(examples.features, examples.labels) == own.score(examples.features, examples.labels)
    assert np.array_equal(model.predict(examples.features), own.predict(examples.features))
    # The plane that was made up: feature 2 makes soft, feature 5 stiff, in units of their spread.
    spread = np.linspace(0.5, 3.0, len(FEATURES.names))
    direction = np.zeros(len(spread))
    direction[2], direction[5] = spread[2], -0.5 * spread[5]
    overlap = model.plane_.weights @ direction / (model.plane_.norm * np.linalg.norm(direction))
    assert overlap > 0.98


def test_softness_is_the_signed_distance_from_the_plane():
    glass = random_glass("poly", 64)
    values = FEATURES.compute(glass)
    scale = np.where(values.std(axis=0) > 0.0, values.std(axis=0), 1.0)
    plane = SoftnessPlane(FEATURES, values.mean(axis=0), scale, np.arange(1.0, 10.0), 0.7)
    z = (values - values.mean(axis=0)) / scale
    # The foot of the perpendicular lies on the plane, at that distance.
    distance = plane.softness(glass)
    foot = z - distance[:, None] * plane.weights / np.linalg.norm(plane.weights)
    assert np.abs(foot @ plane.weights + 0.7).max() < 1e-12
    assert np.allclose(np.linalg.norm(z - foot, axis=1), np.abs(distance), rtol=1e-12)
    field = gp.indicators.compute(glass, "softness", options={"softness": {"model": plane}})["softness"]
    assert np.array_equal(field, distance)


def test_probabilities_are_those_of_samples_not_seen():
    examples = made_up(samples=40, noise=1.5)
    training, held_out = examples.split(0.5, seed=1)
    model = gp.SoftnessModel(FEATURES).train(training)
    probability = model.predict_proba(held_out.features)
    assert np.allclose(probability.sum(axis=1), 1.0)
    soft = probability[:, 1]
    for low in np.arange(0.0, 1.0, 0.25):
        part = (soft >= low) & (soft < low + 0.25)
        # The standard error of a part of n Bernoulli trials, four times.
        allowed = 4.0 * np.sqrt(0.25 / part.sum())
        assert abs(held_out.labels[part].mean() - soft[part].mean()) < allowed


def test_training_from_events_and_from_examples_is_the_same():
    runs = [small_results("poly", "exact").run.events]
    one = gp.SoftnessModel(calibrate=False).train(runs)
    other = gp.SoftnessModel(one.features, calibrate=False).train(label_events(runs))
    assert one.features == TriangleFeatures(nonadditivity=0.2)
    assert np.array_equal(one.plane_.weights, other.plane_.weights)
    assert one.plane_.provenance["samples"] == 1


# One of its checks, of another array library than NumPy, skips itself unless SCIPY_ARRAY_API is set.
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
def test_it_behaves_as_scikit_learn_expects():
    # Probability 1/2 is not on the plane: the logistic function has an offset, as that of sklearn.svm.SVC.
    apart = dict.fromkeys(
        ("check_classifiers_train", "check_classifiers_one_label_sample_weights"), "calibrated apart from the plane"
    )
    check_estimator(gp.SoftnessModel(loss="squared_hinge"), expected_failed_checks=apart)
    check_estimator(gp.SoftnessModel(loss="squared_hinge", calibrate=False), on_fail="raise")
    copy = clone(gp.SoftnessModel(FEATURES, C=2.0, loss="squared_hinge"))
    assert copy.get_params()["C"] == 2.0 and copy.features == FEATURES


def test_what_cannot_be_learned_is_said():
    examples = made_up(samples=2, each=20)
    x, y = examples.features, examples.labels
    with pytest.raises(NotFittedError):
        gp.SoftnessModel(FEATURES).decision_function(x)
    with pytest.raises(UnknownNameError, match="squared_hinge"):
        gp.SoftnessModel(FEATURES, loss="squared_hing").fit(x, y)
    with pytest.raises(ArgumentError, match="C must be positive"):
        gp.SoftnessModel(FEATURES, C=-1.0).fit(x, y)
    with pytest.raises(ValueError, match="NaN"):
        gp.SoftnessModel(FEATURES).fit(np.where(x > 3.0, np.nan, x), y)
    with pytest.raises(ValueError, match="two classes"):
        gp.SoftnessModel(FEATURES).fit(x, np.ones(len(x)))
    with pytest.raises(ValueError, match="9"):
        gp.SoftnessModel(FEATURES).fit(x[:, :4], y)
    uncalibrated = gp.SoftnessModel(FEATURES, calibrate=False).fit(x, y)
    assert not hasattr(uncalibrated, "predict_proba")
    with pytest.raises(GlassplastError, match="calibrate"):
        uncalibrated.plane_.probability(x)
    with pytest.raises(ArgumentError, match="without features"):
        gp.SoftnessModel().fit(x, y).softness(random_glass("poly", 25))


def test_more_examples_learn_more():
    training, validation = made_up(samples=20, noise=0.3).split(0.5, seed=0)
    curve = learning_curve(training, validation, [10, 300], repeats=3)
    assert curve.shape == (2, 3)
    assert curve[1].mean() > curve[0].mean() + 0.02
    with pytest.raises(ArgumentError, match="share samples"):
        learning_curve(training, training, [10])
    with pytest.raises(ArgumentError, match="rarer class"):
        learning_curve(training, validation, [10_000])


@pytest.mark.parametrize("name", ["gradient_boosting", "neural_network"])
def test_other_classifiers_are_there_to_compare_with(name):
    training, validation = made_up(samples=10, noise=0.3).split(0.5, seed=0)
    machine = softness.other_classifier(name).fit(training.features, training.labels)
    assert machine.score(validation.features, validation.labels) > 0.75
    with pytest.raises(UnknownNameError, match="did you mean"):
        softness.other_classifier(name[:-1])


# --- the file ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    examples = made_up()
    model = gp.SoftnessModel(FEATURES, loss="squared_hinge", provenance={"protocol": None, "note": "made up"})
    model.train(examples)
    path = tmp_path_factory.mktemp("models") / "model.json"
    model.save(path)
    return model, path


def test_a_stored_model_is_the_same(saved):
    model, path = saved
    plane = SoftnessPlane.load(path)
    glass = random_glass("poly", 64)
    assert np.array_equal(plane.softness(glass), model.softness(glass))
    values = FEATURES.compute(glass)
    assert np.array_equal(plane.probability(values), model.predict_proba(values)[:, 1])
    assert plane.features == FEATURES
    assert plane.provenance["note"] == "made up" and plane.provenance["samples"] == 6
    assert plane.provenance["versions"]["scikit-learn"]


def test_every_wrong_file_is_refused(saved, tmp_path):
    _, path = saved
    text = path.read_text()
    record = json.loads(text)
    wrong = {
        "truncated": text[: len(text) // 2],
        "binary": b"\x80\x04\x95pickle".decode("latin-1"),
        "another": json.dumps({"schema": "something"}),
        "newer": json.dumps({**record, "schema_version": 99}),
        "incomplete": json.dumps({key: value for key, value in record.items() if key != "weights"}),
        "short": json.dumps({**record, "weights": record["weights"][:-1]}),
        "infinite": json.dumps({**record, "mean": [float("nan")] * len(record["mean"])}),
        "flat": json.dumps({**record, "scale": [0.0] * len(record["scale"])}),
        "foreign": json.dumps({**record, "features": {"kind": "os.system"}}),
        "renamed": json.dumps({**record, "names": record["names"][::-1]}),
        "listed": "[1, 2]",
        "calibrated": json.dumps({**record, "calibration": [1.0]}),
    }
    for name, content in wrong.items():
        file = tmp_path / f"{name}.json"
        file.write_text(content)
        with pytest.raises(FileError, match=str(file.name)):
            SoftnessPlane.load(file)
    with pytest.raises(FileNotFoundError):
        SoftnessPlane.load(tmp_path / "nothing.json")


def test_applying_a_model_needs_no_scikit_learn(saved):
    _, path = saved
    program = f"""
import sys
sys.modules["sklearn"] = None
import numpy as np
import glassplast as gp
glass = gp.Glass(np.random.default_rng(0).random((30, 2)) * 6, 6.0, diameters=np.ones(30))
print(gp.indicators.compute(glass, "softness", options={{"softness": {{"model": {str(path)!r}}}}})["softness"].shape)
try:
    gp.SoftnessModel
except gp.errors.MissingExtraError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "(30,)" in done.stdout and "glassplast[learn]" in done.stdout


# --- which model for which glass --------------------------------------------------------------------------------------


def test_trained_models_are_found_by_protocol():
    assert softness.names()
    for name in softness.names():
        plane = softness.trained(name)
        assert plane.calibrated and 0.8 < plane.provenance["validation"]["accuracy"] < 1.0
        assert plane.provenance["protocol"]["model"] == name.split("_")[0]
        assert any(part in name for part in map(str, list(plane.provenance["protocol"].values())[1:]))
    poly = gp.prepare.poly(64, 0.12, seed=1, sweeps=100, annealing_sweeps=100)
    assert softness.matching(poly) == "poly_0.12"
    expected = softness.trained("poly_0.12").softness(poly)
    assert np.array_equal(gp.indicators.compute(poly, "softness")["softness"], expected)
    assert gp.indicators.can_compute(gp.indicators.find("softness"), poly)
    lj = small_minimum("lj", 100).replace(provenance={"preparation": {"protocol": "HTL", "stages": []}})
    assert softness.matching(lj) == "lj_HTL"
    cooling = {"protocol": "GQ", "time_step": 0.005, "stages": [{"name": "cool", "steps": 400_000}]}
    assert softness.matching(lj.replace(provenance={"preparation": cooling})) == "lj_GQ2e3"
    longer = {**cooling, "stages": [{"name": "cool", "steps": 4_000_000}]}
    assert softness.matching(lj.replace(provenance={"preparation": longer})) is None


def test_no_model_is_taken_for_a_protocol_that_it_was_not_trained_for():
    glass = small_minimum("poly", 64)
    assert softness.protocol_of(glass) is None
    for other, words in (
        (glass, "is not recorded"),
        (glass.replace(provenance={"preparation": {"temperature": 0.2}}), "temperature 0.2"),
    ):
        with pytest.raises(ModelError, match=words) as said:
            gp.indicators.compute(other, "softness")
        assert "glassplast softness train" in str(said.value)
    assert not gp.indicators.can_compute(gp.indicators.find("softness"), glass)
    with pytest.raises(UnknownNameError, match="37 minutes"):
        softness.trained("poly_0.05")
    with pytest.raises(UnknownNameError, match="did you mean"):
        gp.indicators.compute(glass, "softness", options={"softness": {"model": "poly_0.13"}})
    with pytest.raises(ModelError, match="species"):
        gp.indicators.compute(glass, "softness", options={"softness": {"model": "lj_HTL"}})


def test_options_ask_for_softness_of_a_glass_without_a_protocol():
    glass = small_minimum("poly", 64)
    assert "softness" not in gp.indicators.default_keys(glass)
    assert "softness" in gp.indicators.default_keys(glass, {"softness": {"model": "poly_0.3"}})
    # Beside all that needs no model: options given for what cannot be had ask for nothing.
    alone = gp.Glass(glass.positions, glass.cell, diameters=glass.diameters)
    chosen = gp.indicators.default_keys(alone, {"softness": {"model": "poly_0.3"}, "vibrality": {}})
    assert "softness" in chosen and "vibrality" not in chosen


def test_trained_models_know_what_steric_order_knows():
    glass = gp.read(DATA / "poly_t012_1024.xyz", model="poly")
    fields = gp.indicators.compute(glass, ("softness", "steric_order"), options={"softness": {"model": "poly_0.12"}})
    assert gp.scores.spearman(fields["softness"], fields["steric_order"]) > 0.5


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    for seed in range(3):
        start = small_minimum("poly", 144, seed=seed)
        gp.Results(start, gp.shear(start, 0.3, max_events=2)).save(folder / f"{seed}.h5")
    return [str(folder / f"{seed}.h5") for seed in range(3)]


def test_train_and_apply(run_files, tmp_path, capsys):
    model = str(tmp_path / "model.json")
    assert main(["softness", "train", *run_files, "-o", model, "--seed", "1"]) == 0
    assert "other samples" in capsys.readouterr().err
    plane = SoftnessPlane.load(model)
    assert plane.provenance["runs"] == ["0.h5", "1.h5", "2.h5"] and plane.provenance["validation"]["samples"] == 1
    glass = tmp_path / "glass.xyz"
    gp.write(small_minimum("poly", 144, seed=9), glass)
    assert main(["softness", "apply", model, str(glass), "-o", str(tmp_path / "out.csv")]) == 0
    table = np.genfromtxt(tmp_path / "out.csv", delimiter=",", names=True)
    expected = plane.softness(gp.read(glass))
    assert np.allclose(table["softness"], expected, rtol=1e-12)
    assert ((table["probability"] > 0.0) & (table["probability"] < 1.0)).all()


def test_trained_models_are_listed(capsys):
    assert main(["softness", "list"]) == 0
    shown = capsys.readouterr().out
    for name in (*softness.names(), *softness.MISSING):
        assert name in shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["train", "NOTHING.h5", "-o", "m.json"], "NOTHING.h5"),
        (["train", "RUN", "-o", "m.json"], "two samples"),
        (["train", "RUN", "-o", "m.json", "--validation", "1"], "--validation"),
        (["train", "RUN", "-o", "m.json", "--features", "bins", "--validation", "0"], "no species"),
        (["apply", "nowhere", "GLASS"], "unknown trained model"),
        (["apply", "nowhere.json", "GLASS"], "nowhere.json"),
    ],
)
def test_errors_of_the_command(words, said, run_files, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    gp.write(small_minimum("poly", 64), tmp_path / "glass.xyz")
    places = {"RUN": run_files[0], "GLASS": "glass.xyz"}
    assert main(["softness", *(places.get(word, word) for word in words)]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "m.json").exists()


# --- pictures ---------------------------------------------------------------------------------------------------------


def test_weights_and_learning_curves_are_drawn(saved, tmp_path):
    model, _ = saved
    figure = gp.plot.softness_weights(model, path=tmp_path / "weights.png")
    line = figure.axes[0].lines[1]
    assert np.allclose(line.get_xdata(), FEATURES.knots)
    assert np.allclose(line.get_ydata(), model.plane_.weights[:-1] / model.plane_.norm)
    lj = dataclasses.replace(
        SoftnessPlane(
            softness.BinFeatures.of("lj"), np.zeros(129), np.ones(129), np.random.default_rng(0).normal(size=129), 0.0
        )
    )
    assert len(gp.plot.softness_weights(lj).axes[0].get_legend().get_texts()) == 3
    gp.plot.learning_curve([10, 100], [[0.7, 0.75], [0.8, 0.82]], target=0.9, path=tmp_path / "curve.png")
    assert (tmp_path / "weights.png").stat().st_size > 10_000
