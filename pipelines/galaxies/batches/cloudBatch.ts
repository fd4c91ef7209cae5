import type { Channel, CloudBatch } from '../../../core/cloud.js'
import { DataError, UsageError } from '../../../core/errors.js'
import type { Field } from '../../../io/galaxies/field.js'
import type { Source } from '../../stream/demand.js'

export interface BatchOptions {
  /** Points a cloud is padded to, the smallest that fits; few, because each costs a compiled step. Ascending. */
  readonly sizes: readonly number[]
  /** Which of the field's quantities become channels; default none. */
  readonly features?: readonly ('velocities' | 'log_mass')[]
  /** Parameters in the order of `theta`; default those of the first field. */
  readonly names?: readonly string[]
}

/**
 * Fields as one batch, padded with zeros and masked.
 *
 * @returns positions `[batch, points, dim]` Mpc/h, features `[batch, points, channels]` (velocities km/s, log10
 *   Msun/h), mask `[batch, points]`, theta `[batch, names]`
 * @throws UsageError where a field has more points than the largest size
 * @throws DataError where a field lacks a quantity or a parameter, or its box is not that of the others
 */
export function toCloudBatch(fields: readonly Field[], options: BatchOptions): CloudBatch {
  if (fields.length === 0) throw new DataError('expected at least one field in a batch', 'got none', 'give more data')
  const { box } = fields[0]
  const dim = box.length
  const most = Math.max(...fields.map(field => field.points))
  const points = options.sizes.find(size => size >= most)
  if (points === undefined) {
    throw new UsageError(
      `expected at most ${Math.max(...options.sizes)} points a field`,
      `got ${most}`,
      'raise the padded sizes or subsample',
    )
  }
  const names = options.names ?? Object.keys(fields[0].theta)
  const features = options.features ?? []
  const channels = features.flatMap(feature => channelsOf(feature, dim))
  const batch: CloudBatch = {
    batch: fields.length,
    points,
    dim,
    positions: new Float32Array(fields.length * points * dim),
    features: new Float32Array(fields.length * points * channels.length),
    channels,
    mask: new Uint8Array(fields.length * points),
    theta: new Float32Array(fields.length * names.length),
    names,
    box,
    unit: 'Mpc/h',
  }
  fields.forEach((field, row) => {
    if (field.box.length !== dim || field.box.some((length, axis) => length !== box[axis])) {
      throw new DataError(
        `expected every field in a box of ${box.join(' x ')}`,
        `got ${field.box.join(' x ')}`,
        'train on files of one box',
      )
    }
    batch.positions.set(field.positions, row * points * dim)
    batch.mask.fill(1, row * points, row * points + field.points)
    names.forEach((name, i) => {
      batch.theta[row * names.length + i] = parameterOf(field, name)
    })
    let channel = 0
    for (const feature of features) {
      const width = feature === 'velocities' ? dim : 1
      copyColumns(
        valuesOf(field, feature),
        width,
        batch.features,
        row * points * channels.length + channel,
        channels.length,
      )
      channel += width
    }
  })
  return batch
}

/** Items in groups of `size`; what is left at the end makes a smaller group. */
export function inGroups<T>(source: Source<T>, size: number): Source<readonly T[]> {
  return async function* (signal) {
    let group: T[] = []
    for await (const item of source(signal)) {
      group.push(item)
      if (group.length < size) continue
      yield group
      group = []
    }
    if (group.length > 0) yield group
  }
}

function channelsOf(feature: 'velocities' | 'log_mass', dim: number): Channel[] {
  if (feature === 'log_mass') return [{ name: 'log_mass', unit: 'log10 Msun/h' }]
  return ['x', 'y', 'z'].slice(0, dim).map(axis => ({ name: `velocities_${axis}`, unit: 'km/s' }))
}

function valuesOf(field: Field, feature: 'velocities' | 'log_mass'): Float32Array {
  const values = feature === 'velocities' ? field.velocities : field.logMass
  if (values) return values
  throw new DataError(
    `expected ${feature} in every field`,
    'got a field without',
    'use files that hold them, or train without this feature',
  )
}

function parameterOf(field: Field, name: string): number {
  if (Object.hasOwn(field.theta, name)) return field.theta[name]
  throw new DataError(
    `expected theta to hold ${name}`,
    `got ${Object.keys(field.theta).join(', ') || 'none'}`,
    'use files that hold it',
  )
}

function copyColumns(from: Float32Array, width: number, to: Float32Array, offset: number, stride: number): void {
  for (let i = 0, at = offset; i < from.length; i += width, at += stride) {
    for (let c = 0; c < width; c++) to[at + c] = from[i + c]
  }
}
