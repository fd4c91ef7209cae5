import { DataError, periodicBox } from '../../core/index.js'
import { type ArrowFile, openArrow } from '../arrow/index.js'
import { isNumeric, sizeOf, toFloat32, toFloat64 } from '../columns.js'
import { checkedField, heaviest } from './check.js'
import type { Field } from './field.js'
import { type FieldOptions, type FieldSource, parameterName } from './source.js'

/**
 * Fields in an Arrow file, one row a field, with the columns of the HDF5 layout as fixed-size lists; `names`
 * (comma-separated) in the metadata of theta and `box` (Mpc/h) in the metadata of the schema.
 */
export async function openArrowFields(path: string, options: FieldOptions = {}): Promise<FieldSource> {
  const file = openArrow(path)
  try {
    return describe(file, path, options)
  } catch (error) {
    file.close()
    throw error
  }
}

function describe(file: ArrowFile, path: string, options: FieldOptions): FieldSource {
  const info = (name: string) => file.columns.find(column => column.name === name)
  const points = info('positions')?.rowShape[0] ?? 0
  const theta = info('theta')
  const wanted: readonly [string, readonly number[]][] = [
    ['positions', [points, 3]],
    ['velocities', [points, 3]],
    ['log_mass', [points]],
    ['mask', [points]],
  ]
  for (const [name, shape] of wanted) {
    const got = info(name)?.rowShape
    if ((got === undefined && name === 'positions') || (got && got.join() !== shape.join())) {
      const found = got ? `[${got.join(', ')}]` : 'no such column'
      throw new DataError(
        `expected the column ${name} of fixed-size lists [points${shape.length === 2 ? ', 3' : ''}] in ${path}`,
        `got ${found}`,
        'see `stipple inspect`',
      )
    }
  }
  const names = (theta?.metadata.names ?? '')
    .split(',')
    .filter(name => name !== '')
    .map(parameterName)
  if (!theta || names.length !== theta.rowShape[0]) {
    throw new DataError(
      `expected a column theta with its names in the metadata of ${path}`,
      'got none',
      'see the galaxies layout',
    )
  }
  const lengths = (file.metadata.box ?? '')
    .split(',')
    .filter(text => text !== '')
    .map(Number)
  const box = lengths.length === 3 ? lengths : periodicBox(options.box ?? lengths[0])
  if (!box.every(length => length !== null && length > 0))
    throw new DataError(`expected box (Mpc/h) in the metadata of ${path}`, 'got none', 'write it')
  const columns = ['positions', 'velocities', 'log_mass', 'mask', 'theta'].filter(name => info(name))

  async function* read(from: number, to: number, signal?: AbortSignal): AsyncGenerator<Field> {
    for await (const batch of file.batches({ from, to, columns, signal })) {
      const cut = (name: string, row: number): Float32Array | undefined => {
        const column = batch.columns[name]
        const size = sizeOf(info(name)?.rowShape ?? [])
        return isNumeric(column) ? toFloat32(column).slice(row * size, (row + 1) * size) : undefined
      }
      const parameters = batch.columns.theta
      if (!isNumeric(parameters))
        throw new DataError(`expected numbers in theta of ${path}`, 'got another type', 'write it again')
      const values = toFloat64(parameters)
      for (let row = Math.max(0, from - batch.start); row < Math.min(batch.rows, to - batch.start); row++) {
        const mask = cut('mask', row)
        const kept = mask ? Array.from(mask.keys()).filter(i => mask[i] !== 0) : undefined
        const pick = (name: string, width: number): Float32Array | undefined => {
          const all = cut(name, row)
          if (!all || !kept || kept.length === points) return all
          return Float32Array.from(
            { length: kept.length * width },
            (_, i) => all[kept[Math.floor(i / width)] * width + (i % width)],
          )
        }
        const field = checkedField(`${path}, row ${batch.start + row}`, {
          positions: pick('positions', 3)!,
          velocities: pick('velocities', 3),
          logMass: pick('log_mass', 1),
          box,
          theta: Object.fromEntries(names.map((name, p) => [name, values[row * names.length + p]])),
        })
        yield heaviest(field, options.maxPoints)
      }
    }
  }
  const maxPoints = Math.min(points, options.maxPoints ?? points)
  const summary = {
    count: file.rows,
    maxPoints,
    names,
    box,
    velocities: !!info('velocities'),
    logMass: !!info('log_mass'),
  }
  return { path, format: 'arrow', summary, read, close: () => file.close() }
}
