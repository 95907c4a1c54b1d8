r"""Elastic constants of a whole glass, at any strain and under any stress.

Under stress there are several tensors of "elastic constants", which agree only where the stress is zero. With the
state itself as the reference, F = 1 + H a deformation, E = (F^T F - 1)/2 and ε = (H + H^T)/2:

- **constants** :math:`C_{abcd} = \frac{1}{V} \frac{\partial^2 U}{\partial E_{ab} \partial E_{cd}}`: all symmetries of
  an elastic tensor; the Born term of a pair potential is even symmetric under every permutation.
- **stress-strain coefficients** :math:`B_{abcd} = d\sigma_{ab}/d\varepsilon_{cd}` of the Cauchy stress under a strain
  without rotation (Birch; Wallace; Barron & Klein):

  .. math:: B_{abcd} = C_{abcd} + \tfrac12 (\sigma_{ac} \delta_{bd} + \sigma_{ad} \delta_{bc} + \sigma_{bc} \delta_{ad}
            + \sigma_{bd} \delta_{ac}) - \sigma_{ab} \delta_{cd},

  which lacks B_abcd = B_cdab unless the stress is isotropic. Bulk and shear moduli, those of experiments, are of B.
- **modulus along a loading** :math:`\frac{1}{V} \frac{d^2 U}{d\gamma^2}` for F = 1 + γ G:
  :math:`G_{ab} C_{abcd} G_{cd} + \sigma_{bd} G_{ab} G_{ad}`. For simple shear it is dσ_xy/dγ.

Each is a Born part, of an affine deformation, and a nonaffine part, :math:`-\Xi_{ab} \cdot H^{-1} \cdot \Xi_{cd} / V`.
Lutsko, J. Appl. Phys. 65, 2991 (1989); Lemaitre & Maloney, J. Stat. Phys. 123, 415 (2006). Stress is positive under
tension.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glassplast import _engine
from glassplast.foundation.arrays import FloatArray
from glassplast.glass import Glass
from glassplast.loading import Loading, loading_matrix, symmetric_components, unit_strain
from glassplast.response.analysis import Analysis, analysis_of

__all__ = ["Elasticity", "born_constants", "elasticity", "voigt_pairs"]


def voigt_pairs(dimension: int) -> list[tuple[int, int]]:
    """The components behind the rows of a Voigt matrix: xx, yy, xy in 2D; xx, yy, zz, yz, xz, xy in 3D."""
    diagonal = [(a, a) for a in range(dimension)]
    return diagonal + ([(0, 1)] if dimension == 2 else [(1, 2), (0, 2), (0, 1)])


def _stress_strain(constants: FloatArray, stress: FloatArray) -> FloatArray:
    one = np.eye(len(stress))
    carried = sum(
        np.einsum(f"{first},{second}->abcd", stress, one)
        for first, second in (("ac", "bd"), ("ad", "bc"), ("bc", "ad"), ("bd", "ac"))
    )
    coefficients: FloatArray = constants + 0.5 * carried - np.einsum("ab,cd->abcd", stress, one)
    return coefficients


@dataclass(frozen=True)
class Elasticity:
    """Elastic constants of one state.

    Attributes
    ----------
    stress : ndarray, shape (d, d)
        sigma, positive under tension.
    born : ndarray, shape (d, d, d, d)
        Born part of C: at fixed undeformed coordinates.
    nonaffine : ndarray, shape (d, d, d, d)
        What relaxation adds to C: -Xi . H^-1 . Xi / V, negative along every loading.
    """

    stress: FloatArray
    born: FloatArray
    nonaffine: FloatArray

    @property
    def constants(self) -> FloatArray:
        """(d, d, d, d): C, second derivatives of the relaxed energy per volume with the Green-Lagrange strain."""
        return self.born + self.nonaffine

    @property
    def stress_strain(self) -> FloatArray:
        """(d, d, d, d): B, slopes of the relaxed Cauchy stress (first two indices) with strain (last two)."""
        return _stress_strain(self.constants, self.stress)

    @property
    def born_stress_strain(self) -> FloatArray:
        """(d, d, d, d): slopes of the Cauchy stress under an affine deformation, without relaxation."""
        return _stress_strain(self.born, self.stress)

    @property
    def bulk_modulus(self) -> float:
        """K = -V dp/dV of the relaxed glass: B_aacc / d^2."""
        return float(np.einsum("aacc->", self.stress_strain)) / len(self.stress) ** 2

    @property
    def isotropic_shear_modulus(self) -> float:
        """Shear modulus averaged over all directions (Voigt): (B_abab - B_aacc / d) / ((d - 1)(d + 2))."""
        dimension, tensor = len(self.stress), self.stress_strain
        # Shear strains are symmetric: so is what counts of B.
        shear = 0.5 * (np.einsum("abab->", tensor) + np.einsum("abba->", tensor))
        deviatoric = shear - np.einsum("aacc->", tensor) / dimension
        return float(deviatoric) / ((dimension - 1) * (dimension + 2))

    def modulus(self, loading: Loading) -> float:
        """(1/V) d^2U/dgamma^2 along a loading F = 1 + gamma G, relaxed: that of `Analysis.shear_modulus`.

        Parameters
        ----------
        loading : float or (d, d) array_like
            Angle in degrees or matrix, see `glassplast.loading.loading_matrix`.
        """
        return self._along(self.constants, loading)

    def born_modulus(self, loading: Loading) -> float:
        """The same without relaxation: that of `Analysis.born_modulus`."""
        return self._along(self.born, loading)

    def _along(self, constants: FloatArray, loading: Loading) -> float:
        matrix = loading_matrix(loading, len(self.stress))
        return float(np.einsum("ab,abcd,cd", matrix, constants, matrix) + np.sum((matrix.T @ matrix) * self.stress))

    def voigt(self, tensor: FloatArray | None = None) -> FloatArray:
        """A tensor of fourth rank as a matrix over xx, yy, xy (2D) or xx, yy, zz, yz, xz, xy (3D).

        For strains with engineering shear components (2 ε_xy).

        Parameters
        ----------
        tensor : ndarray, shape (d, d, d, d), optional
            By default the stress-strain coefficients B.
        """
        chosen = self.stress_strain if tensor is None else tensor
        pairs = voigt_pairs(len(self.stress))
        return np.array([[chosen[a, b, c, d] for c, d in pairs] for a, b in pairs])


def born_constants(glass: Glass | Analysis) -> FloatArray:
    """(d, d, d, d): Born part of C of any configuration, minimum or not, without the contacts of rattlers."""
    analysis = analysis_of(glass)
    dimension = analysis.glass.dimension
    flat = _engine.born_constants(analysis.load_bearing_pairs) / analysis.glass.volume
    return flat.reshape((dimension,) * 4)


def elasticity(glass: Glass | Analysis) -> Elasticity:
    """Elastic constants of a minimum, at any strain and under any stress.

    Parameters
    ----------
    glass : Glass or Analysis

    Returns
    -------
    Elasticity

    Raises
    ------
    InstabilityError
        If the configuration is no minimum: its stress does not relax to a slope.
    ModelError
        If the glass has no model.
    """
    analysis = analysis_of(glass)
    dimension = analysis.glass.dimension
    pairs = symmetric_components(dimension)
    gradients, responses = [], []
    for a, b in pairs:
        strain = unit_strain(a, b, dimension)
        gradients.append(analysis.affine_gradient(strain).ravel())
        responses.append(np.nan_to_num(analysis.nonaffine_velocity(strain)).ravel())
    products = np.array(gradients) @ np.array(responses).T / analysis.glass.volume
    products = 0.5 * (products + products.T)
    nonaffine = np.empty((dimension,) * 4)
    for row, (a, b) in enumerate(pairs):
        for column, (c, d) in enumerate(pairs):
            for first, second in ((a, b), (b, a)):
                nonaffine[first, second, c, d] = nonaffine[first, second, d, c] = products[row, column]
    return Elasticity(np.array(analysis.stress), born_constants(analysis), nonaffine)
