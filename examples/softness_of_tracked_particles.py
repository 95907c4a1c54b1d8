"""Softness of particles that were tracked, from positions, diameters and displacements, without a potential.

python examples/softness_of_tracked_particles.py model.json

The function `tracked` stands for an experiment on a layer of soft disks. It gives two frames, before and after each
plastic event of a few sheared samples, with noise on every position. What follows it uses nothing but these frames.
"""

import sys

import numpy as np

import glassplast as gp
from glassplast import softness

SAMPLES, NOISE = 10, 2e-4


def tracked(seed):
    """For each event of a sample: positions before it, displacements in it, the cell and the diameters."""
    noise = np.random.default_rng(seed)
    glass = gp.prepare.poly(n=400, temperature=0.3, seed=seed, sweeps=50, annealing_sweeps=0)
    for event in gp.shear(glass, to=0.1).events:
        shape = event.displacement.shape
        yield (
            event.before.positions + NOISE * noise.normal(size=shape),
            event.displacement + NOISE * noise.normal(size=shape),
            event.before.cell,
            glass.diameters,
        )


samples = []
for seed in range(1, SAMPLES + 1):
    for positions, displacements, cell, diameters in tracked(seed):
        frame = gp.Glass(positions, cell, diameters=diameters)
        samples.append(softness.label_displacement(frame, displacements, sample=seed))

# Whole samples are held out, because the particles of one sample are not independent of each other.
training, held_out = softness.joined(samples).split(0.67, seed=0)
model = gp.SoftnessModel(softness.default_features(frame), provenance={"source": "tracks"})
model.train(training.balanced())
check = held_out.balanced()
print(f"trained on {len(training)} particles of {training.sample_count} samples")
print(f"accuracy on {check.sample_count} other samples: {model.score(check.features, check.labels):.3f}")
model.save(sys.argv[1])

field = gp.indicators.compute(frame, "softness", options={"softness": {"model": sys.argv[1]}})["softness"]
print(f"softest particle of the last frame: {np.nanargmax(field)}, softness {np.nanmax(field):.2f}")
