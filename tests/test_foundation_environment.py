"""The record of the machine and of the versions of packages."""

import platform
from importlib import metadata

import numpy as np

import glassplast as gp
from glassplast.foundation.environment import environment, provenance


def test_versions_are_printed(capsys):
    gp.show_versions()
    lines = dict(line.split(None, 1) for line in capsys.readouterr().out.splitlines())
    assert lines["glassplast"] == gp.__version__ and lines["python"] == platform.python_version()
    assert lines["numpy"] == np.__version__ and lines["rich"] == metadata.version("rich")
    assert lines["platform"] == platform.platform() and int(lines["threads"]) >= 1
    assert "processor" in lines


def test_packages_that_are_missing_are_left_out(capsys, monkeypatch):
    def version(package):
        raise metadata.PackageNotFoundError(package)

    monkeypatch.setattr(metadata, "version", version)
    gp.show_versions()
    assert "numpy" not in capsys.readouterr().out


def test_provenance():
    record = provenance(["glassplast", "run"])
    assert record["command"] == ["glassplast", "run"] and record["versions"] == environment()
    assert record["created"].endswith("+00:00")
