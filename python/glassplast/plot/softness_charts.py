"""What a softness model has learned: its weights against distance, and how its accuracy grows with the training set."""

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
    """The weight of each structure function against its distance: where neighbours make a particle soft, and where not.

    Parameters
    ----------
    model : SoftnessModel or SoftnessPlane
        A fitted model, or a plane. Weights are those of standardized features over \\|w\\|.
    ax, path
        As of `field`.

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
    """Accuracy on held-out samples against the number of particles of each class that were trained on.

    Parameters
    ----------
    sizes : sequence of int
    accuracies : (len(sizes), repeats) array_like
        As `glassplast.softness.learning_curve` gives them.
    target : float, optional
        An accuracy to compare with.
    ax, path
        As of `field`.

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
