"""A plastic event that is undone when the shear is reversed, with the loop of its stress (paper, Fig. 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from glassplast.errors import NotInStudyError
from glassplast.foundation.arrays import FloatArray
from glassplast.plot.figure import ACCENT, energy_unit, length_unit
from glassplast.plot.study.appearance import DOUBLE, letter, study_figure, styled
from glassplast.plot.study.ensembles import by_stability
from glassplast.plot.study.figure_of_study import StudyFigure
from glassplast.plot.study.yielding_states import run_of
from glassplast.quasistatic import Event, Reversal, Run, shear
from glassplast.study import Study, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["reversible_event"]

_FORWARD, _CONTEXT = "#2b6cb0", "#b6bcc4"
#: Points of a curve in the loop.
_POINTS = 200
#: A loop is thin if the stress falls by a smaller part of what it rises on the old branch.
_THIN = 0.2
#: How much of the run is shown on both sides of the loop, in widths of the loop.
_ASIDE = 0.35
#: How far beyond an instability its branch is followed at most.
_BEYOND = 1e-5


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


class _Curve(NamedTuple):
    """A piece of the loop: strain and stress along the loading, counted from the start of the run, and the energy."""

    strain: FloatArray
    stress: FloatArray
    energy: FloatArray


@dataclass(frozen=True)
class _Loop:
    """The old branch from where it is rejoined to its end, the branches of the way back, and the jumps between them.

    A jump is a strain, the stress before and after it, and whether it is on the way back.
    """

    forward: _Curve
    back: list[_Curve]
    jumps: list[tuple[float, float, float, bool]]

    @property
    def slope(self) -> float:
        """Slope of the line through both ends of the old branch if the loop is thin, and 0 if it is not."""
        rise = float(self.forward.stress[-1] - self.forward.stress[0])
        _, before, after, _ = self.jumps[0]
        thin = abs(before - after) < _THIN * abs(rise)
        return rise / float(self.forward.strain[-1] - self.forward.strain[0]) if thin else 0.0


def _loop(run: Run, reversal: Reversal) -> _Loop:
    event, back = reversal.event, reversal.run
    origin, sign = run.start.strain, event.direction
    # The old branch is followed from where it is rejoined, as the recorded run need not have been on it so early. It is
    # followed to its end, because curves are interpolated according to how branches end.
    beyond = event.strain + sign * (2.0 * event.strain_uncertainty + _BEYOND)
    again = shear(back.events[-1].after, beyond, loading=run.loading, max_events=1, threads=1, progress=False)

    def piece(source: Run, first: float, last: float, ending: Event | None = None) -> _Curve:
        strain = np.linspace(first, last, _POINTS)
        # At the strain of an event a run has the state after it.
        inner = strain if ending is None else strain[:-1]
        stress, energy = source.stress_at(inner), source.energy_at(inner)
        if ending is not None:
            stress, energy = np.append(stress, ending.stress_before), np.append(energy, ending.energy_before)
        return _Curve(sign * (strain - origin), sign * stress, energy)

    def jump(one: Event, on_the_way_back: bool) -> tuple[float, float, float, bool]:
        return sign * (one.strain - origin), sign * one.stress_before, sign * one.stress_after, on_the_way_back

    ends = [back.start.strain, *(one.strain for one in back.events)]
    return _Loop(
        piece(again, reversal.strain, event.onset_strain),
        [piece(back, first, one.strain, one) for first, one in zip(ends[:-1], back.events, strict=True)],
        [jump(event, False), *(jump(one, True) for one in back.events)],
    )


def _drawn(run: Run, reversal: Reversal, protocol: str, sample: int, tried: int, undone: int) -> StudyFigure:
    loop = _loop(run, reversal)
    event, back = reversal.event, reversal.events
    rejoined, left = float(loop.forward.strain[0]), loop.jumps[0][0]
    with styled():
        figure = study_figure(DOUBLE, 2.6)
        panels = figure.subplots(1, 2)
        _draw_stress(panels[0], run, loop, event.direction)
        _draw_energy(panels[1], loop, event.energy_drop, back[-1].energy_drop)
        for ax in panels:
            ax.set_xlim(rejoined - _ASIDE * (left - rejoined), left + _ASIDE * (left - rejoined))
            ax.set_xlabel(r"strain $\gamma$")
            # Wherever the loop runs, there is room above it.
            ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2)
        panels[1].set_ylabel(f"energy $U - U_a$ ({energy_unit(run.start)})")
        letter(panels)
    rows = [
        {"protocol": protocol, "sample": sample, "branch": name, "strain": x, "stress": y, "energy": u}
        for name, curve in [("forward", loop.forward), *(("back", curve) for curve in loop.back)]
        for x, y, u in zip(*(part.tolist() for part in curve), strict=True)
    ]
    tilted = (
        "; the loop is thin, and the straight line through both ends of branch a has been taken off, with Δγ the "
        "strain from the first of them"
        if loop.slope
        else ""
    )
    steps = "in one event" if len(back) == 1 else f"in {len(back)} events"
    dissipated = event.energy_drop + sum(one.energy_drop for one in back)
    caption = (
        f"A reversible plastic event: sample {sample} of {protocol} ({len(run.start)} particles) leaves branch a at "
        f"γ = {left:.5f} for branch b; when the shear is reversed it rejoins branch a {steps}, at γ = {rejoined:.5f}. "
        f"(a) Stress, with arrows along the loop; the run before and after is grey{tilted}. (b) Energy of state b "
        "relative to that of state a at the same strain. The loop dissipates "
        f"{dissipated:.3g} {energy_unit(run.start)}. {undone} of {tried} reversed events of {protocol} are undone."
    )
    return StudyFigure("reversible_event", "A reversible plastic event", caption, figure, rows)


def _draw_stress(ax: Axes, run: Run, loop: _Loop, sign: float) -> None:
    slope, rejoined, left = loop.slope, float(loop.forward.strain[0]), loop.jumps[0][0]

    def shown(strain: Any, stress: Any) -> FloatArray:
        return np.asarray(stress - slope * (np.asarray(strain) - rejoined))

    strain, stress = run.smooth_curve()
    strain, stress = sign * (strain - run.start.strain), sign * stress
    width = left - rejoined
    near = (strain > rejoined - _ASIDE * width) & (strain < left + _ASIDE * width)
    ax.plot(strain[near], shown(strain[near], stress[near]), color=_CONTEXT, linewidth=2.4, zorder=0)
    _draw_curve(ax, loop.forward.strain, shown(*loop.forward[:2]), _FORWARD, "forward, branch a")
    for place, curve in enumerate(loop.back):
        _draw_curve(ax, curve.strain, shown(*curve[:2]), ACCENT, None if place else "back, branch b")
    for at, before, after, on_the_way_back in loop.jumps:
        tail, head = shown(at, [before, after]).tolist()
        _arrow(ax, at, tail, head, ACCENT if on_the_way_back else _FORWARD)
    what = rf"stress $- {slope:.3g}\,\Delta\gamma$" if slope else "stress"
    ax.set_ylabel(f"{what} ({energy_unit(run.start)}/{length_unit(run.start)}$^{run.start.dimension}$)")


def _draw_energy(ax: Axes, loop: _Loop, fall: float, fall_back: float) -> None:
    ax.axhline(0.0, color=_FORWARD, linewidth=1.2)
    _draw_curve(ax, loop.forward.strain, np.zeros(_POINTS), _FORWARD, "state a")
    for place, curve in enumerate(loop.back):
        of_a = np.interp(curve.strain, loop.forward.strain, loop.forward.energy)
        _draw_curve(ax, curve.strain, curve.energy - of_a, ACCENT, None if place else "state b")
    _arrow(ax, loop.jumps[0][0], 0.0, -fall, _FORWARD)
    _arrow(ax, loop.jumps[-1][0], fall_back, 0.0, ACCENT)


def _draw_curve(ax: Axes, x: FloatArray, y: FloatArray, color: str, label: str | None) -> None:
    """A curve with the head of an arrow in its middle."""
    ax.plot(x, y, color=color, label=label)
    middle = len(x) // 2
    ax.annotate(
        "", (x[middle + 1], y[middle + 1]), (x[middle - 1], y[middle - 1]),
        arrowprops={"arrowstyle": "-|>", "color": color, "mutation_scale": 12.0, "linewidth": 0.0, "shrinkA": 0,
                    "shrinkB": 0},
    )  # fmt: skip


def _arrow(ax: Axes, strain: float, tail: float, head: float, color: str) -> None:
    ax.annotate(
        "", (strain, head), (strain, tail), arrowprops={"arrowstyle": "-|>", "color": color, "linestyle": (0, (2, 1.5)),
        "shrinkA": 0, "shrinkB": 0, "linewidth": 1.0, "mutation_scale": 9.0},
    )  # fmt: skip
