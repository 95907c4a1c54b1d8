"""Reports of progress to callables, the progress bar, and messages in the log."""

import io
import logging
import subprocess
import sys
import threading
import time

import pytest

import glassplast as gp
from glassplast.foundation import progress as module
from glassplast.foundation.progress import ItemProgress, TimeLeft, counted, duration, shown, silent
from samples import DATA, random_glass, small_minimum


class Terminal(io.StringIO):
    def isatty(self):
        return True


def looked_at(monkeypatch):
    """A terminal as standard error; not a fixture, as pytest puts its own stream there between fixture and test."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    return stream


# --- the bar that shows itself ----------------------------------------------------------------------------------------


def test_a_bar_appears_in_a_terminal(monkeypatch):
    terminal = looked_at(monkeypatch)
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    with shown(None) as tell:
        tell("climbing", 0.25, "a note")
    text = terminal.getvalue()
    assert "climbing" in text and "25 %" in text and "a note" in text


def test_it_waits_for_two_seconds(monkeypatch):
    terminal = looked_at(monkeypatch)
    assert module.PATIENCE == 2.0
    with shown(None) as tell:
        tell("climbing", 0.25, "")
    assert terminal.getvalue() == ""
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    with shown(None) as tell:
        tell("climbing", 0.25, "early")
        time.sleep(0.1)
        tell("climbing", 0.5, "late")
    assert "early" not in terminal.getvalue() and "late" in terminal.getvalue()


def test_its_time_is_that_of_the_stage(monkeypatch):
    looked_at(monkeypatch)
    monkeypatch.setattr(module, "PATIENCE", 10.0)
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    bar = module._Bar()
    bar.tell("climbing", 0.1, "")
    now[0] += 12.0
    bar.tell("climbing", 0.2, "")
    assert bar._bars.tasks[0].start_time == 100.0
    bar.tell("falling", None, "")
    assert [task.description for task in bar._bars.tasks] == ["falling"]
    assert bar._bars.tasks[0].start_time == 112.0
    bar.close()


def test_no_bar_without_a_terminal(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    with shown(None) as tell:
        assert tell is silent
        tell("climbing", 0.25, "")
    monkeypatch.setattr(sys, "stderr", None)
    with shown(None) as tell:
        assert tell is silent
    assert stream.getvalue() == ""


def test_false_never_shows_one(monkeypatch):
    terminal = looked_at(monkeypatch)
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    with shown(False) as tell:
        assert tell is silent
        with shown(None) as inner:
            assert inner is silent
    assert gp.minimize(random_glass("poly"), progress=False)
    assert terminal.getvalue() == ""


def test_calls_within_a_call_keep_quiet(monkeypatch):
    terminal = looked_at(monkeypatch)
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    told = []
    with shown(lambda *words: told.append(words)) as outer:
        outer("outer", 0.5, "")
        with shown(None) as inner:
            inner("inner", 0.5, "")
    assert told == [("outer", 0.5, "")] and terminal.getvalue() == ""
    with shown(None) as outer, shown(None) as inner:
        assert outer is not silent and inner is silent
    # And no longer, once the outer call is over, however it ended.
    with pytest.raises(RuntimeError), shown(False):
        raise RuntimeError
    with shown(None) as tell:
        assert tell is not silent


def test_threads_keep_quiet(monkeypatch):
    terminal = looked_at(monkeypatch)
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    told = []

    def work():
        with shown(None) as tell:
            tell("in a thread", 0.5, "")
            told.append(tell)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert told == [silent] and terminal.getvalue() == ""


def test_the_bar_goes_when_the_call_fails(monkeypatch):
    terminal = looked_at(monkeypatch)
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    before = threading.active_count()

    def interrupted():
        with shown(None) as tell:
            tell("climbing", 0.5, "")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    # The thread that draws it ends within one of its turns.
    late = time.monotonic() + 10.0
    while threading.active_count() > before and time.monotonic() < late:
        time.sleep(0.02)
    assert threading.active_count() == before
    # The cursor is back.
    assert terminal.getvalue().rindex("\x1b[?25h") > terminal.getvalue().rindex("\x1b[?25l")


# --- a callable -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        lambda glass, tell: gp.minimize(glass, progress=tell),
        lambda glass, tell: gp.shear(small_minimum("poly", 100, seed=1), 0.01, progress=tell),
        lambda glass, tell: gp.indicators.compute(glass, ["density", "hexatic"], progress=tell),
        lambda glass, tell: gp.nonlinear_modes(small_minimum("poly", 100, seed=1), progress=tell),
    ],
    ids=["minimize", "shear", "compute", "nonlinear modes"],
)
def test_a_callable_is_told(call):
    told = []
    call(random_glass("poly", 100), lambda *words: told.append(words))
    assert told
    for stage, part, note in told:
        assert isinstance(stage, str) and stage
        assert part is None or 0.0 <= part <= 1.0
        assert isinstance(note, str)


def test_counts_items_and_times():
    told = []
    counted(lambda *words: told.append(words), "solving", 4.0, "{0:.0f} of 4, {1:.1g}")(2.0, 0.5)
    counted(lambda *words: told.append(words), "solving", None, "{0:.0f}")(2.0, 0.5)
    assert told == [("solving", 0.5, "2 of 4, 0.5"), ("solving", None, "2")]
    told.clear()
    items = ItemProgress("nodes", 4, lambda *words: told.append(words))
    threads = [threading.Thread(target=items.one_more) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [part for _, part, _ in told] == [0.25, 0.5, 0.75, 1.0]
    assert TimeLeft().seconds(0.5) is None
    assert [duration(t) for t in (3.21, 250.0, 7500.0)] == ["3.2 s", "4 min 10 s", "2 h 5 min"]


# --- the log ----------------------------------------------------------------------------------------------------------


def test_what_is_logged(caplog):
    with caplog.at_level(logging.INFO, logger="glassplast"):
        glass = gp.minimize(gp.read(DATA / "lj_gq_1024.data", model="lj"))
        gp.shear(glass, 0.02, max_events=1)
    texts = [record.getMessage() for record in caplog.records if record.levelno == logging.INFO]
    assert any("lj_gq_1024.data: 1024 particles in 2D, model lj" in text for text in texts)
    assert any(text.startswith("event 1 at γ = 0.0114") for text in texts)
    assert texts[-1].startswith("sheared to γ = 0.0114") and texts[-1].endswith("1 event")
    assert all(record.name.startswith("glassplast.") for record in caplog.records)


SCRIPT = """
import logging, sys, warnings
import glassplast as gp
if sys.argv[2] == "log":
    logging.basicConfig(level=logging.INFO)
glass = gp.read(sys.argv[1], model="poly")
gp.shear(gp.minimize(glass), 1e-3)
if sys.argv[2] == "warn":
    logging.getLogger("glassplast.job").warning("something to know")
    warnings.warn("something else")
"""


@pytest.mark.parametrize(
    ("mode", "words"),
    [("plain", []), ("log", ["INFO:glassplast.files:read"]), ("warn", ["something to know", "something else"])],
)
def test_nothing_but_warnings_on_standard_error(mode, words, tmp_path):
    gp.write(random_glass("poly", 100), tmp_path / "glass.xyz")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "glass.xyz"), mode], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    assert (done.stderr == "") == (not words)
    assert all(word in done.stderr for word in words)
