import { DataError } from '../../core/index.js'
import { type AttributeInput, createHdf5, type Hdf5Appender, type Hdf5Writer } from '../hdf5/index.js'
import { rootAttributes } from '../rootAttributes.js'
import type { Dwarf } from './dwarf.js'

export interface WriteDwarfsOptions {
  readonly seed: number
  /** Replace an existing file */
  readonly force?: boolean
  /** More on the root, beside version, subject, seed and time */
  readonly attributes?: Readonly<Record<string, AttributeInput>>
}

/** Takes galaxies one by one; the file appears at `path` with `close`. */
export interface DwarfsWriter {
  readonly count: number
  append(dwarf: Dwarf): void
  /** @param attributes  of the root, known only now */
  close(attributes?: Readonly<Record<string, AttributeInput>>): void
  /** Leaves nothing behind; harmless after `close` */
  discard(): void
}

/** Rows of a chunk of theta and offsets. */
const galaxiesPerChunk = 1024

/**
 * Writes galaxies in the ragged layout of COMMANDS.md: the stars of all one after the other, where each begins in
 * `offsets` `[n + 1]`. Membership and theta are written where the first galaxy has them. Memory: a chunk.
 *
 * @throws UsageError where the file exists; WorkError where the disk is full
 */
export async function createDwarfs(path: string, options: WriteDwarfsOptions): Promise<DwarfsWriter> {
  const attributes = { ...rootAttributes('dwarfs', options.seed), ...options.attributes }
  return new OpenDwarfs(path, await createHdf5(path, { attributes, force: options.force }))
}

interface Columns {
  readonly names: readonly string[]
  readonly positions: Hdf5Appender
  readonly velocities: Hdf5Appender
  readonly errors: Hdf5Appender
  readonly membership?: Hdf5Appender
  readonly offsets: Hdf5Appender
  readonly theta?: Hdf5Appender
}

class OpenDwarfs implements DwarfsWriter {
  count = 0
  private stars = 0
  private columns: Columns | undefined

  constructor(
    private readonly path: string,
    private readonly writer: Hdf5Writer,
  ) {}

  append(dwarf: Dwarf): void {
    this.columns ??= this.begin(dwarf)
    const { names, positions, velocities, errors, membership, offsets, theta } = this.columns
    const { stars } = dwarf
    const lengths = [dwarf.positions.length / 2, dwarf.velocities.length, dwarf.velocityErrors.length]
    if (dwarf.membership) lengths.push(dwarf.membership.length)
    const where = `galaxy ${this.count} for ${this.path}`
    if (lengths.some(length => length !== stars)) {
      throw new DataError(
        `expected ${stars} rows in every column of ${where}`,
        `got ${lengths.join(', ')}`,
        'correct it',
      )
    }
    if ((membership === undefined) !== (dwarf.membership === undefined)) {
      throw new DataError(
        `expected ${membership ? 'a' : 'no'} membership, as in the first, in ${where}`,
        `got ${membership ? 'none' : 'one'}`,
        'give it to all or none',
      )
    }
    const missing = names.find(name => dwarf.theta[name] === undefined)
    if (missing !== undefined) {
      throw new DataError(
        `expected theta ${names.join(' ')} in ${where}`,
        `got no ${missing}`,
        'write one file a model',
      )
    }
    positions.append(dwarf.positions)
    velocities.append(dwarf.velocities)
    errors.append(dwarf.velocityErrors)
    if (membership && dwarf.membership) membership.append(dwarf.membership)
    theta?.append(Float64Array.from(names, name => dwarf.theta[name]))
    this.stars += stars
    offsets.append(BigInt64Array.of(BigInt(this.stars)))
    this.count++
  }

  close(attributes: Readonly<Record<string, AttributeInput>> = {}): void {
    if (!this.columns)
      throw new DataError(`expected at least one galaxy for ${this.path}`, 'got none', 'check the input')
    this.writer.attributes('/', attributes)
    this.writer.close()
  }

  discard(): void {
    this.writer.discard()
  }

  private begin(first: Dwarf): Columns {
    const { writer } = this
    const names = Object.keys(first.theta)
    const columns = {
      names,
      positions: writer.appendable('positions', 'f4', [2], { units: 'kpc' }),
      velocities: writer.appendable('velocities', 'f4', [], { units: 'km/s' }),
      errors: writer.appendable('velocity_errors', 'f4', [], { units: 'km/s' }),
      membership: first.membership && writer.appendable('membership', 'f4', [], { units: '' }),
      offsets: writer.appendable('offsets', 'i8', [], { units: '', chunkRows: galaxiesPerChunk }),
      theta:
        names.length > 0
          ? writer.appendable('theta', 'f8', [names.length], {
              units: '',
              attributes: { names },
              chunkRows: galaxiesPerChunk,
            })
          : undefined,
    }
    columns.offsets.append(BigInt64Array.of(0n))
    return columns
  }
}
