"""Structured arrays that data frames accept."""

import io
import sys

import numpy as np
import pytest

import glassplast as gp
from face_samples import ensemble, saddle_catalogue, things, yield_map
from glassplast.foundation.tables import structured
from small_jobs import small_results

TABLES = {
    "curve": lambda: small_results("poly", "exact").run.table(),
    "curve, fixed": lambda: small_results("poly", "fixed").run.table(),
    "events": lambda: small_results("poly", "exact").run.events_table(),
    "no events": lambda: gp.shear(small_results("poly", "exact").start, 1e-4).events_table(),
    "results": lambda: small_results("poly", "exact").table(),
    "yield map": lambda: yield_map().table(),
    "saddles": lambda: saddle_catalogue().table(),
    "modes": lambda: things()["Modes"].table(),
    "verification": lambda: things()["Verification"].table(),
    **{f"ensemble, {name}": lambda name=name: ensemble()[name].table() for name in ensemble()},
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_hold_no_objects(name):
    table = TABLES[name]()
    assert table.ndim == 1 and not table.dtype.hasobject
    file = io.BytesIO()
    np.save(file, table, allow_pickle=False)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="pandas has strings from 3 on, for Python 3.11 and newer")
@pytest.mark.parametrize("name", TABLES)
def test_pandas_takes_them(name):
    pandas = pytest.importorskip("pandas")
    table = TABLES[name]()
    frame = pandas.DataFrame(table)
    assert list(frame.columns) == list(table.dtype.names) and len(frame) == len(table)
    for column in frame.columns:
        if table.dtype[column].kind == "U":
            assert isinstance(frame[column].dtype, pandas.StringDtype)
        else:
            assert frame[column].dtype == table.dtype[column]
        assert frame[column].tolist() == pytest.approx(table[column].tolist(), nan_ok=True)


def test_the_curve():
    run = small_results("poly", "exact").run
    table = run.table()
    assert table.dtype.names == ("strain", "stress", "energy", "slope", "residual")
    for name in table.dtype.names:
        assert np.array_equal(table[name], getattr(run, name), equal_nan=True)
    fixed = small_results("poly", "fixed").run.table()
    assert np.isnan(fixed["slope"]).all() and np.isnan(fixed["residual"]).all()


def test_events():
    run = small_results("rattler", "fixed").run
    table = run.events_table()
    assert set(table.dtype.names) == {
        "strain", "strain_uncertainty", "onset_strain", "irreversible", "stress_before", "stress_after",
        "energy_before", "energy_after", "eigenvalue", "core", "participation", "branch_start", "method",
        "stress_maximum_strain", "overlap", "largest_residual", "stress_drop", "energy_drop", "core_id",
    }  # fmt: skip
    for row, event in zip(table, run.events, strict=True):
        for name in table.dtype.names:
            np.testing.assert_equal(row[name].item(), getattr(event, name))
    assert table["irreversible"].dtype == bool and table["core"].dtype == np.int64


def test_the_scores():
    results = small_results("poly", "exact")
    table = results.table()
    assert table.dtype.names == (
        "key", "symbol", "family", "softer", "C", "C_low", "C_high", "rank_1", "rank_2"
    )  # fmt: skip
    assert table["key"].tolist() == list(results.fields)
    for row in table:
        key = str(row["key"])
        assert row["rank_2"] == results.ranks[key][1] and row["C"] == results.correlations[key].value
        assert row["C_low"] <= row["C"] <= row["C_high"]
        assert row["symbol"] == gp.indicators.find(key).symbol


def test_modes_and_nodes():
    modes = things()["Modes"]
    table = modes.table()
    assert np.array_equal(table["frequency"], modes.frequencies)
    assert np.array_equal(table["participation"], gp.participation_ratio(modes))
    table, found = yield_map().table(), yield_map()
    for node, angle in ((0, 1), (2, 0)):
        row = table[node * 2 + angle]
        assert (row["node"], row["angle"]) == (node, found.angles[angle])
        assert (row["x"], row["y"]) == tuple(found.nodes[node])
        assert row["threshold"] == found.threshold[node, angle] and row["strain"] == found.strain[node, angle]


def test_columns_keep_their_types():
    table = structured({"a": np.array([1, 2], dtype=np.int8), "b": ["x", "long"], "c": [True, False]})
    assert table.dtype == np.dtype([("a", np.int8), ("b", "U4"), ("c", bool)])
    assert table["b"].tolist() == ["x", "long"]
