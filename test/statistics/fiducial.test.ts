import { existsSync } from 'node:fs'
import t from 'tap'
import type { Field } from '../../io/galaxies/field.js'
import { fields as kind } from '../../io/galaxies/fields.js'
import { readObjects } from '../../io/objects/index.js'
import { correlationWithError, overFields, pairwiseVelocity, redshiftMultipoles } from '../../statistics/index.js'

const path = '../shared/data/cosmology/halos/fiducial.h5'

t.test(
  'sixteen simulated fields at the fiducial cosmology',
  { skip: existsSync(path) ? false : 'no ../shared/data beside the checkout' },
  async t => {
    const fields: Field[] = []
    for await (const field of readObjects(kind, path)) fields.push(field)
    t.equal(fields.length, 16)
    const estimates = fields.map(field => correlationWithError(field.positions, field.box))
    const { mean, scatter } = overFields(estimates.map(estimate => estimate.value))

    await t.test('have the correlation function that was measured of them in NumPy', async t => {
      // Measured in NumPy, from 8-12 to 90-110 Mpc/h and rounded there
      const measured = [6.0, 2.25, 1.04, 0.47, 0.175, 0.048, 0.022, 0.017]
      const rounding = [0.05, 0.005, 0.005, 0.005, 0.0005, 0.0005, 0.0005, 0.0005]
      for (const [at, value] of measured.entries())
        t.ok(Math.abs(mean[at + 2] - value) <= rounding[at], `${mean[at + 2].toFixed(4)}, measured ${value}`)
    })

    await t.test('scatter as the jackknife of one of them says', async t => {
      const jackknife = overFields(estimates.map(estimate => estimate.error)).mean
      const logRatios = jackknife.map((error, bin) => Math.log(error / scatter[bin]))
      const typical = Math.exp(logRatios.reduce((sum, x) => sum + x, 0) / logRatios.length)
      t.ok(Math.abs(typical - 1) < 0.15, `jackknife over scatter ${typical.toFixed(3)} over all bins`)
      // sixteen fields know their scatter to 18%
      for (const [bin, x] of logRatios.entries())
        t.ok(Math.abs(x) < Math.log(1.6), `bin ${bin}: ${Math.exp(x).toFixed(2)}`)
    })

    await t.test('fall together, and look squashed along the line of sight', async t => {
      const few = fields.slice(0, 4)
      const v12 = overFields(
        few.map(field => pairwiseVelocity(field.positions, field.velocities ?? new Float32Array(), field.box)),
      )
      const { mean: quadrupole } = overFields(few.map(field => redshiftMultipoles(field).quadrupole))
      for (let bin = 1; bin < 10; bin++) {
        t.ok(v12.mean[bin] < -4 * v12.standardError[bin], `v12 ${v12.mean[bin].toFixed(0)} km/s`)
        t.ok(quadrupole[bin] < 0, `xi_2 ${quadrupole[bin].toFixed(3)}`)
      }
    })
  },
)
