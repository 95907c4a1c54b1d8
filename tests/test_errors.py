"""Errors and interrupts that are sent between processes keep all that they carry."""

import importlib
import pickle
import pkgutil

import numpy as np
import pytest

import glassplast as gp
from glassplast import errors
from glassplast.job import JobInterrupted
from glassplast.quasistatic import CyclicShear, CyclicShearError, CyclicShearInterrupted, ShearError, ShearInterrupted
from glassplast.sampling import DynamicsInterrupted, molecular_dynamics
from samples import small_minimum


@pytest.fixture(scope="module")
def glass():
    return small_minimum("lj", 144, seed=1)


@pytest.fixture(scope="module")
def made(glass):
    """One of each, by its class."""
    run = gp.shear(glass, 0.002)
    cycles = CyclicShear(0.1, [run], [glass], np.zeros(1), None, None)
    carriers = (
        ShearError("lost", run),
        ShearInterrupted(run),
        CyclicShearError("lost", run, cycles),
        CyclicShearInterrupted(run, cycles),
        JobInterrupted(gp.Results(glass, interrupted="shear")),
        DynamicsInterrupted(molecular_dynamics(glass, duration=0.1, temperature=0.01, seed=1)),
        errors.MissingExtraError("drawing", "plot"),
    )
    return {type(error): error for error in carriers}


def raised_by_the_package():
    """All exceptions that are defined in the package or in its engine."""
    modules = (module.name for module in pkgutil.walk_packages(gp.__path__, "glassplast."))
    for name in modules:
        known = vars(importlib.import_module(name)).values() if not name.endswith("__main__") else ()
        for value in known:
            is_one = isinstance(value, type) and issubclass(value, BaseException)
            if is_one and value.__module__.startswith("glassplast") and value is not errors.Carrier:
                yield value


def test_each_comes_back_as_it_was(made):
    kinds = {kind for kind in raised_by_the_package() if not issubclass(kind, Warning)}
    assert set(made) <= kinds
    for kind in kinds:
        error = made[kind] if kind in made else kind("what is wrong")
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is kind and str(again) == str(error)
        assert set(vars(again)) == set(vars(error))


def test_what_they_carry_comes_along(made):
    error = pickle.loads(pickle.dumps(made[ShearError]))
    assert np.array_equal(error.run.stress, made[ShearError].run.stress)
    interrupted = pickle.loads(pickle.dumps(made[DynamicsInterrupted]))
    assert np.array_equal(interrupted.trajectory.velocities, made[DynamicsInterrupted].trajectory.velocities)
    cycles = pickle.loads(pickle.dumps(made[CyclicShearInterrupted])).cycles
    assert cycles.amplitude == 0.1 and len(cycles.legs) == 1


def test_arguments_that_cannot_be_meant_are_value_errors():
    for kind in (errors.ArgumentError, errors.UnknownNameError, errors.GeometryError, errors.ModelError):
        assert issubclass(kind, ValueError) and issubclass(kind, errors.GlassplastError)
