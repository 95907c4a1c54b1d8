"""Creation and opening of the HDF5 files of results and runs, and their attributes and datasets."""

from __future__ import annotations

import io
import zlib
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
    "read_array",
    "replace_file",
    "require_schema",
    "set_attributes",
    "text",
    "write_dataset",
    "write_texts",
]

# From 1.10 on, HDF5 has checksums in its metadata.
_VERSION = ("v110", "v110")

# The checksums of HDF5 for data do not see a chunk that is zero everywhere, since that of zeros is zero.
_CHECKSUM = "crc32"
# An attribute must stay small.
_MOST_ROWS = 4096
# Deflate takes a byte for 1032 at best, in a file that another program has packed.
_MOST_INFLATED = 1100


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


def write_dataset(group: Any, name: str, values: Any, description: str, *, by_row: bool = False) -> None:
    """Write an array with checksums and its description.

    With `by_row` there is a checksum for each entry of the first axis, so that one can be read without the others.
    """
    array = np.asarray(values)
    dataset = group.create_dataset(name, data=array, fletcher32=array.ndim > 0 and array.size > 0)
    set_attributes(dataset, description=description)
    checksum = [_crc32(row) for row in array] if by_row and len(array) <= _MOST_ROWS else _crc32(array)
    set_attributes(dataset, **{_CHECKSUM: np.asarray(checksum, dtype=np.uint32)})


def read_array(dataset: Any, row: int | None = None) -> Any:
    """Read a dataset, or one entry of its first axis; former versions wrote no checksum that could be compared.

    Raises
    ------
    FileError
        If the values are not those that were written, or the dataset claims more of them than are stored.
    """
    stored = dataset.id.get_storage_size()
    if dataset.nbytes > _MOST_INFLATED * stored + 65536:
        raise FileError(
            f"{dataset.file.filename} is corrupt: {dataset.name} claims {dataset.nbytes} bytes, of which {stored} are "
            "stored; take a copy of the file, or compute it again"
        )
    values = dataset[()] if row is None else dataset[row]
    known = dataset.attrs.get(_CHECKSUM)
    if known is None or (row is not None and np.ndim(known) == 0):
        return values
    if row is not None:
        known = known[row]
    found = [_crc32(part) for part in values] if np.ndim(known) else _crc32(values)
    if not np.array_equal(found, known):
        raise FileError(
            f"{dataset.file.filename} is corrupt: {dataset.name} does not hold the values that were written (their "
            "checksum differs); take a copy of the file, or compute it again"
        )
    return values


def _crc32(values: Any) -> int:
    return zlib.crc32(np.asarray(values).tobytes())


def write_texts(group: Any, name: str, values: Sequence[str], description: str) -> None:
    """Write a list of texts as UTF-8 of a fixed length."""
    encoded = [value.encode() for value in values]
    width = max([1, *map(len, encoded)])
    write_dataset(group, name, np.array(encoded, dtype=h5py.string_dtype("utf-8", width)), description)
