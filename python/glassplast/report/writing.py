"""Writing the pictures and pages of a job into a directory, and taking away those of the job before."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from glassplast.errors import FileError
from glassplast.files.replacing import made_directory
from glassplast.foundation.progress import ProgressOption
from glassplast.report.figures import draw
from glassplast.report.html import write_page
from glassplast.results import Results

__all__ = ["EXPLORER", "PAGE", "explorer_installed", "remove_former", "write_explorer", "write_report"]

PAGE = "report.html"
EXPLORER = "explore.html"

#: Names that the pictures and pages of any job may have.
_WRITTEN = re.compile(
    rf"(stress_strain|scores|similarity|field_\w+|mode_\d+)\.png|{re.escape(PAGE)}|{re.escape(EXPLORER)}"
)


def explorer_installed() -> bool:
    """Whether Bokeh is installed, which draws the page that is explored."""
    return find_spec("bokeh") is not None


def write_explorer(results: Results, path: str | os.PathLike[str]) -> Path:
    """Write the page of a job on which its fields and events are explored: one HTML file that works offline.

    Parameters
    ----------
    results : Results
        Results of a job.
    path : path-like
        File to write.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    FileError
        If the page cannot be written.
    MissingExtraError
        If Bokeh is not installed.

    Examples
    --------
    >>> import glassplast as gp
    >>> results = gp.Results.load("out/results.h5")             # doctest: +SKIP
    >>> gp.report.write_explorer(results, "out/explore.html")   # doctest: +SKIP
    """
    from glassplast.report.explore import write_explore_page

    write_explore_page(results, Path(path))
    return Path(path)


def write_report(
    results: Results, directory: str | os.PathLike[str], *, progress: ProgressOption = None
) -> dict[str, Path]:
    """Draw all pictures of a job, and write its pages: the static one, and with Bokeh the one that is explored.

    Pictures and pages of an earlier job in the same directory that are not written now are removed. If one cannot be
    written, as on a full disk, all of them are removed, so that none lies beside those of other results.

    Parameters
    ----------
    results : Results
        Results of a job.
    directory : path-like
        Directory for the files, which is made if it is missing.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.

    Returns
    -------
    dict of str to Path
        The files: the pictures by their names, ``report.html`` and ``explore.html``.

    Raises
    ------
    FileError
        If a file cannot be written.
    MissingExtraError
        If Matplotlib is not installed.

    Examples
    --------
    >>> import glassplast as gp
    >>> results = gp.Results.load("out/results.h5")   # doctest: +SKIP
    >>> gp.report.write_report(results, "again/")     # doctest: +SKIP
    """
    out = made_directory(directory)
    explorer = explorer_installed()
    try:
        written = draw(results, out, progress=progress)
        write_page(results, dict(written), out / PAGE, explorer=EXPLORER if explorer else None)
        written[PAGE] = out / PAGE
        if explorer:
            written[EXPLORER] = write_explorer(results, out / EXPLORER)
    except BaseException:
        # Some would be of these results, and some of former ones.
        remove_former(out, [])
        raise
    remove_former(out, written.values())
    return written


def remove_former(directory: Path, written: Iterable[Path]) -> list[Path]:
    """Remove pictures and pages of an earlier job, which a later one in the same directory has not written.

    Parameters
    ----------
    directory : Path
        Directory of the jobs.
    written : iterable of Path
        What the later job has written.

    Returns
    -------
    list of Path
        What was removed. Files with other names than those of pictures and pages are left alone.

    Raises
    ------
    FileError
        If a file cannot be removed.
    """
    kept = {path.name for path in written}
    former = [path for path in directory.iterdir() if _WRITTEN.fullmatch(path.name) and path.name not in kept]
    for path in former:
        try:
            with suppress(FileNotFoundError):
                path.unlink()
        except OSError as error:
            raise FileError(f"cannot remove {path}, which is of an earlier job: {error.strerror or error}") from error
    return former
