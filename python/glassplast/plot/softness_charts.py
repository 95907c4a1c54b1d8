"""Charts of a softness model: its weights against distance, and its accuracy against the size of the training set."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from glassplast.plot.figure import ACCENT, axes, finished
from glassplast.softness.plane import SoftnessPlane

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["learning_curve", "softness_weights"]

_COLORS = ("#2b6cb0", ACCENT, "#2f855a", "#6b46c1")


def softness_weights(
    model: Any,
    *,
    ax: Axes | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """Draw the weight of each structure function against its distance.

    Positive weights show the distances at which neighbours make a particle soft.

    Parameters
    ----------
    model : SoftnessModel or SoftnessPlane
        A fitted model, or a plane. The weights are those of standardized features divided by \\|w\\|.
    ax, path
        See `field`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    plane: SoftnessPlane = getattr(model, "plane_", model)
    figure, ax = axes(ax, 8.0, 4.6)
    weights = plane.weights / plane.norm
    curves = plane.features.curves
    ax.axhline(0.0, color="#9ca3af", linewidth=0.8, zorder=1)
    for place, curve in enumerate(curves):
        color = _COLORS[place % len(_COLORS)]
        values = weights[curve.columns]
        ax.plot(
            curve.values, values, color=color, linewidth=1.2, marker="o", markersize=3.5, label=curve.label, zorder=3
        )
        ax.fill_between(curve.values, values, color=color, alpha=0.12, linewidth=0.0, zorder=2)
    names = plane.features.names
    if names[-1] == "diameter":
        ax.plot([], [], linestyle="none", label=f"diameter of the particle: {weights[-1]:+.2f}")
    abscissas = dict.fromkeys(curve.abscissa.replace("_ij", "_{ij}") for curve in curves)
    ax.set_xlabel(" or ".join(f"${abscissa}$" for abscissa in abscissas) or "$r$")
    ax.set_ylabel("weight / |w| (positive: softer)")
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", color="#e5e7eb", linewidth=0.8)
    ax.set_axisbelow(True)
    ax.legend(frameon=False, loc="best")
    return finished(figure, path)


def learning_curve(
    sizes: Sequence[int],
    accuracies: ArrayLike,
    *,
    target: float | None = None,
    ax: Axes | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """Draw the accuracy on held-out samples against the number of particles of each class in the training set.

    Parameters
    ----------
    sizes : sequence of int
        Number of particles of each class.
    accuracies : array_like, shape (len(sizes), repeats)
        Accuracies, from `glassplast.softness.learning_curve`.
    target : float, optional
        An accuracy for comparison, which is drawn as a line.
    ax, path
        See `field`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, ax = axes(ax, 6.0, 4.2)
    values = np.asarray(accuracies, dtype=np.float64).reshape(len(sizes), -1)
    error = values.std(axis=1, ddof=1) if values.shape[1] > 1 else None
    ax.errorbar(sizes, values.mean(axis=1), yerr=error, color=_COLORS[0], marker="o", markersize=4.5, capsize=3.0)
    if target is not None:
        ax.axhline(target, color=ACCENT, linewidth=1.0, linestyle=(0, (4, 3)), label=f"{100.0 * target:.1f} %")
        ax.legend(frameon=False, loc="lower right")
    ax.set_xscale("log")
    ax.set_xlabel("particles of each class in the training set")
    ax.set_ylabel("accuracy on held-out samples")
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", color="#e5e7eb", linewidth=0.8)
    return finished(figure, path)
