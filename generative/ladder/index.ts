export * from './descend.js'
export * from './ladder.js'
export * from './pairBalance.js'
export * from './rungs.js'
