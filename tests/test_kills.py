"""Computations that are killed at random moments go on to the bits of undisturbed ones."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
def test_killed_computations_go_on_to_the_same_bits():
    done = subprocess.run(
        [sys.executable, "-m", "studies.kills", "--kills", "4", "--seed", "1"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("same bits") == 6
