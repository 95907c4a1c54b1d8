"""Softness: a prediction of which particles are about to rearrange, learned from structure alone.

The computation of features and the application of a trained model need only NumPy; training needs scikit-learn, which
the extra ``learn`` installs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from glassplast.softness.examples import Examples, joined, label_displacement, label_events
from glassplast.softness.features import (
    CUBUK_ANGULAR,
    BehlerParrinelloFeatures,
    BinFeatures,
    Curve,
    Features,
    TriangleFeatures,
    default_features,
    named_features,
)
from glassplast.softness.labels import UNLABELLED, extrema, rearrangement_labels
from glassplast.softness.plane import SoftnessPlane
from glassplast.softness.trained_models import MISSING, matching, names, plane_for, protocol_of, trained

if TYPE_CHECKING:
    from glassplast.softness.model import SoftnessModel, learning_curve, linear_machine, other_classifier

_LEARNING = ("SoftnessModel", "learning_curve", "linear_machine", "other_classifier")

__all__ = [
    "CUBUK_ANGULAR",
    "MISSING",
    "UNLABELLED",
    "BehlerParrinelloFeatures",
    "BinFeatures",
    "Curve",
    "Examples",
    "Features",
    "SoftnessModel",
    "SoftnessPlane",
    "TriangleFeatures",
    "default_features",
    "extrema",
    "joined",
    "label_displacement",
    "label_events",
    "learning_curve",
    "linear_machine",
    "matching",
    "named_features",
    "names",
    "other_classifier",
    "plane_for",
    "protocol_of",
    "rearrangement_labels",
    "trained",
]


def __getattr__(name: str) -> Any:
    if name in _LEARNING:
        return getattr(import_module("glassplast.softness.model"), name)
    raise AttributeError(f"module 'glassplast.softness' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
