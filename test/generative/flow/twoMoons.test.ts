import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { type ArrayValue, type Key, makeKey, normal, uniform } from '../../../core/index.js'
import { makeTrainer } from '../../../engine/index.js'
import { type FlowKind, makeFlow } from '../../../generative/flow/index.js'

await tf.setBackend('cpu')

/**
 * Two crescents, one the other turned by half a turn, moved along x by the condition: radius N(1, 0.15^2), angle
 * N(pi/2, 0.7^2) around (-1/2, -1/4) + (c, 0), or the mirror image. Its density is known, so what a flow lacks is known
 * in nats.
 */
const [thickness, opening] = [0.15, 0.7]

function draws(key: Key, rows: number): { x: ArrayValue; c: ArrayValue } {
  const numbers = normal(key.split('crescent'), [rows, 2])
  const side = uniform(key.split('side'), rows)
  const shift = normal(key.split('shift'), rows)
  const x = new Float32Array(2 * rows)
  for (let i = 0; i < rows; i++) {
    const radius = 1 + thickness * numbers[2 * i]
    const angle = Math.PI / 2 + opening * numbers[2 * i + 1]
    const sign = side[i] < 0.5 ? 1 : -1
    x[2 * i] = shift[i] + sign * (-0.5 + radius * Math.cos(angle))
    x[2 * i + 1] = sign * (-0.25 + radius * Math.sin(angle))
  }
  return { x: { shape: [rows, 2], values: x }, c: { shape: [rows, 1], values: shift } }
}

function logDensity(x: number, y: number, shift: number): number {
  const normalAt = (z: number, sigma: number): number =>
    Math.exp(-0.5 * (z / sigma) ** 2) / (sigma * Math.sqrt(2 * Math.PI))
  const crescent = (sign: number): number => {
    const [u, v] = [sign * (x - shift) + 0.5, sign * y + 0.25]
    const radius = Math.hypot(u, v)
    const angle = Math.atan2(u, v)
    const turns = [-1, 0, 1].map(turn => normalAt(angle + 2 * Math.PI * turn, opening))
    return (normalAt(radius - 1, thickness) * (turns[0] + turns[1] + turns[2])) / radius
  }
  return Math.log(0.5 * crescent(1) + 0.5 * crescent(-1))
}

for (const [kind, steps, lacking] of [
  ['maf', 350, 0.25],
  ['nsf-coupling', 350, 0.15],
] as const satisfies readonly (readonly [FlowKind, number, number])[]) {
  t.test(`${kind} learns two moons that move with the condition`, async t => {
    const flow = makeFlow({ kind, dim: 2, conditions: 1, layers: 4, hidden: [32, 32], bins: 8 })
    const key = makeKey(4)
    const trainer = makeTrainer(
      (params, { x, c }: { x: tf.Tensor; c: tf.Tensor }) => ({ loss: flow.logProb(params, x, c).mean().neg() }),
      flow.init(key),
      { schedule: { peak: 5e-3, warmup: 20, steps }, clip: 5, ema: 0.98, threads: 1 },
    )
    for (let i = 0; i < steps; i++) await trainer.step(draws(key.split('batch').split(i), 256))
    const test = draws(key.split('test'), 4096)
    const { loss } = await trainer.measure(test)
    const truth = Array.from(test.c.values, (shift, i) =>
      logDensity(test.x.values[2 * i], test.x.values[2 * i + 1], shift),
    )
    const missing = loss.values[0] + truth.reduce((a, b) => a + b, 0) / truth.length
    t.ok(missing > -0.02 && missing < lacking, `${missing} nats from the truth`)
    await trainer.close()
  })
}
