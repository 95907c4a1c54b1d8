"""Fuzz one reader with libFuzzer: ``python -m fuzz xyz -runs=100000``.

The corpus is kept in ``build/fuzz/NAME``, and an input that fails in ``build/fuzz/NAME-crash-...``. Memory beyond
``--memory`` MB above that at the start raises an error, and so counts as a fault. What follows the name of the target
are options of libFuzzer.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import warnings
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["glassplast"]):
    from fuzz.targets import TARGETS, attempt

LONGEST = 4096


def limit_memory(megabytes: int) -> None:
    """Let allocations fail beyond what is in use now and so many megabytes more."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (used + megabytes * 2**20, resource.RLIM_INFINITY))


def main() -> None:
    """Fuzz until libFuzzer ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--memory", type=int, default=256, metavar="MB", help="limit of memory (default: %(default)s)")
    arguments, options = parser.parse_known_args()
    target = TARGETS[arguments.target]
    corpus = Path("build", "fuzz", arguments.target)
    corpus.mkdir(parents=True, exist_ok=True)
    seeds = target.seeds()
    for number, seed in enumerate(seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    longest = max(LONGEST, 2 * max(map(len, seeds)))
    warnings.simplefilter("ignore")
    # In memory, because each input is written to a file.
    place = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
    directory = Path(tempfile.mkdtemp(dir=place))
    words = [sys.argv[0], f"-max_len={longest}", "-timeout=20", f"-artifact_prefix={corpus}-", *options, str(corpus)]

    def one(content: bytes) -> None:
        attempt(target, content, directory)

    for seed in seeds:
        assert attempt(target, seed, directory), "a seed is refused"
    atheris.Setup(words, one)
    limit_memory(arguments.memory)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
