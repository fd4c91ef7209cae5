"""The peer's side of the neighbour search: scipy's k-d tree, on request, so that both sides alternate.

On stdin a line of JSON {file, points, length, k, workers}: float32 positions [clouds, points, 3] in a periodic cube.
The answer on stdout is one line {ms}: building the tree and querying the neighbours, cloud after cloud; reading the
file does not count.
"""
import json
import sys
import time

import numpy as np
import scipy
from scipy.spatial import cKDTree

print(json.dumps({"scipy": scipy.__version__}), flush=True)
for line in sys.stdin:
    ask = json.loads(line)
    clouds = np.fromfile(ask["file"], dtype=np.float32).reshape(-1, ask["points"], 3).astype(np.float64)
    start = time.perf_counter()
    for cloud in clouds:
        cKDTree(cloud, boxsize=ask["length"]).query(cloud, ask["k"] + 1, workers=ask["workers"])
    print(json.dumps({"ms": (time.perf_counter() - start) * 1e3}), flush=True)
