"""The command ``glassplast prepare lj``: its options, and what it does."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rich.markup import escape

from glassplast.errors import FileError

# Those of prepare.lj, which takes long to import.
_PROTOCOLS = ("HTL", "ESL", "GQ")
#: What is written where for sample number k of several.
_NUMBERED = "{stem}-{number:04d}{suffix}"


def add_lj_options(parser: argparse.ArgumentParser) -> None:
    """What ``glassplast prepare lj`` takes."""
    parser.add_argument(
        "--protocol",
        choices=_PROTOCOLS,
        default="GQ",
        help="quench from the hot liquid, from the supercooled liquid, or gradual cooling (default: %(default)s)",
    )
    parser.add_argument("--n", type=int, default=1024, metavar="N", help="number of particles (default: %(default)s)")
    parser.add_argument(
        "--duration", type=float, default=1e6, metavar="TIME", help="of the cooling of GQ (default: %(default)g)"
    )
    parser.add_argument(
        "--equilibration", type=float, default=1e4, metavar="TIME", help="at 1.13 T_g (default: %(default)g)"
    )
    parser.add_argument(
        "--time-step", type=float, default=0.005, metavar="TIME", help="of the dynamics (default: %(default)g)"
    )
    parser.add_argument(
        "--method", choices=("cg", "fire"), default="cg", help="what goes downhill (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, metavar="SEED", help="default: a new one, on record in the file")
    parser.add_argument(
        "--samples",
        type=int,
        default=1,
        metavar="K",
        help="independent glasses, in files out-0000.h5, out-0001.h5, ...",
    )
    parser.add_argument(
        "--out",
        default="-",
        metavar="OUT",
        help="file of any format we write, or - for extended XYZ on stdout (default)",
    )
    parser.add_argument(
        "--checkpoint", metavar="FILE", help="HDF5 file that is written once a minute and on Ctrl-C, for --resume"
    )
    parser.add_argument("--resume", action="store_true", help="go on with the run in --checkpoint FILE")


def prepare_lj(session: Any) -> int:
    """Make glasses and write them."""
    import numpy as np

    from glassplast.prepare.molecular_dynamics import DynamicsInterrupted
    from glassplast.prepare.seeds import child

    arguments = session.arguments
    if arguments.samples < 1:
        raise ValueError(f"--samples must be at least 1, not {arguments.samples}")
    if arguments.samples > 1 and arguments.out == "-":
        raise FileError("several samples need files: give --out FILE")
    if arguments.resume and arguments.checkpoint is None:
        raise FileError("name the run to go on with: --checkpoint FILE --resume")
    seed = np.random.SeedSequence(arguments.seed)
    for index in range(arguments.samples):
        several = arguments.samples > 1
        out = _numbered(arguments.out, index) if several else arguments.out
        checkpoint = arguments.checkpoint
        if checkpoint is not None and several:
            checkpoint = _numbered(checkpoint, index)
        if several and arguments.resume and Path(out).exists():
            session.observer.say(f"{escape(out)} is there already")
            continue
        try:
            with session.observer:
                _one(session, child(seed, index) if several else seed, out, checkpoint)
        except DynamicsInterrupted as stop:
            session.errors.print(f"[bold red]interrupted[/] at time {stop.trajectory.protocol['time']:.6g}")
            if checkpoint is not None:
                again = f"--samples {arguments.samples} --out {arguments.out}" if several else f"--out {arguments.out}"
                session.errors.print(
                    f"go on with: glassplast prepare lj {escape(again)} --checkpoint {escape(arguments.checkpoint)} "
                    "--resume and the other options as before",
                    soft_wrap=True,
                )
            return 130
    return 0


def _one(session: Any, seed: Any, out: str, checkpoint: str | None) -> None:
    from glassplast.files import write
    from glassplast.prepare.lj import lj, resume_preparation

    arguments = session.arguments
    progress = session.observer.simulating()
    if arguments.resume and checkpoint is not None and Path(checkpoint).exists():
        glass = resume_preparation(checkpoint, progress=progress)
    elif arguments.resume and arguments.samples == 1:
        raise FileError(f"there is no file {checkpoint} to go on with")
    else:
        glass = lj(
            arguments.n,
            protocol=arguments.protocol,
            duration=arguments.duration,
            equilibration=arguments.equilibration,
            seed=seed,
            time_step=arguments.time_step,
            minimizer=arguments.method,
            checkpoint=checkpoint,
            progress=progress,
        )
    session.observer.done()
    made = glass.provenance["preparation"]
    session.observer.say(
        f"made {len(glass)} particles by {made['protocol']}: energy per particle "
        f"{made['inherent_structure_energy']:.6f}, {made['rattlers']} rattlers, seed {made['seed']}"
    )
    write(glass, out)
    session.wrote(out)


def _numbered(path: str, number: int) -> str:
    whole = Path(path)
    return str(whole.with_name(_NUMBERED.format(stem=whole.stem, number=number, suffix=whole.suffix)))
