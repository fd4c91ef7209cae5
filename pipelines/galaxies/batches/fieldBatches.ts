import type { CloudBatch } from '../../../core/cloud.js'
import { type Key, permutation } from '../../../core/key.js'
import { heaviest, takePoints } from '../../../io/galaxies/check.js'
import type { Field } from '../../../io/galaxies/field.js'
import type { Source } from '../../stream/demand.js'
import { type ChunkedSource, type Drawn, positionAt, type ShuffleOptions, shuffled } from '../../stream/shuffle.js'
import { type Augmentation, augmentField } from './augmentField.js'
import { type BatchOptions, inGroups, toCloudBatch } from './cloudBatch.js'
import { type Normalisation, normaliseBatch } from './normalisation.js'

export interface TrainingBatchOptions extends BatchOptions, ShuffleOptions {
  readonly batchSize: number
  readonly augmentation?: Augmentation | false
  /** Points a field is thinned to; absent leaves it whole. */
  readonly subsample?: { readonly points: number; readonly how: 'heaviest' | 'random' }
  readonly normalisation?: Normalisation
}

export interface TrainingBatch {
  /** The step that this batch is for, from 0. */
  readonly step: number
  readonly batch: CloudBatch
  /** For draws of this step: noise, times. It belongs to (seed, step). */
  readonly key: Key
  /** Index of the field of each row, and its epoch. */
  readonly rows: readonly { readonly index: number; readonly epoch: number }[]
}

/**
 * Batches of training fields from step `firstStep` on, without end: shuffled, thinned, augmented, padded, normalised.
 * Step s takes items `s * batchSize …` of the stream of epochs, which runs on from one epoch into the next, so that a
 * batch is full also where there are fewer fields than that. A batch depends on (key, step) alone: beginning at step s
 * gives what a run from the start gives there, byte for byte.
 */
export function trainingBatches(
  source: ChunkedSource<Field>,
  options: TrainingBatchOptions,
  firstStep = 0,
): Source<TrainingBatch> {
  const length = options.indices?.length ?? source.count
  const from = positionAt(firstStep * options.batchSize, Math.max(1, length))
  const groups = inGroups(shuffled(source, options, from), options.batchSize)
  return async function* (signal) {
    let step = firstStep
    for await (const group of groups(signal)) {
      const raw = toCloudBatch(
        group.map(drawn => prepare(drawn, options)),
        options,
      )
      const batch = options.normalisation ? normaliseBatch(raw, options.normalisation) : raw
      const rows = group.map(({ index, epoch }) => ({ index, epoch }))
      yield { step, batch, key: options.key.split('step').split(step), rows }
      step++
    }
  }
}

function prepare({ item, key }: Drawn<Field>, { subsample, augmentation }: TrainingBatchOptions): Field {
  const thinned = subsample ? subsampleField(item, subsample.points, subsample.how, key) : item
  return augmentation === false ? thinned : augmentField(thinned, key.split('augment'), augmentation)
}

/**
 * At most `points` points of a field, in the order in which they stood (heaviest first).
 * `heaviest` takes the first; `random` takes each with equal chance, which thins the field and keeps its correlation
 * function. A field with no more than `points` comes back as it is.
 */
export function subsampleField(field: Field, points: number, how: 'heaviest' | 'random', key: Key): Field {
  if (field.points <= points) return field
  if (how === 'heaviest') return heaviest(field, points)
  return takePoints(field, Array.from(permutation(key.split('subsample'), field.points).slice(0, points).sort()))
}
