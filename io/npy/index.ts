export { type NpyDtype, type NpyHeader, readNpyHeader } from './header.js'
export * from './read.js'
export * from './write.js'
