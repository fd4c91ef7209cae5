export { createArrowTable, metadataText, openArrowTable, parseMetadata, writeArrowTable } from './arrowTable.js'
export { openCsvTable, writeCsvTable } from './csvTable.js'
export { openTable, tableFormat, writeTable } from './format.js'
export { attributeInput, attributeInputs, createHdf5Table, openHdf5Table, writeHdf5Table } from './hdf5Table.js'
export { openNpyTable, writeNpyTable } from './npyTable.js'
export {
  copyTable,
  entryNames,
  isRagged,
  joinRagged,
  type RaggedLengths,
  type RaggedValues,
  type TableBatch,
  type TableColumn,
  type TableLayout,
  type TableRange,
  type TableSource,
  type TableValues,
  type TableWriter,
} from './table.js'
