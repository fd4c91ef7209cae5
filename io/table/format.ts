import { extname } from 'node:path'
import { openArrowTable, writeArrowTable } from './arrowTable.js'
import { openCsvTable, writeCsvTable } from './csvTable.js'
import { openHdf5Table, writeHdf5Table } from './hdf5Table.js'
import { openNpyTable, writeNpyTable } from './npyTable.js'
import type { TableSource } from './table.js'

const formats: Readonly<Record<string, TableSource['format']>> = {
  '.h5': 'hdf5',
  '.hdf5': 'hdf5',
  '.arrow': 'arrow',
  '.arrows': 'arrow',
  '.feather': 'arrow',
  '.csv': 'csv',
  '.npy': 'npy',
}

/** The format of a table by the ending of its path; undefined for other endings. */
export function tableFormat(path: string): TableSource['format'] | undefined {
  return formats[extname(path).toLowerCase()]
}

/** @param lead of HDF5 files, see `openHdf5Table` */
export async function openTable(path: string, format: TableSource['format'], lead?: string): Promise<TableSource> {
  switch (format) {
    case 'hdf5':
      return openHdf5Table(path, lead)
    case 'arrow':
      return openArrowTable(path)
    case 'csv':
      return openCsvTable(path)
    case 'npy':
      return openNpyTable(path)
  }
}

/** Writes a table. @returns the number of rows, or of lines where each point has a line */
export function writeTable(
  path: string,
  format: TableSource['format'],
  table: TableSource,
  options: { readonly force?: boolean; readonly column?: string; readonly signal?: AbortSignal },
): Promise<number> {
  switch (format) {
    case 'hdf5':
      return writeHdf5Table(path, table, options)
    case 'arrow':
      return writeArrowTable(path, table, options)
    case 'csv':
      return writeCsvTable(path, table, options)
    case 'npy':
      return writeNpyTable(path, table, options)
  }
}
