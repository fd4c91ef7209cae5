export * from './diffusion/index.js'
