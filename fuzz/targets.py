"""What is fuzzed: for each kind of file how it is read, and small files to begin with."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from glassplast import Glass, Results, Run, files
from glassplast.errors import GlassplastError
from glassplast.quasistatic.checkpoints import START, read_checkpoints
from glassplast.sampling.equilibration_checkpoint import read_about, read_checkpoint, write_checkpoint
from glassplast.softness import SoftnessPlane
from glassplast.study.plan import load_plan

DATA = Path(__file__).parent.parent / "tests" / "data"


@dataclass(frozen=True)
class Target:
    """A kind of file.

    Attributes
    ----------
    name : str
        Name that the file is given.
    read : callable
        Reads the file; whatever it raises other than a `GlassplastError` is a fault.
    seeds : callable
        The contents of valid files.
    """

    name: str
    read: Callable[[Path], object]
    seeds: Callable[[], list[bytes]]


def read_configuration(path: Path) -> None:
    """All that is read from a file of configurations."""
    for glass in files.read_frames(path):
        assert np.isfinite(glass.positions).all()
    files.read(path)
    files.read_fields(path)


def small_glasses() -> list[Glass]:
    """A planar glass with diameters, and a 3D one with species, in a tilted box."""
    rng = np.random.default_rng(0)
    planar = Glass(rng.random((3, 2)), (2.0, 1.5), "poly", diameters=[1.0, 0.8, 1.2], ids=[3, 1, 7])
    solid = Glass(rng.random((4, 3)), (1.0, 2.0, 1.5), "lj", species=[0, 1, 1, 0], origin=[-1.0, 0.5, 0.0])
    return [planar, solid.sheared(0.3)]


def written(ending: str) -> Callable[[], list[bytes]]:
    """Files of configurations, with fields where the format has them, and with two frames."""

    def make() -> list[bytes]:
        made = []
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory, f"seed{ending}")
            for glass in small_glasses():
                fields = {} if ending == ".data" else {"fields": {"d": np.arange(len(glass)) / 3.0}}
                files.write(glass, path, **fields)
                made.append(path.read_bytes())
                if ending not in (".data", ".h5"):
                    files.write([glass, glass], path)
                    made.append(path.read_bytes())
        return made

    return make


def committed(*names: str) -> Callable[[], list[bytes]]:
    """Files of the tests."""
    return lambda: [(DATA / name).read_bytes() for name in names]


def checkpoint_of_shear() -> list[bytes]:
    """The first file of a shear run."""
    from glassplast import minimize, shear

    rng = np.random.default_rng(1)
    sites = np.stack(np.meshgrid(np.arange(6), np.arange(6)), axis=-1).reshape(-1, 2) + 0.2 * rng.random((36, 2))
    glass = minimize(Glass(sites, 6.0, "harmonic", diameters=1.2 + 0.3 * rng.random(36)))
    with tempfile.TemporaryDirectory() as directory:
        shear(glass, 0.001, checkpoint=Path(directory, "run"))
        return [Path(directory, "run", START).read_bytes()]


def read_shear(path: Path) -> None:
    """The directory of the first file of a shear run."""
    path.with_name(START).write_bytes(path.read_bytes())
    read_checkpoints(path.parent)


def checkpoint_of_equilibration() -> list[bytes]:
    """A checkpoint with one walker of one replica."""
    glass = small_glasses()[0]
    replica = {
        "glass": glass,
        "random_state": np.arange(4, dtype=np.uint64),
        "statistics": {"translations": 1},
        "temperature": 0.1,
        "step": 0.12,
    }
    state = {
        "every": 20,
        "stride": 1,
        "energy_drift": 0.0,
        "energies": np.zeros(3),
        "pressures": np.zeros(2),
        "frames": np.zeros((1, 1, 3, 2)),
        "cold": np.zeros(1, dtype=np.int64),
        "exchanges": {"at": [0]},
        "replicas": [replica],
    }
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "walkers.h5")
        write_checkpoint(path, {"n": 3}, [state])
        return [path.read_bytes()]


def read_equilibration(path: Path) -> None:
    """The states in a checkpoint."""
    read_checkpoint(path, read_about(path))


def plans() -> list[bytes]:
    """The plans that are shipped."""
    import glassplast.study

    folder = Path(glassplast.study.__file__).parent / "plans"
    return [path.read_bytes() for path in sorted(folder.glob("*.toml"))]


def planes() -> list[bytes]:
    """The trained planes that are shipped."""
    import glassplast.softness

    folder = Path(glassplast.softness.__file__).parent / "trained"
    return [path.read_bytes() for path in sorted(folder.glob("*.json"))]


TARGETS = {
    "xyz": Target("a.xyz", read_configuration, written(".xyz")),
    "dump": Target("a.dump", read_configuration, written(".dump")),
    "data": Target("a.data", read_configuration, written(".data")),
    "gsd": Target("a.gsd", read_configuration, written(".gsd")),
    "h5": Target("a.h5", read_configuration, written(".h5")),
    "results": Target("results.h5", Results.load, committed("results_version_1.h5")),
    "run": Target("run.h5", Run.load, committed("results_version_1.h5")),
    "shear": Target("a.h5", read_shear, checkpoint_of_shear),
    "equilibration": Target("a.h5", read_equilibration, checkpoint_of_equilibration),
    "plan": Target("a.toml", load_plan, plans),
    "plane": Target("a.json", SoftnessPlane.load, planes),
}


def attempt(target: Target, content: bytes, directory: Path) -> bool:
    """Read a file with this content; whether it was taken for valid."""
    path = directory / target.name
    path.write_bytes(content)
    try:
        target.read(path)
    except GlassplastError:
        return False
    return True
