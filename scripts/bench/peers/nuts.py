"""NUTS of numpyro and blackjax on the targets of scripts/bench/nutsTargets.ts.

On stdin a line of JSON {library, target, way, chains, warmup, draws, out, data?}; `way` is how chains run:
`sequential` or `vectorized`. The answer on stdout is one JSON line {ms}: processor time of warm-up and draws in a run
after one that compiled; the draws are written to `out` as float64 [draws, chains, dim].
`data` holds float32 rows of a regression, the answer last. Arithmetic is jax's own default, float32.
"""
import json
import os
import sys
import time

threads = int(sys.argv[1])
flags = f"--xla_cpu_multi_thread_eigen={'true' if threads > 1 else 'false'} intra_op_parallelism_threads={threads}"
os.environ.setdefault("XLA_FLAGS", flags)
import blackjax
import jax
import jax.numpy as jnp
import numpy as np
import numpyro
from numpyro.infer import NUTS

versions = {"numpyro": numpyro.__version__, "blackjax": blackjax.__version__, "jax": jax.__version__}
print(json.dumps(versions), flush=True)

Y = jnp.array([28.0, 8, -3, 7, -1, 1, 18, 12])
S = jnp.array([15.0, 10, 16, 11, 9, 11, 10, 18])


def gaussian(x):
    return -0.5 * (x[0] ** 2 + jnp.sum((x[1:] - 0.95 * x[:-1]) ** 2) / (1 - 0.95**2))


def schools(x):
    mu, l, eta = x[0], x[1], x[2:]
    tau = jnp.exp(l)
    prior = -0.5 * (mu / 5) ** 2 + l - jnp.log1p((tau / 5) ** 2) - 0.5 * jnp.sum(eta**2)
    return prior - 0.5 * jnp.sum(((Y - mu - tau * eta) / S) ** 2)


def banana(x):
    return -0.5 * (x[0] ** 2 + ((x[1] - x[0] ** 2) / 0.5) ** 2)


def regression(path, dim):
    rows = jnp.asarray(np.fromfile(path, dtype=np.float32).reshape(-1, dim + 1))
    a, y = rows[:, :dim], rows[:, dim]

    def log_density(x):
        logit = a @ x
        return jnp.sum(y * logit - jax.nn.softplus(logit)) - 0.5 * jnp.sum(x**2)

    return log_density


TARGETS = {"gaussian": (gaussian, 10), "schools": (schools, 10), "banana": (banana, 2)}
cache = {}


def by_numpyro(log_density, dim, ask):
    kernel = NUTS(potential_fn=lambda x: -log_density(x), target_accept_prob=0.8)

    def one(key, start):
        def step(state, _):
            state = kernel.sample(state, (), {})
            return state, state.z

        def warm(state, _):
            return kernel.sample(state, (), {}), None

        # the kernel adapts by itself in its first num_warmup calls
        state = kernel.init(key, ask["warmup"], start, (), {})
        state = jax.lax.scan(warm, state, None, length=ask["warmup"])[0]
        return jax.lax.scan(step, state, None, length=ask["draws"])[1]

    return compiled(one, dim, ask)


def by_blackjax(log_density, dim, ask):
    chains = ask["chains"]

    def one(key, start):
        warm, go = jax.random.split(key)
        adapt = blackjax.window_adaptation(blackjax.nuts, log_density, target_acceptance_rate=0.8)
        (state, parameters), _ = adapt.run(warm, start, num_steps=ask["warmup"])
        kernel = blackjax.nuts(log_density, **parameters).step

        def step(state, key):
            state, _ = kernel(key, state)
            return state, state.position

        return jax.lax.scan(step, state, jax.random.split(go, ask["draws"]))[1]

    return compiled(one, dim, ask)


def compiled(one, dim, ask):
    """All chains by one compiled function, side by side or one after the other."""
    many = jax.jit(jax.vmap(one) if ask["way"] == "vectorized" else lambda k, s: jax.lax.map(lambda a: one(*a), (k, s)))

    def run(seed):
        keys = jax.random.split(jax.random.PRNGKey(seed), ask["chains"])
        start = 0.5 * jax.random.normal(jax.random.PRNGKey(seed + 1), (ask["chains"], dim))
        return np.asarray(many(keys, start)).swapaxes(0, 1)

    return run


for line in sys.stdin:
    ask = json.loads(line)
    name = (ask["library"], ask["target"], ask["way"])
    if name not in cache:
        if ask.get("data"):
            log_density, dim = regression(ask["data"], ask["dim"]), ask["dim"]
        else:
            log_density, dim = TARGETS[ask["target"]]
        cache[name] = (by_numpyro if ask["library"] == "numpyro" else by_blackjax)(log_density, dim, ask)
        cache[name](100)  # compiles
    began = time.process_time()
    draws = cache[name](200 + ask["round"])
    ms = (time.process_time() - began) * 1e3
    np.ascontiguousarray(draws, dtype=np.float64).tofile(ask["out"])
    print(json.dumps({"ms": ms}), flush=True)
