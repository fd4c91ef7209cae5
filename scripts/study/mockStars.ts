import { fileURLToPath } from 'node:url'
import { makeKey } from '../../core/index.js'
import { writeAtomic } from '../../io/index.js'
import { knownGalaxy } from '../../pipelines/dwarfs/knownGalaxy.js'
import { fromTangentPlane } from '../../pipelines/dwarfs/tangentPlane.js'
import { simulateDwarf } from '../../simulators/index.js'
import { print } from './print.js'

/** A cuspy halo about as heavy as Draco's. */
const theta = { gamma: 1, log10_r_s: 0, log10_rho_0: 7.4, log10_r_star: -0.65, beta_0: -0.1, log10_r_a: -0.4 }

/**
 * `npm run study -- mock-stars`: 300 simulated stars where Draco is, in data/dwarfs/mock.csv: a table to try `dwarfs
 * infer` on, with known truth (gamma 1, rho(150 pc) = 1.27e8 Msun/kpc3). The galaxy's motion across the sky is not in
 * it.
 */
export async function mockStars(): Promise<void> {
  const { ra, dec, distance, systemicVelocity } = await knownGalaxy('draco')
  const stars = { kind: 'exact', stars: 300 } as const
  const dwarf = simulateDwarf(makeKey(7).split('mock stars'), theta, { stars, errors: { kind: 'equal', error: 2 } })
  const lines = Array.from({ length: dwarf.stars }, (_, i) => {
    const [x, y] = [dwarf.positions[2 * i] / distance.value, dwarf.positions[2 * i + 1] / distance.value]
    const place = fromTangentPlane({ x, y }, { ra, dec })
    const seen = dwarf.velocities[i] + systemicVelocity.value
    return [place.ra.toFixed(6), place.dec.toFixed(6), seen.toFixed(2), dwarf.velocityErrors[i].toFixed(2)].join(',')
  })
  const path = fileURLToPath(new URL('../../../data/dwarfs/mock.csv', import.meta.url))
  writeAtomic(path, `ra,dec,v_los,v_err\n${lines.join('\n')}\n`)
  print(path)
}
