import fc from 'fast-check'
import t from 'tap'
import { makeKey } from '../../../../core/index.js'
import { toCloudBatch } from '../../../../pipelines/galaxies/batches/cloudBatch.js'
import {
  subsampleField,
  type TrainingBatch,
  type TrainingBatchOptions,
  trainingBatches,
} from '../../../../pipelines/galaxies/batches/fieldBatches.js'
import { measureNormalisation } from '../../../../pipelines/galaxies/batches/normalisation.js'
import { chunksOf, inOrder } from '../../../../pipelines/stream/index.js'
import { randomField, seeded } from '../../stream/support.js'

const fields = Array.from({ length: 9 }, (_, i) => randomField(10 + i, i))
const signal = new AbortController().signal

async function batchesFrom(options: TrainingBatchOptions, firstStep: number, count: number): Promise<TrainingBatch[]> {
  const out: TrainingBatch[] = []
  for await (const batch of trainingBatches(chunksOf(fields, 2), options, firstStep)(signal)) {
    out.push(batch)
    if (out.length === count) break
  }
  return out
}

t.test('law: a batch is a function of seed and step, whichever step the stream began at', async t => {
  const normalisation = await measureNormalisation(inOrder(chunksOf(fields)), signal)
  await fc.assert(
    fc.asyncProperty(fc.nat(100), fc.integer({ min: 1, max: 12 }), fc.nat(12), async (seed, batchSize, cut) => {
      const options: TrainingBatchOptions = {
        key: makeKey(seed),
        batchSize,
        sizes: [8, 16, 32],
        features: ['velocities', 'log_mass'],
        subsample: { points: 12, how: 'random' },
        bufferChunks: 2,
        normalisation,
      }
      const whole = await batchesFrom(options, 0, cut + 3)
      const tail = await batchesFrom(options, cut, 3)
      return JSON.stringify(whole.slice(cut)) === JSON.stringify(tail)
    }),
    seeded(t, 40),
  )
})

t.test('a batch is full also where there are fewer fields, and a field looks different each time', async t => {
  const [{ batch, rows }] = await batchesFrom({ key: makeKey(1), batchSize: 20, sizes: [32] }, 0, 1)
  t.equal(batch.batch, 20)
  const twice = rows.flatMap((row, i) => (row.index === 0 ? [i] : []))
  t.equal(twice.length, 2)
  const [a, b] = twice.map(row => batch.positions.slice(row * 32 * 3, row * 32 * 3 + 30))
  t.notSame(a, b)
})

t.test('a source can be asked again', async t => {
  const source = trainingBatches(chunksOf(fields), { key: makeKey(1), batchSize: 2, sizes: [32] }, 5)
  for (let again = 0; again < 2; again++) {
    for await (const { step } of source(signal)) {
      t.equal(step, 5)
      break
    }
  }
})

t.test('padding: the smallest size that fits, zeros and mask 0 beyond the points', t => {
  const batch = toCloudBatch(fields.slice(0, 3), {
    sizes: [8, 16, 32],
    features: ['log_mass'],
    names: ['sigma_8', 'omega_m'],
  })
  t.equal(batch.points, 16)
  t.same(batch.channels, [{ name: 'log_mass', unit: 'log10 Msun/h' }])
  fields.slice(0, 3).forEach((field, row) => {
    const points = batch.positions.subarray(row * 48, row * 48 + 48)
    t.same(points.subarray(0, field.points * 3), field.positions)
    t.ok(points.subarray(field.points * 3).every(x => x === 0))
    const mask = batch.mask.subarray(row * 16, row * 16 + 16)
    t.equal(
      mask.reduce((a, b) => a + b, 0),
      field.points,
    )
    t.equal(mask[field.points - 1], 1)
    t.same(batch.features.subarray(row * 16, row * 16 + field.points), field.logMass)
    t.same(batch.theta.subarray(row * 2, row * 2 + 2), Float32Array.of(field.theta.sigma_8, field.theta.omega_m))
  })
  t.end()
})

t.test('too many points, another box, a missing quantity or parameter, no field: errors that say so', t => {
  t.throws(() => toCloudBatch(fields, { sizes: [8, 16] }), /at most 16 points a field; got 18/)
  t.throws(
    () => toCloudBatch([fields[0], randomField(10, 1, [50, 50, 50])], { sizes: [32] }),
    /100 x 100 x 100; got 50 x 50 x 50/,
  )
  t.throws(
    () => toCloudBatch([{ ...fields[0], logMass: undefined }], { sizes: [32], features: ['log_mass'] }),
    /log_mass/,
  )
  t.throws(() => toCloudBatch(fields, { sizes: [32], names: ['h'] }), /expected theta to hold h/)
  t.throws(() => toCloudBatch([], { sizes: [32] }), /at least one field/)
  t.end()
})

t.test('subsampling: distinct points in their order; heaviest are the first; few points stay', t => {
  const field = randomField(100)
  for (let seed = 0; seed < 10; seed++) {
    const { points, logMass, positions, velocities } = subsampleField(field, 30, 'random', makeKey(seed))
    const masses = Array.from(logMass ?? [])
    const at = masses.map(mass => field.logMass?.indexOf(mass) ?? -1)
    t.equal(points, 30)
    t.ok(at.every((index, i) => index >= 0 && (i === 0 || index > at[i - 1])))
    t.same(positions.subarray(0, 3), field.positions.subarray(3 * at[0], 3 * at[0] + 3))
    t.same(velocities?.subarray(0, 3), field.velocities?.subarray(3 * at[0], 3 * at[0] + 3))
  }
  t.same(subsampleField(field, 5, 'heaviest', makeKey(0)).positions, field.positions.slice(0, 15))
  t.equal(subsampleField(field, 100, 'random', makeKey(0)), field)
  t.end()
})
