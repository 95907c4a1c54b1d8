#!/usr/bin/env python3
"""Bring the headers of Eigen and Spectra into a directory, checked against cmake/headers.json.

The libraries are header-only and MPL-2.0; nothing of them is kept in the repository. Sources are tried in
this order: Debian's packages (downloaded and unpacked without installing, no root needed), then the archives
of the projects themselves. The headers of the running Python (`python`) can be had in the same way where
Debian packages them apart. Only the standard library is used: this runs before anything can be installed.

Each library ends up in DESTINATION/<library>/ with its include directory's content, its licence and
SOURCE.json (where it came from and the checksum of its tree).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

PINS = Path(__file__).resolve().parent / "headers.json"


class SourceUnavailable(Exception):
    """This source cannot give the headers; the next one may."""


class ChecksumMismatch(Exception):
    """Something arrived that is not what was pinned. Never tried again elsewhere: it needs a person."""


def tree_sha256(directory: Path, roots: list[str]) -> str:
    """Checksum of every file below the roots: their paths (sorted) and contents."""
    files: list[Path] = []
    for root in roots:
        path = directory / root
        files += [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda file: file.relative_to(directory).as_posix()):
        name = file.relative_to(directory).as_posix()
        digest.update(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {name}\n".encode())
    return digest.hexdigest()


def run(command: list[str], directory: Path) -> str:
    """Standard output of a command; SourceUnavailable when it cannot be run or fails."""
    try:
        result = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False, timeout=300)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SourceUnavailable(f"{command[0]}: {error}") from error
    if result.returncode != 0:
        lines = (result.stderr.strip() or result.stdout.strip()).splitlines()
        raise SourceUnavailable(f"{' '.join(command[:2])}: {lines[-1] if lines else 'failed'}")
    return result.stdout


def private_apt_options(scratch: Path) -> list[str]:
    """Let an ordinary user hold package lists of their own; the sources and keys stay the system's."""
    state = scratch / "apt"
    (state / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (state / "cache" / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    return ["-o", f"Dir::State::lists={state / 'lists'}", "-o", f"Dir::Cache={state / 'cache'}"]


def download_deb(package: str, scratch: Path) -> Path:
    """Let apt download (and verify) a package; with fresh lists of our own when the system's have none."""
    # As root, apt would download as a user that may not enter our directory.
    as_ourselves = ["-o", "APT::Sandbox::User=root"] if os.geteuid() == 0 else []
    try:
        run(["apt-get", "download", package, *as_ourselves], scratch)
    except SourceUnavailable:
        options = private_apt_options(scratch)
        run(["apt-get", "update", *options, *as_ourselves], scratch)
        run(["apt-get", "download", package, *options, *as_ourselves], scratch)
    archives = list(scratch.glob(f"{package}_*.deb"))
    if not archives:
        raise SourceUnavailable(f"apt-get download {package} left no archive")
    return archives[0]


def numbers(version: str) -> list[int]:
    """The upstream numbers of a Debian version, to compare by: [3, 4, 0] of 1:3.4.0-4."""
    upstream = version.split(":")[-1].split("-")[0]
    return [int(number) for number in re.findall(r"\d+", upstream)]


def check_tree(what: str, version: str, tree: str, pins: dict[str, str]) -> None:
    """Compare with the pin of this version; warn when it has none."""
    if version in pins:
        if tree != pins[version]:
            raise ChecksumMismatch(f"{what}: the tree has sha256 {tree}, pinned is {pins[version]}; not used")
    # A rebuild elsewhere (Ubuntu's, say) has another version but the same headers.
    elif tree not in pins.values():
        print(
            f"warning: {what} is not pinned in {PINS.name}; only apt's own signature check was made "
            f"(tree sha256 {tree})",
            file=sys.stderr,
        )


def from_debian(library: dict[str, Any], scratch: Path) -> tuple[Path, list[Path], dict[str, str]]:
    """Include directory, licence files and origin, unpacked from Debian's package."""
    pin = library["debian"]
    package = pin["package"]
    archive = download_deb(package, scratch)
    unpacked = scratch / "unpacked"
    run(["dpkg-deb", "-x", str(archive), str(unpacked)], scratch)
    version = run(["dpkg-deb", "-f", str(archive), "Version"], scratch).strip()
    if not numbers(library.get("minimum", "0")) <= numbers(version) < numbers(library.get("below", "1000")):
        raise SourceUnavailable(
            f"{package} {version} is not of {library['minimum']} or newer, below {library['below']}"
        )
    include = unpacked / pin["include"]
    # Python's headers belong to the distribution's interpreter, whichever that is: there apt's check is all.
    if "trees" in pin:
        check_tree(f"{package} {version}", version, tree_sha256(include, library["roots"]), pin["trees"])
    licence = unpacked / "usr/share/doc" / package / "copyright"
    licences = [licence] if licence.is_file() else []
    return include, licences, {"source": f"Debian package {package} {version}"}


def from_upstream(name: str, library: dict[str, Any], scratch: Path) -> tuple[Path, list[Path], dict[str, str]]:
    """Include directory, licence files and origin, unpacked from the project's own archive."""
    pin = library["upstream"]
    # The override is for mirrors and for machines without a network (file:///...); the checksum stays.
    url = os.environ.get(f"GLASSPLAST_{name.upper()}_URL", pin["url"])
    archive = scratch / "archive"
    try:
        with urllib.request.urlopen(url, timeout=60) as response, archive.open("wb") as file:
            shutil.copyfileobj(response, file)
    except (OSError, ValueError) as error:
        raise SourceUnavailable(f"{url}: {error}") from error
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != pin["sha256"]:
        raise ChecksumMismatch(f"{url}: sha256 {found}, pinned is {pin['sha256']}; not used")
    unpacked = scratch / "unpacked"
    with tarfile.open(archive) as tar:
        if hasattr(tarfile, "data_filter"):
            tar.extractall(unpacked, filter="data")
        else:
            tar.extractall(unpacked)
    top = unpacked / Path(pin["include"]).parts[0]
    return unpacked / pin["include"], [top / licence for licence in pin["licences"]], {"source": url}


def fetch(name: str, library: dict[str, Any], destination: Path, sources: list[str]) -> None:
    """Lay the library into destination/name from the first source that has it."""
    reasons = []
    for source in sources:
        with tempfile.TemporaryDirectory(prefix="glassplast-headers-") as folder:
            scratch = Path(folder)
            try:
                if source not in library:
                    raise SourceUnavailable("not there")
                if source == "debian":
                    include, licences, origin = from_debian(library, scratch)
                else:
                    include, licences, origin = from_upstream(name, library, scratch)
            except SourceUnavailable as error:
                reasons.append(f"  {source}: {error}")
                continue
            install(library["roots"], include, licences, origin, destination / name)
            print(f"{name}: {origin['source']}")
            return
    raise SourceUnavailable(f"no source gives the headers of {name}:\n" + "\n".join(reasons))


def install(roots: list[str], include: Path, licences: list[Path], origin: dict[str, str], directory: Path) -> None:
    """Copy to a neighbour first and rename, so that an interrupted run leaves no half tree."""
    partial = directory.with_name(directory.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for root in roots:
        if (include / root).is_dir():
            shutil.copytree(include / root, partial / root)
        elif (include / root).is_file():
            shutil.copy(include / root, partial / root)
        else:
            raise SourceUnavailable(f"{root} is missing in {origin['source']}")
    for licence in licences:
        shutil.copy(licence, partial / licence.name)
    origin["tree_sha256"] = tree_sha256(partial, roots)
    (partial / "SOURCE.json").write_text(json.dumps(origin, indent=2) + "\n")
    shutil.rmtree(directory, ignore_errors=True)
    partial.rename(directory)


def intact(library: dict[str, Any], directory: Path) -> bool:
    """Whether the directory holds the tree that was put there."""
    try:
        origin = json.loads((directory / "SOURCE.json").read_text())
    except (OSError, ValueError):
        return False
    return bool(origin.get("tree_sha256") == tree_sha256(directory, library["roots"]))


def read_pins() -> dict[str, Any]:
    """What headers.json says, for this Python."""
    text = PINS.read_text()
    text = text.replace("{version}", f"{sys.version_info.major}.{sys.version_info.minor}")
    text = text.replace("{multiarch}", str(sysconfig.get_config_var("MULTIARCH")))
    pins: dict[str, Any] = json.loads(text)
    return pins


def main() -> int:
    """Fetch or check; 1 and a message when that fails."""
    pins = read_pins()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("libraries", nargs="+", choices=list(pins), help=f"of {', '.join(pins)}")
    parser.add_argument("--destination", type=Path, required=True)
    parser.add_argument("--sources", default="debian,upstream", help="which sources to try, in this order")
    parser.add_argument("--check", action="store_true", help="only check that the destination is intact")
    arguments = parser.parse_args()
    try:
        for name in arguments.libraries:
            directory = arguments.destination / name
            if intact(pins[name], directory):
                continue
            if arguments.check:
                raise ChecksumMismatch(f"{directory} is not the tree that its SOURCE.json describes")
            fetch(name, pins[name], arguments.destination, arguments.sources.split(","))
    except (SourceUnavailable, ChecksumMismatch) as error:
        print(f"fetch_headers.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
