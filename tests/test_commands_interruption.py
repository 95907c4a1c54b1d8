"""Ctrl-C is answered on the screen while nothing else answers, and a second one leaves and says what is kept."""

import os
import signal
import subprocess
import sys
import time

import pytest

import glassplast as gp
from glassplast.commands import main
from glassplast.commands.interruption import what_is_kept
from samples import small_minimum

#: An indicator that answers no signal, as a long call into a library.
DEAF = """
import hashlib, sys
import glassplast as gp
from glassplast.commands import main

@gp.indicators.register("deaf", symbol="!", family="other", softer="large")
def deaf(analysis):
    print("deaf", flush=True)
    hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)

sys.exit(main())
"""


def test_ctrl_c_is_answered_at_once_and_the_second_one_leaves(tmp_path):
    gp.write(small_minimum("poly"), tmp_path / "glass.xyz")
    words = ["run", "glass.xyz", "--to", "0.001", "--indicators", "deaf", "--out", "out"]
    with subprocess.Popen(
        [sys.executable, "-c", DEAF, *words], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout.readline() == "deaf\n", process.stderr.read()
            process.send_signal(signal.SIGINT)
            lines = iter(process.stderr.readline, "")
            assert any(line.startswith("interrupted: stopping") for line in lines)
            assert process.poll() is None
            process.send_signal(signal.SIGINT)
            said = process.stderr.read()
            assert process.wait() == 130
        finally:
            process.kill()
    assert said == "left at once: what was stored until then is kept in out\n"
    # What was computed before the indicators.
    assert gp.Results.load(tmp_path / "out" / "results.h5").interrupted == "indicators"


def test_what_is_kept_is_what_was_written_since(tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "results.h5").write_bytes(b"")
    os.utime(tmp_path / "old" / "results.h5", (1.0, 1.0))
    (tmp_path / "half.part").write_bytes(b"")
    places = [str(tmp_path / name) for name in ("old", "half.part", "missing.h5")]
    began = time.time()
    assert what_is_kept(places, began) == "nothing had been stored yet"
    (tmp_path / "old" / "event.h5").write_bytes(b"")
    assert what_is_kept(places, began) == f"what was stored until then is kept in {tmp_path / 'old'}"


def test_an_interrupt_of_the_pictures_leaves_none_of_another_job(tmp_path, monkeypatch, capsys):
    gp.write(small_minimum("poly"), tmp_path / "glass.xyz")
    out = tmp_path / "out"
    words = ["run", str(tmp_path / "glass.xyz"), "--to", "0.001", "--indicators", "contacts", "--out", str(out)]
    out.mkdir()
    for name in ("stress_strain.png", "field_hexatic.png", "report.html"):
        (out / name).write_text("of an earlier job")

    def interrupt(figure, path):
        raise KeyboardInterrupt

    monkeypatch.setattr("glassplast.plot.save", interrupt)
    assert main(words) == 130
    assert "interrupted during pictures" in capsys.readouterr().err
    assert sorted(path.name for path in out.iterdir()) == ["results.h5"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, gp.errors.FileError])
def test_a_report_that_is_not_finished_leaves_nothing(tmp_path, monkeypatch, error):
    glass = small_minimum("poly")
    results = gp.Results(glass)
    results.run = gp.shear(glass, 0.001)
    (tmp_path / "field_hexatic.png").write_text("of an earlier job")

    def fail(*_, **__):
        raise error("no space")

    monkeypatch.setattr("glassplast.report.writing.write_page", fail)
    with pytest.raises(error):
        gp.report.write_report(results, tmp_path)
    assert list(tmp_path.iterdir()) == []
