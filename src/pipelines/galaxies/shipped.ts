import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UsageError } from '../../core/index.js'

/** The run folder that travels with the package: config, normalisation, weights, model card. */
const folder = fileURLToPath(new URL('../../../../data/models/galaxies', import.meta.url))

/** The run folder of the model shipped with the package; nothing where this version ships none. */
export function shippedRun(): string | undefined {
  return existsSync(join(folder, 'model.safetensors')) ? folder : undefined
}

/**
 * The run folder to use: the one named by --run, else the shipped one.
 *
 * @throws UsageError where none was named and none ships
 */
export function runOrShipped(run: string | undefined): string {
  const found = run ?? shippedRun()
  if (found !== undefined) return found
  throw new UsageError(
    'expected --run, for no trained model ships with this version yet',
    'got none',
    'train one: stipple galaxies train --data … --preset quick --out r',
  )
}
