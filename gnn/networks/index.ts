export * from './deepSets.js'
export * from './equivariant.js'
export * from './messagePassing.js'
export * from './transformer.js'
