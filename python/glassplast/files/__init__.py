"""Reading and writing configurations: LAMMPS data and dump, extended XYZ, GSD, HDF5.

`docs/files.md` describes what each format can hold.
"""

from __future__ import annotations

import gzip
import importlib
import logging
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from numpy.typing import ArrayLike

from glassplast.errors import FileError, MissingExtraError, suggestion
from glassplast.files.frame import Frame, Pending, PrecisionWarning, ReadOptions, frame_at
from glassplast.files.particle_fields import Content, Fields, Modes, contents
from glassplast.files.replacing import replacing
from glassplast.files.text import FileWarning, Source
from glassplast.foundation.arrays import FloatArray
from glassplast.glass import Glass
from glassplast.models import Model

if TYPE_CHECKING:
    from glassplast.files.run_states import StoredStates

__all__ = [
    "FileWarning",
    "PrecisionWarning",
    "count_frames",
    "formats",
    "named_format",
    "read",
    "read_fields",
    "read_frames",
    "write",
]


logger = logging.getLogger(__name__)


class _Reader(Protocol):
    def pending(self, source: Source, options: ReadOptions) -> Iterator[Pending]: ...


class _TextWriter(Protocol):
    def text(self, frames: Sequence[Content], first: int) -> Iterator[str]: ...


class _BinaryWriter(Protocol):
    def save(self, frames: Sequence[Content], path: Path, append: bool) -> None: ...


@dataclass(frozen=True)
class _Format:
    """A file format, with the module of its code and the endings of its files."""

    module: str
    endings: tuple[str, ...]
    beginnings: tuple[str, ...] = ()
    is_text: bool = True

    def load(self) -> Any:
        # The module is imported here because h5py and gsd take longer to import than all of glassplast.
        return importlib.import_module(f"glassplast.files.{self.module}")


_FORMATS = {
    "lammps-data": _Format("lammps_data", (".data", ".lmp", ".lammps"), ("data.",)),
    "lammps-dump": _Format("lammps_dump", (".dump", ".lammpstrj"), ("dump.",)),
    "extxyz": _Format("extended_xyz", (".xyz", ".extxyz")),
    "gsd": _Format("gsd_format", (".gsd",), is_text=False),
    "hdf5": _Format("hdf5", (".h5", ".hdf5"), is_text=False),
}

_HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
_GSD_MAGIC = b"\xdfe\xdfe\xdfe\xdfe"


def formats() -> dict[str, tuple[str, ...]]:
    """The names of all formats, and the endings of their files."""
    return {name: kind.endings for name, kind in _FORMATS.items()}


def read(
    path: str | os.PathLike[str],
    model: str | Model | None = None,
    *,
    frame: int = -1,
    format: str | None = None,
    atom_style: str | None = None,
    unwrap: bool = False,
    strain: float | None = None,
    diameters: ArrayLike | float | None = None,
    dimension: int | None = None,
    state: str | None = None,
) -> Glass:
    """Read a configuration from a file, or a state of a shear run from its results or checkpoints.

    Parameters
    ----------
    path : path-like
        File to read, which may be compressed with gzip; ``-`` is the standard input (text formats). Results and
        checkpoints of a shear run are read as well.
    model : str or Model, optional
        Interaction model, which replaces the one that glassplast recorded in the file; other programs record none.
    frame : int, optional
        Index of the frame in a trajectory; negative indices count from the end, and the last frame is the default.
    format : str, optional
        One of `glassplast.files.formats()`; by default it is found from the content, then from the name.
    atom_style : str, optional
        Atom style of a LAMMPS data file; by default it follows from the comment after ``Atoms``, then from the columns.
    unwrap : bool, optional
        Whether to unwrap the positions across periodic boundaries, from image flags or unwrapped columns. By default
        the positions are as written, with as many digits as possible.
    strain : float, optional
        Strain, which replaces the recorded one; if none is recorded, the default is that of `Glass`, the tilt xy / ly.
    diameters : float or array_like, shape (N,), optional
        Diameters in the order of the glass that is returned (length), which replace those in the file.
    dimension : {2, 3}, optional
        Number of dimensions; by default the recorded one, then 2 if all particles have the same z.
    state : str, optional
        State of a shear run: ``start`` (the default), ``end``, or ``before:K`` or ``after:K``, which are the last
        stable state before event K and the state that the event led to. Events are counted from 1.

    Returns
    -------
    Glass
        The configuration. Particles of LAMMPS and extended XYZ files are sorted by id; those of other files have the
        order of the file.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FileError
        If the file is corrupt or truncated, has an unknown format, lacks something that the model needs, or has no such
        frame or state; the message names the place in the file.
    ArgumentError
        If the dimension is neither 2 nor 3.
    GeometryError, ModelError
        If the contents are not a valid configuration, for example if positions are NaN or species are unknown to the
        model.
    MissingExtraError
        If the file is a GSD file and the gsd package is not installed.

    Warns
    -----
    PrecisionWarning
        If positions have fewer than 9 significant digits, as in float32; the glass should then be minimized.
    FileWarning
        If names of species had to be interpreted, or the last line has no end.

    Examples
    --------
    >>> from importlib.resources import as_file, files
    >>> import glassplast as gp
    >>> with as_file(files("glassplast") / "samples" / "lj_gq_1024.data") as path:
    ...     glass = gp.read(path, model="lj")
    >>> len(glass)
    1024
    """

    name = os.fspath(path)
    states = _states(name, format)
    if states is not None:
        if frame != -1:
            raise FileError(f"{name} holds the states of a run, which have names rather than numbers: pass state=")
        found = states.frame("start" if state is None else state)
    elif state is not None:
        raise FileError(f"{name} holds no shear run, so that there is no state {state!r}; frame= chooses a frame")
    else:
        source = Source.of(name)
        found = frame_at(_pending(source, format, ReadOptions(atom_style, unwrap)), frame, source.name)
    glass = found.to_glass(model, strain, diameters, dimension)
    logger.info(
        "read %s: %d particles in %dD, model %s, strain %.6g",
        found.name, len(glass), glass.dimension, glass.model.name if glass.model is not None else "none", glass.strain,
    )  # fmt: skip
    return glass


def read_frames(
    path: str | os.PathLike[str],
    model: str | Model | None = None,
    *,
    format: str | None = None,
    atom_style: str | None = None,
    unwrap: bool = False,
    diameters: ArrayLike | float | None = None,
    dimension: int | None = None,
) -> Iterator[Glass]:
    """Read all frames of a trajectory, one after the other.

    The file is read only up to the last frame that is asked for. The states of a shear run come in the order of
    loading: its start, the states before and after each event, and its end if the file holds it.

    Parameters
    ----------
    path, model, format, atom_style, unwrap, diameters, dimension
        See `glassplast.read`.

    Yields
    ------
    Glass
        The next frame.

    Raises
    ------
    FileNotFoundError, FileError, GeometryError, ModelError, MissingExtraError
        See `glassplast.read`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> with TemporaryDirectory() as folder:
    ...     gp.write([glass, glass.sheared(0.01)], Path(folder, "run.h5"))
    ...     [frame.strain for frame in gp.read_frames(Path(folder, "run.h5"))]
    [0.0, 0.01]
    """
    for index, make in enumerate(_all_pending(os.fspath(path), format, ReadOptions(atom_style, unwrap))):
        frame: Frame = make()
        frame.index = index
        yield frame.to_glass(model, None, diameters, dimension)


def count_frames(path: str | os.PathLike[str], *, format: str | None = None) -> int:
    """Count the frames in a file, or the states of a shear run.

    Parameters
    ----------
    path, format
        See `glassplast.read`.

    Returns
    -------
    int

    Raises
    ------
    FileNotFoundError, FileError, MissingExtraError
        See `glassplast.read`.
    """
    return sum(1 for _ in _all_pending(os.fspath(path), format, ReadOptions()))


def named_format(path: str | os.PathLike[str]) -> str:
    """Find the format that the name of a file tells.

    Parameters
    ----------
    path : path-like
        File, which need not exist.

    Returns
    -------
    str
        One of `glassplast.files.formats()`.

    Raises
    ------
    FileError
        If the name tells no format.
    MissingExtraError
        If the format needs an optional package that is not installed.
    """
    target = Path(path)
    kind = _format_of_name(target)
    if kind is None:
        raise FileError(f"the name {target.name!r} does not show the format; end it with {_endings()}, or pass format=")
    if kind == "gsd" and find_spec("gsd") is None:
        raise MissingExtraError("a GSD file", "files")
    return kind


def read_fields(path: str | os.PathLike[str], *, frame: int = -1, format: str | None = None) -> dict[str, FloatArray]:
    """Read the fields over the particles that a frame of a file holds in addition to the configuration.

    Parameters
    ----------
    path : path-like
        File in the format extended XYZ, LAMMPS dump, GSD or HDF5, from any program. A file of results holds the fields
        of the start of the run.
    frame, format
        See `glassplast.read`.

    Returns
    -------
    dict of str to ndarray
        Arrays of shape (N,), (N, d) or (N, d, d) by the name of the field, in the order of the particles that `read`
        returns. Fields of other programs may have any number of components. A LAMMPS data file has no fields.

    Raises
    ------
    FileNotFoundError, FileError, MissingExtraError
        See `glassplast.read`.
    """
    name = os.fspath(path)
    states = _states(name, format)
    if states is not None:
        return states.frame("start").fields()
    source = Source.of(name)
    return frame_at(_pending(source, format, ReadOptions()), frame, source.name).fields()


def write(
    glass: Glass | Iterable[Glass],
    path: str | os.PathLike[str],
    *,
    format: str | None = None,
    append: bool = False,
    fields: Fields | Iterable[Fields | None] | None = None,
    modes: Modes | Iterable[Modes | None] | None = None,
) -> None:
    """Write configurations to a file; an old file is replaced only when the new one is complete.

    Parameters
    ----------
    glass : Glass or iterable of Glass
        One configuration, or the frames of a trajectory (a LAMMPS data file holds only one).
    path : path-like
        File to write; text is compressed if the name ends in ``.gz``. ``-`` is the standard output (text formats, by
        default extended XYZ).
    format : str, optional
        One of `glassplast.files.formats()`; by default it follows from the name.
    append : bool, optional
        Whether to add frames to those in the file. Since the file is copied, it is faster to write many frames at once
        than one by one.
    fields : mapping or iterable of mappings, optional
        Values of each particle by the name of the field, with shape (N,), (N, d) or (N, d, d), such as indicators,
        displacements and strains. They become columns, which other programs and `glassplast.files.read_fields` read (a
        LAMMPS data file cannot hold them). For several configurations, one mapping (or None) for each.
    modes : mapping or sequence, optional
        Vectors of shape (N, d) by the name of the mode, or a sequence of vectors, which are named ``mode_1``,
        ``mode_2`` and so on. For several configurations, one mapping or sequence (or None) for each.

    Raises
    ------
    ArgumentError
        If a field has a shape or a name that cannot be written; the message names it.
    FileError
        If the format is unknown or cannot hold the configuration (in the formats of LAMMPS, a box that LAMMPS does not
        have, ids below 1, or fields in a data file), or if the file cannot be written (a full disk). The old file is
        then left untouched.
    MissingExtraError
        If the format is GSD and the gsd package is not installed.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> with TemporaryDirectory() as folder:
    ...     gp.write(glass, Path(folder, "glass.xyz"))
    ...     gp.read(Path(folder, "glass.xyz"))
    Glass(N=64, dimension=2, model='poly', strain=0)
    """
    glasses = [glass] if isinstance(glass, Glass) else list(glass)
    if not glasses:
        raise FileError(f"nothing to write to {path}: no configurations were given")
    frames = contents(glasses, fields, modes, single=isinstance(glass, Glass))
    name = os.fspath(path)
    if name == "-":
        chosen = _FORMATS[_known(format or "extxyz")]
        if not chosen.is_text:
            raise FileError(f"{format} cannot be written to the standard output; a text format can")
        sys.stdout.writelines(cast(_TextWriter, chosen.load()).text(frames, 0))
        sys.stdout.flush()
        return
    target = Path(name)
    kind = _known(format) if format is not None else named_format(target)
    chosen = _FORMATS[kind]
    append = append and target.exists()
    first = 0
    if append:
        _require_format(target, kind)
        first = count_frames(target, format=kind) if chosen.is_text else 0
    with replacing(target) as temporary:
        if append:
            shutil.copyfile(target, temporary)
        if chosen.is_text:
            _save_text(cast(_TextWriter, chosen.load()).text(frames, first), target, temporary)
        else:
            cast(_BinaryWriter, chosen.load()).save(frames, temporary, append)


def _save_text(text: Iterator[str], target: Path, temporary: Path) -> None:
    with temporary.open("ab") as raw:
        if target.suffix == ".gz":
            # Without a name and time in the file, the same glass makes the same file.
            with gzip.GzipFile("", "ab", fileobj=raw, mtime=0) as packed:
                packed.writelines(piece.encode() for piece in text)
        else:
            raw.writelines(piece.encode() for piece in text)


def _pending(source: Source, format: str | None, options: ReadOptions) -> Iterator[Pending]:
    kind = _known(format) if format is not None else _format_of_content(source)
    return cast(_Reader, _FORMATS[kind].load()).pending(source, options)


def _all_pending(name: str, format: str | None, options: ReadOptions) -> Iterator[Pending]:
    states = _states(name, format)
    return states.pending() if states is not None else _pending(Source.of(name), format, options)


def _states(name: str, format: str | None) -> StoredStates | None:
    """The states of the shear run that a file of results or a directory of checkpoints holds, if it is either."""
    path = Path(name)
    if name == "-" or format not in (None, "hdf5"):
        return None
    if path.is_file():
        with Source.of(name).opened() as stream:
            if stream.read(len(_HDF5_MAGIC)) != _HDF5_MAGIC:
                return None
    elif not path.is_dir():
        return None
    # The module is imported here because it imports h5py, which takes long.
    found: StoredStates | None = importlib.import_module("glassplast.files.run_states").stored_states(path)
    return found


def _known(format: str) -> str:
    if format not in _FORMATS:
        raise FileError(f"unknown format {format!r}; {suggestion(format, _FORMATS)}")
    return format


def _endings() -> str:
    return ", ".join(ending for kind in _FORMATS.values() for ending in kind.endings)


def _format_of_name(path: Path) -> str | None:
    name = path.name.removesuffix(".gz").lower()
    for kind, known in _FORMATS.items():
        if name.endswith(known.endings) or (known.beginnings and name.startswith(known.beginnings)):
            return kind
    return None


def _format_of_content(source: Source) -> str:
    with source.opened() as stream:
        start = stream.read(16384)
    if start.startswith(_HDF5_MAGIC):
        return "hdf5"
    if start.startswith(_GSD_MAGIC):
        return "gsd"
    lines = start.decode("utf-8", errors="replace").splitlines()
    filled = [line for line in islice(lines, 200) if line.strip()]
    if not filled:
        raise FileError(f"{source.name} is empty")
    if filled[0].startswith("ITEM:"):
        return "lammps-dump"
    if re.fullmatch(r"\s*\d+\s*", filled[0]) and len(filled) > 1 and re.search(r"Lattice|Properties", filled[1]):
        return "extxyz"
    if any(re.match(r"\s*[-+]?\d+\s+atoms\b", line) for line in filled):
        return "lammps-data"
    named = _format_of_name(source.path) if source.path is not None else None
    if named is None or not _FORMATS[named].is_text:
        raise FileError(
            f"{source.name} does not begin like any of the known formats, which are {', '.join(_FORMATS)}; "
            "pass format= if it is one of them"
        )
    return named


def _require_format(path: Path, kind: str) -> None:
    there = _format_of_content(Source.of(path))
    if there != kind:
        raise FileError(f"cannot append {kind} to {path}, which is {there}")


def __dir__() -> list[str]:
    return __all__
