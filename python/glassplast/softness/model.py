"""The estimator that learns softness, made of a scaler and a linear support vector machine of scikit-learn."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassplast.errors import ArgumentError, MissingExtraError, UnknownNameError, suggestion
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.version import package_version
from glassplast.glass import Configuration
from glassplast.quasistatic import Event
from glassplast.softness.examples import Examples, label_events
from glassplast.softness.features import Curve, Features, default_features
from glassplast.softness.plane import SoftnessPlane

try:
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold, StratifiedKFold, cross_val_predict
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import Pipeline, make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC, LinearSVC
    from sklearn.utils.metaestimators import available_if
    from sklearn.utils.multiclass import type_of_target
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    raise MissingExtraError("training softness", "learn") from error


__all__ = ["LOSSES", "SoftnessModel", "learning_curve", "linear_machine", "other_classifier"]

LOSSES = ("hinge", "squared_hinge")
#: Size of the kernel cache of libsvm, in MB.
_CACHE = 2000
_FOLDS = 5


def linear_machine(loss: str = "hinge", C: float = 1.0) -> Pipeline:
    """A pipeline of scikit-learn's StandardScaler and a linear support vector machine.

    Parameters
    ----------
    loss : {"hinge", "squared_hinge"}
        The hinge loss of libsvm (`sklearn.svm.SVC`), or its square as in liblinear (`sklearn.svm.LinearSVC`), which is
        far faster on large sets.
    C : float
        Cost of a misclassified particle.

    Returns
    -------
    sklearn.pipeline.Pipeline
    """
    if loss not in LOSSES:
        raise UnknownNameError(f"unknown loss {loss!r}; {suggestion(loss, LOSSES)}")
    if not (C > 0.0 and math.isfinite(C)):
        raise ArgumentError(f"C must be positive and finite, not {C}")
    if loss == "hinge":
        machine = SVC(kernel="linear", C=C, cache_size=_CACHE)
    else:
        # With this scaling the intercept is hardly penalized, as in libsvm.
        machine = LinearSVC(loss="squared_hinge", dual=False, C=C, intercept_scaling=10.0, max_iter=10_000)
    return make_pipeline(StandardScaler(), machine)


def other_classifier(name: str, seed: int = 0) -> Pipeline:
    """A nonlinear classifier for comparison.

    Parameters
    ----------
    name : {"gradient_boosting", "neural_network"}
        Kind of the classifier.
    seed : int
        Seed of the training.

    Returns
    -------
    sklearn.pipeline.Pipeline
    """
    if name == "gradient_boosting":
        return make_pipeline(HistGradientBoostingClassifier(random_state=seed))
    if name == "neural_network":
        network = MLPClassifier((64, 64), alpha=1e-3, early_stopping=True, random_state=seed)
        return make_pipeline(StandardScaler(), network)
    known = ("gradient_boosting", "neural_network")
    raise UnknownNameError(f"unknown classifier {name!r}; {suggestion(name, known)}")


# The bases and the decorator below come from scikit-learn, which has no type information.
class SoftnessModel(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A scikit-learn classifier that learns to distinguish soft from stiff particles by their structure.

    Parameters
    ----------
    features : Features, optional
        Structure functions that describe a particle, needed for `softness` and `save`; by default `train` uses those
        of the paper.
    C : float
        Cost of a misclassified particle in the support vector machine.
    loss : {"hinge", "squared_hinge"}
        See `linear_machine`.
    calibrate : bool
        Whether to fit the probability (Platt's logistic function) to decisions on held-out samples.
    provenance : mapping, optional
        Description of the training set, which is stored with the model.

    Attributes
    ----------
    plane_ : SoftnessPlane
        The plane that was learned. Without `features`, its features have only numbers.
    pipeline_ : sklearn.pipeline.Pipeline
        The fitted scaler and support vector machine.
    classes_ : ndarray, shape (2,)
        Both labels, of which the larger is the soft one.
    n_features_in_ : int
        Number of features.

    Raises
    ------
    MissingExtraError
        On import, if scikit-learn is not installed (pip install 'glassplast[learn]').

    Examples
    --------
    >>> model = SoftnessModel().train([run.events for run in runs])   # doctest: +SKIP
    >>> field = model.softness(glass)                                 # doctest: +SKIP

    Notes
    -----
    See Richard et al., Phys. Rev. Materials 4, 113609 (2020), appendix B.5; S. S. Schoenholz et al., Nature Physics 12,
    469 (2016). The features are standardized on the training set, and C is 1 by default.
    """

    def __init__(
        self,
        features: Features | None = None,
        *,
        C: float = 1.0,
        loss: str = "hinge",
        calibrate: bool = True,
        provenance: Mapping[str, Any] | None = None,
    ) -> None:
        self.features = features
        self.C = C
        self.loss = loss
        self.calibrate = calibrate
        self.provenance = provenance

    def __sklearn_tags__(self) -> Any:
        """The properties that scikit-learn must know, which include that there are two classes only."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> SoftnessModel:
        """Learn from features.

        Parameters
        ----------
        X : array_like, shape (M, F)
            Features of M particles.
        y : array_like, shape (M,)
            Labels of two classes, the larger of which is soft.
        groups : array_like, shape (M,), optional
            Sample of each particle, by which the sets of the cross-validation for calibration are split. Without it
            they are split by particle, and the probabilities are somewhat too close to 0 and 1.

        Returns
        -------
        SoftnessModel
            This model.

        Raises
        ------
        ValueError
            If features are NaN or infinite, or there are not exactly two classes.
        """
        values, labels = validate_data(self, X, y, dtype=np.float64)
        if type_of_target(labels) not in ("binary", "multiclass"):
            raise ValueError(f"Unknown label type: {type_of_target(labels)}")
        if self.features is not None and len(self.features.names) != values.shape[1]:
            raise ValueError(f"X has {values.shape[1]} features, but those described are {len(self.features.names)}")
        self.classes_ = np.unique(labels)
        if len(self.classes_) != 2:
            raise ValueError(
                f"Only binary classification is supported: the labels must be of two classes, not {len(self.classes_)}"
                f" class{'es' * (len(self.classes_) != 1)}"
            )
        self.pipeline_ = linear_machine(self.loss, self.C).fit(values, labels)
        scaler, machine = self.pipeline_[0], self.pipeline_[-1]
        calibration = self._calibrated(values, labels, groups) if self.calibrate else (math.nan, math.nan)
        described: Features = _Numbered(values.shape[1]) if self.features is None else self.features
        self.plane_ = SoftnessPlane(
            described,
            scaler.mean_,
            scaler.scale_,
            np.ravel(machine.coef_),
            float(np.ravel(machine.intercept_)[0]),
            calibration,
            {**self._record(labels, groups), **dict(self.provenance or {})},
        )
        return self

    def train(self, runs: Examples | Iterable[Sequence[Event]], **options: Any) -> SoftnessModel:
        """Learn from plastic events, or from examples that were made before.

        Parameters
        ----------
        runs : Examples or iterable of sequences of Event
            Examples, or one sequence of events for each sample, see `label_events`.
        **options
            Further arguments of `label_events`.

        Returns
        -------
        SoftnessModel
            This model.
        """
        if not isinstance(runs, Examples):
            entries = [list(events) for events in runs]
            first = next((event for events in entries for event in events), None)
            if self.features is None and first is not None:
                self.features = default_features(first.before)
            runs = label_events(entries, self.features, **options)
        return self.fit(runs.features, runs.labels, groups=runs.samples)

    def decision_function(self, X: ArrayLike) -> FloatArray:
        """The decision w·z + b for rows of features, which is positive for soft particles.

        Parameters
        ----------
        X : array_like, shape (M, F)
            Features of M particles.

        Returns
        -------
        ndarray, shape (M,)
        """
        check_is_fitted(self)
        return self.plane_.decision(validate_data(self, X, reset=False, dtype=np.float64))

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The class of each row of features.

        Parameters
        ----------
        X : array_like, shape (M, F)
            Features of M particles.

        Returns
        -------
        ndarray, shape (M,)
            Labels.
        """
        check_is_fitted(self)
        predicted: NDArray[Any] = self.classes_[(self.decision_function(X) > 0.0).astype(int)]
        return predicted

    @available_if(lambda self: self.calibrate)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: ArrayLike) -> FloatArray:
        """Calibrated probabilities of both classes, shape (M, 2), which exist only with `calibrate`.

        Parameters
        ----------
        X : array_like, shape (M, F)
            Features of M particles.
        """
        check_is_fitted(self)
        soft = self.plane_.probability(validate_data(self, X, reset=False, dtype=np.float64))
        return np.column_stack([1.0 - soft, soft])

    def softness(self, glass: Configuration) -> FloatArray:
        """The softness of each particle of a glass, which is its signed distance from the plane.

        Parameters
        ----------
        glass : Glass or Analysis
            The configuration.

        Returns
        -------
        ndarray, shape (N,)
            Softness; positive for soft particles.
        """
        check_is_fitted(self)
        return self.plane_.softness(glass)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the plane, with the current `provenance`, as a JSON file that `SoftnessPlane.load` reads.

        Parameters
        ----------
        path : path-like
            File to write; an existing file is replaced.
        """
        check_is_fitted(self)
        provenance = {**self.plane_.provenance, **dict(self.provenance or {})}
        dataclasses.replace(self.plane_, provenance=provenance).save(path)

    def _calibrated(self, X: FloatArray, y: NDArray[Any], groups: ArrayLike | None) -> tuple[float, float]:
        """Slope and offset of Platt's logistic function, from decisions on samples that were left out of training."""
        if groups is not None and np.unique(np.asarray(groups)).size >= 2:
            folds: Any = GroupKFold(min(_FOLDS, np.unique(np.asarray(groups)).size))
        else:
            smallest = int(min(np.count_nonzero(y == label) for label in self.classes_))
            if smallest < 2:
                return math.nan, math.nan
            folds, groups = StratifiedKFold(min(_FOLDS, smallest)), None
        # The squared loss changes the plane little, and replaces five slow fits of libsvm.
        machine = linear_machine("squared_hinge", self.C)
        decisions = cross_val_predict(machine, X, y, groups=groups, cv=folds, method="decision_function")
        own = self.pipeline_.decision_function(X)
        spread = float(np.std(decisions)) or 1.0
        logistic = LogisticRegression(C=1e6).fit(decisions[:, None] * (float(np.std(own)) / spread), y)
        return float(logistic.coef_[0, 0]), float(logistic.intercept_[0])

    def _record(self, labels: NDArray[Any], groups: ArrayLike | None) -> dict[str, Any]:
        versions = {name: importlib.metadata.version(name) for name in ("scikit-learn", "numpy")}
        return {
            "soft": int(np.count_nonzero(labels == self.classes_[1])),
            "stiff": int(np.count_nonzero(labels == self.classes_[0])),
            "samples": None if groups is None else int(np.unique(np.asarray(groups)).size),
            "loss": self.loss,
            "C": float(self.C),
            "versions": {"glassplast": package_version(), **versions},
        }


class _Numbered:
    """Features of which only the number is known."""

    kind: ClassVar[str] = "numbered"

    def __init__(self, count: int) -> None:
        self.count = count

    @property
    def names(self) -> list[str]:
        """``feature 0`` and so on."""
        return [f"feature {place}" for place in range(self.count)]

    @property
    def curves(self) -> list[Curve]:
        """No curves, since nothing is known about the features."""
        return []

    def compute(self, glass: Configuration) -> FloatArray:
        """Raise an error, since nothing is known about the features."""
        raise ArgumentError("this model was fitted without features: SoftnessModel(features=...)")


def learning_curve(
    training: Examples,
    validation: Examples,
    sizes: Sequence[int],
    *,
    model: SoftnessModel | None = None,
    repeats: int = 1,
    seed: int = 0,
) -> FloatArray:
    """Compute the accuracy on held-out samples as a function of the size of the training set.

    Parameters
    ----------
    training, validation : Examples
        Sets without a sample in common (`Examples.split`). Both are balanced before use.
    sizes : sequence of int
        Numbers of soft particles to train on; the same number of stiff particles is added.
    model : SoftnessModel, optional
        Model to train, without calibration.
    repeats : int
        Number of trainings for each size, on different particles.
    seed : int
        Seed of the choice of particles.

    Returns
    -------
    ndarray, shape (len(sizes), repeats)
        Accuracies.

    Raises
    ------
    ArgumentError
        If the sets have a sample in common, or there are fewer particles than a size requires.
    """
    if np.intersect1d(training.samples, validation.samples).size:
        raise ArgumentError("training and validation share samples: split them by sample")
    most = int(min(np.count_nonzero(training.labels == label) for label in (0, 1)))
    if max(sizes) > most:
        raise ArgumentError(f"sizes must be at most {most}, the particles of the rarer class, not {max(sizes)}")
    base = SoftnessModel() if model is None else model
    check = validation.balanced(seed=seed)
    accuracies = np.empty((len(sizes), repeats))
    for row, size in enumerate(sizes):
        for column in range(repeats):
            chosen = training.balanced(size, seed=seed + 1 + column)
            fitted = SoftnessModel(C=base.C, loss=base.loss, calibrate=False).train(chosen)
            accuracies[row, column] = fitted.score(check.features, check.labels)
    return accuracies
