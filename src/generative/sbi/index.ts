export * from './npe.js'
