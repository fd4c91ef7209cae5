export * from './diffusion/index.js'
export * from './pairs/index.js'
