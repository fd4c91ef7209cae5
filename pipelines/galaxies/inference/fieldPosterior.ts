import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { type ArrayValue, type Key, normal, type Tree } from '../../../core/index.js'
import { type Compiled, compile, isArrayValue, mapTree, type OrtTensor } from '../../../engine/index.js'
import { mixtureLogDensity } from '../../answers/mixture.js'
import type { RoadDraws } from '../../answers/roads.js'
import { contextFeatures, type FieldView, pointFeatures, seenPoints } from './fieldView.js'
import type { FieldPosteriorModel } from './posteriorModel.js'
import { batchOfViews } from './viewedFields.js'

/** A posterior made ready to answer. */
export interface FieldPosterior {
  /** Draws given one field, as many of each network. */
  draw(view: FieldView, key: Key): Promise<RoadDraws>
  close(): Promise<void>
}

/** Compiles the networks of a model for draws of `n`, a multiple of their number. */
export async function fieldPosterior(model: FieldPosteriorModel, n: number, threads: number): Promise<FieldPosterior> {
  const { network, members, scales, box } = model
  const dim = Object.keys(box).length
  const each = Math.ceil(n / members.length)
  const params = mapTree(members[0], isArrayValue, ({ shape }) => ({ shape }))
  const view = { points: { shape: [1, seenPoints, pointFeatures] }, context: { shape: [1, contextFeatures] } }
  const repeated = (summary: Tensor) => summary.mul(tf.ones([each, 1]))
  const options = { threads, name: 'field posterior' }
  const draw = await compile(
    (p: Tree<Tensor>, v: { points: Tensor; context: Tensor }, noise: Tensor) =>
      network.draw(p, repeated(network.summary(p, v)), noise),
    [params, view, { shape: [each, dim] }],
    options,
  )
  const density: Compiled | undefined =
    members.length > 1
      ? await compile(
          (p: Tree<Tensor>, v: { points: Tensor; context: Tensor }, theta: Tensor) =>
            network.logProbGiven(p, repeated(network.summary(p, v)), theta),
          [params, view, { shape: [each, dim] }],
          options,
        )
      : undefined
  return {
    async draw(seen, key) {
      const theta: number[] = []
      const logProb: number[] = []
      for (const [m, member] of members.entries()) {
        const noise = { shape: [each, dim], values: normal(key.split(m), each * dim) }
        const found = (await draw.run(member, batchOfViews([seen], scales[m]), noise)) as Record<
          'theta' | 'logProb',
          OrtTensor
        >
        const drawn: ArrayValue = { shape: [each, dim], values: (found.theta.data as Float32Array).slice() }
        const logs = [(found.logProb.data as Float32Array).slice()]
        for (const [o, other] of members.entries()) {
          if (o === m || !density) continue
          const theirs = (await density.run(other, batchOfViews([seen], scales[o]), drawn)) as OrtTensor
          logs.push((theirs.data as Float32Array).slice())
        }
        theta.push(...drawn.values)
        logProb.push(...mixtureLogDensity(logs))
      }
      // Draws of a flow do not know of one another.
      return {
        theta: Float64Array.from(theta),
        logProb: Float64Array.from(logProb),
        diagnostics: { ess: logProb.length, acceptance: 1 },
        problems: [],
      }
    },
    async close() {
      await draw.release()
      await density?.release()
    },
  }
}
