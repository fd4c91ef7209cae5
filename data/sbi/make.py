"""Makes the files of this folder from a checkout of github.com/sbi-benchmark/sbibm at f0bc4403 (MIT licence):

    python make.py path/to/sbibm

Wants numpy. Each TASK-OBSERVATION.safetensors holds the observation, the parameters it was made of and 10,000 draws of its reference posterior,
float32 as published. The mixture of the distractors and the stimulus of the neuron are drawn as sbibm/tasks/slcp/task.py and
sbibm/tasks/bernoulli_glm/task.py draw them, and compared with what lies there.
"""
import bz2
import json
import sys
from pathlib import Path

import numpy as np

here = Path(__file__).parent
tasks = Path(sys.argv[1]) / "sbibm" / "tasks"
source = {"source": "https://github.com/sbi-benchmark/sbibm at f0bc4403", "licence": "MIT"}
kinds = {"float32": "F32", "int32": "I32"}


def rows(path):
    text = bz2.decompress(path.read_bytes()).decode() if path.suffix == ".bz2" else path.read_text()
    return np.array([line.split(",") for line in text.split()[1:]], dtype=np.float32)


def write(name, tensors):
    header, bodies, at = {"__metadata__": source}, [], 0
    for key, values in sorted(tensors.items()):
        body = np.ascontiguousarray(values).tobytes()
        header[key] = {"dtype": kinds[values.dtype.name], "shape": list(values.shape), "data_offsets": [at, at + len(body)]}
        bodies.append(body)
        at += len(body)
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    (here / name).write_bytes(len(head).to_bytes(8, "little") + head + b"".join(bodies))


observations = {"two_moons": 2, "slcp": 2, "gaussian_linear": 1, "gaussian_linear_uniform": 1, "gaussian_mixture": 2,
                "bernoulli_glm": 1, "sir": 2, "lotka_volterra": 2}
for task, count in observations.items():
    for number in range(1, count + 1):
        folder = tasks / task / "files" / f"num_observation_{number}"
        one = {path.stem: rows(path)[0] for path in folder.glob("*.csv") if path.stem != "observation_seed"}
        draws = rows(folder / "reference_posterior_samples.csv.bz2")
        assert draws.shape == (10_000, len(one["true_parameters"])), (task, draws.shape)
        write(f"{task}-{number}.safetensors", {**one, "reference_posterior_samples": draws})

random = np.random.RandomState(42)
loc = 15 * np.array([random.normal(size=92) for _ in range(20)])
scale = 3 * np.array([np.tril(random.normal(size=(92, 92))) + np.diag(np.exp(random.normal(size=92))) for _ in range(20)])
permutation = random.permutation(100)
stored = (tasks / "slcp/files/gmm.torch").read_bytes()
at = stored.find(scale[0, 0, 0].tobytes())
assert np.abs(np.frombuffer(stored[at : at + scale.nbytes]).reshape(scale.shape) - scale).max() < 1e-12
assert permutation.astype("<i8").tobytes() in (tasks / "slcp/files/permutation_idx.torch").read_bytes()
lower = np.tril_indices(92)
write("distractors.safetensors", {"loc": loc.astype(np.float32), "scale_tril": scale[:, lower[0], lower[1]].astype(np.float32),
                                  "permutation": permutation.astype(np.int32)})

stimulus = np.random.RandomState(42).randn(100).astype(np.float32)
assert stimulus.tobytes() in (tasks / "bernoulli_glm/files/stimulus_I.pt").read_bytes()
(here / "stimulus.json").write_text(json.dumps({**source, "stimulus": [float(x) for x in stimulus]}) + "\n")
