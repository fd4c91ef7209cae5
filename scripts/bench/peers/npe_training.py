"""sbi's neural posterior estimation on the tables in the folder argv[1].

The tables are theta, x, theta_test and x_test; see step_server.py for the files. On stdin a line `MODEL EPOCHS` trains
`maf` or `nsf` at sbi's own defaults (5 transforms, 50 hidden features, batch 200, learning rate 5e-4, a tenth held out)
for so many epochs; the answer on stdout is one JSON line: ms of the training alone, and as losses minus the mean
log-probability of the test pairs.
"""
import json
import logging
import sys
import time
import warnings

import numpy as np
import torch

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
import sbi
from sbi.inference import NPE

folder, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
values = np.fromfile(f"{folder}/values.bin", dtype=np.float32)
tables, at = {}, 0
for entry in json.load(open(f"{folder}/layout.json")):
    size = int(np.prod(entry["shape"]))
    tables[entry["name"]] = torch.from_numpy(values[at : at + size].reshape(entry["shape"]).copy())
    at += size
print(json.dumps({"torch": torch.__version__, "sbi": sbi.__version__}), flush=True)
for line in sys.stdin:
    model, epochs = line.split()
    torch.manual_seed(0)
    inference = NPE(density_estimator=model, show_progress_bars=False)
    inference.append_simulations(tables["p.theta"], tables["p.x"])
    start = time.perf_counter()
    estimator = inference.train(max_num_epochs=int(epochs), stop_after_epochs=10**6)
    ms = (time.perf_counter() - start) * 1e3
    with torch.no_grad():
        log_prob = estimator.log_prob(tables["p.theta_test"].unsqueeze(0), condition=tables["p.x_test"])
    print(json.dumps({"ms": [ms], "losses": [-log_prob.mean().item()]}), flush=True)
