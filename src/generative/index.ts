export * from './diffusion/index.js'
export * from './flowMatching/index.js'
export * from './ladder/index.js'
export * from './pairs/index.js'
