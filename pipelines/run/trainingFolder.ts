import { resolve } from 'node:path'
import type { z } from 'zod'
import { DataError, UsageError } from '../../core/index.js'
import type { Settings } from './config.js'
import type { CommonOptions, RunContext } from './context.js'
import { openRunFolder, type RunFolder } from './runFolder.js'

/** What the training of a subject is configured by. */
export interface TrainingKind<S extends z.ZodObject> {
  readonly subject: string
  readonly schema: S
  readonly presets: Readonly<Record<string, Settings>>
  /** what else, beside the configuration, seed and data, has to be the same for a run to be gone on with */
  readonly identity?: Settings
}

/**
 * Trains in the run folder at --out, opened as new or gone on with. Input that could not be used has begun no run:
 * --out is then as it was.
 *
 * @param set  settings over the preset and the file: `--set`, and what options of the verb stand for
 */
export async function inTrainingFolder<S extends z.ZodObject, R>(
  { subject, schema, presets, identity: more }: TrainingKind<S>,
  options: CommonOptions & { readonly data: readonly string[] },
  set: readonly string[],
  context: RunContext,
  train: (folder: RunFolder<z.output<S>>) => Promise<R>,
): Promise<R> {
  const { preset, config, out = '', resume, force, threads, seed } = options
  const identity = { subject, seed, data: options.data.map(path => resolve(path)), ...more }
  const request = { out, resume, force, threads, log: context.log, identity }
  const folder = await openRunFolder(schema, presets, { preset, file: config, set }, request)
  try {
    return await train(folder)
  } catch (error) {
    if (error instanceof DataError || error instanceof UsageError) await folder.abandon()
    throw error
  }
}
