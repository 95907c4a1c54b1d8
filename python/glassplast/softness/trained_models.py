"""Softness models that are trained already, and for which glasses they are meant."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from glassplast.errors import ModelError, UnknownNameError, suggestion
from glassplast.glass import Configuration, glass_of
from glassplast.softness.plane import SoftnessPlane

__all__ = ["MISSING", "matching", "names", "plane_for", "protocol_of", "trained"]

_DIRECTORY = Path(__file__).parent / "trained"

#: Protocols of Richard et al. (2020) without a model here, and why.
MISSING: Mapping[str, str] = {
    "poly_0.05": "an equilibrated sample of 1024 particles takes 37 minutes, and about a hundred are needed",
    "lj_GQ": "cooling over 10^6 time units takes 3 hours for 1024 particles; lj_GQ2e3 is cooled in 2000",
}

#: Temperatures and durations this close, relatively, are one protocol.
_SAME = 0.01


def names() -> list[str]:
    """The trained models, such as ``poly_0.12`` and ``lj_HTL``."""
    return sorted(path.stem for path in _DIRECTORY.glob("*.json"))


@cache
def trained(name: str) -> SoftnessPlane:
    """A trained model by its name.

    Raises
    ------
    UnknownNameError
        With the nearest known name, or why there is none for a protocol of the paper.
    """
    known = names()
    if name in MISSING:
        raise UnknownNameError(f"there is no trained model {name!r}: {MISSING[name]}; known: {', '.join(known)}")
    if name not in known:
        raise UnknownNameError(f"unknown trained model {name!r}; {suggestion(name, known)}")
    return SoftnessPlane.load(_DIRECTORY / f"{name}.json")


def protocol_of(glass: Configuration) -> dict[str, Any] | None:
    """How a glass was prepared, as far as it decides which model fits; None if it is not on record.

    Parameters
    ----------
    glass : Glass or Analysis
        As `glassplast.prepare` makes it, or read from a file that kept its provenance.

    Returns
    -------
    dict or None
        ``{"model": "poly", "temperature": 0.12}``, ``{"model": "lj", "protocol": "HTL"}`` or the like.
    """
    glass = glass_of(glass)
    preparation = glass.provenance.get("preparation")
    if not isinstance(preparation, Mapping) or glass.model is None:
        return None
    found: dict[str, Any] = {"model": glass.model.name}
    if glass.model.name == "poly" and "temperature" in preparation:
        return {**found, "temperature": float(preparation["temperature"])}
    if glass.model.name == "lj" and "protocol" in preparation:
        found["protocol"] = str(preparation["protocol"])
        for stage in preparation.get("stages", ()):
            if stage.get("name") == "cool":
                found["duration"] = float(stage["steps"]) * float(preparation["time_step"])
        return found
    return None


def matching(glass: Configuration) -> str | None:
    """The name of the trained model for the protocol of a glass; None if there is none."""
    protocol = protocol_of(glass)
    if protocol is None:
        return None
    return next((name for name in names() if _same(trained(name).provenance.get("protocol"), protocol)), None)


def _same(known: Any, protocol: Mapping[str, Any]) -> bool:
    if not isinstance(known, Mapping) or set(known) != set(protocol):
        return False
    return all(
        math.isclose(value, known[name], rel_tol=_SAME) if isinstance(value, float) else value == known[name]
        for name, value in protocol.items()
    )


def plane_for(glass: Configuration, model: SoftnessPlane | str | os.PathLike[str] | None = None) -> SoftnessPlane:
    """The model to use for a glass.

    Parameters
    ----------
    glass : Glass or Analysis
    model : SoftnessPlane, str or path-like, optional
        A plane, the name of a trained model, or a file that `SoftnessPlane.save` wrote. By default the trained model
        for the protocol of the glass.

    Raises
    ------
    ModelError
        If the protocol is not known or no model was trained for it: the message says how to.
    UnknownNameError
        For a name that is neither a trained model nor a file.
    """
    if isinstance(model, SoftnessPlane):
        return model
    if model is not None:
        if isinstance(model, str) and Path(model).suffix != ".json" and not Path(model).exists():
            return trained(model)
        return SoftnessPlane.load(model)
    name = matching(glass)
    if name is not None:
        return trained(name)
    protocol = protocol_of(glass)
    known = "is not on record" if protocol is None else f"({_spelled(protocol)}) has no trained model"
    raise ModelError(
        f"the protocol of this glass {known}; choose one of {', '.join(names())} with "
        'options={"softness": {"model": name}}, or train one on sheared samples of your own: '
        "SoftnessModel().train([run.events for run in runs]), or glassplast softness train RESULTS... -o MODEL.json"
    )


def _spelled(protocol: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name} {value:g}" if isinstance(value, float) else str(value) for name, value in protocol.items()
    )
