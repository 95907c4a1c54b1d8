"""What files of 0.1 hold, asked for by the names that the package has today.

The words of `data/written_by_0_1/expected.json` stand on the left, names of the package on the right. Nothing else in
the tests of those files knows the latter.
"""

import numpy as np

import glassplast as gp

#: Symbols of indicators that are called otherwise since.
SYMBOLS = {"xdot": "ẋ", "mu": "μ", "nafmu": "nafμ", "pi": "π", "pi_PH": "π_PH"}
#: Columns of catalogues that are called otherwise since.
COLUMNS = {"centre": "found_around", "attempt": "climb", "fall": "largest_displacement"}


def of_state(glass):
    return {
        "positions": glass.positions,
        "cell": glass.cell,
        "origin": np.asarray(glass.box.origin),
        "strain": glass.strain,
        "provenance": dict(glass.provenance),
    }


def of_glass(glass):
    return {
        **of_state(glass),
        "ids": glass.ids,
        "diameters": glass.diameters,
        "species": glass.species,
        "model": None if glass.model is None else glass.model.name,
        "parameters": None if glass.model is None else dict(glass.model.parameters),
        "dimension": glass.dimension,
        "digest": glass.digest,
    }


def of_event(event):
    return {
        "strain": event.strain,
        "strain_uncertainty": event.strain_uncertainty,
        "onset_strain": event.onset_strain,
        "irreversible": event.irreversible,
        "stress_before": event.stress_before,
        "stress_after": event.stress_after,
        "energy_before": event.energy_before,
        "energy_after": event.energy_after,
        "mode": event.mode,
        "eigenvalue": event.eigenvalue,
        "core": event.core,
        "participation": event.participation,
        "displacement": event.displacement,
        "branch_start": event.branch_start,
        "minimizer": event.method,
        "stress_maximum": event.stress_maximum_strain,
        "overlap": event.overlap,
        "largest_residual": event.largest_residual,
        "direction": event.direction,
        "mode_distance": event.mode_distance,
        "stress_drop": event.stress_drop,
        "energy_drop": event.energy_drop,
        "before": of_state(event.before),
        "after": of_state(event.after),
    }


def of_run(run):
    return {
        "strain": run.strain,
        "stress": run.stress,
        "energy": run.energy,
        "slope": run.slope,
        "residual": run.residual,
        "protocol": run.protocol.record,
        "direction": run.direction,
        "loading": run.loading,
        "effort": [run.effort.evaluations, run.effort.factorizations, run.effort.rejected],
        "drops": [[drop.start, drop.end, drop.irreversible] for drop in run.drops],
        "events": [of_event(event) for event in run.events],
        "last": None if run.last is None else of_state(run.last),
    }


def of_results(results):
    return {
        "fields": results.fields,
        "failures": results.failures,
        "state": results.state,
        "configuration": results.configuration,
        "provenance": results.provenance,
        "warnings": results.warnings,
        "interrupted": results.interrupted,
        "ranks": results.ranks,
        "order": list(results.fields),
        "C": {key: found.value for key, found in results.correlations.items()},
        "start": of_glass(results.start),
        "run": None if results.run is None else of_run(results.run),
    }


def of_map(found):
    return {
        "nodes": found.nodes,
        "angles": found.angles,
        "radius": found.radius,
        "prestress": found.prestress,
        "stress": found.stress,
        "modulus": found.modulus,
        "threshold": found.threshold,
        "strain": found.strain,
        "instability_threshold": found.instability_threshold,
        "instability_strain": found.instability_strain,
        "largest_residual": found.largest_residual,
        "evaluations": found.evaluations,
        "factorizations": found.factorizations,
        "about": found.about,
    }


def of_catalogue(found):
    return {
        "centres": found.centres,
        "attempts": found.attempts,
        "lost": found.lost,
        "repeated": found.repeated,
        "unconnected": found.unconnected,
        "steps": found.steps,
        "centre": found.found_around,
        "attempt": found.climb,
        "barrier": found.barrier,
        "coarse_barrier": found.coarse_barrier,
        "stress_difference": found.stress_difference,
        "eigenvalue": found.eigenvalue,
        "force": found.force,
        "core": found.core,
        "participation": found.participation,
        "energy_beyond": found.energy_beyond,
        "fall": found.largest_displacement,
        "displacements": found.displacements,
        "volume": found.volume,
        "about": found.about,
    }


def of_plane(plane):
    return {
        "kind": plane.features.kind,
        "names": plane.features.names,
        "mean": plane.mean,
        "scale": plane.scale,
        "weights": plane.weights,
        "intercept": plane.intercept,
        "calibration": list(plane.calibration),
        "provenance": dict(plane.provenance),
    }


def of_prepared(glass):
    return {
        "positions": glass.positions,
        "cell": glass.cell,
        "diameters": glass.diameters,
        "species": glass.species,
        "energy": gp.Analysis(glass).energy,
        "preparation": glass.provenance["preparation"],
    }


def of_finished(run):
    return {
        "strain": [event.strain for event in run.events],
        "core": [event.core for event in run.events],
        "energy_before": [event.energy_before for event in run.events],
        "energy_after": [event.energy_after for event in run.events],
        "stress_after": [event.stress_after for event in run.events],
        "mode": run.events[-1].mode,
        "end": run.end.positions,
        "end_strain": run.end.strain,
        "last_energy": float(run.energy[-1]),
        "last_stress": float(run.stress[-1]),
    }


def of_trajectory(run):
    return {
        "positions": run.glass.positions,
        "velocities": run.velocities,
        "time": run.series.time,
        "temperature": run.series.temperature,
        "potential": run.series.potential,
        "kinetic": run.series.kinetic,
        "stress": run.series.stress,
        "mean_positions": run.mean_positions,
        "protocol": run.protocol,
    }


def load_configurations(path):
    return list(gp.read_frames(path))


def load_results(path):
    return gp.Results.load(path)


def load_run(path):
    return gp.Run.load(path)


def resume_shear(path, **changes):
    return gp.resume(path, **changes)


def go_on_with_the_function(path):
    """The run stopped after one event on a function that no file holds; now it stops after two."""
    return resume_shear(path, stop=None, max_events=2)


def load_map(path):
    return gp.YieldMap.load(path)


def strengths(found, name):
    two = {"strength": found.strength(0.0)}
    return two if "fixed" in name else {**two, "instability_strength": found.strength(10.0, "instability")}


def resume_map(glass, path):
    return gp.local_yield_stress(glass, checkpoint=path, radius=2.0, spacing=2.1, angles=[0.0, 45.0, 90.0])


def resume_fixed_map(glass, path):
    return gp.local_yield_stress(
        glass,
        checkpoint=path,
        radius=2.0,
        spacing=2.1,
        angles=[0.0, 45.0, 90.0],
        stepping="fixed",
        increment=2e-3,
    )


def load_catalogue(path):
    return gp.SaddleCatalogue.load(path)


def asked_of_catalogue(found, glass):
    return {
        "triggering_strain": found.triggering_strain(0.0),
        "distinct": found.distinct(),
        "table": [{new: old for old, new in COLUMNS.items()}.get(name, name) for name in found.table().dtype.names],
        "field": found.field(glass),
    }


def resume_catalogue(glass, path):
    return gp.saddle_points(glass, centres=[2, 40, 9], saddles=2, attempts=10, seed=5, checkpoint=path)


def load_plane(path):
    return gp.SoftnessPlane.load(path)


POLY = {"n": 25, "temperature": 0.3, "seed": 3, "annealing_sweeps": 100, "every": 2}
PREPARATIONS = {
    "poly_sweeps.h5": lambda path: gp.prepare.poly(**POLY, sweeps=70, checkpoint=path),
    "poly_two_starts.h5": lambda path: gp.prepare.poly(**POLY, most_sweeps=70, checkpoint=path),
    "poly_tempering.h5": lambda path: gp.prepare.poly(**POLY, sweeps=70, tempering=0.36, checkpoint=path),
    "poly_liquid.h5": lambda path: gp.prepare.poly(
        **POLY, sweeps=70, quench=False, step=0.1, swap_probability=0.3, swap_window=0.25, checkpoint=path
    ),
    "lj.h5": lambda path: gp.prepare.lj(64, "GQ", seed=3, equilibration=2.0, duration=8.0, checkpoint=path),
    "lj_supercooled.h5": lambda path: gp.prepare.lj(
        64, "ESL", seed=4, equilibration=6.4, time_step=0.004, friction=2.0, method="fire", checkpoint=path
    ),
    "kob_andersen_2d.h5": lambda path: gp.prepare.kob_andersen(
        100, 0.5, seed=2, dimension=2, equilibration=2.0, duration=8.0, checkpoint=path
    ),
    "kob_andersen_3d.h5": lambda path: gp.prepare.kob_andersen(
        160, 0.6, seed=2, equilibration=8.0, final_temperature=0.1, checkpoint=path
    ),
}
SHORT = {name: value for name, value in POLY.items() if name != "seed"}
ENSEMBLES = {
    "ensemble_poly": lambda path, **told: gp.prepare.ensemble(
        gp.prepare.poly, 2, 5, checkpoint=path, **SHORT, sweeps=70, **told
    ),
}
