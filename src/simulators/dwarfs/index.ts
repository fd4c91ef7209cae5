export * from './gnfw.js'
export * from './prior.js'
