"""The trained softness models of the package, and the glasses for which they are meant."""

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

#: Protocols of Richard et al. (2020) for which there is no model, with the reason.
MISSING: Mapping[str, str] = {
    "poly_0.05": "an equilibrated sample of 1024 particles takes 37 minutes, and about a hundred are needed",
    "lj_GQ": "cooling over 10^6 time units takes 3 hours for 1024 particles; lj_GQ2e3 is cooled in 2000",
}

#: Largest relative difference of temperatures and durations of the same protocol.
_SAME = 0.01


def names() -> list[str]:
    """The names of the trained models, such as ``poly_0.12`` and ``lj_HTL``."""
    return sorted(path.stem for path in _DIRECTORY.glob("*.json"))


@cache
def trained(name: str) -> SoftnessPlane:
    """A trained model by its name.

    Parameters
    ----------
    name : str
        One of `names()`.

    Returns
    -------
    SoftnessPlane

    Raises
    ------
    UnknownNameError
        If there is no such model; the message gives the nearest name, or the reason why a protocol of the paper has no
        model.
    """
    known = names()
    if name in MISSING:
        raise UnknownNameError(f"there is no trained model {name!r}: {MISSING[name]}; known: {', '.join(known)}")
    if name not in known:
        raise UnknownNameError(f"unknown trained model {name!r}; {suggestion(name, known)}")
    return SoftnessPlane.load(_DIRECTORY / f"{name}.json")


def protocol_of(glass: Configuration) -> dict[str, Any] | None:
    """The part of the preparation protocol of a glass that determines which model fits.

    Parameters
    ----------
    glass : Glass or Analysis
        A glass from `glassplast.prepare`, or from a file that kept its provenance.

    Returns
    -------
    dict or None
        For example ``{"model": "poly", "temperature": 0.12}`` or ``{"model": "lj", "protocol": "HTL"}``; None if the
        provenance does not record the preparation.
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
    """The name of the trained model for the preparation protocol of a glass.

    Parameters
    ----------
    glass : Glass or Analysis
        A glass from `glassplast.prepare`, or from a file that kept its provenance.

    Returns
    -------
    str or None
        None if there is no such model.
    """
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
    """The softness model to use for a glass.

    Parameters
    ----------
    glass : Glass or Analysis
        The configuration.
    model : SoftnessPlane, str or path-like, optional
        A plane, the name of a trained model, or a file written by `SoftnessPlane.save`. By default the trained model
        for the preparation protocol of the glass.

    Returns
    -------
    SoftnessPlane

    Raises
    ------
    ModelError
        If the protocol is not recorded or has no trained model; the message explains how to train one.
    UnknownNameError
        If the name is neither that of a trained model nor that of a file.
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
    known = "is not recorded" if protocol is None else f"({_spelled(protocol)}) has no trained model"
    raise ModelError(
        f"the protocol of this glass {known}; choose one of {', '.join(names())} with "
        'options={"softness": {"model": name}}, or train one on sheared samples of your own: '
        "SoftnessModel().train([run.events for run in runs]), or glassplast softness train RESULTS... -o MODEL.json"
    )


def _spelled(protocol: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name} {value:g}" if isinstance(value, float) else str(value) for name, value in protocol.items()
    )
