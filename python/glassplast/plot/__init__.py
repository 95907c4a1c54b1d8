"""Pictures of fields, curves and scores.

Every function returns a new `matplotlib.figure.Figure` (pyplot is not used). It draws into `ax` if one is given, and
writes to `path` if one is given. Matplotlib is imported when a picture is made. The figures of a study are those of the
package `study`, which is imported when it is first used, because studies need an optional package themselves.
"""

import lazy_loader

from glassplast.plot.curves import density_of_states, stability, stress_strain
from glassplast.plot.field_maps import COLORMAP, LOGARITHMIC_SPAN, ROBUST_LIMITS, field
from glassplast.plot.figure import NUMBERED_EVENTS, energy_unit, length_unit, save
from glassplast.plot.score_charts import FAMILY_COLORS, distribution, score_chart, similarity
from glassplast.plot.shear_bands import shear_band
from glassplast.plot.softness_charts import learning_curve, softness_weights

__all__ = [
    "COLORMAP",
    "FAMILY_COLORS",
    "LOGARITHMIC_SPAN",
    "NUMBERED_EVENTS",
    "ROBUST_LIMITS",
    "density_of_states",
    "distribution",
    "energy_unit",
    "field",
    "learning_curve",
    "length_unit",
    "save",
    "score_chart",
    "shear_band",
    "similarity",
    "softness_weights",
    "stability",
    "stress_strain",
    "study",
]


__getattr__, _, _ = lazy_loader.attach(__name__, submodules=["study"])


def __dir__() -> list[str]:
    return __all__
