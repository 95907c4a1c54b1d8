"""Timings of glassplast against named peers; see README.md."""

import os

# One thread for everybody, said before any library asks.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "GLASSPLAST_NUM_THREADS"):
    os.environ[_name] = "1"
