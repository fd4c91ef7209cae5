export { type ArrowBatch, type ArrowColumnInfo, type ArrowFile, type ArrowOptions, openArrow } from './reader.js'
export { type ArrowColumnSpec, type ArrowValues, type ArrowWriter, createArrow } from './writer.js'
