"""Checks of positions and forces, which a configuration that is no minimum can pass in part."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from glassplast import _engine
from glassplast.errors import GlassplastError
from glassplast.fields.tessellation import Tessellation
from glassplast.foundation.dimension import overloaded
from glassplast.foundation.one_line import number
from glassplast.glass import Glass
from glassplast.indicators.voronoi import triangle_divergence
from glassplast.relax import EQUILIBRIUM_TOLERANCE, stiffest_particle
from glassplast.response.analysis import Analysis
from glassplast.verification.verdict import Check, at_least, at_most, counted_out, not_found

__all__ = ["is_solid", "of_forces", "of_positions"]

#: Largest force that counts as round-off, in units of what the rounding of coordinates causes.
_FLOORS = 100.0
#: Smallest distance of two particles, in units of their contact distance.
_CLOSEST = 0.1
#: How close a pair may be to its cutoff, in units of the mean diameter, before round-off decides whether it interacts.
_NEAREST_CHANGE = 1e-11
#: A pair whose distance changes by less per strain, in units of the mean diameter, keeps it up to round-off.
_STILL = 1e-9


def of_positions(analysis: Analysis) -> Iterator[Check]:
    """Checks that need no model: distances, and the tessellation of planar glasses."""
    glass = analysis.glass
    nearest = overloaded(_engine.find_pairs)(glass.box, glass.positions, 1.5 * float(glass.diameters.max()))
    first, second, distance = nearest[0], nearest[1], nearest[4]
    ratio = distance / (0.5 * (glass.diameters[first] + glass.diameters[second]))
    closest = float(ratio.min()) if ratio.size else math.inf
    where = f"; these are particles {first[ratio.argmin()]} and {second[ratio.argmin()]}" if ratio.size else ""
    yield at_least(
        "closest pair",
        closest,
        _CLOSEST,
        f"The closest two particles are {number(closest, 3)} of their mean diameter apart{where}."
        if ratio.size
        else "No two particles are closer than 1.5 times the largest diameter.",
        "Check the units of positions, box and diameters, and whether a particle is in the file twice.",
    )
    if glass.dimension == 2 and closest > 0.0:
        yield from _of_tessellation(analysis)


def _of_tessellation(analysis: Analysis) -> Iterator[Check]:
    advice = "This is an error of the tessellation; please report it with the configuration."
    try:
        cells: Tessellation = analysis.tessellation
    except GlassplastError as error:
        yield not_found("cell areas", error, advice)
        return
    missing = abs(float(cells.areas.sum()) / analysis.glass.volume - 1.0)
    hidden = int(np.count_nonzero(cells.hidden))
    yield at_most(
        "cell areas",
        missing,
        1e-10,
        f"The areas of the Voronoi cells sum to the area of the box within {number(missing, 2)}, with "
        f"{counted_out(hidden, 'particle')} without a cell.",
        advice,
    )
    if hidden == 0:
        divergence = triangle_divergence(cells)
        total = abs(float(divergence.sum())) / max(float(np.abs(divergence).sum()), 1.0)
        yield at_most(
            "cell anisotropy",
            total,
            1e-10,
            f"The divergence of the anisotropy vectors sums to zero over all triangles within {number(total, 2)}.",
            advice,
        )


def of_forces(analysis: Analysis) -> Iterator[Check]:
    """Checks that need a model, but no minimum."""
    glass = analysis.glass
    if glass.model is None:
        yield Check(
            "model",
            math.nan,
            math.nan,
            True,
            "The configuration has no model, so that only its positions were checked.",
            "Give the model when the file is read: gp.read(..., model=...), or --model on the command line.",
        )
        return
    try:
        pairs = analysis.pairs
    except GlassplastError as error:
        yield not_found("interactions", error, "Use a larger box, and check the units of the model.")
        return
    yield Check(
        "interactions",
        len(pairs) / len(glass),
        math.nan,
        True,
        f"{len(pairs)} pairs interact, {number(2.0 * len(pairs) / len(glass), 3)} neighbours for each particle.",
    )
    minimize = "Minimize the energy: gp.minimize(glass), or glassplast minimize FILE."
    force, typical, floor = analysis.largest_force, analysis.typical_force, _round_off(analysis)
    yield at_most(
        "equilibrium",
        force,
        EQUILIBRIUM_TOLERANCE * typical,
        f"The largest force on a particle is {number(force, 2)}, the median pair force is {number(typical, 3)}.",
        minimize,
    )
    yield at_most(
        "force residual",
        force,
        _FLOORS * floor,
        f"The largest force is {number(force / floor if floor else math.inf, 2)} times what the rounding of "
        f"coordinates causes, {number(floor, 2)}.",
        minimize,
    )
    yield _contact_change(analysis)


def _round_off(analysis: Analysis) -> float:
    """The force that rounding of coordinates causes: their resolution times the stiffness of the stiffest particle.

    It is that at which the minimizer stops.
    """
    return float(np.finfo(float).eps * np.abs(analysis.glass.positions).max() * stiffest_particle(analysis.pairs))


def _contact_change(analysis: Analysis) -> Check:
    """How far the pair is from its cutoff that is nearest to it, and at which strain it gets there."""
    glass, interaction = analysis.glass, analysis.glass.interaction
    reach, longest = interaction.range, _longest_contact(glass)
    first, second, _, separation, distance = overloaded(_engine.find_pairs)(glass.box, glass.positions, 1.01 * reach)
    lengths = np.array([interaction.pair_length(i, j) for i, j in zip(first.tolist(), second.tolist(), strict=True)])
    gap = distance - reach / longest * lengths
    nearest = float(np.abs(gap).min()) if gap.size else math.inf
    rate = separation[:, 0] * separation[:, 1] / distance
    solid = is_solid(analysis)
    if solid:
        velocity = np.nan_to_num(analysis.nonaffine_velocity())
        rate = rate + np.einsum("ka,ka->k", velocity[second] - velocity[first], separation) / distance
    moving = np.abs(rate) > _STILL * float(glass.diameters.mean())
    strain = float((np.abs(gap[moving]) / np.abs(rate[moving])).min()) if moving.any() else math.inf
    when = (
        f"a contact changes after a strain of roughly {number(strain, 2)}"
        if moving.any()
        else "no contact changes soon"
    )
    limit = _NEAREST_CHANGE * float(glass.diameters.mean())
    return at_least(
        "contact change",
        nearest,
        limit,
        f"The pair nearest to its cutoff is {number(nearest, 2)} away from it; in simple shear, {when}"
        f"{'' if solid else ' if all particles move affinely'}."
        if gap.size
        else "No pair is near its cutoff.",
        "A pair is at its cutoff, so that rounding decides whether it interacts: change the strain a little and "
        "minimize again.",
    )


def _longest_contact(glass: Glass) -> float:
    """The longest contact distance, which belongs to the range of the interaction."""
    model = glass.model
    assert model is not None
    if model.kind.describes == "species":
        assert model.kind.own_length is not None
        count = model.kind.own_length(model.parameters).size
        every = model.interaction(glass.dimension, np.arange(count, dtype=np.int32))
        return max(every.pair_length(i, j) for i in range(count) for j in range(count))
    largest = int(np.argmax(glass.diameters))
    return glass.interaction.pair_length(largest, largest)


def is_solid(analysis: Analysis) -> bool:
    """Whether the configuration is a minimum to which a loading has a response."""
    try:
        return analysis.minimum.clusters > 0
    except GlassplastError:
        return False
