import t from 'tap'
import {
  expansion,
  growthFactor,
  growthRate,
  linearPower,
  meanMatterDensity,
  sigmaOfMass,
  topHat,
  varianceInSpheres,
} from '../../../simulators/index.js'
import { cosmologyOfCcl, skip, tableOfCcl } from './ccl.js'

const ccl = cosmologyOfCcl(2.725)

t.test('Eisenstein-Hu P(k) is that of CCL', { skip }, async t => {
  const power = linearPower(ccl)
  const rows = tableOfCcl('model1_pk_eh')
  t.ok(rows.length > 20)
  for (const [k, expected] of rows)
    t.ok(Math.abs(power(k) / expected - 1) < 2e-3, `k ${k}: ${power(k)} against ${expected}`)
})

t.test('growth is that of CCL', { skip }, async t => {
  for (const [z, expected] of [...tableOfCcl('growth_model1-5'), ...tableOfCcl('growth_hiz_model1-3')]) {
    t.ok(Math.abs(growthFactor(ccl, 1 / (1 + z)) / expected - 1) < 1e-4, `z ${z}`)
  }
})

t.test('sigma(M) of a tabulated spectrum is that of CCL', { skip }, async t => {
  // Both tables are of the same BBKS model; ours interpolates P(k) in log-log and ends at the table's last k, so 1%.
  const rows = tableOfCcl('model1_pk')
  const power = (k: number) => {
    const at = Math.min(Math.max((Math.log10(k) + 3) / 0.1, 0), rows.length - 1.001)
    const i = Math.floor(at)
    return Math.exp(Math.log(rows[i][1]) * (1 - at + i) + Math.log(rows[i + 1][1]) * (at - i))
  }
  for (const [mass, expected] of tableOfCcl('model1_sm').filter(row => row[0] >= 1e12 && row[0] <= 1e14)) {
    const ours = sigmaOfMass(power, mass, meanMatterDensity(ccl), [rows[0][0], rows[rows.length - 1][0]])
    t.ok(Math.abs(ours / expected - 1) < 0.01, `M ${mass}: ${ours} against ${expected}`)
  }
})

t.test('laws', async t => {
  t.ok(Math.abs(Math.sqrt(varianceInSpheres(linearPower(ccl), 8)) - 0.8) < 1e-9, 'sigma_8 is what was asked')
  t.ok(Math.abs(growthFactor({ omegaM: 1 }, 0.37) - 0.37) < 1e-6, 'Einstein-de Sitter: D = a')
  t.ok(Math.abs(growthRate({ omegaM: 1 }, 0.6) - 1) < 1e-5, 'and f = 1')
  const difference =
    (Math.log(growthFactor(ccl, 1.001)) - Math.log(growthFactor(ccl, 0.999))) / (Math.log(1.001) - Math.log(0.999))
  t.ok(Math.abs(growthRate(ccl, 1) - difference) < 1e-5, 'f is dlnD/dlna')
  t.ok(Math.abs(growthRate(ccl, 1) - 0.3 ** 0.55) < 0.005, 'and near omega_m^0.55 (Linder 2005)')
  t.ok(Math.abs(topHat(0.0499999) - topHat(0.0500001)) < 1e-8, 'the series meets the formula')
  t.equal(expansion(ccl, 1), 1)
  t.ok(
    Math.abs(
      linearPower(ccl, 0.5)(0.1) / linearPower(ccl)(0.1) - (growthFactor(ccl, 0.5) / growthFactor(ccl, 1)) ** 2,
    ) < 1e-12,
  )
})
