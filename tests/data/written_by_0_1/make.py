"""Makes the files beside it, and `expected.json`: what version 0.1.0 of glassplast wrote, and which numbers are in it.

    python tests/data/written_by_0_1/make.py

This runs under glassplast 0.1.0 and under no other version: later ones must read these files, not write them anew.
All numbers in `expected.json` come from the objects in memory, before they were written; nothing was read back. Of
work that was interrupted it holds what the same work gives when it is left alone.

Arrays of more than 24 numbers are there as the SHA-256 of their bytes (float64 or int64), but for those that are
computed from what was read, as the rest of a resumed run.
"""

import contextlib
import copy
import hashlib
import io
import json
import os
import platform
import shutil
import tempfile
from pathlib import Path
from unittest import mock

import numpy as np
from glassplast.cli import main
from glassplast.console import ConsoleObserver
from glassplast.main_job import Task, main_job

import glassplast as gp
from glassplast import softness
from glassplast.models import Model
from glassplast.prepare import DynamicsInterrupted, molecular_dynamics
from glassplast.quasistatic import ShearInterrupted, mode_convergence, reversal
from glassplast.relax import relaxation
from glassplast.softness import BehlerParrinelloFeatures, BinFeatures, SoftnessPlane, TriangleFeatures

HERE = Path(__file__).resolve().parent


# --- numbers as JSON --------------------------------------------------------------------------------------------------


def exact(value):
    """As JSON that loses nothing; long arrays, unless they were made lists, as their hash."""
    if isinstance(value, dict) or type(value).__name__ == "mappingproxy":
        return {str(key): exact(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [exact(entry) for entry in value]
    if isinstance(value, np.ndarray):
        kind = np.float64 if value.dtype.kind == "f" else np.int64
        array = np.ascontiguousarray(value, dtype=kind)
        if array.size <= 24:
            return exact(array.tolist())
        if kind is np.float64:
            # There is more than one NaN.
            array = np.where(np.isnan(array), np.nan, array)
        return {"shape": list(array.shape), "sha256": hashlib.sha256(array.tobytes()).hexdigest()}
    if isinstance(value, np.generic):
        return exact(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    return value


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
    numbers = (
        "strain strain_uncertainty onset_strain irreversible stress_before stress_after energy_before energy_after "
        "mode eigenvalue core participation displacement branch_start minimizer stress_maximum overlap "
        "largest_residual direction mode_distance stress_drop energy_drop"
    )
    return {
        **{name: getattr(event, name) for name in numbers.split()},
        "before": of_state(event.before),
        "after": of_state(event.after),
    }


def of_run(run):
    names = "strain stress energy slope residual protocol direction loading"
    return {
        **{name: getattr(run, name) for name in names.split()},
        "effort": [run.effort.evaluations, run.effort.factorizations, run.effort.rejected],
        "drops": [[drop.start, drop.end, drop.irreversible] for drop in run.drops],
        "events": [of_event(event) for event in run.events],
        "last": None if run.last is None else of_state(run.last),
    }


def of_results(results):
    names = "fields failures state configuration provenance warnings interrupted ranks"
    return {
        **{name: getattr(results, name) for name in names.split()},
        "order": list(results.fields),
        "C": {key: found.value for key, found in results.correlations.items()},
        "start": of_glass(results.start),
        "run": None if results.run is None else of_run(results.run),
    }


def of_map(found):
    names = (
        "nodes angles radius prestress stress modulus threshold strain instability_threshold instability_strain "
        "largest_residual evaluations factorizations about"
    )
    return {name: getattr(found, name) for name in names.split()}


def of_catalogue(found):
    names = (
        "centres attempts lost repeated unconnected steps centre attempt barrier coarse_barrier stress_difference "
        "eigenvalue force core participation energy_beyond fall displacements volume about"
    )
    return {name: getattr(found, name) for name in names.split()}


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
    """Of a glass at the end of a preparation that was resumed."""
    return {
        "positions": glass.positions.tolist(),
        "cell": glass.cell,
        "diameters": glass.diameters,
        "species": glass.species,
        "energy": gp.Analysis(glass).energy,
        "sha256": exact(glass.positions)["sha256"],
        "preparation": glass.provenance["preparation"],
    }


def of_finished(run):
    """Of a shear run that was resumed."""
    return {
        "strain": [event.strain for event in run.events],
        "core": [event.core for event in run.events],
        "energy_before": [event.energy_before for event in run.events],
        "energy_after": [event.energy_after for event in run.events],
        "stress_after": [event.stress_after for event in run.events],
        "mode": run.events[-1].mode.tolist(),
        "end": run.end.positions.tolist(),
        "end_strain": run.end.strain,
        "last_energy": float(run.energy[-1]),
        "last_stress": float(run.stress[-1]),
        "sha256": exact(np.concatenate([run.strain, run.stress, run.energy]))["sha256"],
    }


# --- what is sheared and probed ---------------------------------------------------------------------------------------


def jittered(model, count, dimension=2, strain=0.0, seed=0):
    """Particles on a jittered lattice."""
    rng = np.random.default_rng(seed)
    density = {"lj": 1.02, "poly": 1.0, "kob_andersen": 1.2}[model]
    per_side = round(count ** (1.0 / dimension))
    sites = np.stack(np.meshgrid(*[np.arange(per_side)] * dimension, indexing="ij"), axis=-1).reshape(-1, dimension)
    side = (len(sites) / density) ** (1.0 / dimension)
    positions = (sites + 0.5 + 0.18 * rng.uniform(-1, 1, sites.shape)) / per_side * side
    positions[:, 0] += strain * positions[:, 1]
    if model == "poly":
        particles = {"diameters": rng.uniform(0.8, 1.25, len(sites))}
    else:
        particles = {"species": (rng.uniform(size=len(sites)) < 0.45).astype(int)}
    return gp.Glass(positions, [side] * dimension, model, strain=strain, **particles)


def small(model, seed=1):
    """A minimum of as few particles as the cutoffs let be."""
    return gp.minimize(jittered(model, 64 if model == "lj" else 49, seed=seed))


# --- configurations ---------------------------------------------------------------------------------------------------


def grid(model, dimension=2, strain=0.0, provenance=None):
    """A jittered grid in a box with an origin, some particles outside it, ids in no order."""
    rng = np.random.default_rng(7)
    sides = np.array([8.25, 7.5, 7.75])[:dimension]
    counts = (6, 5, 3)[:dimension]
    sites = np.stack(np.meshgrid(*map(np.arange, counts), indexing="ij"), axis=-1).reshape(-1, dimension)
    origin = np.array([-2.7, 1.1, 0.3])[:dimension]
    positions = origin + (sites + 0.2 * rng.random(sites.shape)) * (sides / np.array(counts))
    positions[:3, 1] -= sides[1]
    count = len(positions)
    by_species = not isinstance(model, Model) and model in ("lj", "kob_andersen")
    return gp.Glass(
        positions,
        sides,
        model,
        species=rng.integers(0, 2, count) if by_species else None,
        diameters=None if by_species else 0.73 + 0.9 * rng.random(count),
        ids=rng.permutation(count) * 2 + 5,
        origin=origin,
        provenance={"seed": [1, 2], "protocol": 'made up: "quoted" \\ backslash'} if provenance is None else provenance,
    ).sheared(strain)


def by_id(glass):
    """As text files give it back: in the order of the ids."""
    order = np.argsort(glass.ids)
    found = of_glass(glass)
    for name in ("positions", "ids", "diameters", "species"):
        found[name] = None if found[name] is None else found[name][order]
    del found["digest"]
    return found


def configurations(expected):
    prepared = gp.prepare.poly(36, 0.3, seed=3, sweeps=100, annealing_sweeps=100)
    cooled = gp.prepare.lj(64, "GQ", seed=3, equilibration=1.0, duration=2.0)
    frames = [
        grid("lj", strain=0.13),
        grid("poly", strain=-0.05),
        grid("kob_andersen", 3, strain=0.2),
        grid(Model("inverse_power", {"exponent": 12, "cutoff": 1.4}), provenance={"seed": 3}),
        grid(None, strain=0.07),
        prepared,
        cooled,
    ]
    gp.write(frames, HERE / "configurations.h5")
    gp.write(frames, HERE / "configurations.gsd")
    gp.write(frames, HERE / "configurations.xyz.gz")
    gp.write(frames[:5], HERE / "configurations.dump")
    gp.write(frames[0], HERE / "lj.data")
    gp.write(frames[1], HERE / "poly.data")
    gp.write(frames[2], HERE / "kob_andersen.data.gz")
    expected["configurations"] = {
        "configurations.h5": [of_glass(glass) for glass in frames],
        "configurations.gsd": [of_glass(glass) for glass in frames],
        "configurations.xyz.gz": [by_id(glass) for glass in frames],
        "configurations.dump": [by_id(glass) for glass in frames[:5]],
        "lj.data": [by_id(frames[0])],
        "poly.data": [by_id(frames[1])],
        "kob_andersen.data.gz": [by_id(frames[2])],
    }
    # What later work takes from the provenance in a file.
    report = relaxation(prepared)
    expected["told by the provenance"] = {
        "relaxation": {"first_force": report.first_force, "largest_force": report.largest_force,
                       "method": report.method, "stop": report.stop, "evaluations": report.evaluations},
        "protocols": [softness.protocol_of(glass) for glass in (prepared, cooled)],
        "matching": [softness.matching(glass) for glass in (prepared, cooled)],
        "softness": softness.plane_for(prepared).softness(prepared).tolist(),
    }  # fmt: skip


# --- results ----------------------------------------------------------------------------------------------------------


def results(expected, work):
    found = expected["results"] = {}
    os.chdir(work)
    start, lj = small("poly"), small("lj")
    quiet = {"pictures": False, "page": False}
    words = ["glassplast", "run", "glass.h5"]
    task = Task(
        events=2,
        to=0.3,
        options={"softness": {"model": "poly_0.3"}, "plastic_strength": {"radius": 2.0, "spacing": 4.0}},
        **quiet,
    )
    whole = main_job(start, "run", task, command=words)
    assert len(whole.events) == 2 and not whole.failures and len(whole.fields) >= 20, whole.failures
    shutil.copy("run/results.h5", HERE / "results.h5")
    shutil.copy("run/scores.csv", HERE / "scores.csv")
    found["results.h5"] = of_results(whole)

    # One indicator fails, with a reason that is kept.
    task = Task(events=1, to=0.3, indicators=["contacts", "soft_modes", "softness"], loading=30.0, **quiet)
    failed = main_job(lj, "failed", task, command=words)
    assert list(failed.failures) == ["softness"]
    shutil.copy("failed/results.h5", HERE / "results_with_a_failure.h5")
    found["results_with_a_failure.h5"] = of_results(failed)

    # The command `glassplast shear`; what it saves is caught on its way to the file.
    gp.write(start, "poly.h5")
    saved = []
    save = gp.Results.save

    def caught(self, path):
        saved.append(copy.deepcopy(self))
        save(self, path)

    def stop(self, start, to, strain, events, wanted):
        if events == 1:
            raise KeyboardInterrupt

    commands = {
        "shear_exact.h5": ["poly.h5", "--to", "0.3", "--events", "2"],
        "shear_reversed.h5": ["poly.h5", "--to", "-0.3", "--events", "1", "--minimizer", "fire"],
        "shear_at_an_angle.h5": ["poly.h5", "--to", "0.3", "--events", "1", "--loading", "30"],
        "shear_fixed.h5": ["poly.h5", "--to", "0.3", "--events", "2", "--stepping", "fixed", "--increment", "1e-3"],
        "shear_drops.h5": ["poly.h5", "--to", "0.3", "--events", "1", "--stepping", "fixed", "--increment", "2e-3",
                           "--criterion", "stress_drop", "--relaxer", "cg"],
    }  # fmt: skip
    with mock.patch.object(gp.Results, "save", caught):
        for name, options in commands.items():
            assert main(["shear", *options, "-o", name, "--quiet"]) == 0
            found[name] = of_results(saved[-1])
        with mock.patch.object(ConsoleObserver, "shearing", stop):
            assert main(["shear", "poly.h5", "--to", "0.3", "-o", "shear_interrupted.h5", "--quiet"]) == 130
        found["shear_interrupted.h5"] = of_results(saved[-1])
        chosen = ["poly.h5", "--names", "contacts,steric_order,vibrality"]
        assert main(["indicators", *chosen, "-o", "fields.h5", "--quiet"]) == 0
        found["fields.h5"] = of_results(saved[-1])
    assert main(["indicators", *chosen, "-o", "fields.csv", "--quiet"]) == 0
    for name in (*commands, "shear_interrupted.h5", "fields.h5", "fields.csv"):
        shutil.copy(name, HERE / name)
    os.chdir(HERE)

    # What runs are asked for when they were read.
    runs = dict(zip(commands, saved, strict=False))
    exact_run, fixed_run = runs["shear_exact.h5"].run, runs["shear_fixed.h5"].run
    back = reversal(exact_run.events[0], max_events=3)
    near = mode_convergence(exact_run.events[0], [1e-6, 1e-5, 1e-4])
    angle = runs["shear_at_an_angle.h5"].run
    middle = 0.5 * angle.events[0].strain
    expected["asked of runs that were read"] = {
        "strain": 0.04,
        "exact": [gp.Analysis(exact_run.glass_at(0.04)).energy, float(exact_run.stress_at(0.04))],
        "fixed": [gp.Analysis(fixed_run.glass_at(0.0405)).energy, float(fixed_run.stress_at(0.0405))],
        "angle": [middle, gp.Analysis(angle.glass_at(middle)).energy, float(angle.stress_at(middle))],
        "work": exact_run.work(0.0, 0.04),
        "reversal": [back.returned, back.strain, back.branch_end, len(back.events)],
        "mode_convergence": [near.eigenvalue, near.overlap_deficit, near.normalized_stress],
        "d2min": exact_run.events[0].d2min().tolist(),
    }


# --- checkpoints of shear ---------------------------------------------------------------------------------------------


def after_one_event(strain, stress, events):
    if events == 1:
        raise KeyboardInterrupt


def shear_checkpoints(expected):
    glass = small("poly", seed=2)
    first = gp.shear(glass, 0.3, max_events=4)
    to = 0.5 * (first.events[1].strain + first.events[2].strain)
    complete = gp.shear(glass, to, checkpoint=HERE / "shear_complete")
    assert len(complete.events) == 2

    undisturbed = gp.shear(glass, 0.3, max_events=3)
    try:
        gp.shear(glass, 0.3, max_events=3, checkpoint=HERE / "shear_stopped", progress=after_one_event)
    except ShearInterrupted as stop:
        stopped = stop.run
    assert len(stopped.events) == 1

    def enough(event):
        return True

    asked = {"loading": 60.0, "minimizer": "fire"}
    function = gp.shear(glass, 0.3, stop=enough, checkpoint=HERE / "shear_stopped_by_a_function", **asked)
    longer = gp.shear(glass, 0.3, max_events=2, **asked)
    expected["shear checkpoints"] = {
        "to": to,
        "shear_complete": of_run(complete),
        "shear_stopped": of_run(stopped),
        "shear_stopped_by_a_function": of_run(function),
    }
    return {"shear_stopped": of_finished(undisturbed), "shear_stopped_by_a_function": of_finished(longer)}


# --- yield maps and saddle points -------------------------------------------------------------------------------------


def after_one_part(*_):
    raise KeyboardInterrupt


def maps(expected, resumed):
    glass = small("poly", seed=2)
    gp.write(glass, HERE / "probed.h5")
    some = {"radius": 2.0, "spacing": 2.1, "angles": [0.0, 45.0, 90.0], "threads": 1}
    few = {**some, "spacing": 4.0}
    exact_map = gp.local_yield_stress(glass, instability=True, **few)
    exact_map.save(HERE / "yield_map.h5")
    fixed = gp.local_yield_stress(glass, stepping="fixed", increment=1e-3, relaxer="newton", **few)
    fixed.save(HERE / "yield_map_fixed.h5")
    whole = gp.local_yield_stress(glass, **some)
    with contextlib.suppress(KeyboardInterrupt):
        gp.local_yield_stress(glass, checkpoint=HERE / "yield_map_stopped.h5", progress=after_one_part, **some)
    assert len(whole.nodes) == 16
    # Nodes come in parts of eight.
    stopped = {
        name: np.where(np.arange(16).reshape(-1, *[1] * (values.ndim - 1)) < 8, values, np.nan)
        if isinstance(values, np.ndarray) and name not in ("nodes", "angles")
        else values
        for name, values in of_map(whole).items()
    }
    increments = {**some, "stepping": "fixed", "increment": 2e-3}
    whole_fixed = gp.local_yield_stress(glass, **increments)
    with contextlib.suppress(KeyboardInterrupt):
        gp.local_yield_stress(
            glass, checkpoint=HERE / "yield_map_fixed_stopped.h5", progress=after_one_part, **increments
        )
    expected["yield maps"] = {
        "yield_map.h5": {**of_map(exact_map), "strength": exact_map.strength(0.0).tolist(),
                         "instability_strength": exact_map.strength(10.0, "instability").tolist()},
        "yield_map_fixed.h5": {**of_map(fixed), "strength": fixed.strength(0.0).tolist()},
        "yield_map_stopped.h5": stopped,
    }  # fmt: skip
    names = ("threshold", "strain", "stress", "modulus")
    resumed["yield_map_stopped.h5"] = {name: getattr(whole, name).tolist() for name in names}
    resumed["yield_map_fixed_stopped.h5"] = {name: getattr(whole_fixed, name).tolist() for name in names}


def saddles(expected, resumed):
    glass = small("poly", seed=2)
    asked = {"events": 2, "attempts": 10, "seed": 5, "threads": 1}
    with_displacements = gp.saddle_points(glass, centres=[3, 30], displacements=True, **asked)
    with_displacements.save(HERE / "saddles.h5")
    whole = gp.saddle_points(glass, centres=[2, 40, 9], **asked)
    with contextlib.suppress(KeyboardInterrupt):
        gp.saddle_points(
            glass, centres=[2, 40, 9], checkpoint=HERE / "saddles_stopped.h5", progress=after_one_part, **asked
        )
    expected["saddle points"] = {
        "saddles.h5": {
            **of_catalogue(with_displacements),
            "triggering_strain": with_displacements.triggering_strain(0.0).tolist(),
            "distinct": with_displacements.distinct(),
            "table": list(with_displacements.table().dtype.names),
            "field": with_displacements.field(glass).tolist(),
        },
        "saddles_stopped.h5": of_catalogue(whole.of_centres([2])),
    }
    names = ("centre", "attempt", "core", "barrier", "stress_difference", "eigenvalue", "energy_beyond", "fall")
    resumed["saddles_stopped.h5"] = {name: getattr(whole, name).tolist() for name in names}


# --- preparations -----------------------------------------------------------------------------------------------------

POLY = {"n": 25, "temperature": 0.3, "seed": 3, "annealing_sweeps": 100, "every": 2}
#: What is asked for, and the stage and the part of the whole at which it is interrupted: of dynamics, which are stored
#: every thousand steps, where 600 are left.
PREPARATIONS = {
    "poly_sweeps.h5": (gp.prepare.poly, {**POLY, "sweeps": 70}, ("equilibrating", 0.5)),
    "poly_two_starts.h5": (gp.prepare.poly, {**POLY, "most_sweeps": 70}, ("equilibrating", 0.5)),
    "poly_tempering.h5": (
        gp.prepare.poly, {**POLY, "sweeps": 70, "tempering": 0.36}, ("equilibrating", 0.4)
    ),
    "poly_liquid.h5": (
        gp.prepare.poly,
        {**POLY, "sweeps": 70, "quench": False, "step": 0.1, "swap_probability": 0.3, "swap_window": 0.25},
        ("equilibrating", 0.4),
    ),
    "lj.h5": (
        gp.prepare.lj, {"n": 64, "protocol": "GQ", "seed": 3, "equilibration": 2.0, "duration": 8.0}, ("cool", 0.949)
    ),
    "lj_supercooled.h5": (
        gp.prepare.lj,
        {"n": 64, "protocol": "ESL", "seed": 4, "equilibration": 6.4, "time_step": 0.004, "friction": 2.0,
         "minimizer": "fire"},
        ("equilibrate", 0.957),
    ),
    "kob_andersen_2d.h5": (
        gp.prepare.kob_andersen,
        {"n": 100, "temperature": 0.5, "seed": 2, "dimension": 2, "equilibration": 2.0, "duration": 8.0},
        ("cool", 0.949),
    ),
    "kob_andersen_3d.h5": (
        gp.prepare.kob_andersen,
        {"n": 160, "temperature": 0.6, "seed": 2, "equilibration": 8.0, "final_temperature": 0.1},
        ("equilibrate", 0.948),
    ),
}  # fmt: skip
SHORT = {name: value for name, value in POLY.items() if name != "seed"}
ENSEMBLES = {
    "ensemble_poly": (gp.prepare.poly, 5, {**SHORT, "sweeps": 70}, ("sample 2 of 2, equilibrating", 0.4)),
}


def interrupter(where):
    def progress(stage, part, note):
        if stage == where[0] and part >= where[1]:
            raise KeyboardInterrupt

    return progress


def preparations(resumed):
    directory = HERE / "preparations"
    directory.mkdir()
    for name, (maker, asked, where) in PREPARATIONS.items():
        resumed[name] = of_prepared(maker(**asked, threads=1))
        try:
            maker(**asked, threads=1, checkpoint=directory / name, progress=interrupter(where))
        except KeyboardInterrupt:
            continue
        raise AssertionError(f"{name} was not interrupted")
    for name, (maker, seed, asked, where) in ENSEMBLES.items():
        made = list(gp.prepare.ensemble(maker, 2, seed, threads=1, **asked))
        resumed[name] = [of_prepared(glass) for glass in made]
        told = {"checkpoint": directory / name, "progress": interrupter(where)}
        try:
            list(gp.prepare.ensemble(maker, 2, seed, threads=1, **told, **asked))
        except KeyboardInterrupt:
            continue
        raise AssertionError(f"{name} was not interrupted")


def dynamics(expected, resumed):
    liquid = gp.prepare.lj(64, "ESL", seed=9, equilibration=1.0, quench=False)
    cases = {
        "dynamics.h5": {"temperature": (0.35, 0.3), "seed": 7, "average_interval": 10},
        "dynamics_constant_energy.h5": {"temperature": 0.35, "thermostat": None, "seed": [1, 2], "skin": 0.6},
    }
    expected["dynamics"] = {}
    for name, asked in cases.items():
        asked = {"duration": 8.0, "sample_interval": 100, **asked}
        whole = molecular_dynamics(liquid, **asked)
        path = HERE / "preparations" / name
        try:
            molecular_dynamics(liquid, checkpoint=path, progress=interrupter(("dynamics", 0.62)), **asked)
        except DynamicsInterrupted as stop:
            stopped = stop.trajectory
        assert stopped.protocol["time"] == 5.0
        expected["dynamics"][name] = {"start": of_glass(liquid), "samples": len(stopped.series)}
        resumed[name] = {
            "positions": whole.glass.positions.tolist(),
            "velocities": whole.velocities.tolist(),
            "time": whole.series.time.tolist(),
            "temperature": whole.series.temperature.tolist(),
            "potential": whole.series.potential.tolist(),
            "kinetic": whole.series.kinetic.tolist(),
            "stress": whole.series.stress.tolist(),
            "mean_positions": None if whole.mean_positions is None else whole.mean_positions.tolist(),
            "protocol": whole.protocol,
            "sha256": exact(whole.glass.positions)["sha256"],
        }


# --- softness ---------------------------------------------------------------------------------------------------------


def models(expected):
    poly, lj = small("poly"), small("lj")
    runs = [gp.shear(small("poly", seed=seed), 0.3, max_events=3) for seed in (1, 2, 3)]
    labelled = [run.events for run in runs]
    trained = gp.SoftnessModel(TriangleFeatures(count=8), C=0.5, provenance={"source": "three small samples"})
    trained.train(labelled, reach=2.0)
    plain = gp.SoftnessModel(loss="squared_hinge", calibrate=False).train(labelled)
    trained.save(HERE / "softness_trained.json")
    plain.save(HERE / "softness_plain.json")
    found = {
        "softness_trained.json": {**of_plane(trained.plane_), "softness": trained.softness(poly).tolist(),
                                  "probability": trained.plane_.probability(trained.features.compute(poly)).tolist()},
        "softness_plain.json": {**of_plane(plain.plane_), "softness": plain.softness(poly).tolist()},
    }  # fmt: skip
    rng = np.random.default_rng(3)
    for name, features in {
        "softness_bins.json": BinFeatures.of(lj.model),
        "softness_behler_parrinello.json": BehlerParrinelloFeatures(species=2, cutoff=2.5),
    }.items():
        count = len(features.names)
        plane = SoftnessPlane(
            features,
            rng.normal(size=count).round(6),
            rng.uniform(0.5, 2.0, count).round(6),
            rng.normal(size=count).round(6),
            0.25,
            (1.5, -0.25),
            {"source": "made up", "protocol": {"model": "lj", "protocol": "HTL"}},
        )
        plane.save(HERE / name)
        found[name] = {**of_plane(plane), "softness": plane.softness(lj).tolist()}
    gp.write([poly, lj], HERE / "described.h5")
    expected["softness"] = found


# --- all of it --------------------------------------------------------------------------------------------------------


def make():
    if gp.__version__ != "0.1.0":
        raise SystemExit(f"this makes files of version 0.1.0, and glassplast {gp.__version__} is installed")
    for entry in HERE.iterdir():
        if entry.name != Path(__file__).name:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    expected, resumed = {}, {}
    with (
        tempfile.TemporaryDirectory() as work,
        mock.patch.object(platform, "platform", return_value="Linux"),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        configurations(expected)
        results(expected, work)
        resumed |= shear_checkpoints(expected)
        maps(expected, resumed)
        saddles(expected, resumed)
        preparations(resumed)
        dynamics(expected, resumed)
        models(expected)
    record = {"glassplast": gp.__version__, **exact(expected), "resumed": exact(resumed)}
    (HERE / "expected.json").write_text(json.dumps(record, indent=None, separators=(",", ":"), allow_nan=False) + "\n")


if __name__ == "__main__":
    make()
