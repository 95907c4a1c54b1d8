"""Numbers to the last bit, as version 0.1.0 computed them.

Only what is the same on every machine is kept here: sums over pairs and tessellations, which take additions,
multiplications and square roots in one order whatever the processor. What follows from a factorization differs in its
last digits between processors, and from LAPACK as well. So does the stress, a product of long matrices that Eigen cuts
into blocks by the size of the processor's caches.
"""

import hashlib
import json

import numpy as np
import pytest

import glassplast as gp
from samples import DATA

EXPECTED = json.loads((DATA / "written_by_0_1" / "bits.json").read_text())
MODELS = {
    "lj_gq_1024.data": "lj",
    "lj_htl_1024_liquid.data": "lj",
    "poly_inf_1024.xyz": "poly",
    "poly_t012_1024.xyz": "poly",
    "ka_216.xyz": "kob_andersen",
}


def digest(values):
    array = np.array(values, dtype=np.float64)
    array[np.isnan(array)] = np.nan
    return hashlib.sha256(repr(array.shape).encode() + array.tobytes()).hexdigest()[:16]


@pytest.mark.parametrize("name", MODELS)
def test_forces_and_structural_fields_have_the_bits_they_had(name):
    analysis = gp.Analysis(gp.read(DATA / name, model=MODELS[name]))
    found = {quantity: digest(getattr(analysis, quantity)) for quantity in ("energy", "forces")}
    keys = [key for key in EXPECTED[name] if key not in found]
    found |= {key: digest(field) for key, field in gp.indicators.compute(analysis, keys).items()}
    assert found == EXPECTED[name]
