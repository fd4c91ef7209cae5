import fc from 'fast-check'
import t from 'tap'
import { UsageError } from '../../../core/index.js'
import { makeGnfw, newtonG } from '../../../simulators/dwarfs/gnfw.js'

const seed = 20261122

t.test('mass and density are those of one profile: dM/dr = 4 pi r^2 rho, dPhi/dr = G M / r^2', async t => {
  const law = fc.property(
    fc.double({ min: -1, max: 2.5, noNaN: true }),
    fc.double({ min: -3, max: 2, noNaN: true }),
    (gamma, log) => {
      const halo = makeGnfw({ gamma, r_s: 2, rho_0: 1e7 })
      const r = 10 ** log
      const step = 1e-4
      const slope = (f: (r: number) => number) => (f(r * (1 + step)) - f(r * (1 - step))) / (2 * step * r)
      const shell = 4 * Math.PI * r * r * halo.density(r)
      const pull = (newtonG * halo.enclosedMass(r)) / (r * r)
      // where the potential is flat its difference drowns in rounding
      const rounding = (1e-15 * Math.abs(halo.potential(r))) / (step * r)
      return (
        Math.abs(slope(halo.enclosedMass) / shell - 1) < 1e-6 &&
        Math.abs(slope(halo.potential) - pull) < 1e-6 * pull + rounding
      )
    },
  )
  fc.assert(law, { seed, numRuns: 300 })
  t.pass(`seed ${seed}`)
})

t.test('mass and potential are those of scipy', async t => {
  // from scipy.integrate import quad; f = lambda p: lambda t: t**p*(1+t)**(g-3)          scipy 1.17
  // M = quad(f(2-g), 0, x, epsabs=0, epsrel=1e-13)[0]; phi = -(M/x + quad(f(1-g), x, inf, epsabs=0, epsrel=1e-13)[0])
  const rows: [gamma: number, x: number, mass: number, potential: number][] = [
    [-1, 0.01, 2.4216385265987956e-9, -0.3333332519671367],
    [-1, 30, 1.6958783796722834, -0.08775795017378514],
    [0, 1, 0.06814718055994531, -0.4431471805599453],
    [0.5, 0.01, 3.929531856250586e-6, -0.6664028296277307],
    [0.5, 1, 0.11283135127047514, -0.543795757541626],
    [0.5, 30, 2.20180618070725, -0.10539004236168503],
    [1, 0.01, 4.934075415818186e-5, -0.9950330853168082],
    [1, 30, 2.4662452690012753, -0.11446624014950488],
    [1.7, 1, 0.4516342889938809, -1.0774596344730958],
    [2, 0.01, 0.009950330853168083, -5.610153602158068],
    [2, 30, 3.4339872044851463, -0.14725606297249574],
  ]
  for (const [gamma, x, mass, potential] of rows) {
    const halo = makeGnfw({ gamma, r_s: 2, rho_0: 1e7 })
    const unit = 4 * Math.PI * 1e7 * 8
    t.ok(Math.abs(halo.enclosedMass(2 * x) / (unit * mass) - 1) < 1e-11, `mass, gamma ${gamma}, x ${x}`)
    t.ok(
      Math.abs(halo.potential(2 * x) / ((newtonG * unit * potential) / 2) - 1) < 1e-11,
      `potential, gamma ${gamma}, x ${x}`,
    )
  }
})

t.test('a halo of infinite mass at its centre is refused', async t => {
  t.throws(() => makeGnfw({ gamma: 3, r_s: 1, rho_0: 1e7 }), UsageError)
  t.throws(() => makeGnfw({ gamma: 1, r_s: 0, rho_0: 1e7 }), UsageError)
})
