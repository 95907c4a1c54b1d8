r"""Elastic constants of a whole glass, at any strain and under any stress.

Under stress there are several tensors of "elastic constants", which agree only where the stress is zero. With the
state itself as the reference, F = 1 + H a deformation, E = (F^T F - 1)/2 and ε = (H + H^T)/2:

- **constants** :math:`C_{abcd} = \frac{1}{V} \frac{\partial^2 U}{\partial E_{ab} \partial E_{cd}}`: all symmetries of
  an elastic tensor; the Born term of a pair potential is even symmetric under every permutation.
- **stress-strain coefficients** :math:`B_{abcd} = d\sigma_{ab}/d\varepsilon_{cd}` of the Cauchy stress under a strain
  without rotation (Birch; Wallace; Barron & Klein):

  .. math:: B_{abcd} = C_{abcd} + \tfrac12 (\sigma_{ac} \delta_{bd} + \sigma_{ad} \delta_{bc} + \sigma_{bc} \delta_{ad}
            + \sigma_{bd} \delta_{ac}) - \sigma_{ab} \delta_{cd},

  for which B_abcd = B_cdab holds only if the stress is isotropic. The bulk and shear moduli that experiments measure
  follow from B.
- **modulus along a loading** :math:`\frac{1}{V} \frac{d^2 U}{d\gamma^2}` for F = 1 + γ G:
  :math:`G_{ab} C_{abcd} G_{cd} + \sigma_{bd} G_{ab} G_{ad}`. For simple shear it is dσ_xy/dγ.

Each is the sum of a Born part, from the affine deformation, and a nonaffine part,
:math:`-\Xi_{ab} \cdot H^{-1} \cdot \Xi_{cd} / V`. See Lutsko, J. Appl. Phys. 65, 2991 (1989); Lemaitre & Maloney, J.
Stat. Phys. 123, 415 (2006). Stress is positive under tension.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glassplast import _engine
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.notebook import card, table
from glassplast.foundation.one_line import constructor_like
from glassplast.glass import Glass, simple_shear
from glassplast.loading import Loading, loading_matrix, symmetric_components, unit_strain
from glassplast.response.analysis import Analysis, analysis_of

__all__ = ["Elasticity", "born_constants", "elasticity", "voigt_pairs"]


def voigt_pairs(dimension: int) -> list[tuple[int, int]]:
    """The tensor components of the rows of a Voigt matrix: xx, yy, xy in 2D; xx, yy, zz, yz, xz, xy in 3D."""
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


@dataclass(frozen=True, repr=False)
class Elasticity:
    """Elastic constants of one state.

    Attributes
    ----------
    stress : ndarray, shape (d, d)
        Stress sigma (energy / volume), positive under tension.
    born : ndarray, shape (d, d, d, d)
        Born part of the elastic constants C (energy / volume), from affine deformation without relaxation.
    nonaffine : ndarray, shape (d, d, d, d)
        Contribution of relaxation to C (energy / volume), -Xi . H^-1 . Xi / V; negative along every loading.
    """

    stress: FloatArray
    born: FloatArray
    nonaffine: FloatArray

    def __repr__(self) -> str:
        dimension = len(self.stress)
        return constructor_like(
            "Elasticity",
            dimension=dimension,
            bulk_modulus=self.bulk_modulus,
            isotropic_shear_modulus=self.isotropic_shear_modulus,
            simple_shear_modulus=self.modulus(simple_shear(dimension)),
            pressure=self.pressure,
        )

    def _repr_html_(self) -> str:
        dimension = len(self.stress)
        shear = simple_shear(dimension)
        facts = {
            "bulk modulus": self.bulk_modulus,
            "shear modulus, all directions": self.isotropic_shear_modulus,
            "modulus of simple shear": self.modulus(shear),
            "its Born part": self.born_modulus(shear),
            "pressure": self.pressure,
            "shear stress": float(self.stress[0, 1]),
        }
        names = ["xyz"[a] + "xyz"[b] for a, b in voigt_pairs(dimension)]
        rows = [[name, *row] for name, row in zip(names, self.voigt(), strict=True)]
        return card(self, "Elasticity", facts, table(rows, ["slope of the stress", *names]))

    @property
    def pressure(self) -> float:
        """-tr(sigma) / d."""
        return -float(np.trace(self.stress)) / len(self.stress)

    @property
    def constants(self) -> FloatArray:
        """C, second derivatives of the relaxed energy per volume in the Green-Lagrange strain, shape (d, d, d, d)."""
        return self.born + self.nonaffine

    @property
    def stress_strain(self) -> FloatArray:
        """B, slopes of the relaxed Cauchy stress (first two indices) with strain (last two), shape (d, d, d, d)."""
        return _stress_strain(self.constants, self.stress)

    @property
    def born_stress_strain(self) -> FloatArray:
        """Slopes of the Cauchy stress under an affine deformation, without relaxation, shape (d, d, d, d)."""
        return _stress_strain(self.born, self.stress)

    @property
    def bulk_modulus(self) -> float:
        """Bulk modulus K = -V dp/dV = B_aacc / d^2 of the relaxed glass."""
        return float(np.einsum("aacc->", self.stress_strain)) / len(self.stress) ** 2

    @property
    def isotropic_shear_modulus(self) -> float:
        """Shear modulus averaged over all directions (Voigt average), (B_abab - B_aacc / d) / ((d - 1)(d + 2))."""
        dimension, tensor = len(self.stress), self.stress_strain
        # Strain is symmetric, so that only the symmetric part of B matters.
        shear = 0.5 * (np.einsum("abab->", tensor) + np.einsum("abba->", tensor))
        deviatoric = shear - np.einsum("aacc->", tensor) / dimension
        return float(deviatoric) / ((dimension - 1) * (dimension + 2))

    def modulus(self, loading: Loading) -> float:
        """The relaxed modulus (1/V) d^2U/dgamma^2 along a loading F = 1 + gamma G.

        It equals `glassplast.Analysis.shear_modulus`.

        Parameters
        ----------
        loading : float or (d, d) array_like
            Angle in degrees or loading matrix, see `glassplast.loading.loading_matrix`.

        Returns
        -------
        float
            Modulus (energy / volume).
        """
        return self._along(self.constants, loading)

    def born_modulus(self, loading: Loading) -> float:
        """The modulus along a loading without relaxation, which equals `glassplast.Analysis.born_modulus`.

        Parameters
        ----------
        loading : float or (d, d) array_like
            Angle in degrees or loading matrix, see `glassplast.loading.loading_matrix`.

        Returns
        -------
        float
            Modulus (energy / volume).
        """
        return self._along(self.born, loading)

    def _along(self, constants: FloatArray, loading: Loading) -> float:
        matrix = loading_matrix(loading, len(self.stress))
        return float(np.einsum("ab,abcd,cd", matrix, constants, matrix) + np.sum((matrix.T @ matrix) * self.stress))

    def voigt(self, tensor: FloatArray | None = None) -> FloatArray:
        """Write a tensor of fourth rank as a matrix over xx, yy, xy (2D) or xx, yy, zz, yz, xz, xy (3D).

        The matrix applies to strains with engineering shear components (2 ε_xy).

        Parameters
        ----------
        tensor : ndarray, shape (d, d, d, d), optional
            The tensor; by default the stress-strain coefficients B.

        Returns
        -------
        ndarray, shape (d (d + 1) / 2, d (d + 1) / 2)
        """
        chosen = self.stress_strain if tensor is None else tensor
        pairs = voigt_pairs(len(self.stress))
        return np.array([[chosen[a, b, c, d] for c, d in pairs] for a, b in pairs])


def born_constants(glass: Glass | Analysis) -> FloatArray:
    """Born part of the elastic constants C of any configuration, without the contacts of rattlers.

    Parameters
    ----------
    glass : Glass or Analysis
        The configuration, which need not be a minimum.

    Returns
    -------
    ndarray, shape (d, d, d, d)
        Born constants (energy / volume).
    """
    analysis = analysis_of(glass)
    dimension = analysis.glass.dimension
    flat = _engine.born_constants(analysis.load_bearing_pairs) / analysis.glass.volume
    return flat.reshape((dimension,) * 4)


def elasticity(glass: Glass | Analysis) -> Elasticity:
    """Compute the elastic constants of a minimum, at any strain and under any stress.

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum, for example from `glassplast.minimize`.

    Returns
    -------
    Elasticity
        Stress and elastic constants (energy / volume).

    Raises
    ------
    InstabilityError
        If the configuration is not a minimum, where the relaxed stress has no slope.
    ModelError
        If the glass has no model.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> constants = gp.elasticity(glass)
    >>> constants.voigt().shape
    (3, 3)
    >>> constants.bulk_modulus > constants.isotropic_shear_modulus
    True
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
