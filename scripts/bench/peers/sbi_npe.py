"""sbi's NPE at its defaults on theta.bin and x.bin (float32 rows) of the folder argv[1].

layout.json has their widths, the prior and the observations. Writes draws-I.bin for each observation; one JSON line on
stdout: seconds of training, epochs, seconds of the draws.
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
from sbi.inference import NPE
from sbi.utils import BoxUniform

folder = sys.argv[1]
torch.set_num_threads(1)
torch.manual_seed(0)
layout = json.load(open(f"{folder}/layout.json"))
p, d = layout["parameters"], layout["data"]
theta = torch.from_numpy(np.fromfile(f"{folder}/theta.bin", dtype=np.float32).reshape(-1, p).copy())
x = torch.from_numpy(np.fromfile(f"{folder}/x.bin", dtype=np.float32).reshape(-1, d).copy())

low, high, centre = (torch.tensor(layout[name], dtype=torch.float32) for name in ("low", "high", "centre"))
axes = torch.tensor(layout["axes"], dtype=torch.float32)
reflected = 2 * centre - axes
middle = torch.allclose((low + high) / 2, centre, rtol=1e-3, atol=1e-4 * float((high - low).abs().max()))
normal_width = (axes - centre).norm(dim=1)
if middle and bool(((high - low) < 10 * normal_width).all()):
    prior = BoxUniform(low, high)
elif bool((centre > 0).all()) and bool((low >= 0).all()) and not bool((low < -1e-6).any()):
    sd = torch.stack([torch.log(axes[i, i] / centre[i]) for i in range(p)])
    prior = torch.distributions.Independent(torch.distributions.LogNormal(torch.log(centre), sd), 1)
else:
    lower = (axes - centre).T.contiguous()
    prior = torch.distributions.MultivariateNormal(centre, scale_tril=torch.tril(lower))

inference = NPE(prior=prior, show_progress_bars=False)
start = time.perf_counter()
inference.append_simulations(theta, x).train()
training = time.perf_counter() - start
posterior = inference.build_posterior()
seconds = []
for i, observation in enumerate(layout["observations"]):
    start = time.perf_counter()
    draws = posterior.sample((layout["n"],), x=torch.tensor(observation), show_progress_bars=False)
    seconds.append(time.perf_counter() - start)
    draws.numpy().astype(np.float32).tofile(f"{folder}/draws-{i}.bin")
print()
print(json.dumps({"training": training, "epochs": inference.summary["epochs_trained"][-1], "draws": seconds}))
