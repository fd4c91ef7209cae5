import { existsSync, readFileSync } from 'node:fs'

const folder = '../shared/data/cosmology/ccl'

/** Why a test against CCL is skipped, where it is. */
export const skip = existsSync(folder) ? false : 'no ../shared/data beside the checkout'

/** Rows of numbers of a table that CCL's benchmarks hold. */
export function tableOfCcl(name: string): number[][] {
  return readFileSync(`${folder}/${name}.txt`, 'utf8')
    .split('\n')
    .filter(line => line.trim() && !line.startsWith('#'))
    .map(line => line.trim().split(/\s+/).map(Number))
}
