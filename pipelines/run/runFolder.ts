import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, rmdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { z } from 'zod'
import { DataError, messageOf, StippleError, UsageError } from '../../core/errors.js'
import { writeAtomic } from '../../io/atomic.js'
import { type ConfigSources, checkConfig, resolveConfig, type Settings } from './config.js'
import type { Log } from './context.js'
import { describeEnvironment } from './environment.js'

/** What a run folder may hold; --force takes these away and nothing else. */
export const runEntries = [
  'config.json',
  'run.json',
  'environment.json',
  'metrics.jsonl',
  'normalisation.json',
  'checkpoints',
  'members',
  'rows.scratch',
  'rounds',
  'model.safetensors',
  'pairs.safetensors',
  'ladder.safetensors',
  'marks.safetensors',
  'model.onnx',
  'samples',
  'plots',
  'report.html',
  'model-card.md',
] as const

export interface RunFolder<C> {
  readonly path: string
  /** True where an earlier run is resumed. */
  readonly resumed: boolean
  readonly config: C
  /** Path of an entry. */
  file(name: (typeof runEntries)[number]): string
  /** Takes away what opening a new run has made, where nothing else was made since: a run that could not begin. */
  abandon(): Promise<void>
}

export interface RunRequest {
  readonly out: string
  readonly resume: boolean
  readonly force: boolean
  readonly threads: number
  /**
   * What, beside the configuration, has to be the same for a resumed run to end in the same bytes: subject, seed, data.
   */
  readonly identity: Settings
  /** Told where a resumed run goes on in another environment than it began in. */
  readonly log?: Log
}

/**
 * Opens the folder of a training run.
 *
 * New: makes it and writes config.json (resolved), run.json (the identity) and environment.json. With `resume` and a
 * run there: takes the configuration of that run, and refuses one that differs. With `force` and a run there: takes it
 * away first.
 *
 * @throws UsageError where a run or a foreign folder is there, or where a resumed run is asked to be another
 */
export async function openRunFolder<S extends z.ZodObject>(
  schema: S,
  presets: Readonly<Record<string, Settings>>,
  sources: ConfigSources,
  request: RunRequest,
): Promise<RunFolder<z.output<S>>> {
  const { out, resume, force } = request
  const isRun = existsSync(join(out, 'config.json')) && existsSync(join(out, 'run.json'))
  const entries = await readdir(out).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    if (error.code === 'ENOTDIR')
      throw new UsageError('expected --out to be a folder', `got the file ${out}`, 'choose another path')
    throw error
  })
  if (isRun) {
    await removeLeftOvers(out)
    await removeLeftOvers(join(out, 'checkpoints'))
  }
  if (isRun && resume) return resumed(schema, presets, sources, request)

  const config = resolveConfig(schema, presets, sources)
  // A run that failed before it made anything, as for want of its data, holds no result that could be lost.
  const holdsResult = entries.some(entry => isEntry(entry) && !firstEntries.includes(entry))
  if (isRun && holdsResult && !force) {
    throw new UsageError(
      'expected --out to be new',
      `got ${out}, which holds a run`,
      'pass --resume to go on with it, --force to replace it',
    )
  }
  // A run killed in its first moment leaves these and no run.json, which is written last: nothing is lost in beginning
  // again.
  const foreign = entries.filter(entry => !firstEntries.includes(entry) && !isLeftOver(entry))
  if (!isRun && foreign.length > 0 && !force) {
    throw new UsageError(
      'expected --out to be a new or empty folder',
      `got ${out}, which holds ${foreign[0]}`,
      'choose another path',
    )
  }
  if (isRun) await Promise.all(runEntries.map(entry => rm(join(out, entry), { recursive: true, force: true })))
  const made = await mkdir(out, { recursive: true })
  await removeLeftOvers(out)
  writeJson(join(out, 'environment.json'), describeEnvironment(request.threads))
  writeJson(join(out, 'config.json'), config)
  writeJson(join(out, 'run.json'), request.identity)
  return { path: out, resumed: false, config, file: name => join(out, name), abandon: () => abandon(out, made) }
}

/** @param made  the topmost folder that was made for the run, where one was; `undefined` where the folder was there */
async function abandon(out: string, made: string | undefined): Promise<void> {
  if ((await readdir(out)).some(entry => !firstEntries.includes(entry))) return
  await Promise.all(firstEntries.map(entry => rm(join(out, entry), { force: true })))
  if (made === undefined) return
  try {
    const top = resolve(made)
    for (let folder = resolve(out); folder.startsWith(top); folder = dirname(folder)) await rmdir(folder)
  } catch (error) {
    // Another run has been begun beside this one meanwhile: the folder that they share stays.
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error
  }
}

/** What every run folder holds from the start. */
const firstEntries: readonly string[] = ['config.json', 'run.json', 'environment.json']

function isEntry(name: string): boolean {
  return (runEntries as readonly string[]).includes(name)
}

/** The temporary file of a write that was killed (io/atomic.ts names them). */
function isLeftOver(entry: string): boolean {
  return /^\..+\.\d+-[0-9a-f]{8}\.partial$/.test(entry)
}

async function removeLeftOvers(folder: string): Promise<void> {
  const entries = existsSync(folder) ? await readdir(folder) : []
  await Promise.all(entries.filter(isLeftOver).map(entry => rm(join(folder, entry), { force: true })))
}

async function resumed<S extends z.ZodObject>(
  schema: S,
  presets: Readonly<Record<string, Settings>>,
  sources: ConfigSources,
  { out, identity, threads, log }: RunRequest,
): Promise<RunFolder<z.output<S>>> {
  const stored = await readRun(out, schema)
  refuseDifference(plain(identity), stored.identity, out)
  const asked = sources.preset !== undefined || sources.file !== undefined || (sources.set?.length ?? 0) > 0
  if (asked) refuseDifference(plain(resolveConfig(schema, presets, sources)), stored.config, out)
  if (log) await warnOfEnvironment(out, threads, log)
  return { path: out, resumed: true, config: stored.config, file: name => join(out, name), abandon: async () => {} }
}

/**
 * Another CPU, version or number of threads gives as good a result, but not the same bytes; nobody should have to find
 * out why.
 */
async function warnOfEnvironment(out: string, threads: number, log: Log): Promise<void> {
  try {
    refuseDifference(plain(describeEnvironment(threads)), await readJson(join(out, 'environment.json')), out)
  } catch (error) {
    if (!(error instanceof StippleError)) throw error
    log.warn(`${error.expected}; ${error.got}; the run goes on, but may not end in the same bytes`)
  }
}

/**
 * Configuration and identity of a run that is there, for sampling and evaluation.
 *
 * @throws UsageError where there is no run
 * @throws DataError where its files are cut short
 */
export async function readRun<S extends z.ZodObject>(
  path: string,
  schema: S,
): Promise<{ readonly config: z.output<S>; readonly identity: Settings }> {
  const config = checkConfig(schema, await readJson(join(path, 'config.json')))
  return { config, identity: await readJson(join(path, 'run.json')) }
}

/** Writes JSON for people to read: indented, atomically. */
export function writeJson(path: string, value: unknown): void {
  writeAtomic(path, `${JSON.stringify(value, null, 2)}\n`)
}

/** @throws UsageError where there is no such file, DataError where it is not JSON */
export async function readJson(path: string): Promise<Settings> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UsageError(
      `expected a run folder with ${path}`,
      `got ${messageOf(error)}`,
      'give a folder made by train',
      {
        cause: error,
      },
    )
  })
  try {
    return JSON.parse(text) as Settings
  } catch (error) {
    throw new DataError(`expected JSON in ${path}`, `got ${messageOf(error)}`, 'train again with --force', {
      cause: error,
    })
  }
}

function refuseDifference(asked: Settings, stored: Settings, out: string, path = ''): void {
  for (const key of new Set([...Object.keys(stored), ...Object.keys(asked)])) {
    const [a, b] = [asked[key], stored[key]]
    const here = path ? `${path}.${key}` : key
    if (isNested(a) && isNested(b)) refuseDifference(a, b, out, here)
    else if (JSON.stringify(a) !== JSON.stringify(b)) {
      throw new UsageError(
        `expected ${here} = ${JSON.stringify(b)}, as the run in ${out} was begun`,
        `got ${JSON.stringify(a)}`,
        'resume with the same settings, or choose another --out',
      )
    }
  }
}

/** As it reads once written: without what JSON leaves out. */
function plain(value: object): Settings {
  return JSON.parse(JSON.stringify(value)) as Settings
}

function isNested(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
