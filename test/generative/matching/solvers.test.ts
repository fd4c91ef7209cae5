import t from 'tap'
import { type State, UsageError } from '../../../core/index.js'
import { type EmbeddedSolver, followVelocity, type Solver, solvers } from '../../../generative/matching/index.js'
import { advanced } from '../../../generative/matching/solvers.js'

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

/** y at t = 2 of dy/dt = y cos t, y(0) = 1, which is exp(sin 2), in equal steps by the table. */
function integrated({ nodes, rows, weights }: Solver, steps: number): number {
  const h = 2 / steps
  let y = Float64Array.of(1)
  for (let step = 0; step < steps; step++) {
    const slopes: Float64Array[] = []
    for (const [stage, node] of nodes.entries()) {
      const there = advanced(y, h, rows[stage], slopes)
      slopes.push(Float64Array.of(there[0] * Math.cos((step + node) * h)))
    }
    y = Float64Array.from(advanced(y, h, weights, slopes))
  }
  return y[0]
}

for (const [name, solver] of Object.entries<Solver>(solvers)) {
  const { nodes, rows, weights, order, evaluations } = solver

  t.test(`${name}: its table is one of an explicit method of order 1 at least`, async t => {
    t.equal(rows.length, nodes.length)
    t.equal(weights.length, nodes.length)
    t.equal(nodes[0], 0)
    t.ok(Math.abs(sum(weights) - 1) < 1e-14)
    for (const [stage, row] of rows.entries()) {
      t.ok(row.length <= stage, 'a slope knows those before it alone')
      t.ok(Math.abs(sum(row) - nodes[stage]) < 1e-14, `row ${stage} sums to its node`)
    }
    const { errorWeights } = solver as Partial<EmbeddedSolver>
    if (errorWeights) t.ok(Math.abs(sum(errorWeights)) < 1e-14, 'both solvers of a pair agree on constants')
  })

  t.test(`${name}: halving the steps divides the error by 2^${order}`, async t => {
    const errors = [16, 32, 64].map(steps => Math.abs(integrated(solver, steps) - Math.exp(Math.sin(2))))
    const orders = errors.slice(1).map((error, i) => Math.log2(errors[i] / error))
    t.comment(`${errors.map(e => e.toExponential(2)).join(' ')}: orders ${orders.map(o => o.toFixed(2)).join(' ')}`)
    for (const measured of orders) t.ok(Math.abs(measured - order) < 0.4, `order ${measured.toFixed(2)}`)
  })

  t.test(`${name}: its evaluations, and never one at t = 1`, async t => {
    const times: number[] = []
    const velocity = async (x: State, time: number): Promise<State> => {
      times.push(time)
      return { shape: x.shape, values: x.values.map(v => -v) }
    }
    const start: State = { shape: [1, 1, 1], values: Float32Array.of(1) }
    await followVelocity(solver, velocity, start, 5)
    const asksAtEnd = nodes.includes(1)
    t.equal(times.length, asksAtEnd ? 4 * nodes.length + 1 : 5 * nodes.length)
    t.ok(times.every(time => time < 1))
    // The last slope of a step may be the first of the next one: a solver by tolerance saves it.
    const savesLast = asksAtEnd && rows.at(-1)?.every((weight, i) => weight === weights[i]) && weights.at(-1) === 0
    t.equal(evaluations, savesLast ? nodes.length - 1 : nodes.length)
    for (const steps of [0, 1.5]) await t.rejects(followVelocity(solver, velocity, start, steps), UsageError)
  })
}
