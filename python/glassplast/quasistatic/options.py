"""The options of quasistatic shear; each is declared once, with its values and its description."""

from __future__ import annotations

import os
from typing import Annotated, Literal

from glassplast.foundation.options import Option
from glassplast.loading import Loading

__all__ = [
    "Checkpoint",
    "Criterion",
    "Increment",
    "LoadingOption",
    "MaxEvents",
    "Method",
    "Stepping",
    "StopName",
    "To",
    "Tolerance",
]

Stepping = Annotated[
    Literal["exact", "fixed"],
    Option("exact: follow each elastic branch to the instability at its end; fixed: take equal increments of strain"),
]
Method = Annotated[
    Literal["newton", "cg", "fire"],
    Option(
        "minimizer: in exact stepping cg or fire, which leads from an instability to the next minimum; in fixed "
        "stepping newton, cg or fire, which relaxes the configuration after each increment",
        default="cg in exact stepping, newton in fixed stepping",
    ),
]
Tolerance = Annotated[float, Option("largest force left on any particle", "FORCE")]
Increment = Annotated[float, Option("size of the strain increments of fixed stepping", "STRAIN", "1e-05")]
Criterion = Annotated[
    Literal["irreversible", "stress_drop"],
    Option(
        "what counts as an event in fixed stepping: an irreversible increment, or every drop of the stress",
        default="irreversible",
    ),
]
LoadingOption = Annotated[
    Loading,
    Option(
        "loading in exact stepping: an angle in degrees, 0 for forward and 90 for reverse shear, or a matrix G, row by "
        "row, which maps x to exp(strain G) x",
        "ANGLE",
        "simple shear, 0,1,0,0",
    ),
]
To = Annotated[
    float, Option("strain to stop at; a strain below that of the configuration shears it in reverse", "STRAIN")
]
MaxEvents = Annotated[int, Option("number of plastic events after which to stop", "N", "all")]
StopName = Annotated[Literal["first_spanning_drop"], Option("stop after the first event that spans the system")]
Checkpoint = Annotated[
    str | os.PathLike[str],
    Option("keep each event in this directory as soon as it is found (exact stepping)", "DIR"),
]
