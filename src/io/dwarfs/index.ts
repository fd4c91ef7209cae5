export * from './check.js'
export * from './dwarfs.js'
export * from './hdf5Dwarfs.js'
export * from './source.js'
