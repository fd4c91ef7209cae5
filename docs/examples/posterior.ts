import { type Key, makeKey, normal } from 'stippling/core'
import { productPrior } from 'stippling/prior'
import { npe } from 'stippling/sbi'

// A rate, from distances measured after 1, 2 and 3 s with an error of 0.5 each. The posterior is N(2, 0.13^2).
const prior = productPrior({ rate: { normal: [0, 10] } })
const simulate = ([rate]: Float64Array, key: Key) => normal(key, 3).map((e, i) => rate * (i + 1) + 0.5 * e)
const posterior = await npe({ prior, simulate, simulations: 2000, steps: 500, key: makeKey(0) })
const { theta } = await posterior.draw([2.1, 3.8, 6.1], 4000, makeKey(1))
await posterior.close()
console.log('rate:', (theta.reduce((sum, rate) => sum + rate, 0) / 4000).toFixed(2))
