export { type NpyDtype, type NpyHeader, readNpyHeader } from './header.js'
export { type NpySlice, npySlices, readNpy } from './read.js'
export { createNpy, type NpyWriter, writeNpy } from './write.js'
