import type { Key } from '../../core/index.js'
import type { Trainer } from '../../engine/index.js'
import type { Field } from '../../io/galaxies/field.js'
import { toCloudBatch } from './batches/cloudBatch.js'
import type { ExampleBatch, ExampleMaker } from './examples.js'
import type { Gain } from './model.js'

/** How much of the added noise's variance is explained at a level, on fields that were not trained on. */
export interface LevelShare {
  /** Mpc/h */
  readonly sigma: number
  /** by the pair score alone; 0 without one */
  readonly pairs: number
  /** by pair score and network, the network at full strength */
  readonly network: number
  /** with the network at its gain */
  readonly total: number
  readonly gain: number
}

export interface ValidationOptions {
  readonly fields: readonly Field[]
  readonly levels: readonly number[]
  readonly points: number
  readonly names: readonly string[]
  readonly key: Key
  readonly maker: ExampleMaker
  /** absent where the pair score stands alone */
  readonly trainer?: Trainer
  readonly signal: AbortSignal
}

/**
 * Explained share by noise level on held-out fields, with fixed noise, so that two calls can be compared. A level's
 * gain is the multiple of the network's output, between 0 and 1, that leaves least of the noise: a network that has
 * learned nothing at a level, or only its own training fields, is turned off there.
 */
export async function validate(options: ValidationOptions): Promise<LevelShare[]> {
  const shares: LevelShare[] = []
  for (const [level, sigma] of options.levels.entries()) {
    const sums = { variance: 0, left: 0, overlap: 0, power: 0 }
    for (const [i, field] of options.fields.entries()) {
      const example = await exampleAt(options, field, sigma, options.key.split(level).split(i))
      addPairs(sums, example)
      if (options.trainer) await addNetwork(sums, options.trainer, example)
    }
    const { variance, left, overlap, power } = sums
    const gain = power > 0 ? Math.min(1, Math.max(0, overlap / power)) : 0
    const share = (rest: number) => 1 - rest / variance
    shares.push({
      sigma,
      pairs: share(left),
      network: share(left - 2 * overlap + power),
      total: share(left - 2 * gain * overlap + gain * gain * power),
      gain,
    })
  }
  return shares
}

export function gainsOf(shares: readonly LevelShare[]): Gain[] {
  return shares.map(({ sigma, gain }) => ({ sigma, gain }))
}

async function exampleAt(options: ValidationOptions, field: Field, sigma: number, key: Key): Promise<ExampleBatch> {
  const batch = toCloudBatch([field], { sizes: [options.points], names: options.names })
  return options.maker.make({ step: 0, batch, key, rows: [{ index: 0, epoch: 0 }] }, options.signal, [sigma])
}

interface Sums {
  variance: number
  left: number
  overlap: number
  power: number
}

/** |noise|^2 and what the pair score leaves of it; padding is zero in both. */
function addPairs(sums: Sums, { tensors }: ExampleBatch): void {
  const noise = tensors.noise.values
  const pairs = tensors.pairNoise?.values
  for (let i = 0; i < noise.length; i++) {
    sums.variance += noise[i] ** 2
    sums.left += (noise[i] - (pairs ? pairs[i] : 0)) ** 2
  }
}

async function addNetwork(sums: Sums, trainer: Trainer, { tensors }: ExampleBatch): Promise<void> {
  // Feeds serve gradients alone; without them every cloud has the same shapes and one compiled program.
  const { feeds: _, ...batch } = tensors
  const measured = await trainer.measure(batch)
  sums.overlap += measured.overlap.values[0]
  sums.power += measured.power.values[0]
}
