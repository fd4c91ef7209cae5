export * from './writeDraws.js'
