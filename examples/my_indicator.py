"""An indicator of your own: local pressure, registered and scored on the first plastic event of a glass.

python examples/my_indicator.py sample.data lj
"""

import sys

import numpy as np

import glassplast as gp


@gp.indicators.register("local_pressure", symbol="p", family="other", softer="small")
def local_pressure(analysis):
    """The pressure on each particle: half of the virial of its pairs, over the mean volume of a particle."""
    pairs, glass = analysis.pairs, analysis.glass
    virial = -pairs.phi1 * pairs.distance / glass.dimension
    shares = np.bincount(pairs.first, virial, len(glass)) + np.bincount(pairs.second, virial, len(glass))
    return 0.5 * shares * len(glass) / glass.volume


path, model = sys.argv[1:]
glass = gp.minimize(gp.read(path, model=model))
run = gp.shear(glass, to=glass.strain + 0.12, max_events=1)

# A registered indicator is computed and scored by its key, like those of the package.
fields = gp.indicators.compute(glass, ["local_pressure", "steric_order", "soft_modes"])
for key, rank in gp.score(fields, run.events[0]).items():
    print(f"{key:16s} r_x = {rank:.3f}")
