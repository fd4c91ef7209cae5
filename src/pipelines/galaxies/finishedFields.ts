import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Field, UsageError } from '../../core/index.js'
import { writeAtomic } from '../../io/atomic.js'
import { readFields, writeFields } from '../../io/galaxies/index.js'

/** Fields that are done, a file each in a folder beside the result, until all are there: what an interrupted run leaves and a resumed one goes on from. */
export interface FinishedFields {
  has(index: number): boolean
  /** Atomic: a field is there whole or not at all. */
  put(index: number, field: Field): Promise<void>
  get(index: number): Promise<Field>
  /** Once the result is written. */
  remove(): void
  /** Leaves the folder, unless it holds no field. */
  leave(): void
}

export interface FinishedRequest {
  /** path of the result; the folder is `${out}.part` */
  readonly out: string
  readonly resume: boolean
  readonly force: boolean
  readonly seed: number
  /** What has to be the same for fields of two runs to be of one set. */
  readonly identity: Readonly<Record<string, unknown>>
}

/**
 * Opens the folder of finished fields.
 *
 * @throws UsageError where fields of an interrupted run are there and neither `resume` nor `force` was asked for, or where they are of another set
 */
export function openFinished({ out, resume, force, seed, identity }: FinishedRequest): FinishedFields {
  const folder = `${out}.part`
  const identityFile = join(folder, 'run.json')
  const wanted = JSON.stringify(identity, null, 2)
  if (existsSync(folder)) {
    if (resume) requireSame(identityFile, identity)
    else if (force) removeFolder(folder)
    else
      throw new UsageError(
        'expected no unfinished run beside --out',
        `got ${folder}`,
        'go on with it by --resume, or begin again by --force',
      )
  }
  mkdirSync(folder, { recursive: true })
  if (!existsSync(identityFile)) writeAtomic(identityFile, wanted)
  const path = (index: number) => join(folder, `${String(index).padStart(6, '0')}.h5`)
  return {
    has: index => existsSync(path(index)),
    put: async (index, field) => {
      await writeFields(path(index), [field], { seed, force: true })
    },
    get: async index => {
      for await (const field of readFields(path(index))) return field
      throw new UsageError(`expected a field in ${path(index)}`, 'got none', 'remove it and run again with --resume')
    },
    remove: () => removeFolder(folder),
    leave: () => {
      if (!readdirSync(folder).some(name => name.endsWith('.h5'))) removeFolder(folder)
    },
  }
}

function requireSame(identityFile: string, identity: Readonly<Record<string, unknown>>): void {
  const stored = existsSync(identityFile)
    ? (JSON.parse(readFileSync(identityFile, 'utf8')) as Record<string, unknown>)
    : identity
  for (const [name, value] of Object.entries(identity)) {
    const [now, then] = [JSON.stringify(value), JSON.stringify(stored[name])]
    if (now === then) continue
    const short = now.length + then.length < 80
    throw new UsageError(
      `expected the ${name}${short ? ` ${then}` : ''} of the run to be resumed`,
      `got ${short ? now : 'others'}`,
      'resume with the same options, or begin again by --force',
    )
  }
}

/** Takes away what we put there and the folder if nothing else is in it. */
function removeFolder(folder: string): void {
  for (const name of readdirSync(folder))
    if (name === 'run.json' || /^\d{6,}\.h5$/.test(name) || name.endsWith('.partial')) rmSync(join(folder, name))
  if (readdirSync(folder).length === 0) rmdirSync(folder)
}
