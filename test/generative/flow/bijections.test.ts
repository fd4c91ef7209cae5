import * as tf from '@tensorflow/tfjs'
import fc from 'fast-check'
import t from 'tap'
import { type ArrayValue, type Key, makeKey, type Tree } from '../../../core/index.js'
import { compile, isArrayValue, mapTree, toArray } from '../../../engine/index.js'
import { FlowConditionMissing } from '../../../generative/flow/index.js'
import { bijections, type Case } from './dictionary.js'
import { apart, awake, logDeterminant, points, tensors } from './numbers.js'

await tf.setBackend('cpu')

/** Runs a law over a few seeds; fast-check prints the seed that breaks it. */
function holds(law: (key: Key) => void) {
  fc.assert(
    fc.property(fc.nat(), seed => tf.tidy(() => law(makeKey(seed)))),
    { numRuns: 4, seed: 5 },
  )
}

function near(found: readonly number[], expected: readonly number[], within: number, what: string) {
  const distance = apart(expected, found)
  if (!(distance <= within)) throw new Error(`${what}: apart by ${distance}, allowed ${within}`)
}

function parametersOf({ make, awake: by }: Case, key: Key): Tree<ArrayValue> {
  return awake(make.init(key.split('init')), key.split('awake'), by)
}

const matrix = (rows: number[][], columns: number): tf.Tensor => tf.tensor(rows.flat(), [rows.length, columns])

function forward({ make }: Case, params: Tree<ArrayValue>, x: number[][], condition: number[][]) {
  const given = make.conditions > 0 ? matrix(condition, make.conditions) : undefined
  const { y, logDet } = make.forwardAndLogDet(tensors(params), matrix(x, make.dim), given)
  return { y: y.arraySync() as number[][], logDet: logDet.arraySync() as number[] }
}

function inverse({ make }: Case, params: Tree<ArrayValue>, y: number[][], condition: number[][]) {
  const given = make.conditions > 0 ? matrix(condition, make.conditions) : undefined
  const { x, logDet } = make.inverseAndLogDet(tensors(params), matrix(y, make.dim), given)
  return { x: x.arraySync() as number[][], logDet: logDet.arraySync() as number[] }
}

function thereAndBack(given: Case, key: Key) {
  const params = parametersOf(given, key)
  const { x, condition } = points(given, key)
  const there = forward(given, params, x, condition)
  return { params, x, condition, there, back: inverse(given, params, there.y, condition) }
}

for (const [name, given] of Object.entries(bijections)) {
  const { make, oracle, backwards } = given
  t.test(name, async t => {
    t.test('the inverse undoes it', async () =>
      holds(key => {
        const { x, there, back } = thereAndBack(given, key)
        near(back.x.flat(), x.flat(), 1e-5, 'points')
        near(
          back.logDet,
          there.logDet.map(v => -v),
          1e-4,
          'log-determinants',
        )
      }),
    )

    t.test('log-determinant is that of the autodiff Jacobian', async () =>
      holds(key => {
        const params = tensors(parametersOf(given, key))
        const { x, condition } = points(given, key)
        const c = make.conditions > 0 ? matrix(condition, make.conditions) : undefined
        const at = matrix(x, make.dim)
        const column = (i: number) => (x: tf.Tensor) =>
          make.forwardAndLogDet(params, x, c).y.slice([0, i], [-1, 1]).sum() as tf.Scalar
        const rows = Array.from({ length: make.dim }, (_, i) => tf.grad(column(i))(at).arraySync() as number[][])
        const expected = x.map((_, b) => logDeterminant(rows.map(row => row[b])))
        near(make.forwardAndLogDet(params, at, c).logDet.arraySync() as number[], expected, 1e-4, 'log-determinants')
      }),
    )

    t.test('forward and inverse are those of plain double precision', async () =>
      holds(key => {
        const { params, x, condition, there, back } = thereAndBack(given, key)
        // The oracle knows one direction; for the other it has to come back to where it started.
        const [asked, answered, logDets] = backwards
          ? [there.y, x, there.logDet.map(v => -v)]
          : [x, there.y, there.logDet]
        const plain = asked.map((row, b) => oracle(params, row, condition[b]))
        near(
          answered.flat(),
          plain.flatMap(p => p.y),
          1e-5,
          'points',
        )
        near(
          logDets,
          plain.map(p => p.logDet),
          2e-5,
          'log-determinants',
        )
        const other = backwards ? there.y : back.x
        const again = other.map((row, b) => oracle(params, row, condition[b]).y)
        near(again.flat(), (backwards ? x : there.y).flat(), 1e-5, 'the other way')
      }),
    )

    t.test('a row does not know its batch', async () =>
      holds(key => {
        const { params, x, condition, there: all, back } = thereAndBack(given, key)
        for (let b = 0; b < x.length; b++) {
          const alone = forward(given, params, [x[b]], [condition[b]])
          near([...alone.y[0], alone.logDet[0]], [...all.y[b], all.logDet[b]], 1e-6, 'forward')
          near(inverse(given, params, [all.y[b]], [condition[b]]).x[0], back.x[b], 1e-6, 'inverse')
        }
      }),
    )

    t.test('the condition is needed and matters', { skip: make.conditions > 0 ? false : 'has none' }, async t => {
      const key = makeKey(3)
      const params = parametersOf(given, key)
      const { x, condition } = points(given, key)
      const other = condition.map(row => row.map(v => v + 1))
      const [a, b] = [forward(given, params, x, condition), forward(given, params, x, other)]
      t.ok(apart(a.y.flat(), b.y.flat()) > 1e-3)
      const without = () => make.forwardAndLogDet(tensors(params), matrix(x, make.dim))
      t.throws(without, FlowConditionMissing)
    })

    t.test('compiled equals eager, both ways and gradients', async t => {
      const key = makeKey(8)
      const params = parametersOf(given, key)
      const { x, condition } = points(given, key)
      const array = (rows: number[][], columns: number): ArrayValue => ({
        shape: [rows.length, columns],
        values: Float32Array.from(rows.flat()),
      })
      const leaves: ArrayValue[] = []
      mapTree(params, isArrayValue, leaf => leaves.push(leaf))
      const inputs = [...leaves, array(x, make.dim), array(condition, Math.max(1, make.conditions))]
      if (make.conditions === 0) inputs.pop()
      const program = (given: tf.Tensor[]): tf.Tensor[] => {
        const run = (...at: tf.Tensor[]) => {
          let next = 0
          const tree = mapTree(params, isArrayValue, () => at[next++])
          const c = make.conditions > 0 ? at[leaves.length + 1] : undefined
          const there = make.forwardAndLogDet(tree, at[leaves.length], c)
          const back = make.inverseAndLogDet(tree, there.y, c)
          return { ...there, back: back.x, backLogDet: back.logDet }
        }
        const loss = (...at: tf.Tensor[]): tf.Scalar => {
          const { y, logDet } = run(...at)
          return y.square().sum().mul(0.5).sub(logDet.sum())
        }
        const { y, logDet, back, backLogDet } = run(...given)
        const moved = given.slice(0, leaves.length + 1)
        const { grads } = tf.valueAndGrads((...at: tf.Tensor[]) => loss(...at, ...given.slice(leaves.length + 1)))(
          moved,
        )
        return [y, logDet, back, backLogDet, ...grads]
      }
      const compiled = await compile(program, [inputs.map(({ shape }) => ({ shape }))], { threads: 1 })
      const found = (await compiled.run(inputs)) as unknown as Parameters<typeof toArray>[0][]
      const expected = tf.tidy(() => program(inputs.map(({ shape, values }) => tf.tensor(values, [...shape]))))
      const distances = expected.map((tensor, i) => {
        const values = Array.from(tensor.dataSync())
        const scale = Math.max(1e-3, ...values.map(Math.abs))
        return apart(
          values.map(v => v / scale),
          Array.from(toArray(found[i]).values, v => v / scale),
        )
      })
      t.equal(found.length, 4 + leaves.length + 1)
      t.ok(
        Math.max(...distances) < 2e-5,
        `apart by ${Math.max(...distances)} (output ${distances.indexOf(Math.max(...distances))})`,
      )
      await compiled.release()
    })
  })
}
