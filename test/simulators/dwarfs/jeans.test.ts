import fc from 'fast-check'
import t from 'tap'
import { makeGnfw, massesOnGrid, newtonG } from '../../../simulators/dwarfs/gnfw.js'
import { jeansInGnfw, lineOfSightDispersion, lineOfSightVariance } from '../../../simulators/dwarfs/jeans.js'
import { jeansGrid } from '../../../simulators/dwarfs/jeansGrid.js'

const seed = 20261122
const radii = [0.02, 0.1, 0.3, 1, 3, 10, 30]

t.test('a self-consistent isotropic Plummer sphere has its closed form', async t => {
  // sigma_los^2 = 3 pi G M / (64 a) (1 + R^2/a^2)^-1/2: Dejonghe 1987, eq. 27 with q = 0
  const a = 0.5
  const mass = 1e8
  const tracer = { r_star: a, beta_0: 0, r_a: Number.POSITIVE_INFINITY }
  const sigma = lineOfSightDispersion(
    radii.map(x => x * a),
    tracer,
    r => (mass * r ** 3) / (r * r + a * a) ** 1.5,
  )
  for (const [i, x] of radii.entries()) {
    const expected = Math.sqrt((3 * Math.PI * newtonG * mass) / (64 * a * Math.sqrt(1 + x * x)))
    t.ok(Math.abs(sigma[i] / expected - 1) < 5e-4, `R = ${x} a: ${sigma[i]} and ${expected}`)
  }
})

t.test('the virial theorem: 3 <sigma_los^2> = <G M(r) / r>, whatever the anisotropy', async t => {
  const x = Float64Array.from({ length: 2000 }, (_, i) => Math.exp(-6 + 0.006 * (i + 0.5)))
  const law = fc.property(
    fc.double({ min: -1, max: 1.9, noNaN: true }),
    fc.double({ min: -0.5, max: 0.5, noNaN: true }),
    fc.double({ min: 0.3, max: 5, noNaN: true }),
    fc.double({ min: 0.1, max: 10, noNaN: true }),
    (gamma, beta_0, multiple, r_s) => {
      const halo = { gamma, r_s, rho_0: 1e7 }
      const table = jeansInGnfw({ r_star: 1, beta_0, r_a: multiple }, halo)
      const { enclosedMass } = makeGnfw(halo)
      let kinetic = 0
      let pull = 0
      let stars = 0
      for (const r of x) {
        const shell = 3 * r ** 3 * (1 + r * r) ** -2.5
        const ring = 2 * r * r * (1 + r * r) ** -2
        stars += shell
        pull += (shell * newtonG * enclosedMass(r)) / r
        kinetic += ring * lineOfSightVariance(table, Math.log(r))
      }
      return Math.abs((3 * kinetic) / pull - 1) < 2e-3 && stars > 0
    },
  )
  fc.assert(law, { seed, numRuns: 30 })
  t.pass(`seed ${seed}`)
})

t.test('dispersions are those of a nested integration by scipy', async t => {
  // nu = (1 + (r/r*)^2)^-2.5; g = r**(2*b0)*(ra**2+r**2)**(1-b0); beta = (b0*ra**2+r**2)/(ra**2+r**2); M by quad
  // (gnfw.test.ts) P = lambda r: quad(lambda y: g(s)*nu(s)*G*M(s)/s with s = exp(y), log r, inf)[0] / g(r)
  // scipy 1.17, epsrel 1e-8 sqrt(2 * quad(lambda w: (1 - beta(r)*R*R/r/r) * P(r) * z with z = exp(w), r = hypot(R,
  // z))[0] / (4/3 r* (1 + R^2/r*^2)^-2))
  const rows: [
    gamma: number,
    r_s: number,
    rho_0: number,
    r_star: number,
    beta_0: number,
    r_a: number,
    sigma: number[],
  ][] = [
    [1, 1, 1e7, 0.25, -0.3, 0.3, [4.8965496488, 5.2312059402, 4.7206299898, 3.5097873577, 2.5022541134]],
    [-1, 10, 1e6, 2, 0, 4, [2.1834945396, 2.2965132759, 3.0680894898, 4.6510683085, 5.5806357908]],
    [2, 0.5, 1e8, 0.5, -0.5, 0.25, [31.8040174501, 28.3787500268, 12.9364417053, 6.1811747622, 3.3135746432]],
    [0, 3, 1e5, 1, 0.5, 1, [1.5027636496, 0.9554690815, 0.7103466137, 0.6447237934, 0.5916110589]],
    [1.7, 0.2, 3e7, 0.1, -0.2, 0.05, [5.9401753193, 5.0264524038, 2.4560622392, 1.3743369188, 0.8477151731]],
  ]
  for (const [gamma, r_s, rho_0, r_star, beta_0, r_a, expected] of rows) {
    const table = jeansInGnfw({ r_star, beta_0, r_a }, { gamma, r_s, rho_0 })
    const got = [0.03, 0.3, 1, 3, 15].map(x => Math.sqrt(lineOfSightVariance(table, Math.log(x))))
    for (const [i, sigma] of expected.entries())
      t.ok(Math.abs(got[i] / sigma - 1) < 1e-3, `gamma ${gamma}: ${got[i]} and ${sigma}`)
  }
})

t.test('masses on a grid are the enclosed masses', async t => {
  const { x, step } = jeansGrid()
  for (const gamma of [-1, 0, 1, 2]) {
    const halo = { gamma, r_s: 1, rho_0: 1e7 }
    const { enclosedMass } = makeGnfw(halo)
    const masses = massesOnGrid(halo, x[0], step, x.length)
    t.ok(
      masses.every((mass, k) => Math.abs(mass / enclosedMass(x[k]) - 1) < 2e-6),
      `gamma ${gamma}`,
    )
  }
})
