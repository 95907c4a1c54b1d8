"""What takes a configuration takes a glass or an analysis, wherever it stands in the public face of the package."""

import inspect
import typing

import numpy as np
import pytest

import glassplast as gp
from glassplast.glass import Glass, HasGlass
from glassplast.response.analysis import Analysis
from samples import small_minimum

NAMES = ("glass", "analysis", "configuration", "one")
PACKAGES = [gp, *(getattr(gp, name) for name in gp.__all__ if inspect.ismodule(getattr(gp, name)))]

#: What takes the glass alone, and why.
GLASS_ALONE = {
    "write": "a file holds a glass, or several",
    "Fields": "it is the record of a glass and its fields",
    "Task.direction": "a part of the main job, which makes its own analysis",
    "Task.target": "a part of the main job, which makes its own analysis",
    "ExactProtocol.at": "protocols lead from state to state",
    "ExactProtocol.end_state": "protocols lead from state to state",
    "ExactProtocol.follow": "protocols lead from state to state",
    "ExactProtocol.release": "protocols lead from state to state",
    "FixedProtocol.at": "protocols lead from state to state",
    "FixedProtocol.stepper": "protocols lead from state to state",
}


def first_parameter(function, *, of_class):
    parameters = list(inspect.signature(function).parameters.values())[int(of_class) :]
    return parameters[0] if parameters else None


def functions():
    """Name -> (function, its first parameter) of all that is public and takes a configuration first."""
    found = {}
    for package in PACKAGES:
        for name in package.__all__:
            thing = getattr(package, name)
            if inspect.isfunction(thing):
                found[thing.__qualname__] = (thing, first_parameter(thing, of_class=False))
            elif inspect.isclass(thing) and thing.__module__.startswith("glassplast."):
                found[name] = (thing.__init__, first_parameter(thing.__init__, of_class=True))
                for method_name, method in vars(thing).items():
                    if inspect.isfunction(method) and not method_name.startswith("_"):
                        found[f"{name}.{method_name}"] = (method, first_parameter(method, of_class=True))
    return {name: pair for name, pair in found.items() if pair[1] is not None and pair[1].name in NAMES}


FUNCTIONS = functions()


def test_they_are_found():
    assert {"minimize", "shear", "Analysis", "MonteCarlo", "compute", "field", "measure", "elasticity"} <= set(
        FUNCTIONS
    )
    assert set(GLASS_ALONE) <= set(FUNCTIONS)


def test_annotations_admit_both():
    for name, (function, parameter) in FUNCTIONS.items():
        # Other parameters may name types that are imported only to be checked.
        hint = eval(parameter.annotation, {**function.__globals__, "Glass": Glass, "Analysis": Analysis})
        parts = typing.get_args(hint) or (hint,)
        admits = Glass in parts and (Analysis in parts or HasGlass in parts)
        assert admits != (name in GLASS_ALONE), f"{name}({parameter.name}: {hint})"


def of_event(function):
    def call(glass):
        return function(glass, gp.Analysis(glass).modes(1).vectors[0])

    return call


#: Calls that take a moment each. What is left out computes for long, and begins with `glass_of` or `analysis_of` too.
CALLS = {
    "Analysis": lambda g: gp.Analysis(g).energy,
    "MonteCarlo": lambda g: gp.sampling.MonteCarlo(g, 0.1, seed=1).glass.positions,
    "Tessellation": lambda g: gp.Tessellation(g).areas,
    "born_constants": gp.response.elastic_constants.born_constants,
    "coarse_grained_density": gp.coarse_grained_density,
    "coarse_grained_stress": gp.coarse_grained_stress,
    "compute": lambda g: gp.indicators.compute(g, ["density"])["density"],
    "can_compute": lambda g: len(gp.indicators.default_keys(g)),
    "cyclic_shear": lambda g: gp.cyclic_shear(g, 1e-3, 1).energies,
    "d2min": of_event(gp.d2min),
    "default_features": lambda g: gp.softness.default_features(g).compute(g),
    "elasticity": lambda g: gp.elasticity(g).constants,
    "density_of_states": lambda g: gp.density_of_states([g]).density,
    "field": lambda g: len(gp.plot.field(g, np.arange(100.0)).axes),
    "first_minimum": gp.fields.first_minimum,
    "grid": gp.probes.grid,
    "local_shear_modulus": gp.response.local_shear_modulus,
    "measure": lambda g: gp.stability.measure(g, to=0.0).soft_modes,
    "minimize": lambda g: gp.minimize(g).positions,
    "molecular_dynamics": lambda g: (
        gp.sampling.molecular_dynamics(g, duration=0.1, temperature=0.01, seed=1).glass.positions
    ),
    "nonlinear_modes": lambda g: gp.nonlinear_modes(g).barriers,
    "parallel_tempering": lambda g: gp.sampling.parallel_tempering(g, [0.1, 0.2], rounds=1, sweeps=1, seed=2).energies,
    "particle_field": lambda g: gp.probes.particle_field(g, [[1.0, 1.0]], [2.0], 5.0),
    "pseudo_harmonic_modes": lambda g: gp.pseudo_harmonic_modes(g).stiffnesses,
    "radial_distribution": lambda g: gp.fields.radial_distribution(g, np.arange(0.1, 3.0, 0.1)),
    "same_state": lambda g: gp.response.same_state(g, g),
    "shear": lambda g: gp.shear(g, 1e-3).stress,
    "shear_modulus_map": lambda g: gp.shear_modulus_map(g, 3.0).values,
    "shear_wave_frequency": lambda g: gp.stability.shear_wave_frequency(g, 1.0),
    "softness": lambda g: gp.softness.trained("poly_0.12").softness(g),
    "units": lambda g: gp.plot.length_unit(g) + gp.plot.energy_unit(g),
}


@pytest.mark.parametrize("name", CALLS)
def test_both_give_the_same(name):
    glass = small_minimum("poly", 100, seed=1)
    of_glass, of_analysis = CALLS[name](glass), CALLS[name](gp.Analysis(glass))
    np.testing.assert_array_equal(of_analysis, of_glass)


def test_nothing_else_is_taken():
    for call in (gp.minimize, gp.Analysis, gp.elasticity, gp.Tessellation):
        with pytest.raises(TypeError, match="takes a Glass or an Analysis, not list"):
            call([1, 2])
