"""A trained plane between soft and stiff neighbourhoods, which is all that is needed to compute softness."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glassplast.errors import ArgumentError, FileError, GeometryError, GlassplastError
from glassplast.files.json_text import json_text
from glassplast.files.replacing import replacing
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.one_line import constructor_like
from glassplast.foundation.version import package_version
from glassplast.glass import Configuration
from glassplast.softness.features import Features, features_of, features_record

__all__ = ["SoftnessPlane"]

SCHEMA = "glassplast softness"
SCHEMA_VERSION = 1
#: Largest size of a file in bytes; a larger file cannot be one of these.
_LARGEST = 50_000_000


@dataclass(frozen=True, repr=False)
class SoftnessPlane:
    r"""The plane that a linear support vector machine found.

    .. math:: S = (w \cdot z + b) / |w|, \qquad z = (G - \mathrm{mean}) / \mathrm{scale}

    Attributes
    ----------
    features : Features
        Structure functions G.
    mean, scale : ndarray, shape (F,)
        Mean and standard deviation of each feature in the training set; the scale is 1 for a constant feature.
    weights : ndarray, shape (F,)
        Weights w in the space of standardized features.
    intercept : float
        Intercept b.
    calibration : (float, float)
        Slope and offset of the logistic function that turns w·z + b into a probability; NaN if there is none.
    provenance : mapping
        Description of the training set and of the accuracy reached.
    """

    features: Features
    mean: FloatArray
    scale: FloatArray
    weights: FloatArray
    intercept: float
    calibration: tuple[float, float] = (math.nan, math.nan)
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count = len(self.features.names)
        for name in ("mean", "scale", "weights"):
            values = np.array(getattr(self, name), dtype=np.float64)
            if values.shape != (count,) or not np.isfinite(values).all():
                raise GeometryError(f"{name} must be {count} finite numbers, one for each feature")
            values.setflags(write=False)
            object.__setattr__(self, name, values)
        if not (self.scale > 0.0).all():
            raise ArgumentError("scale must be positive for each feature")
        if not math.isfinite(self.intercept) or not np.any(self.weights != 0.0):
            raise ArgumentError("intercept must be finite, and weights not all zero")

    def __repr__(self) -> str:
        protocol, validation = self.provenance.get("protocol"), self.provenance.get("validation")
        return constructor_like(
            "SoftnessPlane",
            features=f"{self.features.kind!r}",
            count=self.weights.size,
            calibrated=self.calibrated,
            trained_on=None if protocol is None else json_text(protocol),
            accuracy=validation.get("accuracy") if isinstance(validation, Mapping) else None,
        )

    @property
    def norm(self) -> float:
        """Norm \\|w\\| of the weights."""
        return float(np.linalg.norm(self.weights))

    @property
    def calibrated(self) -> bool:
        """Whether the plane has a calibration, so that it gives probabilities."""
        return all(math.isfinite(value) for value in self.calibration)

    def decision(self, features: ArrayLike) -> FloatArray:
        """The decision w·z + b for rows of features, like the ``decision_function`` of scikit-learn.

        Parameters
        ----------
        features : array_like, shape (M, F)
            Features of M particles.

        Returns
        -------
        ndarray, shape (M,)
        """
        values = np.asarray(features, dtype=np.float64)
        if values.ndim != 2 or values.shape[1] != self.weights.size:
            raise GeometryError(f"features must have shape (N, {self.weights.size}), not {values.shape}")
        standardized = (values - self.mean) / self.scale
        return np.asarray(standardized @ self.weights + self.intercept)

    def probability(self, features: ArrayLike) -> FloatArray:
        """The probability that a particle is soft, given that it is either soft or stiff.

        Parameters
        ----------
        features : array_like, shape (M, F)
            Features of M particles.

        Returns
        -------
        ndarray, shape (M,)
            The calibrated logistic function of the decision.
        """
        if not self.calibrated:
            raise GlassplastError("this plane was not calibrated: train it with calibrate=True")
        slope, offset = self.calibration
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * (slope * self.decision(features) + offset))))

    def softness(self, glass: Configuration) -> FloatArray:
        """The softness of each particle, which is its signed distance from the plane in standardized features.

        Parameters
        ----------
        glass : Glass or Analysis
            The configuration.

        Returns
        -------
        ndarray, shape (N,)
            Softness; positive for soft particles.
        """
        return self.decision(self.features.compute(glass)) / self.norm

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a JSON file; docs/softness.md describes its schema.

        Parameters
        ----------
        path : path-like
            File to write; an existing file is replaced.

        Raises
        ------
        FileError
            If the file cannot be written.
        """
        record = {
            "schema": SCHEMA,
            "schema_version": SCHEMA_VERSION,
            "glassplast": package_version(),
            "features": features_record(self.features),
            "names": self.features.names,
            "mean": self.mean.tolist(),
            "scale": self.scale.tolist(),
            "weights": self.weights.tolist(),
            "intercept": self.intercept,
            "calibration": list(self.calibration) if self.calibrated else None,
            "provenance": json.loads(json_text(dict(self.provenance))),
        }
        with replacing(Path(path)) as temporary:
            temporary.write_text(json.dumps(record, indent=1, allow_nan=False) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> SoftnessPlane:
        """Read a file written by `save`, which contains only numbers and words and no code.

        Parameters
        ----------
        path : path-like
            File to read.

        Returns
        -------
        SoftnessPlane

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        FileError
            If the file is corrupt, truncated or of another kind.
        """
        file = Path(path)
        if file.stat().st_size > _LARGEST:
            raise FileError(f"{path} is too large for a softness model")
        try:
            record = json.loads(file.read_text(encoding="utf-8"))
        except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
            raise FileError(f"{path} is not a softness model, or is truncated: {error}") from None
        if not isinstance(record, dict) or record.get("schema") != SCHEMA:
            raise FileError(f"{path} is not a softness model: it has no schema {SCHEMA!r}")
        if record.get("schema_version") != SCHEMA_VERSION:
            raise FileError(
                f"{path} has version {record.get('schema_version')} of the schema; this glassplast reads "
                f"{SCHEMA_VERSION}"
            )
        try:
            features = features_of(record["features"])
            if record["names"] != features.names:
                raise FileError(f"{path}: the names of its features do not match the description of its features")
            calibration = record["calibration"]
            slope, offset = (math.nan, math.nan) if calibration is None else map(float, calibration)
            return cls(
                features,
                record["mean"],
                record["scale"],
                record["weights"],
                float(record["intercept"]),
                (slope, offset),
                dict(record["provenance"]),
            )
        except KeyError as error:
            raise FileError(f"{path} lacks {error.args[0]!r}") from None
        except (TypeError, ValueError) as error:
            raise FileError(f"{path}: {error}") from None
