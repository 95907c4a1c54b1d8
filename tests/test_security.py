"""What a file claims takes no time and no memory, files are named after words only, and workflows name commits."""

import re
import time
import tracemalloc
from pathlib import Path

import pytest

import glassplast as gp
from glassplast.errors import ArgumentError, GlassplastError

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("key", ["../outside", "a/b", "a b", "", "<b>", "\0"])
def test_an_indicator_has_a_word_for_a_key(key):
    with pytest.raises(ArgumentError, match="key must be a word"):
        gp.indicators.register(key, symbol="!", family="other", softer="large")


CLAIMS = {
    "xyz": '1000000000000000\nLattice="5 0 0 0 5 0 0 0 1" Properties=species:S:1:pos:R:3\nA 1 1 0\n',
    "dump": "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n1000000000000000\nITEM: BOX BOUNDS pp pp pp\n0 5\n0 5\n-1 1\n"
    "ITEM: ATOMS id type x y\n1 1 1 1\n",
    "data": "head\n\n1000000000000000 atoms\n1 atom types\n\n0 5 xlo xhi\n0 5 ylo yhi\n\nAtoms # atomic\n\n1 1 1 1 0\n",
}


def refused_at_once(read):
    """Refused within a second of processor time and 20 MB."""
    tracemalloc.start()
    began = time.process_time()
    try:
        with pytest.raises(GlassplastError):
            read()
        assert time.process_time() - began < 1.0
        assert tracemalloc.get_traced_memory()[1] < 2e7
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", CLAIMS)
def test_a_header_that_claims_too_much_is_refused_at_once(kind, tmp_path):
    path = tmp_path / f"small.{kind}"
    path.write_text(CLAIMS[kind])
    refused_at_once(lambda: gp.read(path))


def test_workflows_name_actions_by_their_commit():
    """Where there are workflows: a tag may be moved by whoever owns the action."""
    for path in (ROOT / ".github").rglob("*.y*ml"):
        for used in re.findall(r"^\s*-?\s*uses:\s*(\S+)", path.read_text(encoding="utf-8"), re.MULTILINE):
            assert used.startswith("./") or re.search(r"@[0-9a-f]{40}$", used), f"{path}: {used}"
