"""Checks of the Hessian: its inertia, its modes by two eigensolvers, and the sums that they must obey."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import scipy.sparse.linalg

from glassplast.errors import GlassplastError
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.one_line import number
from glassplast.relax import EQUILIBRIUM_TOLERANCE, ZERO_EIGENVALUE, negative_directions, stiffest_particle
from glassplast.response import nonaffine_decomposition
from glassplast.response.analysis import MODE_SOLVERS, Analysis
from glassplast.response.modes import Modes
from glassplast.verification.placement import is_solid
from glassplast.verification.verdict import Check, at_most, counted_out, not_found

__all__ = ["of_hessian"]

#: about a second.
_ALL_MODES = 1024
#: Largest ratio of the stiffest to the softest eigenvalue; solutions of linear equations lose as many digits.
_CONDITION = 1e10


def of_hessian(analysis: Analysis, count: int) -> Iterator[Check]:
    """Checks of the Hessian, its modes and what follows from them."""
    glass = analysis.glass
    try:
        solver = analysis.solver
    except GlassplastError as error:
        yield not_found(
            "solid", error, "Compress the configuration, or check the model: its particles do not hold still."
        )
        return
    rattlers = int(np.count_nonzero(analysis.rattlers))
    yield Check(
        "rattlers",
        rattlers,
        math.nan,
        True,
        f"{rattlers} of {len(glass)} particles rattle and carry no load; modes and responses have no value for them.",
    )
    yield at_most(
        "clusters",
        solver.clusters,
        1,
        f"The particles that carry load form {counted_out(solver.clusters, 'cluster')}.",
        "The clusters do not touch and move independently, so that the response to shear is not that of one solid: "
        "compress the configuration, or take the largest cluster alone.",
    )
    negative = negative_directions(solver, analysis.pairs)
    yield at_most(
        "negative eigenvalues",
        negative,
        0,
        f"The Hessian has {counted_out(negative, 'negative eigenvalue')}, counted by its inertia."
        + ("" if negative == 0 else _what_is_negative(analysis)),
        "Leave the saddle point: gp.minimize(glass, leave_saddles=True), or glassplast minimize --leave-saddles FILE.",
    )
    further = 0
    if solver.negative or solver.further_zero_modes:
        # Round-off makes the eigenvalues of some zero modes negative, and others too large to be found in the factor.
        further = int(solver.count_below(ZERO_EIGENVALUE * stiffest_particle(analysis.pairs))) - negative
    yield at_most(
        "zero modes",
        further,
        0,
        f"The Hessian has {counted_out(further, 'zero mode')} beside {solver.translations} translations.",
        "Some motions cost no energy: the configuration is at an instability or not rigid; change the strain a little "
        "or compress it, and minimize again.",
    )
    yield from _of_matrix(analysis)
    available = glass.dimension * (len(glass) - rattlers) - solver.translations
    yield from _of_modes(analysis, min(count, available))
    if is_solid(analysis) and glass.positions.size <= _ALL_MODES:
        yield _nonaffine_sum(analysis)


def _what_is_negative(analysis: Analysis) -> str:
    if analysis.largest_force <= EQUILIBRIUM_TOLERANCE * analysis.typical_force:
        return " It is a saddle point: its forces vanish, but its energy falls along these directions."
    return " It is no minimum."


def _largest(matrix: scipy.sparse.csc_matrix) -> float:
    return float(np.abs(matrix.data).max()) if matrix.nnz else 0.0


def _of_matrix(analysis: Analysis) -> Iterator[Check]:
    """Symmetry of the Hessian, and its invariance under translations."""
    hessian = analysis.hessian
    scale = _largest(hessian)
    advice = "This is an error of the package; please report it with the configuration."
    asymmetry = _largest((hessian - hessian.T).tocsc()) / scale
    yield at_most(
        "symmetry", asymmetry, 1e-14, f"The Hessian is symmetric within {number(asymmetry, 2)} of its entries.", advice
    )
    dimension = analysis.glass.dimension
    shifts = np.tile(np.eye(dimension), (len(analysis.glass), 1))
    moved = float(np.abs(hessian @ shifts).max()) / scale
    yield at_most(
        "translations", moved, 1e-12, f"Translations cause no force, within {number(moved, 2)} of its entries.", advice
    )


def _of_modes(analysis: Analysis, count: int) -> Iterator[Check]:
    """The lowest modes by both eigensolvers, and what they tell of the conditioning."""
    solver = analysis.solver
    advice = "The modes are not reliable: minimize again, or look at the zero modes and the conditioning first."
    stiffest = _stiffest(analysis)
    found: dict[str, Modes] = {}
    try:
        for name in MODE_SOLVERS:
            found[name] = analysis.modes(count, solver=name)
    except GlassplastError as error:
        yield not_found("residuals of modes", error, advice)
        return
    residual = max(modes.largest_residual for modes in found.values()) / stiffest
    yield at_most(
        "residuals of modes",
        residual,
        1e-9,
        f"The residuals of the {count} lowest modes are at most {number(residual, 2)} of the largest eigenvalue.",
        advice,
    )
    one, other = (modes.eigenvalues for modes in found.values())
    difference = float(np.abs(one - other).max()) / stiffest
    yield at_most(
        "two eigensolvers",
        difference,
        1e-9,
        f"The eigenvalues by {' and '.join(found)} differ by {number(difference, 2)} of the largest eigenvalue; the "
        f"lowest is {number(float(one[0]))}.",
        advice,
    )
    counted = _counted(analysis, one)
    yield at_most(
        "inertia",
        abs(counted),
        0,
        "The inertia of the Hessian counts as many low modes as were found."
        if counted == 0
        else f"The inertia and the modes that were found differ by {counted_out(abs(counted), 'mode')}.",
        advice,
    )
    if solver.negative == 0 and solver.further_zero_modes == 0:
        condition = stiffest / float(one[0])
        yield at_most(
            "conditioning",
            condition,
            _CONDITION,
            f"The largest eigenvalue is {number(condition, 3)} times the smallest; linear responses have a relative "
            f"error of up to {number(np.finfo(float).eps * condition, 1)}.",
            "The configuration is very close to an instability: go back by a small strain, and minimize again.",
        )


def _stiffest(analysis: Analysis) -> float:
    """The largest eigenvalue of the Hessian, to 1e-4."""
    hessian = analysis.hessian
    start = np.random.default_rng(0).normal(size=hessian.shape[0])
    values: FloatArray = scipy.sparse.linalg.eigsh(
        hessian, k=1, which="LA", tol=1e-4, v0=start, return_eigenvectors=False
    )
    return float(values[0])


def _counted(analysis: Analysis, eigenvalues: FloatArray) -> int:
    """How many more eigenvalues than those found the inertia counts below the highest that was found."""
    solver = analysis.solver
    negative = int(np.count_nonzero(eigenvalues < 0.0))
    if eigenvalues[-1] <= 0.0:
        return max(negative - int(solver.negative), 0)
    below = 0.999 * float(eigenvalues[-1])
    return int(solver.count_below(below)) - int(np.count_nonzero(eigenvalues < below))


def _nonaffine_sum(analysis: Analysis) -> Check:
    """The sum of the nonaffine modulus over particles against the solution of linear equations."""
    try:
        decomposition = nonaffine_decomposition(analysis, "all")
    except GlassplastError as error:
        return not_found("nonaffine sum", error, "The modes are not reliable: minimize again.")
    total = decomposition.total()
    missing = abs(float(np.nansum(decomposition.field())) - total) / analysis.born_modulus()
    return at_most(
        "nonaffine sum",
        missing,
        1e-8,
        f"The nonaffine modulus, summed over all modes and particles, is {number(total)} as the linear response says, "
        f"within {number(missing, 2)} of the Born modulus.",
        "The modes are not reliable: minimize again.",
    )
