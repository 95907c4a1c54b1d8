"""The command line: its input, its files and messages, and its interruption."""

import csv
import io
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import glassplast as gp
from glassplast.commands.entry import main
from glassplast.errors import FileError
from glassplast.job import job, task
from glassplast.report.wording import event_strain
from samples import DATA, random_glass, small_minimum
from small_jobs import glass_with_rattler

EXAMPLES = Path(__file__).parent.parent / "examples"
FIXED = ("--stepping", "fixed", "--increment", "1e-3")
COARSE = (*FIXED, "--events", "2", "--to", "0.3")


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    path = tmp_path_factory.mktemp("samples") / "poly.xyz"
    gp.write(small_minimum("poly", 100, seed=1), path)
    return path


@contextmanager
def call(*words, program=("-m", "glassplast")):
    """The command in a process of its own, which does not outlive the block."""
    with subprocess.Popen(
        [sys.executable, *program, *map(str, words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_run_does_it_all(sample, tmp_path, capsys):
    assert main(["run", str(sample), "--model", "poly", "--out", str(tmp_path / "out"), *COARSE]) == 0
    shown = capsys.readouterr()
    results = gp.Results.load(tmp_path / "out" / "results.h5")
    # The same, step by step.
    start = gp.minimize(gp.read(sample, model="poly"))
    run = gp.shear(start, 0.3, stepping="fixed", increment=1e-3, max_events=2)
    fields = gp.indicators.compute(start)
    assert [event.strain for event in results.events] == [event.strain for event in run.events]
    assert results.ranks.keys() == fields.keys()
    for event, column in zip(run.events, zip(*results.ranks.values(), strict=True), strict=True):
        assert list(gp.score(fields, event).values()) == pytest.approx(column, abs=1e-12)
    for key in fields:
        assert key in shown.out
        assert (tmp_path / "out" / f"field_{key}.png").stat().st_size > 10_000
    assert f"{results.ranks['steric_order'][0]:.3f}" in shown.out
    assert "largest force" in shown.err and "largest displacement" in shown.err and "report.html" in shown.err
    with (tmp_path / "out" / "scores.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["indicator"]: float(row["event 1"]) for row in rows} == {k: v[0] for k, v in results.ranks.items()}
    assert results.provenance["command"][:2] == ["glassplast", "run"]
    assert set(results.provenance["seconds"]) >= {"read", "minimize", "shear", "indicators"}


def test_run_of_a_lammps_file(tmp_path, capsys):
    words = ["run", str(DATA / "lj_gq_1024.data"), "--model", "lj", "--events", "1", *FIXED[:3], "1e-4"]
    assert main([*words, "--out", str(tmp_path), "--no-pictures", "--indicators", "steric_order,contacts"]) == 0
    results = gp.Results.load(tmp_path / "results.h5")
    # As in steps of 1e-5 (0.011455), within the increment.
    assert results.events[0].strain == pytest.approx(0.011455, abs=1e-4)
    assert set(results.fields) == {"steric_order", "contacts"}
    assert "warning" not in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "explore.html",
        "report.html",
        "results.h5",
        "scores.csv",
    ]


def test_a_rattler_takes_no_rank_and_is_drawn(tmp_path):
    glass = glass_with_rattler()
    gp.write(glass, tmp_path / "r.xyz")
    words = [*COARSE, "--indicators", "contacts,nonaffine_velocity"]
    assert main(["run", str(tmp_path / "r.xyz"), "--out", str(tmp_path), *words]) == 0
    results = gp.Results.load(tmp_path / "results.h5")
    assert results.state["rattlers"] == 1
    field = results.fields["nonaffine_velocity"]
    assert np.flatnonzero(np.isnan(field)).tolist() == [len(glass) - 1]
    rank = results.ranks["nonaffine_velocity"][0]
    assert rank * (len(glass) - 1) == pytest.approx(round(rank * (len(glass) - 1)), abs=1e-9)
    assert (tmp_path / "field_nonaffine_velocity.png").exists()


def test_reverse_shear(sample, tmp_path):
    words = ["run", str(sample), "--to", "-2e-3", *FIXED, "--no-pictures", "--out", str(tmp_path)]
    assert main(words) == 0
    results = gp.Results.load(tmp_path / "results.h5")
    assert results.run.strain.tolist() == pytest.approx([0.0, -1e-3, -2e-3])
    assert results.configuration["loading"] == 90.0 and not results.events
    assert "No plastic event" in (tmp_path / "report.html").read_text()


def test_a_file_of_another_model_is_warned_of(tmp_path, capsys):
    liquid = random_glass("lj", 100, seed=2)
    gp.write(gp.Glass(liquid.positions, liquid.box, diameters=liquid.diameters, strain=0.0), tmp_path / "l.xyz")
    words = ["run", str(tmp_path / "l.xyz"), "--model", "poly", "--to", "1e-3", "--no-pictures"]
    assert main([*words, *FIXED, "--out", str(tmp_path)]) == 0
    shown = capsys.readouterr().err
    assert "warning: minimizing moved a particle" in shown and "poly" in shown
    assert "not made with model" in (tmp_path / "report.html").read_text()


def test_demo(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["demo", "--events", "1", "--no-pictures", "--out", str(tmp_path)]) == 0
    shown = capsys.readouterr()
    assert (tmp_path / "report.html").as_uri() in shown.err
    # LAMMPS' own curve of this sample is not at hand; steps of 1e-5 find the event within 0.011455 +- 5e-6.
    assert "0.01145278443" in shown.out


def piped(text, *words):
    """What the command writes when it reads this text, and what it says."""
    with call(*words) as process:
        out, messages = process.communicate(text)
    assert process.returncode == 0, messages
    return out, messages


def test_pipes(sample, tmp_path):
    out, messages = piped(None, "minimize", sample, "--model", "poly")
    assert "minimized" in messages
    curve, _ = piped(out, "shear", "-", "--to", "0.004", *FIXED, "-o", "-")
    rows = list(csv.DictReader(io.StringIO(curve)))
    run = gp.shear(gp.minimize(gp.read(sample, model="poly")), 0.004, stepping="fixed", increment=1e-3)
    assert [float(row["stress"]) for row in rows] == pytest.approx(run.stress, abs=1e-10)
    last, messages = piped(out, "shear", "-", "--to", "0.004", *FIXED, "--end", "-", "--quiet")
    assert messages == ""
    table, _ = piped(last, "indicators", "-", "--names", "contacts,hexatic")
    columns = list(csv.DictReader(io.StringIO(table)))
    expected = gp.indicators.compute(run.end, ["contacts"])["contacts"]
    assert [float(row["contacts"]) for row in columns] == expected.tolist()


def test_step_by_step_equals_run(sample, tmp_path, capsys):
    out = str(tmp_path / "glass.xyz")
    assert main(["minimize", str(sample), "--model", "poly", "-o", out]) == 0
    assert main(["shear", out, *COARSE, "-o", str(tmp_path / "run.h5")]) == 0
    for name in ("fields.h5", "fields.csv"):
        assert main(["indicators", out, "-o", str(tmp_path / name)]) == 0
        scores = str(tmp_path / "scores.csv")
        assert main(["score", str(tmp_path / "run.h5"), str(tmp_path / name), "-o", scores]) == 0
        with Path(scores).open(newline="") as stream:
            rows = {row["indicator"]: row for row in csv.DictReader(stream)}
        run = gp.Results.load(tmp_path / "run.h5").run
        for key, rank in gp.score(gp.indicators.compute(gp.read(out)), run.events[1]).items():
            assert float(rows[key]["event 2"]) == pytest.approx(rank, abs=1e-12)
    capsys.readouterr()
    assert main(["score", str(tmp_path / "run.h5"), str(tmp_path / "fields.h5"), "-o", "-"]) == 0
    assert capsys.readouterr().out.startswith("indicator,symbol,family,event 1,event 2,C\n")


def test_exact_shear_goes_on(sample, tmp_path, capsys, monkeypatch):
    # A terminal's width, if the tests have one, would fold the table.
    monkeypatch.delenv("COLUMNS", raising=False)
    kept = str(tmp_path / "kept")
    glass = str(tmp_path / "glass.h5")
    assert main(["minimize", str(sample), "--model", "poly", "-o", glass]) == 0
    start = gp.read(glass)
    expected = gp.shear(start, 0.25)
    assert main(["shear", glass, "--to", "0.25", "--events", "1", "--checkpoint", kept]) == 0
    assert event_strain(expected.events[0]) in capsys.readouterr().out
    assert main(["shear", "--resume", kept, "--events", "2", "-o", str(tmp_path / "two.h5")]) == 0
    assert len(gp.Results.load(tmp_path / "two.h5").events) == 2
    end = str(tmp_path / "end.h5")
    words = ["shear", "--resume", kept, "--events", "all", "-o", str(tmp_path / "run.h5"), "--end", end]
    assert main(words) == 0
    run = gp.Results.load(tmp_path / "run.h5").run
    assert np.array_equal(run.stress, expected.stress) and run.effort == expected.effort
    assert np.array_equal(gp.read(end).positions, expected.end.positions)
    assert "continues at γ" in capsys.readouterr().err


def test_shear_along_any_direction(sample, tmp_path):
    glass = str(tmp_path / "glass.h5")
    assert main(["minimize", str(sample), "--model", "poly", "-o", glass]) == 0
    for number, (loading, value) in enumerate((("-30", -30.0), ("0.5,0,0,-0.5", [[0.5, 0.0], [0.0, -0.5]]))):
        out = tmp_path / f"run{number}.h5"
        words = ["shear", glass, "--loading", loading, "--to", "0.05", "--method", "fire", "-o", str(out)]
        assert main(words) == 0
        run = gp.Results.load(out).run
        expected = gp.shear(gp.read(glass), 0.05, loading=value, method="fire")
        assert np.array_equal(run.stress, expected.stress) and run.protocol == expected.protocol


def test_ctrl_c_during_exact_shear_says_how_to_go_on(tmp_path):
    glass = tmp_path / "glass.h5"
    gp.write(gp.minimize(gp.read(DATA / "lj_gq_1024.data", model="lj")), glass)
    kept = tmp_path / "kept"
    with call("shear", glass, "--checkpoint", kept, "-o", tmp_path / "run.h5") as process:
        while not (kept / "event-000001.h5").exists():
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, messages = process.communicate(timeout=600)
    assert process.returncode == 130, messages
    assert f"--resume {kept}" in " ".join(messages.split()) and "Traceback" not in messages
    run = gp.Results.load(tmp_path / "run.h5").run
    assert [event.strain for event in run.events] == [event.strain for event in gp.Run.load(kept).events]


def test_info(tmp_path, capsys):
    assert main(["info", str(DATA / "lj_gq_1024.data"), "--model", "lj"]) == 0
    shown = capsys.readouterr().out
    # lammps.json: what LAMMPS found.
    assert "-2.376777" in shown and "0.0476398" in shown and "1024 in 2D" in shown
    assert "565 of 0" in shown or "of 0, " in shown
    gp.write(random_glass("poly", 100), tmp_path / "hot.xyz")
    assert main(["info", str(tmp_path / "hot.xyz")]) == 0
    assert "not in mechanical equilibrium" in capsys.readouterr().out


def test_lists(capsys):
    assert main(["models"]) == 0
    assert main(["indicators", "--list"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in (*gp.models.names(), *gp.indicators.keys()))


@pytest.mark.parametrize(
    "command",
    [
        "",
        "run",
        "demo",
        "prepare poly",
        "prepare lj",
        "prepare kob_andersen",
        "minimize",
        "shear",
        "indicators",
        "score",
        "softness train",
        "softness apply",
        "softness list",
        "info",
        "models",
    ],
    ids=str,
)
def test_help_has_an_example(command, capsys):
    with pytest.raises(SystemExit) as stop:
        main([*command.split(), "--help"])
    shown = capsys.readouterr().out
    assert stop.value.code == 0 and f"glassplast {command}" in shown
    assert not command or "example:" in shown


BAD = {
    "missing": (["info", "nowhere.data"], "nowhere.data"),
    "model": (["run", "SAMPLE", "--model", "pol"], "did you mean 'poly'"),
    "indicator": (["run", "SAMPLE", "--indicators", "steric_ordr"], "did you mean 'steric_order'"),
    "option": (["run", "SAMPLE", "--option", "hexatic.n=4"], "no option 'n'"),
    "parameter": (["run", "SAMPLE", "--model", "poly", "--parameter", "energ=2"], "did you mean 'energy'"),
    "garbage": (["run", "GARBAGE", "--model", "poly"], "garbage"),
    "unminimized": (["shear", "HOT"], "not in mechanical equilibrium"),
    "no model": (["run", "BARE"], "does not say"),
    "no events": (["score", "FIELDS"], "no plastic event"),
    "out is a file": (["run", "SAMPLE", "--out", "GARBAGE"], "cannot write into"),
    "frame": (["info", "SAMPLE", "--frame", "7"], "7"),
    "stepping": (["run", "SAMPLE", "--increment", "1e-3"], "increment belongs to fixed stepping"),
    "checkpoint": (["shear", "SAMPLE", "--stepping", "fixed", "--checkpoint", "c"], "checkpoint belongs to exact"),
    "no file": (["shear"], "give a FILE"),
    "resume nothing": (["shear", "--resume", "nowhere"], "holds no shear run"),
    "resume a file": (["shear", "SAMPLE", "--resume", "nowhere"], "leave out FILE"),
    "resume a state": (["shear", "--resume", "nowhere", "--state", "end"], "leave out --state"),
    "resume otherwise": (["shear", "--resume", "nowhere", "--loading", "30"], "leave out --loading"),
    "loading": (["indicators", "SAMPLE", "--loading", "1,0,0,0,1,0,0,0,1"], "shape (2, 2)"),
}


@pytest.mark.parametrize("case", BAD)
def test_errors_are_one_line(case, sample, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    glass = gp.read(sample)
    files = {name: tmp_path / f"{name.lower()}.xyz" for name in ("GARBAGE", "HOT", "BARE")} | {"SAMPLE": sample}
    files["GARBAGE"].write_text("garbage [red]in\n")
    files["FIELDS"] = tmp_path / "fields.h5"
    gp.Results(glass).save(files["FIELDS"])
    gp.write(random_glass("poly", 100), files["HOT"])
    gp.write(gp.Glass(glass.positions, glass.box, diameters=glass.diameters), files["BARE"])
    words, message = BAD[case]
    assert main([str(files.get(word, word)) for word in words]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert lines[-1].startswith("error: ") and message in lines[-1]
    assert not any(line.startswith(("Traceback", "error:")) for line in lines[:-1])


def test_debug_shows_the_traceback(capsys):
    with pytest.raises(FileNotFoundError):
        main(["info", "nowhere.data", "--debug"])


@pytest.mark.parametrize("words", [["--increment", "0"], ["--to", "nan"], ["--events", "-1"], ["--loading", "1,2"]])
def test_bad_values_are_refused_before_anything_happens(words, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["run", "nowhere.data", *words])
    assert stop.value.code == 2 and "must be" in capsys.readouterr().err


def test_missing_matplotlib_is_said_first(sample, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(task, "find_spec", lambda name: None)
    assert main(["run", str(sample), "--out", str(tmp_path / "out"), *COARSE]) == 2
    assert "glassplast[plot]" in capsys.readouterr().err and not (tmp_path / "out").exists()
    assert main(["run", str(sample), "--out", str(tmp_path / "out"), "--no-pictures", *COARSE]) == 0


SAYS_WHEN_IT_SHEARS = """
import sys
from glassplast.commands.entry import main
from glassplast.commands.session import Session

tell = Session.tell

def told(session, stage, part, note):
    tell(session, stage, part, note)
    if stage == "shearing" and part:
        print("sheared", flush=True)
        Session.tell = tell

Session.tell = told
sys.exit(main())
"""


def test_ctrl_c_during_the_shear_keeps_the_curve(tmp_path):
    # Steps so small that the end is far.
    words = ["run", DATA / "lj_gq_1024.data", "--model", "lj", *FIXED[:3], "1e-7", "--out", tmp_path, "--no-pictures"]
    with call(*words, program=("-c", SAYS_WHEN_IT_SHEARS)) as process:
        assert "sheared\n" in process.stdout
        process.send_signal(signal.SIGINT)
        _, messages = process.communicate(timeout=600)
    assert process.returncode == 130, messages
    assert "interrupted during shear" in messages and "Traceback" not in messages
    results = gp.Results.load(tmp_path / "results.h5")
    assert results.interrupted == "shear" and len(results.run.strain) > 1 and results.fields == {}
    assert "Interrupted" in (tmp_path / "report.html").read_text()


@pytest.fixture
def stopping_indicator():
    @gp.indicators.register("stopping", symbol="!", family="other", softer="large")
    def stopping(analysis):
        raise KeyboardInterrupt

    yield
    gp.indicators.unregister("stopping")


def test_ctrl_c_during_the_indicators_keeps_those_done(sample, tmp_path, capsys, stopping_indicator, monkeypatch):
    monkeypatch.setattr("glassplast.job.job.PATIENCE_AFTER_INTERRUPT", 600.0)
    words = ["--indicators", "contacts,stopping,hexatic", "--out", str(tmp_path)]
    assert main(["run", str(sample), *COARSE, *words]) == 130
    shown = capsys.readouterr()
    assert "interrupted during indicators" in shown.err and "contacts" in shown.out
    results = gp.Results.load(tmp_path / "results.h5")
    assert list(results.fields) == ["contacts"] and len(results.events) == 2
    assert results.interrupted == "indicators" and (tmp_path / "field_contacts.png").exists()


def test_an_indicator_that_fails_does_not_take_the_others_along(sample, tmp_path, capsys):
    @gp.indicators.register("failing", symbol="!", family="other", softer="large")
    def failing(analysis):
        raise gp.errors.ConvergenceError("stuck at 7")

    try:
        words = ["--indicators", "failing,contacts", "--out", str(tmp_path), "--no-pictures"]
        assert main(["run", str(sample), *COARSE, *words]) == 0
    finally:
        gp.indicators.unregister("failing")
    assert "warning: no failing: stuck at 7" in capsys.readouterr().err
    results = gp.Results.load(tmp_path / "results.h5")
    assert results.failures == {"failing": "stuck at 7"} and list(results.fields) == ["contacts"]
    assert "stuck at 7" in (tmp_path / "report.html").read_text()


def test_a_full_disk_at_the_end_loses_nothing_that_can_be_kept(sample, tmp_path, capsys, monkeypatch):
    save = gp.Results.save

    def full(self, path):
        if Path(path).parent == tmp_path:
            raise FileError(f"cannot write {path}: No space left on device")
        save(self, path)

    monkeypatch.setattr(gp.Results, "save", full)
    monkeypatch.setattr(
        job.tempfile, "mkdtemp", lambda prefix: str((tmp_path / "elsewhere").mkdir() or tmp_path / "elsewhere")
    )
    assert main(["run", str(sample), *COARSE, "--no-pictures", "--out", str(tmp_path)]) == 2
    message = " ".join(capsys.readouterr().err.split())
    assert "No space left" in message and str(tmp_path / "elsewhere" / "results.h5") in message
    assert len(gp.Results.load(tmp_path / "elsewhere" / "results.h5").events) == 2
    assert (tmp_path / "elsewhere" / "report.html").exists() and (tmp_path / "elsewhere" / "scores.csv").exists()


def test_a_reader_that_leaves_early_is_no_error(sample):
    with call("indicators", sample, "--quiet") as process:
        process.stdout.close()
        assert process.wait(timeout=600) == 0 and process.stderr.read() == ""


def run_example(name, *words):
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    return subprocess.run(
        [sys.executable, str(EXAMPLES / name), *map(str, words)],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    ).stdout


def test_example_main_job(sample, tmp_path):
    shown = run_example("main_job.py", sample, "poly", tmp_path)
    assert shown.count("event at") == len(gp.Results.load(tmp_path / "results.h5").events) > 0
    assert "soft_modes" in shown
    assert (tmp_path / "report.html").exists()


def test_example_indicator_of_ones_own():
    shown = run_example("my_indicator.py", DATA / "lj_gq_1024.data", "lj")
    assert "local_pressure" in shown and "soft_modes" in shown


def test_example_softness_without_a_potential(tmp_path):
    shown = run_example("softness_of_tracked_particles.py", tmp_path / "model.json")
    accuracy = float(shown.split("other samples: ")[1].split()[0])
    assert 0.65 < accuracy < 0.95
    assert gp.SoftnessPlane.load(tmp_path / "model.json").provenance["source"] == "tracks"


def test_local_pressures_add_up_to_the_pressure():
    """The example's formula is right: its mean is the pressure."""
    source = (EXAMPLES / "my_indicator.py").read_text()
    names = {}
    exec(source[: source.index("path, model")], names)
    try:
        glass = small_minimum("poly", 100, seed=1)
        field = gp.indicators.compute(glass, ["local_pressure"])["local_pressure"]
        assert field.mean() == pytest.approx(-np.trace(gp.Analysis(glass).stress) / 2, rel=1e-12)
    finally:
        gp.indicators.unregister("local_pressure")
