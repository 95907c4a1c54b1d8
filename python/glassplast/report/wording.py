"""What each indicator is, in a sentence, and its unit."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from glassplast import plot
from glassplast.glass import Glass
from glassplast.indicators import registry
from glassplast.quasistatic import Event


class Wording(NamedTuple):
    """A sentence, and the unit in terms of L (length) and E (energy); empty for a pure number."""

    sentence: str
    unit: str


_KNOWN = {
    "density": Wording("Local packing fraction: area of the particle over that of its radical Voronoi cell.", ""),
    "free_volume": Wording("Area of the radical Voronoi cell that the particle itself does not fill.", "L²"),
    "excess_entropy": Wording(
        "Two-body excess entropy: how structured the surroundings are, 0 for an ideal gas.", "k_B"
    ),
    "contacts": Wording("Number of neighbours that repel the particle.", ""),
    "voronoi_anisotropy": Wording("Distance of the particle from the centroid of its radical Voronoi cell.", "L"),
    "anisotropy_divergence": Wording(
        "Divergence of the vectors from particles to the centroids of their cells: negative where packing is loose.",
        "",
    ),
    "hexatic": Wording("Sixfold bond-orientational order: 1 for a perfect hexagon of neighbours.", ""),
    "steric_order": Wording(
        "Mean difference between the angles of neighbouring bonds and those of particles that just touch.", "rad"
    ),
    "softness": Wording(
        "Signed distance to the plane by which a support vector machine tells rearranging particles from others.", ""
    ),
    "potential_energy": Wording("Half the sum of the particle's pair energies.", "E"),
    "thermal_expansion": Wording("Local expansion per temperature in the limit of low temperature.", "1/E"),
    "soft_modes": Wording(
        "Force response of the third derivatives of the energy to the softest vibrational modes, summed over these "
        "with the weight 1/ω².",
        "E/L⁴",
    ),
    "heat_capacity": Wording("Anharmonic part of the local heat capacity, summed over the particle's bonds.", "k_B"),
    "vibrality": Wording("Mean squared thermal motion of the particle per temperature, in harmonic order.", "L²/E"),
    "nonaffine_modulus": Wording("The particle's part in what nonaffine motion takes off the shear modulus.", "E/L²"),
    "nonaffine_velocity": Wording(
        "Force response of the third derivatives of the energy to the nonaffine motion under shear.", "E/L"
    ),
    "shear_modulus": Wording("Local shear modulus, coarse-grained over 5 lengths.", "E/L²"),
    "nonlinear_modes": Wording("Force response to the nonlinear plastic modes, weighted by their softness.", "E/L⁴"),
    "saddle_points": Wording("Strain at which the nearest barrier found around the particle is driven to zero.", ""),
    "plastic_strength": Wording("Stress that a patch around the particle can still bear before it yields.", "E/L²"),
}


def sentence(key: str) -> str:
    """What an indicator is; of an indicator of the user's, the first sentence of its docstring."""
    if key in _KNOWN:
        return _KNOWN[key].sentence
    text = (registry.find(key).function.__doc__ or "").strip()
    first = re.split(r"\n\s*\n|(?<=\.)\s", text, maxsplit=1)[0]
    plain = re.sub(r":\w+:`([^`]*)`|``?([^`]*)``?", lambda found: found[1] or found[2] or "", first)
    return " ".join(plain.split())


def unit(key: str, glass: Glass) -> str:
    """The unit of an indicator in the symbols of the glass's model; empty for pure and unknown ones."""
    if key not in _KNOWN:
        return ""
    symbols = {"L": plot.length_unit(glass), "E": plot.energy_unit(glass)}
    return re.sub(r"[LE]", lambda found: symbols[found[0]], _KNOWN[key].unit)


def direction(key: str) -> str:
    """Which way is softer."""
    return f"{registry.find(key).softer} values are softer"


def significant(value: float, digits: int) -> str:
    """A number with so many significant digits, trailing zeros included (but not for zero itself)."""
    if value == 0.0:
        return "0"
    mantissa, mark, exponent = f"{value:#.{digits}g}".partition("e")
    return mantissa.rstrip(".") + mark + exponent


def event_strain(event: Event, decimals: int = 12) -> str:
    """The strain of an event, to the digit that its uncertainty leaves, with so many decimals at most."""
    uncertain = event.strain_uncertainty
    if uncertain > 0.0:
        decimals = min(decimals, max(0, -math.floor(math.log10(uncertain))))
    return f"{event.strain:.{decimals}f}".replace("-", "−")
