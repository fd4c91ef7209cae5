import fc from 'fast-check'
import t from 'tap'
import { DataError, makeKey } from '../../../../core/index.js'
import type { Field } from '../../../../io/galaxies/field.js'
import { toCloudBatch } from '../../../../pipelines/galaxies/batches/cloudBatch.js'
import {
  addValues,
  measureNormalisation,
  noMoments,
  normaliseBatch,
  restoreBatch,
} from '../../../../pipelines/galaxies/batches/normalisation.js'
import { chunksOf, inOrder, splitBySimulation } from '../../../../pipelines/stream/index.js'
import { randomField, seeded } from '../../stream/support.js'

const signal = new AbortController().signal
const fields = Array.from({ length: 12 }, (_, i) => randomField(20 + i, i))

t.test('law: the moments in one pass are those of the definition, also far from zero', async t => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 50 }),
      fc.constantFrom(0, 1e6),
      (values, offset) => {
        const moved = values.map(value => value + offset)
        const { count, mean, squares } = addValues(addValues(noMoments, moved.slice(0, 7)), moved.slice(7))
        const direct = moved.reduce((a, b) => a + b, 0) / moved.length
        const deviation = moved.reduce((sum, value) => sum + (value - direct) ** 2, 0)
        return (
          count === moved.length &&
          Math.abs(mean - direct) < 1e-9 * (1 + offset) &&
          Math.abs(squares - deviation) < 1e-8 * (1 + offset)
        )
      },
    ),
    seeded(t, 200),
  )
})

t.test('the statistics come from the training split alone', async t => {
  const { training, validation } = splitBySimulation(makeKey(1), fields.length, 0.25)
  const measure = (data: readonly Field[]) => measureNormalisation(inOrder(chunksOf(data, 5), training), signal)
  const plain = await measure(fields)
  const spoilt = fields.map((field, i) =>
    validation.includes(i)
      ? { ...field, theta: { omega_m: 99, sigma_8: 99 }, logMass: field.logMass?.map(() => 99) }
      : field,
  )
  t.same(await measure(spoilt), plain, 'whatever the validation fields hold')
  t.equal(plain.fields, training.length)
  const omegas = Array.from(training, i => fields[i].theta.omega_m)
  t.equal(plain.theta.omega_m.min, Math.min(...omegas))
  t.equal(plain.theta.omega_m.max, Math.max(...omegas))
})

t.test('a normalised batch has mean 0 and deviation 1; restoring gives it back', async t => {
  const scales = await measureNormalisation(inOrder(chunksOf(fields)), signal)
  const batch = toCloudBatch(fields, { sizes: [32], features: ['velocities', 'log_mass'] })
  const normal = normaliseBatch(batch, scales)
  const real = (channel: number) =>
    Array.from(normal.mask).flatMap((m, i) => (m ? [normal.features[i * 4 + channel]] : []))
  const mass = addValues(noMoments, real(3))
  t.ok(Math.abs(mass.mean) < 1e-5 && Math.abs(mass.squares / mass.count - 1) < 1e-5)
  const speeds = addValues(noMoments, [...real(0), ...real(1), ...real(2)])
  t.ok(Math.abs(speeds.squares / speeds.count + speeds.mean ** 2 - 1) < 1e-5)
  t.ok(
    normal.features.every((value, i) => normal.mask[Math.floor(i / 4)] === 1 || value === 0),
    'padding stays zero',
  )
  const back = restoreBatch(normal, scales)
  t.ok(back.features.every((value, i) => Math.abs(value - batch.features[i]) < 1e-3))
  t.ok(back.theta.every((value, i) => Math.abs(value - batch.theta[i]) < 1e-6))
})

t.test('a parameter that does not vary becomes zero, not NaN', async t => {
  const scales = await measureNormalisation(inOrder(chunksOf(fields)), signal)
  t.equal(scales.theta.sigma_8.sd, 1)
  const { theta } = normaliseBatch(toCloudBatch(fields.slice(0, 1), { sizes: [32] }), scales)
  t.ok(Math.abs(theta[1]) < 1e-6)
})

t.test('no field, fields of different parameters, a channel that was not trained with: errors that say so', async t => {
  await t.rejects(measureNormalisation(inOrder(chunksOf<Field>([])), signal), DataError)
  const other = [fields[0], { ...fields[1], theta: { omega_m: 0.3 } }]
  await t.rejects(measureNormalisation(inOrder(chunksOf(other)), signal), /field 1/)
  const scales = await measureNormalisation(inOrder(chunksOf([{ ...fields[0], logMass: undefined }])), signal)
  t.throws(() => normaliseBatch(toCloudBatch(fields, { sizes: [32], features: ['log_mass'] }), scales), /log_mass/)
})

t.test('law: the split is a partition, by simulation, the same for the same key', async t => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.double({ min: 0, max: 0.9, noNaN: true }),
      fc.integer({ min: 1, max: 4 }),
      (count, fraction, per) => {
        const simulations = Array.from({ length: count }, (_, i) => Math.floor(i / per))
        const split = splitBySimulation(makeKey(3), count, fraction, simulations)
        const again = splitBySimulation(makeKey(3), count, fraction, simulations)
        const sides = new Map<number, Set<string>>()
        for (const [side, members] of Object.entries(split)) {
          for (const field of members)
            sides.set(simulations[field], (sides.get(simulations[field]) ?? new Set()).add(side))
        }
        return (
          split.training.length + split.validation.length === count &&
          split.training.length > 0 &&
          [...sides.values()].every(of => of.size === 1) &&
          split.training.join() === again.training.join()
        )
      },
    ),
    seeded(t, 200),
  )
  t.throws(() => splitBySimulation(makeKey(3), 10, 1), /validation share/)
})
