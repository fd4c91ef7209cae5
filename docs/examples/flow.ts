import { makeKey, normal, uniform } from 'stippling/core'
import { fitFlow, splineFlow } from 'stippling/flow'

// x ~ N(3 c, 0.5^2) given c in [0, 1]
const condition = uniform(makeKey(1), 4000)
const x = normal(makeKey(2), 4000).map((e, i) => 3 * condition[i] + 0.5 * e)
const flow = await fitFlow(splineFlow({ dim: 1, conditions: 1 }), { x, condition }, { steps: 300, key: makeKey(0) })
const draws = await flow.draw([0.5], 4000, makeKey(3))
console.log('x at c = 0.5:', (draws.reduce((sum, value) => sum + value, 0) / 4000).toFixed(2))
await flow.close()
