export * from './densities/index.js'
export * from './galaxies/index.js'
export * from './run/index.js'
export * from './stream/index.js'
