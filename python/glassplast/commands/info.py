"""The command ``glassplast info``."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassplast.commands.options import add_command, add_configuration
from glassplast.commands.session import Session

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    add_command(
        commands,
        "info",
        "show what a file holds",
        "glassplast info sample.data --model lj",
        run,
        options=add_configuration,
    )


def run(session: Session) -> int:
    """Show the contents of a file."""
    from glassplast.commands.tables import info_table
    from glassplast.files import count_frames
    from glassplast.files.json_text import json_text
    from glassplast.results import describe

    arguments = session.arguments
    glass = session.read_configuration(model_needed=False)
    cell = "; ".join(" ".join(f"{entry:.10g}" for entry in row) for row in glass.cell)
    entries: dict[str, Any] = {"particles": f"{len(glass)} in {glass.dimension}D"}
    if arguments.file != "-":
        entries["frames"] = count_frames(arguments.file)
    entries |= {"cell (columns are vectors)": cell, "strain": f"{glass.strain:.8g}"}
    if glass.species is not None:
        kinds, counts = np.unique(glass.species, return_counts=True)
        entries["species"] = ", ".join(f"{count} of {kind}" for kind, count in zip(kinds, counts, strict=True))
    sizes = glass.diameters
    entries["diameters"] = f"{sizes.min():.5g} to {sizes.max():.5g}, mean {sizes.mean():.5g}"
    entries["model"] = glass.model.name if glass.model is not None else "unknown (give --model)"
    for key, value in describe(glass).items():
        entries[key.replace("_", " ")] = f"{value:.8g}"
    if glass.model is not None and "shear modulus" not in entries:
        entries["state"] = "not in mechanical equilibrium"
    entries["provenance"] = json_text(dict(glass.provenance))
    session.out.print(info_table(entries))
    return 0
