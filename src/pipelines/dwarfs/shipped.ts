import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UsageError } from '../../core/index.js'

/** The run folder that travels with the package: config, weights, model card. */
const folder = fileURLToPath(new URL('../../../../data/models/dwarfs', import.meta.url))

/**
 * The run folder to use: the one named by --run, else the shipped one.
 *
 * @throws UsageError where none was named and none ships
 */
export function runOrShipped(run: string | undefined): string {
  if (run !== undefined) return run
  if (existsSync(join(folder, 'model.safetensors'))) return folder
  throw new UsageError(
    'expected --run, for no trained model of dwarfs ships with this version',
    'got none',
    'train one: stipple dwarfs train --data … --out r',
  )
}
