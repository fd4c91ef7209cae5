import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The rooms of the house, from the top down: a room imports only from rooms below it. */
export const rooms = [
  'scripts',
  'pipelines',
  'report',
  'statistics',
  'simulators',
  'generative',
  'gnn',
  'engine',
  'io',
  'core',
]

/** What is made by a build or a test, or fetched. */
const foreign = new Set(['node_modules', 'dist'])

/** Paths beneath `folder` of the files that people write, sorted; what is hidden does not count. */
export function filesBeneath(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.') && !foreign.has(name))
    .flatMap(entry => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? filesBeneath(path) : entry.isFile() ? [path] : []
    })
    .sort()
}

export function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n')
}
