"""A plastic event that is undone when the shear is reversed, with the loop of its stress (paper, Fig. 5)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from glassplast.errors import NotInStudyError
from glassplast.foundation.arrays import FloatArray
from glassplast.plot.figure import ACCENT, energy_unit, length_unit
from glassplast.plot.study.appearance import DOUBLE, letter, study_figure, styled
from glassplast.plot.study.ensembles import by_stability
from glassplast.plot.study.figure_of_study import StudyFigure
from glassplast.plot.study.yielding_states import run_of
from glassplast.quasistatic import Reversal, Run, shear
from glassplast.study import Study, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["reversible_event"]

_FORWARD, _CONTEXT = "#2b6cb0", "#b6bcc4"
#: Points of a curve in the loop.
_POINTS = 200
#: A loop is thin if the stress falls by a smaller part of what it rises on the old branch.
_THIN = 0.2


def reversible_event(
    study: Study, tables: Tables | None = None, *, protocol: str | None = None, sample: int | None = None
) -> StudyFigure:
    """Draw the stress along the loop of a reversible event, and the energies of its two branches.

    Of the events whose reversal is on record, those that are undone at once, in a single event of the way back, come
    before others, and the one with the largest stress drop is drawn.

    Parameters
    ----------
    study : Study
        The study.
    tables : Tables, optional
        Its tables; by default they are collected anew.
    protocol : str, optional
        The protocol; by default the most stable one that has a reversible event.
    sample : int, optional
        The sample; by default all are searched.

    Returns
    -------
    StudyFigure

    Raises
    ------
    NotInStudyError
        If no event has been reversed, or none of them is reversible.
    """
    known = study.tables() if tables is None else tables
    asked = [protocol] if protocol is not None else by_stability(study, known)[::-1]
    tried = 0
    for name in asked:
        found = [
            (number, reversal)
            for number in study.samples(name)
            if sample is None or number == sample
            for reversal in study.answers(name, number).reversals.values()
        ]
        tried += len(found)
        undone = [pair for pair in found if pair[1].returned]
        if undone:
            number, reversal = min(undone, key=lambda pair: (len(pair[1].events), -pair[1].event.stress_drop))
            return _drawn(run_of(study, name, number), reversal, name, number, len(found), len(undone))
    if tried:
        raise NotInStudyError(
            f"none of the {tried} events that were reversed is reversible; the plan can ask for more of them "
            "(events in [questions.reversals]), or for more stable glasses"
        )
    raise NotInStudyError("no event has been reversed; [questions.reversals] of the plan asks for it")


def _drawn(run: Run, reversal: Reversal, protocol: str, sample: int, tried: int, undone: int) -> StudyFigure:
    event, back = reversal.event, reversal.run
    origin, sign = run.start.strain, event.direction
    rejoined = back.events[-1].after
    # The old branch from where it is rejoined: the recorded run need not have been on it so early.
    again = shear(rejoined, event.onset_strain, loading=run.loading, tolerance=1e-10, threads=1, progress=False)
    volume = run.start.volume
    on_a = np.linspace(reversal.strain, event.onset_strain, _POINTS)
    pieces = list(_pieces(back, reversal.strain))

    def counted(strain: Any) -> FloatArray:
        return np.asarray(sign * (np.asarray(strain) - origin))

    width = abs(event.strain - reversal.strain)
    # In a large sample the loop is thin; its slope is then taken off.
    ends = again.stress_at(on_a[[0, -1]])
    slope = float(ends[1] - ends[0]) / float(on_a[-1] - on_a[0])
    slope = slope if abs(event.stress_drop) < _THIN * abs(slope) * width else 0.0

    def shown(strain: Any, stress: Any) -> FloatArray:
        return np.asarray(stress - slope * (np.asarray(strain) - reversal.strain))

    rows: list[dict[str, Any]] = []

    def keep(branch: str, strain: FloatArray, stress: FloatArray, energy: FloatArray) -> None:
        rows.extend(
            {"protocol": protocol, "sample": sample, "branch": branch, "strain": g, "stress": s, "energy": u}
            for g, s, u in zip(counted(strain).tolist(), stress.tolist(), energy.tolist(), strict=True)
        )

    keep("forward", on_a, again.stress_at(on_a), again.energy_at(on_a))
    for strain, stress, energy in pieces:
        keep("back", strain, stress, energy)
    with styled():
        figure = study_figure(DOUBLE, 2.6)
        left, right = figure.subplots(1, 2)
        strain, stress = _around(run, reversal.strain, event.strain, width)
        left.plot(counted(strain), shown(strain, stress), color=_CONTEXT, linewidth=2.4, zorder=0)
        left.plot(counted(on_a), shown(on_a, again.stress_at(on_a)), color=_FORWARD, label="forward, branch a")
        for place, (strain, stress, _) in enumerate(pieces):
            left.plot(counted(strain), shown(strain, stress), color=ACCENT, label=None if place else "back, branch b")
        jumps = [(event, _FORWARD), *((one, ACCENT) for one in back.events)]
        for one, color in jumps:
            tail, head = shown(one.strain, [one.stress_before, one.stress_after]).tolist()
            _arrow(left, (float(counted(one.strain)), tail), (float(counted(one.strain)), head), color)
        _along(left, counted(on_a), shown(on_a, again.stress_at(on_a)), _FORWARD)
        longest = max(pieces, key=lambda piece: abs(piece[0][0] - piece[0][-1]))
        _along(left, counted(longest[0]), shown(longest[0], longest[1]), ACCENT)
        left.set_xlabel(r"strain $\gamma$")
        what = rf"stress $- {abs(slope):.3g}\,\Delta\gamma$" if slope else "stress"
        left.set_ylabel(f"{what} ({energy_unit(run.start)}/{length_unit(run.start)}$^{run.start.dimension}$)")
        # Wherever the loop runs, there is room above it.
        left.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2)
        right.axhline(0.0, color=_FORWARD, label="state a")
        for place, (strain, _, energy) in enumerate(pieces):
            inside = np.clip(strain, min(reversal.strain, event.onset_strain), max(reversal.strain, event.onset_strain))
            difference = energy - again.energy_at(inside)
            right.plot(counted(strain), difference, color=ACCENT, label=None if place else "state b")
            if strain is longest[0]:
                _along(right, counted(strain), difference, ACCENT)
        _arrow(right, (float(counted(event.strain)), 0.0), (float(counted(event.strain)), -event.energy_drop), _FORWARD)
        last = back.events[-1]
        top = last.energy_drop
        _arrow(right, (float(counted(last.strain)), top), (float(counted(last.strain)), 0.0), ACCENT)
        _along(right, counted(on_a), np.zeros(_POINTS), _FORWARD)
        right.set_xlabel(r"strain $\gamma$")
        right.set_ylabel(f"energy $U - U_a$ ({energy_unit(run.start)})")
        right.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2)
        for ax in (left, right):
            ax.set_xlim(float(counted(reversal.strain)) - 0.35 * width, float(counted(event.strain)) + 0.35 * width)
        letter((left, right))
    area = volume * abs(_area(on_a, again.stress_at(on_a), pieces))
    tilted = (
        "; the loop is thin, and the straight line through both ends of branch a has been taken off, with Δγ the "
        "strain from the first of them"
        if slope
        else ""
    )
    steps = "in one event" if len(back.events) == 1 else f"in {len(back.events)} events"
    caption = (
        f"A reversible plastic event: sample {sample} of {protocol} ({len(run.start)} particles) leaves branch a at "
        f"γ = {float(counted(event.strain)):.5f} for branch b; when the shear is reversed it rejoins branch a {steps}, "
        f"at γ = {float(counted(reversal.strain)):.5f}. (a) Stress, with arrows along the loop; the run before and "
        f"after is grey{tilted}. (b) Energy of state b relative to that of state a at the same strain. The loop "
        f"dissipates {area:.3g} {energy_unit(run.start)}. Of {tried} events of {protocol} that were reversed, "
        f"{undone} are reversible."
    )
    return StudyFigure("reversible_event", "A reversible plastic event", caption, figure, rows)


def _pieces(back: Run, until: float) -> Iterable[tuple[FloatArray, FloatArray, FloatArray]]:
    """Strain, stress and energy of the branches of the way back, until it rejoins the old branch."""
    ends = [back.start.strain, *(event.strain for event in back.events)]
    for first, last in pairwise(ends):
        # At the strain of an event the curve has the value after it.
        strain = np.linspace(first, last, _POINTS + 1)[:-1]
        ending = next(event for event in back.events if event.strain == last)
        yield (
            np.append(strain, last),
            np.append(back.stress_at(strain), ending.stress_before),
            np.append(back.energy_at(strain), ending.energy_before),
        )


def _area(on_a: FloatArray, stress_a: FloatArray, pieces: Iterable[tuple[FloatArray, FloatArray, FloatArray]]) -> float:
    """The integral of the stress around the loop."""
    around = float(np.trapezoid(stress_a, on_a))
    return around + sum(float(np.trapezoid(stress, strain)) for strain, stress, _ in pieces)


def _around(run: Run, rejoined: float, left: float, width: float) -> tuple[FloatArray, FloatArray]:
    """Strain and stress of the run around the loop."""
    strain, stress = run.smooth_curve()
    low, high = sorted((rejoined, left))
    near = (strain > low - 0.35 * width) & (strain < high + 0.35 * width)
    return strain[near], stress[near]


def _arrow(ax: Axes, tail: tuple[float, float], head: tuple[float, float], color: str) -> None:
    ax.annotate(
        "", head, tail, arrowprops={"arrowstyle": "-|>", "color": color, "linestyle": (0, (2, 1.5)), "shrinkA": 0,
        "shrinkB": 0, "linewidth": 1.0, "mutation_scale": 9.0},
    )  # fmt: skip


def _along(ax: Axes, x: FloatArray, y: FloatArray, color: str) -> None:
    """An arrow head in the middle of a curve."""
    middle = len(x) // 2
    ax.annotate(
        "", (x[middle + 1], y[middle + 1]), (x[middle - 1], y[middle - 1]),
        arrowprops={"arrowstyle": "-|>", "color": color, "mutation_scale": 12.0, "linewidth": 0.0, "shrinkA": 0,
                    "shrinkB": 0},
    )  # fmt: skip
