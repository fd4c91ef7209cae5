export * from './run/index.js'
export * from './stream/index.js'
