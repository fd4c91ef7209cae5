import { existsSync, readFileSync } from 'node:fs'
import type { Cosmology } from '../../../simulators/index.js'

const folder = '../shared/data/cosmology/ccl'

/** Why a test against CCL is skipped, where it is. */
export const skip = existsSync(folder) ? false : 'no ../shared/data beside the checkout'

/**
 * The cosmology of pyccl's benchmarks/test_eh.py (T_CMB=2.725) and test_hmf.py (T_CMB=2.7255, eisenstein_hu):
 * Omega_c=0.25, Omega_b=0.05, h=0.7, sigma8=0.8, n_s=0.96.
 */
export function cosmologyOfCcl(tCmb: number): Cosmology {
  return { omegaM: 0.3, omegaB: 0.05, h: 0.7, nS: 0.96, sigma8: 0.8, tCmb }
}

/** Rows of numbers of a table that CCL's benchmarks hold. */
export function tableOfCcl(name: string): number[][] {
  return readFileSync(`${folder}/${name}.txt`, 'utf8')
    .split('\n')
    .filter(line => line.trim() && !line.startsWith('#'))
    .map(line => line.trim().split(/\s+/).map(Number))
}
