export * from './graph/index.js'
export * from './layers/index.js'
export * from './networks/index.js'
export * from './pairs/index.js'
