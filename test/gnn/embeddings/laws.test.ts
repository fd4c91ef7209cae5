import * as tf from '@tensorflow/tfjs'
import fc from 'fast-check'
import t from 'tap'
import { type ArrayValue, type CloudInput, type Key, makeKey, normal, type Tree } from '../../../core/index.js'
import { compile, isArrayValue, mapTree, type OrtTensor, toArray } from '../../../engine/index.js'
import {
  type Embedding,
  type EmbeddingKind,
  type EmbeddingOptions,
  embeddingKinds,
  embeddings as entries,
  FeaturesMissing,
  makeEmbedding,
} from '../../../gnn/embeddings/index.js'
import { ConditionMissing } from '../../../gnn/layers/index.js'
import { NeighboursMissing } from '../../../gnn/networks/index.js'

import { awake, begun, difference } from '../networks/clouds.js'
import { inputOf, randomStars, type Stars, shuffled, turned } from './clouds.js'

await tf.setBackend('cpu')

const shared = { features: 3, width: 8, layers: 2, outputs: 5, conditions: 2 }
const basis = { count: 4, from: 0.1, to: 2 }

/** Each kind as the laws see it; of a new one the compiler asks a line. */
const byKind: Readonly<Record<EmbeddingKind, Partial<EmbeddingOptions>>> = {
  'deep-sets': {},
  chebyshev: {},
  'message-passing': { basis },
  transformer: { attentionHeads: 2 },
}

const embeddings: Readonly<Record<string, EmbeddingOptions>> = {
  ...Object.fromEntries(embeddingKinds.map(kind => [kind, { ...shared, ...byKind[kind], kind }])),
  'deep sets, plain mean': { ...shared, kind: 'deep-sets', heads: 0, layers: 1 },
  'chebyshev of two polynomials': { ...shared, kind: 'chebyshev', polynomials: 2, heads: 1 },
}

/** Runs a law over a few seeds; fast-check prints the seed that breaks it. */
function holds(law: (key: Key) => void) {
  fc.assert(
    fc.property(fc.nat(), seed => tf.tidy(() => law(makeKey(seed)))),
    { numRuns: 3, seed: 7 },
  )
}

function summary(embedding: Embedding, params: Tree<tf.Tensor>, stars: Stars): number[][] {
  return embedding.apply(params, inputOf(stars)).arraySync() as number[][]
}

function same(a: number[][], b: number[][], what: string) {
  const apart = difference(a.flat(), b.flat())
  if (!(apart < 2e-5)) throw new Error(`${what}: apart by ${apart} of the largest entry`)
}

for (const [name, options] of Object.entries(embeddings)) {
  t.test(name, async t => {
    const embedding = makeEmbedding(options)
    const params = (key: Key) => awake(embedding.init(key.split('init')), key.split('awake'))

    t.test('the order of stars, padding, the others of the batch and the angle on the sky do not matter', async () =>
      holds(key => {
        const stars = randomStars(key)
        const p = params(key)
        const expected = summary(embedding, p, stars)
        same(summary(embedding, p, shuffled(stars, key.split('order'))), expected, 'another order')
        same(summary(embedding, p, { ...stars, padding: 3 }), expected, 'other values in the padding')
        same(summary(embedding, p, { ...stars, slots: 12 }), expected, 'more padding')
        same(summary(embedding, p, turned(stars, 1.1)), expected, 'turned and mirrored')
        const alone = stars.clouds.map((cloud, c) =>
          summary(embedding, p, { ...stars, clouds: [cloud], condition: [stars.condition[c]] }),
        )
        same(alone.flat(), expected, 'alone')
      }),
    )

    t.test('every star and every number matters, from the start', async t => {
      const key = makeKey(5)
      const stars = randomStars(key)
      const p = begun(embedding.init(key))
      const differs = (changed: Stars): boolean => {
        const [a, b] = [summary(embedding, p, stars), summary(embedding, p, changed)]
        const apart = a.map((row, c) => difference(row, b[c]))
        return apart[0] > 1e-3 && apart[1] < 1e-6
      }
      const first = (change: (star: readonly number[]) => readonly number[]): Stars => ({
        ...stars,
        clouds: stars.clouds.map((cloud, c) =>
          c === 0 ? cloud.map((star, i) => (i === 2 ? change(star) : star)) : cloud,
        ),
      })
      t.equal(summary(embedding, p, stars)[0].length, 5)
      t.ok(differs(first(([x, y, v, e]) => [4 * x, 4 * y, v, e])), 'place')
      t.ok(differs(first(([x, y, v, e]) => [x, y, v + 0.5, e])), 'velocity')
      t.ok(differs(first(([x, y, v, e]) => [x, y, v, e + 0.5])), 'error')
      t.ok(
        differs({ ...stars, condition: stars.condition.map((row, c) => (c === 0 ? row.map(v => v + 1) : row)) }),
        'condition',
      )
    })

    t.test('what is missing is said', async t => {
      const p = params(makeKey(1))
      const { condition: _, ...without } = inputOf(randomStars(makeKey(1)))
      t.throws(() => embedding.apply(p, without), ConditionMissing)
      const { features, ...bare } = inputOf(randomStars(makeKey(1)))
      t.throws(() => embedding.apply(p, bare), FeaturesMissing)
      t.throws(
        () => embedding.apply(p, { ...bare, features: features!.slice([0, 0, 0], [-1, -1, 2]) }),
        FeaturesMissing,
      )
    })

    t.test('it asks for neighbours where its entry says so, and reads none where it does not', async t => {
      const p = params(makeKey(1))
      const input = inputOf(randomStars(makeKey(1)))
      const { senders: _, displacements: __, ...bare } = input
      const without = () => embedding.apply(p, bare)
      if (entries[options.kind].needsNeighbours) t.throws(without, NeighboursMissing)
      else t.same(without().arraySync(), embedding.apply(p, input).arraySync())
    })

    t.test('compiled equals eager, forward and gradients', async t => {
      const key = makeKey(17)
      const leaves: ArrayValue[] = []
      const tree = embedding.init(key)
      mapTree(tree, isArrayValue, leaf => {
        const moved = normal(key.split(leaves.length), leaf.shape)
        leaves.push({ shape: leaf.shape, values: Float32Array.from(leaf.values, (v, i) => v + 0.2 * moved[i]) })
      })
      const { positions, features, mask, condition, senders, displacements } = inputOf(randomStars(key, [9, 6, 7, 8]))
      const given = { positions, features, mask, condition, senders, displacements } as Record<string, tf.Tensor>
      const arrays = Object.fromEntries(
        Object.entries(given).map(([n, x]) => [n, { shape: x.shape, values: x.dataSync() as Float32Array }]),
      )
      const specs = Object.fromEntries(
        Object.entries(given).map(([n, x]) => [n, { shape: x.shape, dtype: x.dtype as 'float32' | 'int32' }]),
      )
      const program = (at: tf.Tensor[], input: CloudInput): tf.Tensor[] => {
        const forward = (...ps: tf.Tensor[]): tf.Tensor => {
          let next = 0
          return embedding.apply(
            mapTree(tree, isArrayValue, () => ps[next++]),
            input,
          )
        }
        const loss = (...ps: tf.Tensor[]): tf.Scalar =>
          forward(...ps)
            .square()
            .sum()
        return [forward(...at), ...tf.valueAndGrads(loss)(at).grads]
      }
      const tensors = leaves.map(({ shape, values }) => tf.tensor(values, [...shape]))
      const eager = tf.tidy(() => program(tensors, given as unknown as CloudInput)).map(x => x.dataSync())
      const compiled = await compile(program as never, [leaves.map(({ shape }) => ({ shape })), specs], { threads: 1 })
      const found = ((await compiled.run(leaves, arrays)) as unknown as OrtTensor[]).map(x => toArray(x).values)
      t.equal(found.length, leaves.length + 1)
      const apart = found.map((values, i) => difference(eager[i], values))
      t.ok(Math.max(...apart) < 2e-5, `apart by ${Math.max(...apart)} (output ${apart.indexOf(Math.max(...apart))})`)
      await compiled.release()
    })
  })
}

t.test('sizes that make no embedding are refused', async t => {
  t.throws(() => makeEmbedding({ ...shared, kind: 'sets' as 'deep-sets' }), /deep-sets/)
  t.throws(() => makeEmbedding({ ...shared, kind: 'transformer', attentionHeads: 3 }), /attention heads/)
})
