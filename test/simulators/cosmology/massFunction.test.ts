import t from 'tap'
import {
  despali16,
  linearPower,
  type Multiplicity,
  massFunction,
  meanMatterDensity,
  numberAbove,
  sigmaOfMass,
  tinker08,
} from '../../../simulators/index.js'
import { cosmologyOfCcl, skip, tableOfCcl } from './ccl.js'

const ccl = cosmologyOfCcl(2.7255)

t.test('mass functions are those of CCL', { skip }, async t => {
  const power = linearPower(ccl)
  const tables: readonly (readonly [string, Multiplicity])[] = [
    ['hmf_tinker08', tinker08],
    ['hmf_despali16', despali16(ccl)],
    ['hmf_despali16_m200c', despali16(ccl, 200 / ccl.omegaM)],
  ]
  for (const [name, multiplicity] of tables) {
    const abundance = massFunction(ccl, power, multiplicity)
    const rows = tableOfCcl(name)
    t.equal(rows.length, 9)
    for (const [mass, expected] of rows) {
      // the tables: dn/dlog10 M in Mpc^-3 for M in Msun
      const ours = abundance(mass * ccl.h) * Math.LN10 * ccl.h ** 3
      t.ok(Math.abs(ours / expected - 1) < 5e-3, `${name} at ${mass}: ${ours} against ${expected}`)
    }
  }
})

t.test('laws', async t => {
  const power = linearPower(ccl)
  const density = meanMatterDensity(ccl)
  const unit = massFunction(ccl, power, () => 1)
  const m = 1e14
  const slope =
    Math.log(sigmaOfMass(power, m * 1.01, density) / sigmaOfMass(power, m / 1.01, density)) / Math.log(1.01 ** 2)
  t.ok(Math.abs((unit(m) * m) / density / -slope - 1) < 1e-3, 'dn/dlnM M / density is the slope of sigma')
  const abundance = massFunction(ccl, power, tinker08)
  const difference = numberAbove(abundance, 1e14) - numberAbove(abundance, 1.1e14)
  t.ok(Math.abs(difference / (abundance(1.05e14) * Math.log(1.1)) - 1) < 0.01, 'the number above is its integral')
})
