export * from './gnfw.js'
export * from './jeans.js'
export * from './prior.js'
