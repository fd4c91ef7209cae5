export { descend, stepDown } from './descend.js'
export { coefficientsOfRungs, type Ladder } from './ladder.js'
export { type BalanceOptions, type PairCounts, pairBalance } from './pairBalance.js'
export { makeRungs, type Rung, type RungOptions } from './rungs.js'
