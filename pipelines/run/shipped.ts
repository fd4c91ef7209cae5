import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { z } from 'zod'
import { UsageError } from '../../core/index.js'
import { checkConfig } from './config.js'
import { readJson, readRun } from './runFolder.js'

/**
 * The run folder of the model shipped with the package, in data/models: configuration, weights, model card; nothing
 * where this version ships none.
 */
export function shippedRun(subject: string): string | undefined {
  const folder = fileURLToPath(new URL(`../../../data/models/${subject}`, import.meta.url))
  return existsSync(join(folder, 'model.safetensors')) ? folder : undefined
}

/**
 * The run folder to use: the one named by --run, else the shipped one.
 *
 * @throws UsageError where none was named and none ships
 */
export function runOrShipped(subject: string, run: string | undefined): string {
  const found = run ?? shippedRun(subject)
  if (found !== undefined) return found
  throw new UsageError(
    `expected --run, for no trained model of ${subject} ships with this version yet`,
    'got none',
    `train one: stipple ${subject} train --data … --preset quick --out r`,
  )
}

/**
 * Configuration of a run folder, and the path of its weights.
 *
 * @throws UsageError where the folder holds no finished run, DataError where a file of it is cut short
 */
export async function finishedRun<S extends z.ZodObject>(
  run: string,
  schema: S,
): Promise<{ readonly config: z.output<S>; readonly weights: string }> {
  // The identity of a run names its data; a model that is shipped has none.
  const identity = existsSync(join(run, 'run.json'))
  const config = identity
    ? (await readRun(run, schema)).config
    : checkConfig(schema, await readJson(join(run, 'config.json')))
  const weights = join(run, 'model.safetensors')
  if (existsSync(weights)) return { config, weights }
  throw new UsageError(
    `expected a finished run in ${run}`,
    'got one without model.safetensors',
    'finish it with train --resume',
  )
}

/** @throws UsageError where another method is asked for than the run has learned by */
export function requireOwnMethod(own: string, method: string | undefined): void {
  if (method === undefined || method === own) return
  throw new UsageError(`expected --method ${own}, by which the run was trained`, `got ${method}`, 'omit it')
}
