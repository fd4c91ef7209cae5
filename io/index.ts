/**
 * Files in and out: HDF5, Arrow, NPY, csv and safetensors, slice by slice; the project's own layouts of fields and
 * dwarf galaxies (declared tables of columns), and those of others (Quijote, JeansGNN).
 *
 *     import { mkdtempSync } from 'node:fs'
 *     import { tmpdir } from 'node:os'
 *     import { join } from 'node:path'
 *     import { readCsvTable, writeCsv } from 'stippling/io'
 *
 *     const path = join(mkdtempSync(join(tmpdir(), 'stipple-')), 'stars.csv')
 *     writeCsv(path, { x: [0.1, 0.2], velocity: [3.5, -4] })
 *     const { rows, columns } = await readCsvTable(path)
 *     console.log(rows, columns.velocity[1])  // 2 -4
 *
 * @module
 */

export { type ArrowBatch, type ArrowColumnInfo, type ArrowFile, type ArrowOptions, openArrow } from './arrow/reader.js'
export { type ArrowColumnSpec, type ArrowValues, type ArrowWriter, createArrow } from './arrow/writer.js'
export { writeAtomic, writeFully } from './atomic.js'
export {
  type Column,
  type Compound,
  isCompound,
  isNumeric,
  joinColumns,
  type NumericArray,
  type Reference,
  sizeOf,
  toFloat32,
  toFloat64,
  toNumbers,
} from './columns.js'
export { type Converted, type ConvertOptions, convert } from './convert.js'
export {
  type CsvBatch,
  type CsvOptions,
  csvLine,
  csvRows,
  readCsv,
  readCsvTable,
  readPlainTable,
  writeCsv,
} from './csv.js'
export { checkedDwarf, requireMembership, requireStars, requireVelocities } from './dwarfs/check.js'
export type { Dwarf } from './dwarfs/dwarf.js'
export { dwarfs } from './dwarfs/dwarfs.js'
export { dsphsGnn, dwarfParameterName, jeansGnn } from './dwarfs/jeansGnn.js'
export { galaxyCalled, type LocalVolumeGalaxy, localVolume, type Measured } from './dwarfs/localVolume.js'
export { readStarsCsv, type StarTable } from './dwarfs/starsCsv.js'
export { requireKmPerSecond, requireKpc, requireSky } from './dwarfs/units.js'
export { stopIfAborted, yieldToEventLoop } from './eventLoop.js'
export { checkedField, heaviest, heaviestFirst, takePoints } from './galaxies/check.js'
export type { Field } from './galaxies/field.js'
export { type FieldOptions, fields } from './galaxies/fields.js'
export { halosNpy } from './galaxies/halosNpy.js'
export { parameterName } from './galaxies/parameterName.js'
export { defaultHalos, quijoteFolder } from './galaxies/quijoteFields.js'
export type { Hdf5Appender } from './hdf5/appender.js'
export type { DtypeName } from './hdf5/encode.js'
export {
  type Attribute,
  type AttributeValue,
  type Hdf5Dataset,
  type Hdf5File,
  type Hdf5Link,
  openHdf5,
  readNumbers,
  withHdf5,
} from './hdf5/file.js'
export { type Json, nestedJson, numberJson } from './hdf5/nested.js'
export { startOffsets } from './hdf5/ragged.js'
export { mostReadBytes, rowsPerBlock } from './hdf5/region.js'
export { type Slice, type SliceOptions, slices } from './hdf5/slices.js'
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
} from './hdf5/types.js'
export {
  type AttributeInput,
  type CreateOptions,
  createHdf5,
  type DatasetOptions,
  type Hdf5Writer,
  writeHdf5,
} from './hdf5/writer.js'
export { inspectFile } from './inspect/inspect.js'
export type { InspectedItem, Inspection, InspectOptions, Range } from './inspect/inspection.js'
export { renderInspection } from './inspect/render.js'
export { subjectOf } from './inspect/subject.js'
export { kinds } from './kinds.js'
export { type NpyDtype, type NpyHeader, readNpyHeader } from './npy/header.js'
export { type NpySlice, npySlices, readNpy } from './npy/read.js'
export { createNpy, type NpyWriter, writeNpy } from './npy/write.js'
export { convertObjects } from './objects/convertObjects.js'
export type {
  FileAttribute,
  ForeignLayout,
  ObjectColumn,
  ObjectKind,
  ObjectSource,
  OpenedObjects,
  OpenObjectsOptions,
  Shapes,
  SharedValue,
  TableView,
  WriteForeignOptions,
} from './objects/kind.js'
export { openAllObjects, openObjects } from './objects/open.js'
export { type JoinPartsOptions, type ObjectParts, openParts, type PartFacts } from './objects/parts.js'
export {
  chunksOf,
  type ObjectChunks,
  objectAt,
  type ReadObjectsOptions,
  type RowsOfOne,
  readObjects,
  rowsOfEach,
} from './objects/read.js'
export { type Simulation, simulations } from './objects/simulations.js'
export { createObjects, type ObjectWriter, type WriteObjectsOptions, writeObjects } from './objects/write.js'
export { openPartFiles, type Parts, type PartsIdentity, partsFolder } from './parts.js'
export { drawsFormat, type PosteriorTable, writeDraws } from './posterior/writeDraws.js'
export {
  findRealisations,
  looksLikeQuijote,
  quijoteBox,
  quijoteRedshifts,
  type Realisation,
  snapshotBase,
} from './quijote/folder.js'
export { countFofGroups, type FofCatalogue, readFofCatalogue, tabPath } from './quijote/friendsOfFriends.js'
export {
  type GadgetHeader,
  type GadgetSlice,
  gadgetFirstPart,
  gadgetParticles,
  readGadgetHeader,
} from './quijote/gadget.js'
export { rootAttributes, stippleVersion } from './rootAttributes.js'
export {
  encodeSafetensors,
  readSafetensors,
  readSafetensorsMetadata,
  type Safetensors,
  type StoredTensor,
  type TensorValues,
  writeSafetensors,
} from './safetensors.js'
export { createArrowTable, metadataText, openArrowTable, parseMetadata, writeArrowTable } from './table/arrowTable.js'
export { openCsvTable, writeCsvTable } from './table/csvTable.js'
export { openTable, tableFormat, writeTable } from './table/format.js'
export { attributeInput, attributeInputs, createHdf5Table, openHdf5Table, writeHdf5Table } from './table/hdf5Table.js'
export { openNpyTable, writeNpyTable } from './table/npyTable.js'
export type {
  RaggedLengths,
  RaggedValues,
  TableBatch,
  TableColumn,
  TableLayout,
  TableSource,
  TableValues,
  TableWriter,
} from './table/table.js'
export { copyTable, entryNames, isRagged, joinRagged } from './table/table.js'
