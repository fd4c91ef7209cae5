"""The peer's side of a training step: it measures on request, so that both sides alternate on the same machine.

Reads from the folder argv[1]: `layout.json` ([{name, shape, dtype}], parameters first) and `values.bin` (float32 and
int32 values in that order). On stdin a line `MODE STEPS` runs that many steps; the answer on stdout is one JSON line
{mode, ms: [...], losses: [...]}.
Memory allocation is the system's own: malloc is not tuned to keep its pages.
"""
import json
import sys
import time

import numpy as np
import torch

torch.set_num_threads(int(sys.argv[2]))


def load(folder):
    layout = json.load(open(folder + "/layout.json"))
    raw = np.fromfile(folder + "/values.bin", dtype=np.uint8)
    at, tensors = 0, {}
    for entry in layout:
        size = int(np.prod(entry["shape"])) * 4
        values = raw[at : at + size].view(entry["dtype"]).reshape(entry["shape"]).copy()
        tensors[entry["name"]] = torch.from_numpy(values)
        at += size
    return tensors


def serve(forward):
    """forward(parameters, inputs) -> output; the loss is the mean squared error to the input `target`."""
    tensors = load(sys.argv[1])
    inputs = {n: t for n, t in tensors.items() if "." not in n}

    def stepper(compiled):
        parameters = {n: t.clone().requires_grad_(True) for n, t in tensors.items() if "." in n}
        optimiser = torch.optim.Adam(parameters.values(), lr=1e-4, fused=True)

        def loss_of():
            return torch.mean((forward(parameters, inputs) - inputs["target"]) ** 2)

        run = torch.compile(loss_of) if compiled else loss_of

        def step():
            optimiser.zero_grad()
            loss = run()
            loss.backward()
            optimiser.step()
            return loss.item()

        return step

    steppers = {}
    print(json.dumps({"torch": torch.__version__}), flush=True)
    for line in sys.stdin:
        mode, steps = line.split()
        fresh = mode not in steppers
        if fresh:
            steppers[mode] = stepper(mode == "compiled")
        times, losses = [], []
        for _ in range(int(steps)):
            start = time.perf_counter()
            losses.append(steppers[mode]())
            times.append(1e3 * (time.perf_counter() - start))
        print(json.dumps({"mode": mode, "ms": times, "losses": losses}), flush=True)
