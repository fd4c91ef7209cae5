export type { Hdf5Appender } from './appender.js'
export type { DtypeName } from './encode.js'
export {
  type Attribute,
  type AttributeValue,
  type Hdf5Dataset,
  type Hdf5File,
  type Hdf5Link,
  openHdf5,
  readNumbers,
  withHdf5,
} from './file.js'
export { type Json, nestedJson, numberJson } from './nested.js'
export { startOffsets } from './ragged.js'
export { mostReadBytes, rowsPerBlock } from './region.js'
export { type Slice, type SliceOptions, slices } from './slices.js'
export {
  type Hdf5Member,
  type Hdf5Type,
  halfTurned,
  holdsHeap,
  isBoolean,
  keepsFileOrder,
  typeName,
  typeOf,
  unsupportedIn,
} from './types.js'
export {
  type AttributeInput,
  type CreateOptions,
  createHdf5,
  type DatasetOptions,
  type Hdf5Writer,
  writeHdf5,
} from './writer.js'
