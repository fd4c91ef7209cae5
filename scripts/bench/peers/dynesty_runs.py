"""dynesty's static nested sampling on the targets of evidenceTargets.ts.

On stdin a line `TARGET LIVE DLOGZ SEED`; the answer on stdout is one JSON line: ms of the whole run, ln Z with its
error, Kish's effective number of draws and how often the likelihood was evaluated.
"""
import json
import math
import sys
import time

import dynesty
import numpy as np

LOG_TWO_PI = math.log(2 * math.pi)
DIM, RHO = 5, 0.9
STEP = 1 - RHO * RHO
NORM = -(DIM * LOG_TWO_PI + (DIM - 1) * math.log(STEP)) / 2


def gaussian(x):
    square = (x[0] - 0.5) ** 2
    for i in range(1, DIM):
        square += (x[i] - 0.5 - RHO * (x[i - 1] - 0.5)) ** 2 / STEP
    return NORM - square / 2


def banana(x):
    return -LOG_TWO_PI - math.log(0.5) - (x[0] ** 2 + ((x[1] - x[0] ** 2) / 0.5) ** 2) / 2


LOW, WIDTH = np.array([-6.0, -6.0]), np.array([12.0, 46.0])
TARGETS = {"gaussian": (gaussian, lambda u: 20 * u - 10, DIM), "banana": (banana, lambda u: LOW + WIDTH * u, 2)}

print(json.dumps({"dynesty": dynesty.__version__}), flush=True)
for line in sys.stdin:
    name, live, dlogz, seed = line.split()
    likelihood, transform, dim = TARGETS[name]
    start = time.perf_counter()
    sampler = dynesty.NestedSampler(
        likelihood,
        transform,
        dim,
        nlive=int(live),
        bound="multi",
        sample="unif",
        rstate=np.random.default_rng(int(seed)),
    )
    sampler.run_nested(dlogz=float(dlogz), print_progress=False)
    ms = (time.perf_counter() - start) * 1e3
    found = sampler.results
    weights = found.importance_weights()
    answer = {
        "ms": ms,
        "log_z": float(found.logz[-1]),
        "log_z_error": float(found.logzerr[-1]),
        "ess": float(weights.sum() ** 2 / (weights**2).sum()),
        "evaluations": int(np.sum(found.ncall)),
    }
    print(json.dumps(answer), flush=True)
