"""How the motion along the elastic branch changes what the structure says of the first event (paper, Fig. 7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from glassplast.errors import NotInStudyError
from glassplast.fields.nonaffine import nonaffine_displacement
from glassplast.foundation.arrays import FloatArray
from glassplast.glass import Glass
from glassplast.plot.disks import draw_disks, in_cell, require_planar
from glassplast.plot.figure import ACCENT, INK, length_unit
from glassplast.plot.study.appearance import (
    DOUBLE,
    SINGLE,
    letter,
    protocol_color,
    protocol_legend,
    protocol_marker,
    study_figure,
    styled,
    symbol,
)
from glassplast.plot.study.ensembles import by_stability, counted, samples_of, told_intervals
from glassplast.plot.study.figure_of_study import StudyFigure
from glassplast.plot.study.particle_maps import bare_cell, particle_rows, scale_bar
from glassplast.plot.study.yielding_states import run_of
from glassplast.probes.quasilocalized import NonlinearModes, nonlinear_modes
from glassplast.response.analysis import Analysis
from glassplast.scores import correlation
from glassplast.study import Study, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["c_min_of_moved_states", "moved_positions", "velocity_and_modes"]

#: Kinds of states of which the first event is predicted, with their names in the figure.
_MOVED = {
    "start": "as cast",
    "moved_affinely": "moved\naffinely",
    "moved_nonaffinely": "affinely and\nnonaffinely",
    "onset": "at the\nonset",
}
#: Particles that move less than this part of what the core does are left out of a mode.
_CARRYING = 0.35
#: Spacing of the starts of searches where the default leads to too few modes (length).
_CLOSE_STARTS = 2.0
_MOVED_COLOR, _TRUE_COLOR = "#2b6cb0", "#d1105a"


def c_min_of_moved_states(
    study: Study, tables: Tables | None = None, *, indicator: str = "steric_order"
) -> StudyFigure:
    """Draw C_min of an indicator in states that are ever closer to that at the onset of the first event.

    These are the glass as cast, moved affinely to the strain of the onset, moved by the nonaffine velocity as well, and
    the true state at the onset.

    Parameters
    ----------
    study : Study
        The study.
    tables : Tables, optional
        Its tables; by default they are collected anew.
    indicator : str
        Key of the indicator.

    Returns
    -------
    StudyFigure

    Raises
    ------
    NotInStudyError
        If no sample has the indicator in all four states.
    """
    known = study.tables() if tables is None else tables
    ranks: dict[str, dict[int, dict[str, float]]] = {}
    for row in known.ranks:
        if row["indicator"] == indicator and row["event"] == 1 and row["state"] in _MOVED:
            ranks.setdefault(row["protocol"], {}).setdefault(row["sample"], {})[row["state"]] = row["rank"]
    # Only samples with all four states: the states are compared with each other.
    whole = {
        name: [one for one in ranks.get(name, {}).values() if len(one) == len(_MOVED)]
        for name in by_stability(study, known)
    }
    whole = {name: samples for name, samples in whole.items() if samples}
    if not whole:
        raise NotInStudyError(
            f"no sample has {indicator!r} in the moved states and at the onset; [states.moved] of the plan "
            f"asks for these states, and [indicators.{indicator}] for the field"
        )
    rows: list[dict[str, Any]] = []
    with styled():
        figure = study_figure(SINGLE, 2.5)
        ax = figure.add_subplot()
        for place, (name, samples) in enumerate(whole.items()):
            aside = 0.12 * (place - 0.5 * (len(whole) - 1))
            scores = [correlation([one[kind] for one in samples]) for kind in _MOVED]
            x = np.arange(len(_MOVED)) + aside
            value, low, high = (
                np.array([getattr(score, part) for score in scores]) for part in ("value", "low", "high")
            )
            color = protocol_color(study, name)
            ax.plot(x, value, color=color, linewidth=0.8, alpha=0.6)
            if len(samples) > 1:
                ax.vlines(x, low, high, color=color, linewidth=1.2)
            ax.plot(x, value, protocol_marker(study, name), color=color, markeredgecolor="white")
            rows += [
                {
                    "protocol": name, "state": kind, "indicator": indicator, "C_min": score.value, "low": score.low,
                    "high": score.high, "samples": score.events,
                }
                for kind, score in zip(_MOVED, scores, strict=True)
            ]  # fmt: skip
        ax.set_xticks(range(len(_MOVED)), list(_MOVED.values()))
        ax.set_xlim(-0.5, len(_MOVED) - 0.5)
        ax.set_ylabel(rf"$C_\mathrm{{min}}$ of {symbol(indicator)}")
        protocol_legend(figure, study, list(whole))
    numbers = {name: len(samples) for name, samples in whole.items()}
    caption = (
        f"C_min of {indicator.replace('_', ' ')} in the glass as cast, moved affinely to the strain of the onset of "
        "the first event, moved by the nonaffine velocity of the start as well, and in the state at the onset, with "
        f"{counted(numbers)}. {told_intervals(numbers.values())}"
    )
    return StudyFigure("c_min_of_moved_states", "C_min along the elastic branch", caption, figure, rows)


# --- positions --------------------------------------------------------------------------------------------------------


def moved_positions(
    study: Study,
    tables: Tables | None = None,
    *,
    protocol: str | None = None,
    sample: int | None = None,
    zoom: float = 5.0,
) -> StudyFigure:
    """Draw where a glass would be if it kept moving as at its start, and where it is at the onset of its first event.

    Parameters
    ----------
    study : Study
        The study.
    tables : Tables, optional
        Its tables; by default they are collected anew.
    protocol : str, optional
        The protocol; by default the most stable one that has these states.
    sample : int, optional
        The sample; by default the one with the longest way to its first event among those that have these states.
    zoom : float
        Half of the side of the part that is enlarged, around the particle that is furthest from where it would be
        (length).

    Returns
    -------
    StudyFigure

    Raises
    ------
    NotInStudyError
        If no sample has these states.
    GeometryError
        If the glasses are not two-dimensional.
    """
    known = study.tables() if tables is None else tables
    names = [protocol] if protocol is not None else by_stability(study, known)[::-1]
    name, number, moved, true = _onset(study, known, names, sample)
    require_planar(true)
    start = study.start(name, number).start
    beyond = nonaffine_displacement(moved, true)
    nonaffine = nonaffine_displacement(start, true)
    size = np.linalg.norm(beyond, axis=1)
    # The most distant particle comes into the middle of the cell, so that the square around it is whole.
    shift = true.positions[int(np.argmax(size))] - _middle(true)
    shown_moved, shown = (glass.replace(positions=glass.positions - shift) for glass in (moved, true))
    strain = abs(true.strain - start.strain)
    with styled():
        figure = study_figure(DOUBLE, 3.5)
        left, right = figure.subplots(1, 2)
        _arrows_of_differences(left, shown, beyond, zoom)
        _two_sets_of_disks(right, shown_moved, shown, zoom)
        letter((left, right))
    head = {"protocol": name, "sample": number, "strain": strain}
    rows = list(
        particle_rows(true, head, x_beyond=beyond[:, 0], y_beyond=beyond[:, 1], beyond=size,
                      nonaffine=np.linalg.norm(nonaffine, axis=1))
    )  # fmt: skip
    rms = [float(np.sqrt(np.mean(part**2))) for part in (size, np.linalg.norm(nonaffine, axis=1))]
    caption = (
        f"Sample {number} of {name} ({len(true)} particles) at the onset of its first event, at γ = {strain:.4g}, and "
        "the positions that follow from the affine deformation and the nonaffine velocity of the start. (a) "
        f"Differences of the true from the predicted positions, {_magnified(beyond, true):.3g} times enlarged; their "
        f"root mean square is {rms[0]:.3g} {length_unit(true)}, that of the whole nonaffine displacement {rms[1]:.3g}. "
        "The largest difference is in the middle. (b) The part in the square: predicted positions (blue disks) "
        "and true ones (red outlines)."
    )
    return StudyFigure("moved_positions", "Predicted and true positions at the onset", caption, figure, rows)


def _by_way(tables: Tables, protocol: str) -> list[int]:
    """The samples of a protocol, from the one with the longest way to its first event to that with the shortest."""
    ways = {row["sample"]: row["gamma_min"] for row in samples_of(tables, protocol) if np.isfinite(row["gamma_min"])}
    return sorted(ways, key=lambda sample: -ways[sample])


def _onset(study: Study, tables: Tables, protocols: Sequence[str], sample: int | None) -> tuple[str, int, Glass, Glass]:
    """The first protocol and sample with the moved state and the one at the onset, and these states."""
    for name in protocols:
        for number in _by_way(tables, name):
            if sample is None or number == sample:
                states = {state.kind: state.glass for state in study.states(name, number)}
                if "moved_nonaffinely" in states and "onset" in states:
                    return name, number, states["moved_nonaffinely"], states["onset"]
    raise NotInStudyError(
        "no sample has the moved state and the one at the onset; [states.moved] of the plan asks for them"
    )


def _magnified(vectors: FloatArray, glass: Glass) -> float:
    """The factor that makes the largest arrows three distances between particles long, and more in large cells."""
    longest = float(np.nanquantile(np.linalg.norm(vectors, axis=1), 0.999))
    wanted = max(3.0 * _spacing(glass), 0.04 * float(np.sqrt(glass.volume)))
    return wanted / longest if longest > 0.0 else 1.0


def _spacing(glass: Glass) -> float:
    return float(np.sqrt(glass.volume / len(glass)))


def _arrows(ax: Axes, glass: Glass, vectors: FloatArray, factor: float, color: str, **style: Any) -> None:
    known = np.isfinite(vectors).all(axis=1)
    places = in_cell(glass, glass.positions[known])
    ax.quiver(
        *places.T, *(factor * vectors[known]).T, color=color, angles="xy", scale_units="xy", scale=1.0,
        **{"width": 0.003, "headwidth": 3.5, "headlength": 4.0, "headaxislength": 3.6, "minlength": 0.0, **style},
    )  # fmt: skip


def _arrows_of_differences(ax: Axes, glass: Glass, vectors: FloatArray, zoom: float) -> None:
    from matplotlib.patches import Rectangle

    bare_cell(ax, glass)
    _arrows(ax, glass, vectors, _magnified(vectors, glass), INK)
    scale_bar(ax, glass)
    x, y = _middle(glass)
    ax.add_patch(Rectangle((x - zoom, y - zoom), 2 * zoom, 2 * zoom, fill=False, edgecolor=ACCENT, linewidth=1.0))
    ax.set_title("true − predicted")


def _two_sets_of_disks(ax: Axes, moved: Glass, true: Glass, zoom: float) -> None:
    """The disks of both states around the middle of the cell."""
    looks: tuple[tuple[Glass, dict[str, Any]], ...] = (
        (moved, {"facecolors": _MOVED_COLOR, "alpha": 0.35}),
        (true, {"facecolors": "none", "edgecolors": _TRUE_COLOR, "linewidths": 0.8}),
    )
    for glass, look in looks:
        draw_disks(ax, glass, bare_cell(ax, glass, "none"), within=(_middle(glass), 2.0 * zoom), **look)
    x, y = _middle(true)
    ax.set_xlim(x - zoom, x + zoom)
    ax.set_ylim(y - zoom, y + zoom)
    ax.spines[:].set_visible(True)
    ax.spines[:].set_color(ACCENT)
    ax.plot([], [], "o", color=_MOVED_COLOR, alpha=0.35, markeredgewidth=0.0, label="predicted")
    ax.plot([], [], "o", markerfacecolor="none", markeredgecolor=_TRUE_COLOR, label="true")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)


def _middle(glass: Glass) -> FloatArray:
    return np.asarray(np.asarray(glass.box.origin) + glass.cell @ np.full(2, 0.5))


# --- the nonaffine velocity and soft modes ----------------------------------------------------------------------------


def velocity_and_modes(
    study: Study,
    tables: Tables | None = None,
    *,
    protocol: str | None = None,
    sample: int | None = None,
    count: int = 8,
) -> StudyFigure:
    """Draw the nonaffine velocity at the start with the softest quasilocalized modes, which are computed here.

    Parameters
    ----------
    study : Study
        The study.
    tables : Tables, optional
        Its tables; by default they are collected anew.
    protocol : str, optional
        The protocol; by default the most stable one.
    sample : int, optional
        The sample; by default the one with the longest way to its first event.
    count : int
        Number of nonlinear modes, from the softest one.

    Returns
    -------
    StudyFigure

    Raises
    ------
    NotInStudyError
        If there is no such sample.
    GeometryError
        If the glasses are not two-dimensional.
    """
    known = study.tables() if tables is None else tables
    name = protocol if protocol is not None else by_stability(study, known)[-1]
    number = _by_way(known, name)[0] if sample is None else sample
    run = run_of(study, name, number)
    glass = run.start
    require_planar(glass)
    analysis = Analysis(glass, threads=1, progress=False)
    velocity = run.direction * analysis.nonaffine_velocity(run.loading)
    modes = _modes(analysis, run.loading, count)
    softest = np.argsort(modes.stiffnesses, kind="stable")[:count]
    with styled():
        figure = study_figure(SINGLE, 3.5)
        ax = figure.add_subplot()
        bare_cell(ax, glass)
        _arrows(ax, glass, velocity, _magnified(velocity, glass), INK, alpha=0.6)
        _draw_modes(ax, glass, modes, softest)
        if run.events:
            core = in_cell(glass, glass.positions[[run.events[0].core]])
            ax.plot(*core.T, "o", markersize=15.0, markerfacecolor="none", markeredgecolor="#2b6cb0", zorder=4)
        scale_bar(ax, glass)
    head = {"protocol": name, "sample": number}
    rows: list[dict[str, Any]] = [
        {"what": "velocity", **row}
        for row in particle_rows(glass, head, x_velocity=velocity[:, 0], y_velocity=velocity[:, 1])
    ]
    for place, which in enumerate(softest.tolist(), start=1):
        x, y = in_cell(glass, modes.core_positions[[which]])[0].tolist()
        rows.append(
            {
                "what": "mode", **head, "particle": int(glass.ids[modes.cores[which]]), "x": x, "y": y,
                "mode": place, "stiffness": float(modes.stiffnesses[which]),
                "overlap_with_velocity": float(
                    np.nansum(modes.vectors[which] * velocity) / np.sqrt(np.nansum(velocity**2))
                ),
            }
        )  # fmt: skip
    told = "eight" if softest.size == 8 else str(softest.size)
    fewer = "" if softest.size == count else f"; only {softest.size} distinct modes were found"
    caption = (
        f"Nonaffine velocity at the start of sample {number} of {name} ({len(glass)} particles; black arrows) with the "
        f"{told} softest nonlinear modes (red arrows, the softest one is 1{fewer}). "
        + ("The blue ring marks the core of the first event. " if run.events else "")
        + f"Stiffnesses are from {float(modes.stiffnesses[softest].min()):.3g} to "
        f"{float(modes.stiffnesses[softest].max()):.3g}."
    )
    return StudyFigure("velocity_and_modes", "Nonaffine velocity and soft modes", caption, figure, rows)


def _modes(analysis: Analysis, loading: FloatArray, count: int) -> NonlinearModes:
    """The nonlinear modes of a glass; if those are fewer than wanted, they are searched for from more starts."""
    modes = nonlinear_modes(analysis, loading=loading, progress=False)
    if len(modes) < count:
        modes = nonlinear_modes(analysis, loading=loading, spacing=_CLOSE_STARTS, progress=False)
    return modes


def _draw_modes(ax: Axes, glass: Glass, modes: NonlinearModes, softest: Any) -> None:
    """The arrows of the particles that move most in each mode, and the number of the mode at its core."""
    from matplotlib.patheffects import withStroke

    thin = 0.005 * min(1.0, (1000.0 / len(glass)) ** 0.25)
    for which in softest.tolist():
        vector = np.nan_to_num(modes.vectors[which])
        squares = np.sum(vector**2, axis=1)
        carrying = squares > _CARRYING**2 * squares.max()
        shown = np.full_like(vector, np.nan)
        shown[carrying] = vector[carrying]
        _arrows(ax, glass, shown, _magnified(shown, glass), _TRUE_COLOR, width=thin, zorder=3)
    for names, place in _groups(glass, in_cell(glass, modes.core_positions[softest])):
        text = ax.annotate(
            names, (float(place[0]), float(place[1])), (5.0, 5.0), textcoords="offset points", fontsize=8.0,
            fontweight="bold", color=_TRUE_COLOR, zorder=5,
        )  # fmt: skip
        text.set_path_effects([withStroke(linewidth=2.0, foreground="white")])


def _groups(glass: Glass, points: FloatArray) -> list[tuple[str, FloatArray]]:
    """The numbers of points that lie close to each other, and where the first of them is."""
    near = 0.05 * float(np.sqrt(glass.volume))
    groups: list[tuple[list[int], FloatArray]] = []
    for number, point in enumerate(points, start=1):
        for numbers, first in groups:
            if float(np.linalg.norm(glass.box.minimum_image((point - first)[None])[0])) < near:
                numbers.append(number)
                break
        else:
            groups.append(([number], point))
    return [(", ".join(map(str, numbers)), first) for numbers, first in groups]
