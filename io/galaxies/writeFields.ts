import { DataError } from '../../core/index.js'
import { type AttributeInput, createHdf5, type Hdf5Appender, type Hdf5Writer } from '../hdf5/index.js'
import { rootAttributes } from '../rootAttributes.js'
import type { Field } from './field.js'

export interface WriteFieldsOptions {
  readonly seed: number
  /** Padded size of a field; a larger one is an error. Default: the first field's */
  readonly points?: number
  /** Default `galaxies` */
  readonly subject?: string
  /** Replace an existing file */
  readonly force?: boolean
  readonly attributes?: Readonly<Record<string, AttributeInput>>
}

/** Takes fields one by one; the file appears at `path` with `close`. */
export interface FieldsWriter {
  readonly count: number
  append(field: Field): void
  close(): void
  /** Leaves nothing behind; harmless after `close` */
  discard(): void
}

/**
 * Writes fields in the galaxies layout, one row a field, padded and masked; gzip, one chunk a field. Velocities and
 * masses are written where the first field has them. Memory: one field.
 * @throws UsageError where the file exists; WorkError where the disk is full
 */
export async function createFields(path: string, options: WriteFieldsOptions): Promise<FieldsWriter> {
  const attributes = { ...rootAttributes(options.subject ?? 'galaxies', options.seed), ...options.attributes }
  const writer = await createHdf5(path, { attributes, force: options.force })
  return new OpenFields(path, writer, options.points)
}

/** Writes all of a (possibly asynchronous) sequence; returns how many there were. */
export async function writeFields(
  path: string,
  fields: Iterable<Field> | AsyncIterable<Field>,
  options: WriteFieldsOptions,
): Promise<number> {
  const writer = await createFields(path, options)
  try {
    for await (const field of fields) writer.append(field)
    writer.close()
    return writer.count
  } finally {
    writer.discard()
  }
}

interface Columns {
  readonly points: number
  readonly names: readonly string[]
  readonly box: readonly (number | null)[]
  readonly positions: Hdf5Appender
  readonly velocities?: Hdf5Appender
  readonly logMass?: Hdf5Appender
  readonly mask: Hdf5Appender
  readonly theta: Hdf5Appender
}

class OpenFields implements FieldsWriter {
  count = 0
  private columns: Columns | undefined

  constructor(
    private readonly path: string,
    private readonly writer: Hdf5Writer,
    private readonly points?: number,
  ) {}

  append(field: Field): void {
    this.columns ??= this.begin(field)
    const { points, names, box, positions, velocities, logMass, mask, theta } = this.columns
    const where = `field ${this.count} for ${this.path}`
    if (field.points > points)
      throw new DataError(`expected at most ${points} points in ${where}`, `got ${field.points}`, 'widen the file')
    if (names.some(name => field.theta[name] === undefined) || box.some((length, axis) => length !== field.box[axis])) {
      throw new DataError(
        `expected theta ${names.join(' ')} and box ${box.join(' ')} in ${where}`,
        'got others',
        'write one file a design',
      )
    }
    if ((velocities && !field.velocities) || (logMass && !field.logMass)) {
      throw new DataError(
        `expected velocities and masses as in the first field in ${where}`,
        'got none',
        'leave them out everywhere',
      )
    }
    positions.append(padded(field.positions, points * 3))
    if (velocities && field.velocities) velocities.append(padded(field.velocities, points * 3))
    if (logMass && field.logMass) logMass.append(padded(field.logMass, points))
    mask.append(new Uint8Array(points).fill(1, 0, field.points))
    theta.append(Float64Array.from(names, name => field.theta[name]))
    this.count++
  }

  close(): void {
    if (!this.columns)
      throw new DataError(`expected at least one field for ${this.path}`, 'got none', 'check the input')
    this.writer.close()
  }

  discard(): void {
    this.writer.discard()
  }

  private begin(field: Field): Columns {
    const { writer } = this
    const points = this.points ?? field.points
    const names = Object.keys(field.theta)
    const lengths = field.box.map(length => length ?? Number.NaN)
    if (names.length === 0 || lengths.length !== 3 || !lengths.every(length => length > 0)) {
      const got = `theta {${names.join(' ')}} and box [${field.box.join(' ')}]`
      throw new DataError(
        `expected theta and a periodic box in the first field for ${this.path}`,
        `got ${got}`,
        'give both',
      )
    }
    writer.attributes('/', { box: lengths.every(length => length === lengths[0]) ? lengths[0] : lengths })
    const one = { chunkRows: 1 }
    return {
      points,
      names,
      box: field.box,
      positions: writer.appendable('positions', 'f4', [points, 3], { units: 'Mpc/h', ...one }),
      velocities: field.velocities && writer.appendable('velocities', 'f4', [points, 3], { units: 'km/s', ...one }),
      logMass: field.logMass && writer.appendable('log_mass', 'f4', [points], { units: 'log10 Msun/h', ...one }),
      mask: writer.appendable('mask', 'u1', [points], { units: '', ...one }),
      theta: writer.appendable('theta', 'f8', [names.length], { units: '', attributes: { names }, chunkRows: 256 }),
    }
  }
}

function padded(values: Float32Array, length: number): Float32Array {
  if (values.length === length) return values
  const out = new Float32Array(length)
  out.set(values)
  return out
}
