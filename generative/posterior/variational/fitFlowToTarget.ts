import type { Tensor } from '@tensorflow/tfjs'
import { type ArrayValue, type Key, normal, type Tree, UsageError } from '../../../core/index.js'
import { type Batch, type LossProgram, makeEvaluator, makeTrainer } from '../../../engine/index.js'
import type { Flow } from '../../flow/flow.js'
import { solveLower, timesLower } from '../cholesky.js'
import { paretoSmooth } from '../importance/index.js'
import type { Target } from '../target.js'
import { normalisedWeights } from '../weights.js'
import type { Approximation } from './approximation.js'

export interface FlowFitOptions {
  /**
   * `elbo`: the largest bound, KL(q || posterior), which needs the target's gradient; `forward`: KL(posterior || q) by
   * draws of q reweighted. Default elbo
   */
  readonly objective?: 'elbo' | 'forward'
  /** default 500 */
  readonly steps?: number
  /** draws a step; default 128 */
  readonly draws?: number
  /** learning rate at first, to nothing at the end; default 5e-3 */
  readonly rate?: number
  /** the flow lives in coordinates y, x = mean + L y: best those of a Gaussian fit */
  readonly within: { readonly mean: Float64Array; readonly lower: Float64Array }
  readonly threads?: number
}

export interface FlowFit extends Approximation {
  /** the loss at each step, up to a constant, nats */
  readonly losses: Float64Array
  close(): Promise<void>
}

/** Rows of one compiled pass. */
const passRows = 500

/**
 * Variational inference with a flow (Rezende and Mohamed 2015, arXiv 1505.05770). The target need not be a tfjs
 * program: a pass of the flow gives draws x, the target its gradients g there, and a step on mean(log q(x) - g x) with
 * g held fixed follows the gradient of the bound. Forward: mean(-w log q(x)) over draws held fixed with their smoothed,
 * normalised weights (wake phase of Bornschein and Bengio 2015, arXiv 1406.2751).
 *
 *     const { fit } = await fitGaussian(target, key, { kind: 'full-rank' })
 *     const bends = makeFlow({ kind: 'realnvp', dim: 2, conditions: 0 })
 *     const flow = await fitFlowToTarget(target, bends, key, { within: fit })
 *     const { rows, logProb } = await flow.draw(1000, makeKey(1))
 *     await flow.close()
 *
 * @param flow unconditional, quick in both directions: `realnvp` or `nsf-coupling`
 * @throws UsageError for elbo and a target without gradient
 */
export async function fitFlowToTarget(target: Target, flow: Flow, key: Key, options: FlowFitOptions): Promise<FlowFit> {
  const { objective = 'elbo', steps = 500, draws = 128, rate = 5e-3, within, threads = 1 } = options
  const { dim } = target
  const inside = whitened(target, within)
  if (objective === 'elbo' && !inside.withGradient) {
    throw new UsageError('expected a target with a gradient', 'got one without', 'fit with the objective `forward`')
  }
  const initial = flow.init(key.split('flow'))
  const drawn = drawer(flow, threads)
  const schedule = { peak: rate, warmup: Math.min(20, steps / 10), steps, final: 0 }
  const trainer = makeTrainer(objective === 'elbo' ? boundLoss(flow) : likelihoodLoss(flow), initial, {
    schedule,
    clip: 10,
    ema: 0,
    threads,
  })
  const losses = new Float64Array(steps)
  try {
    for (let step = 0; step < steps; step++) {
      const noise = { shape: [draws, dim], values: normal(key.split('step').split(step), draws * dim) }
      const { x, logProb } = await drawn(trainer.params('latest'), noise)
      const batch = objective === 'elbo' ? await gradientsAt(inside, x, noise) : await weightsAt(inside, x, logProb)
      losses[step] = (await trainer.step(batch)).loss.values[0]
    }
    return approximation({ flow, params: trainer.params('latest'), losses, within, threads })
  } finally {
    await drawn.close()
    await trainer.close()
  }
}

function boundLoss(flow: Flow): LossProgram {
  return (params, { noise, gradient }: { readonly noise: Tensor; readonly gradient: Tensor }) => {
    const { x, logProb } = flow.draw(params, noise)
    return { loss: logProb.sub(x.mul(gradient).sum(1)).mean() }
  }
}

function likelihoodLoss(flow: Flow): LossProgram {
  return (params, { x, weight }: { readonly x: Tensor; readonly weight: Tensor }) => ({
    loss: flow.logProb(params, x).mul(weight).mean().neg(),
  })
}

/** No row pulls harder than this, in units of the Gaussian that the flow lives in. */
const largestPull = 100

async function gradientsAt(target: Target, x: Float64Array, noise: ArrayValue): Promise<Batch> {
  const answer = await target.withGradient?.(x)
  const gradient = Float32Array.from(answer?.gradient ?? x, g =>
    Number.isFinite(g) ? Math.max(-largestPull, Math.min(largestPull, g)) : 0,
  )
  return { noise, gradient: { shape: noise.shape, values: gradient } }
}

async function weightsAt(target: Target, x: Float64Array, logProb: Float64Array): Promise<Batch> {
  const logs = await target.logDensity(x)
  const ratios = logProb.map((log, i) => (Number.isNaN(logs[i] - log) ? -Infinity : logs[i] - log))
  const n = logProb.length
  const weight = Float32Array.from(normalisedWeights(paretoSmooth(ratios).logWeights), w => (w > 0 ? w * n : 0))
  return { x: { shape: [n, target.dim], values: Float32Array.from(x) }, weight: { shape: [n], values: weight } }
}

/** Draws of the flow with whatever parameters. */
function drawer(flow: Flow, threads: number) {
  const evaluator = makeEvaluator((p: Tree<Tensor>, noise: Tensor) => flow.draw(p, noise), {
    threads,
    name: 'flow draws',
  })
  const draw = async (now: Tree<ArrayValue>, noise: ArrayValue) => {
    const { x, logProb } = await evaluator.run(now, noise)
    return { x: Float64Array.from(x.values), logProb: Float64Array.from(logProb.values) }
  }
  return Object.assign(draw, { close: () => evaluator.close() })
}

/** The target in coordinates y, x = mean + L y. */
function whitened(target: Target, { mean, lower }: FlowFitOptions['within']): Target {
  const { dim } = target
  const logVolume = mean.reduce((sum, _, i) => sum + Math.log(lower[i * dim + i]), 0)
  const outside = (rows: Float64Array) => byRow(rows, dim, y => timesLower(lower, y, new Float64Array(dim)), mean)
  const own = target.withGradient?.bind(target)
  return {
    dim,
    logDensity: async rows => (await target.logDensity(outside(rows))).map(log => log + logVolume),
    ...(own && {
      withGradient: async rows => {
        const { logDensity, gradient } = await own(outside(rows))
        const turned = byRow(gradient, dim, g =>
          g.map((_, j) => {
            let sum = 0
            for (let i = j; i < dim; i++) sum += lower[i * dim + j] * g[i]
            return sum
          }),
        )
        return { logDensity: logDensity.map(log => log + logVolume), gradient: turned }
      },
    }),
  }
}

function byRow(
  rows: Float64Array,
  dim: number,
  map: (row: Float64Array) => Float64Array,
  shift?: Float64Array,
): Float64Array {
  const out = new Float64Array(rows.length)
  for (let at = 0; at < rows.length; at += dim) out.set(map(rows.slice(at, at + dim)), at)
  return shift ? out.map((x, at) => x + shift[at % dim]) : out
}

interface FittedFlow {
  readonly flow: Flow
  readonly params: Tree<ArrayValue>
  readonly losses: Float64Array
  readonly within: FlowFitOptions['within']
  readonly threads: number
}

function approximation({ flow, params, losses, within, threads }: FittedFlow): FlowFit {
  const { dim } = flow
  const { mean, lower } = within
  const logVolume = mean.reduce((sum, _, i) => sum + Math.log(lower[i * dim + i]), 0)
  const draws = drawer(flow, threads)
  const density = makeEvaluator((p: Tree<Tensor>, y: Tensor) => flow.logProb(p, y), { threads, name: 'flow density' })
  return {
    dim,
    losses,
    async draw(n, key) {
      const rows = new Float64Array(n * dim)
      const logProb = new Float64Array(n)
      for (let first = 0; first < n; first += passRows) {
        const count = Math.min(passRows, n - first)
        const noise = { shape: [passRows, dim], values: normal(key.split(first), passRows * dim) }
        const part = await draws(params, noise)
        const x = byRow(part.x, dim, y => timesLower(lower, y, new Float64Array(dim)), mean)
        rows.set(x.subarray(0, count * dim), first * dim)
        logProb.set(
          part.logProb.subarray(0, count).map(log => log - logVolume),
          first,
        )
      }
      return { rows, logProb }
    },
    async logProb(rows) {
      const n = rows.length / dim
      const inside = byRow(
        rows.map((x, at) => x - mean[at % dim]),
        dim,
        x => solveLower(lower, x, x),
      )
      const out = new Float64Array(n)
      for (let first = 0; first < n; first += passRows) {
        const values = new Float32Array(passRows * dim)
        values.set(inside.subarray(first * dim, Math.min(n, first + passRows) * dim))
        const logProb = await density.run(params, { shape: [passRows, dim], values })
        for (let row = first; row < Math.min(n, first + passRows); row++) {
          out[row] = logProb.values[row - first] - logVolume
        }
      }
      return out
    },
    async close() {
      await draws.close()
      await density.close()
    },
  }
}
