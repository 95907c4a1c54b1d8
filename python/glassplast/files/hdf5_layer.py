"""Creation and opening of the HDF5 files of results and runs, and their attributes and datasets."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from glassplast.errors import FileError, GlassplastError
from glassplast.files.replacing import replacing
from glassplast.foundation.version import package_version

__all__ = [
    "file_image",
    "opened",
    "replace_file",
    "require_schema",
    "set_attributes",
    "text",
    "write_dataset",
    "write_texts",
]

# From 1.10 on, HDF5 has checksums in its metadata.
_VERSION = ("v110", "v110")


def file_image(fill: Callable[[Any], None], before: bytes = b"") -> bytes:
    """The bytes of an HDF5 file that `fill` writes into, either a new file or one that begins with given bytes.

    The file is made in memory, so that on a full disk a plain write fails, and not HDF5 in the middle of its work.
    """
    memory = io.BytesIO(before)
    with h5py.File(memory, "r+" if before else "w", libver=_VERSION) as file:
        fill(file)
    return memory.getvalue()


def replace_file(path: Path, schema: str, version: int, fill: Callable[[Any], None]) -> None:
    """Replace a file by a new one that `fill` writes, with the name and version of its schema.

    Raises
    ------
    FileError
        If the file cannot be written; a file that was there before is left untouched.
    """

    def headed(file: Any) -> None:
        set_attributes(file, schema=schema, schema_version=version, glassplast=package_version())
        fill(file)

    image = file_image(headed)
    with replacing(path) as temporary:
        temporary.write_bytes(image)


@contextmanager
def opened(path: Path, what: str, name: str | None = None) -> Iterator[Any]:
    """Open an HDF5 file for reading in a ``with`` block; messages call it, or a place in it, `name`.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FileError
        If the file is corrupt or does not hold `what` is expected, even if this is noticed only inside the block.
    """
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    try:
        with h5py.File(path, "r") as file:
            yield file
    except GlassplastError:
        raise
    except Exception as error:  # h5py raises exceptions of any kind for corrupt files.
        raise FileError(f"{name or path} is corrupt, truncated or holds no {what}: {error}") from error


def require_schema(file: Any, path: Path, schema: str, version: int) -> int:
    """The version of the schema of a file.

    Raises
    ------
    FileError
        If the file has another schema, or a newer one.
    """
    if text(file.attrs.get("schema", "")) != schema:
        held = ", ".join(sorted(file)) or "(none)"
        raise FileError(
            f"{path} holds no {schema}: it has no attribute schema={schema!r}, but the groups and datasets {held}"
        )
    found = int(file.attrs["schema_version"])
    if found > version:
        raise FileError(
            f"{path} has version {found} of its schema, and this glassplast reads none after version {version}: "
            "update glassplast"
        )
    return found


def text(value: Any) -> str:
    """The text of an attribute or an element of a dataset."""
    return (value.decode() if isinstance(value, bytes) else str(value)).rstrip("\0")


def set_attributes(node: Any, **attributes: Any) -> None:
    """Set attributes, which may be numbers, arrays, or text (stored as UTF-8 of a fixed length)."""
    for name, value in attributes.items():
        node.attrs[name] = _utf8(value) if isinstance(value, str) else value


def _utf8(value: str) -> Any:
    encoded = value.encode()
    # HDF5 has no strings of length zero.
    return np.array(encoded, dtype=h5py.string_dtype("utf-8", max(len(encoded), 1)))


def write_dataset(group: Any, name: str, values: Any, description: str) -> None:
    """Write an array with a checksum and its description."""
    dataset = group.create_dataset(
        name, data=np.asarray(values), fletcher32=np.ndim(values) > 0 and np.size(values) > 0
    )
    set_attributes(dataset, description=description)


def write_texts(group: Any, name: str, values: Sequence[str], description: str) -> None:
    """Write a list of texts as UTF-8 of a fixed length."""
    encoded = [value.encode() for value in values]
    width = max([1, *map(len, encoded)])
    write_dataset(group, name, np.array(encoded, dtype=h5py.string_dtype("utf-8", width)), description)
