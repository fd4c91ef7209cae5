import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { CloudBatch } from '../../../core/cloud.js'
import { DataError, messageOf } from '../../../core/errors.js'
import type { Field } from '../../../io/galaxies/field.js'
import type { Source } from '../../stream/demand.js'

/** Running mean and sum of squared deviations: Welford 1962, doi:10.1080/00401706.1962.10490022. */
export interface Moments {
  readonly count: number
  readonly mean: number
  readonly squares: number
}

export const noMoments: Moments = { count: 0, mean: 0, squares: 0 }

export function addValues(to: Moments, values: Iterable<number>): Moments {
  let { count, mean, squares } = to
  for (const value of values) {
    count++
    const before = value - mean
    mean += before / count
    squares += before * (value - mean)
  }
  return { count, mean, squares }
}

/** Mean and standard deviation of one quantity. */
export interface Scale {
  readonly mean: number
  readonly sd: number
}

/** How the inputs of a model were standardised; part of the run, stored as normalisation.json. */
export interface Normalisation {
  /** Fields it was measured on: the training split. */
  readonly fields: number
  /** By channel name; the components of a vector share one scale about zero mean, so that no axis is singled out. */
  readonly channels: Readonly<Record<string, Scale>>
  /** By parameter name. */
  readonly theta: Readonly<Record<string, Scale & { readonly min: number; readonly max: number }>>
  /** Points a field; absent in runs of version 0.1 */
  readonly points?: { readonly mean: number; readonly min: number; readonly max: number }
}

/**
 * Mean and deviation of theta, log mass and velocities over a stream of fields, in one pass and without holding them.
 * Give it the training split alone. A quantity that does not vary gets deviation 1, so that it becomes zero.
 *
 * @throws DataError where there is no field, or where fields name different parameters
 */
export async function measureNormalisation(
  fields: Source<{ readonly item: Field; readonly index: number }>,
  signal: AbortSignal,
): Promise<Normalisation> {
  let count = 0
  let velocity = noMoments
  let logMass = noMoments
  const points = { sum: 0, min: Number.POSITIVE_INFINITY, max: 0 }
  const theta = new Map<string, { moments: Moments; min: number; max: number }>()
  for await (const { item, index } of fields(signal)) {
    if (count > 0 && !sameNames(theta, item)) {
      throw new DataError(
        `expected every field to have theta ${[...theta.keys()].join(', ')}`,
        `got ${Object.keys(item.theta).join(', ') || 'none'} in field ${index}`,
        'train on files of one design',
      )
    }
    for (const [name, value] of Object.entries(item.theta)) {
      const before = theta.get(name) ?? { moments: noMoments, min: value, max: value }
      theta.set(name, {
        moments: addValues(before.moments, [value]),
        min: Math.min(before.min, value),
        max: Math.max(before.max, value),
      })
    }
    points.sum += item.points
    points.min = Math.min(points.min, item.points)
    points.max = Math.max(points.max, item.points)
    if (item.velocities) velocity = addValues(velocity, item.velocities)
    if (item.logMass) logMass = addValues(logMass, item.logMass)
    count++
  }
  if (count === 0)
    throw new DataError(
      'expected at least one training field',
      'got none',
      'give more data or a smaller validation share',
    )
  const channels: Record<string, Scale> = {}
  if (velocity.count > 0) {
    const aboutZero = Math.sqrt(velocity.squares / velocity.count + velocity.mean ** 2)
    for (const axis of ['x', 'y', 'z']) channels[`velocities_${axis}`] = { mean: 0, sd: aboutZero || 1 }
  }
  if (logMass.count > 0) channels.log_mass = scaleOf(logMass)
  const parameters = [...theta].map(
    ([name, { moments, min, max }]) => [name, { ...scaleOf(moments), min, max }] as const,
  )
  const { sum, min, max } = points
  return { fields: count, channels, theta: Object.fromEntries(parameters), points: { mean: sum / count, min, max } }
}

const scale = z.object({ mean: z.number(), sd: z.number().positive() })
const stored = z.object({
  fields: z.number().int().min(1),
  channels: z.record(z.string(), scale),
  theta: z.record(z.string(), scale.extend({ min: z.number(), max: z.number() })),
  points: z.object({ mean: z.number().positive(), min: z.number().positive(), max: z.number().positive() }).optional(),
})

/**
 * The normalisation of a run, from its normalisation.json.
 *
 * @throws DataError where the file is missing, cut short, or holds something else
 */
export async function readNormalisation(path: string): Promise<Normalisation> {
  const bad = (got: string, cause?: unknown) =>
    new DataError(`expected the normalisation of a run in ${path}`, `got ${got}`, 'train again with --force', { cause })
  let value: unknown
  try {
    value = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw bad(messageOf(error), error)
  }
  const parsed = stored.safeParse(value)
  if (parsed.success) return parsed.data
  const { path: at, message } = parsed.error.issues[0]
  throw bad(`${at.join('.')}: ${message}`)
}

function sameNames(theta: ReadonlyMap<string, unknown>, field: Field): boolean {
  const names = Object.keys(field.theta)
  return names.length === theta.size && names.every(name => theta.has(name))
}

function scaleOf({ count, mean, squares }: Moments): Scale {
  const sd = Math.sqrt(squares / count)
  return { mean, sd: sd > 1e-12 * Math.max(1, Math.abs(mean)) ? sd : 1 }
}

/** The batch with channels and theta standardised; positions stay. Padded points stay zero. */
export function normaliseBatch(batch: CloudBatch, scales: Normalisation): CloudBatch {
  return scaleBatch(batch, scales, (value, { mean, sd }) => (value - mean) / sd)
}

/** Undoes `normaliseBatch`. */
export function restoreBatch(batch: CloudBatch, scales: Normalisation): CloudBatch {
  return scaleBatch(batch, scales, (value, { mean, sd }) => value * sd + mean)
}

function scaleBatch(
  batch: CloudBatch,
  scales: Normalisation,
  change: (value: number, scale: Scale) => number,
): CloudBatch {
  const byChannel = batch.channels.map(channel => scaleNamed(scales.channels, channel.name))
  const byParameter = batch.names.map(name => scaleNamed(scales.theta, name))
  const width = byChannel.length
  return {
    ...batch,
    features: batch.features.map((value, i) =>
      batch.mask[Math.floor(i / width)] ? change(value, byChannel[i % width]) : 0,
    ),
    theta: batch.theta.map((value, i) => change(value, byParameter[i % byParameter.length])),
  }
}

function scaleNamed(scales: Readonly<Record<string, Scale>>, name: string): Scale {
  if (Object.hasOwn(scales, name)) return scales[name]
  throw new DataError(
    `expected one of ${Object.keys(scales).join(', ')}, which the run was trained with`,
    `got ${name}`,
    'use data like that of the training',
  )
}
