import type { Json } from '../hdf5/nested.js'
import type { InspectedItem, Inspection } from './inspection.js'

/** An inspection as lines for people: one a dataset, indented by depth, columns aligned. */
export function renderInspection(inspection: Inspection): string {
  const { path, format, bytes, subject, attributes, items } = inspection
  const size = bytes > 0 ? `, ${humanBytes(bytes)}` : ''
  const lines = [`${path}: ${format}${size}${subject ? `, looks like ${subject}` : ''}`]
  for (const [name, value] of Object.entries(attributes)) lines.push(`  @${name} = ${short(value)}`)
  const cells = items.map(cellsOf)
  const widths = [0, 1, 2, 3].map(column => Math.max(0, ...cells.map(row => row[column].length)))
  items.forEach((item, i) => {
    lines.push(`  ${cells[i].map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    for (const [name, value] of Object.entries(item.attributes ?? {})) {
      if (name !== 'units') lines.push(`  ${indent(item.path)}    @${name} = ${short(value)}`)
    }
  })
  return `${lines.join('\n')}\n`
}

function cellsOf(item: InspectedItem): string[] {
  const { path, kind, type, shape, units, range, storage, value, target, unread } = item
  const name = `${indent(path)}${path.startsWith('/') ? (path.split('/').at(-1) ?? path) : path}`
  const typed =
    kind === 'dataset' || kind === 'type' ? (type ?? '') : kind === 'group' ? `${type ?? ''}/` : `${kind} link`
  const size =
    kind !== 'dataset'
      ? ''
      : shape === null || shape === undefined
        ? 'empty'
        : shape.length === 0
          ? 'scalar'
          : `[${shape.join(', ')}]`
  const notes = [
    unread ? `not read: ${unread}` : '',
    target ? `to ${target}` : '',
    range ? `${short(range.min)} … ${short(range.max)}${range.nan > 0 ? `, ${range.nan} NaN` : ''}` : '',
    !range && value !== undefined ? short(value) : '',
    storage ?? '',
  ]
  return [name, typed, size, units ?? '', notes.filter(note => note !== '').join('  ')]
}

function indent(path: string): string {
  return path.startsWith('/') ? '  '.repeat(path.split('/').length - 2) : ''
}

function short(value: Json): string {
  const text =
    typeof value === 'number' && !Number.isInteger(value) ? String(Number(value.toPrecision(6))) : JSON.stringify(value)
  const bare = typeof value === 'string' ? value : text
  return bare.length > 80 ? `${bare.slice(0, 77)}…` : bare
}

function humanBytes(bytes: number): string {
  const step = Math.min(4, Math.floor(Math.log(bytes) / Math.log(1024)))
  return `${Number((bytes / 1024 ** step).toPrecision(3))} ${['B', 'KiB', 'MiB', 'GiB', 'TiB'][step]}`
}
