import { createHash } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError } from '../../core/errors.js'
import { readSafetensors, type Safetensors, type StoredTensor, writeSafetensors } from '../../io/safetensors.js'
import type { Log } from './context.js'

/** All that a run needs to go on: after how many steps, the tensors by name, and small facts as text. */
export interface Checkpoint {
  readonly step: number
  readonly tensors: Readonly<Record<string, StoredTensor>>
  readonly metadata: Readonly<Record<string, string>>
}

const folderName = 'checkpoints'
const filePattern = /^step-(\d{8,})\.safetensors$/

/**
 * Writes a checkpoint of a run folder: atomically (a temporary file, flushed, renamed), so that a kill at any moment
 * leaves the one before it whole. The last `keep` stay; older ones go, and so do those beyond this step, left by a run
 * that was taken up again from before them.
 *
 * @returns its path
 */
export async function saveCheckpoint(runFolder: string, checkpoint: Checkpoint, keep = 2): Promise<string> {
  const folder = join(runFolder, folderName)
  await mkdir(folder, { recursive: true })
  const path = checkpointPath(runFolder, checkpoint.step)
  writeSafetensors(path, checkpoint.tensors, {
    ...checkpoint.metadata,
    step: String(checkpoint.step),
    sha256: digest(checkpoint.tensors),
  })
  const steps = await checkpointSteps(runFolder)
  const kept = steps.filter(step => step <= checkpoint.step).slice(-keep)
  await Promise.all(
    steps.filter(step => !kept.includes(step)).map(step => rm(checkpointPath(runFolder, step), { force: true })),
  )
  return path
}

/** Where the checkpoint after `step` steps lies. */
export function checkpointPath(runFolder: string, step: number): string {
  return join(runFolder, folderName, `step-${String(step).padStart(8, '0')}.safetensors`)
}

/** The steps of the checkpoints that are there, ascending; whole or not. */
export async function checkpointSteps(runFolder: string): Promise<number[]> {
  const names = await readdir(join(runFolder, folderName)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names.flatMap(name => Number(filePattern.exec(name)?.[1] ?? [])).sort((a, b) => a - b)
}

/**
 * One checkpoint file, its length and checksum verified.
 *
 * @throws DataError where it is cut short or altered
 */
export function readCheckpoint(path: string): Checkpoint {
  const { tensors, metadata } = readWhole(path)
  const { step, sha256, ...rest } = metadata
  if (step === undefined || sha256 === undefined) throw broken(path, 'got a file without step and checksum')
  if (digest(tensors) !== sha256) throw broken(path, 'got values that do not match its checksum')
  return { step: Number(step), tensors, metadata: rest }
}

function readWhole(path: string): Safetensors {
  try {
    return readSafetensors(path)
  } catch (error) {
    if (error instanceof DataError) throw broken(path, error.got, error)
    throw error
  }
}

/**
 * The newest whole checkpoint of a run; nothing where the run has none yet. One that is cut short is passed over with a
 * warning that names it and the one that is taken instead.
 *
 * @throws DataError where there are checkpoints and none is whole
 */
export async function latestCheckpoint(runFolder: string, log: Log): Promise<Checkpoint | undefined> {
  const steps = (await checkpointSteps(runFolder)).reverse()
  const passed: DataError[] = []
  for (const step of steps) {
    const path = checkpointPath(runFolder, step)
    try {
      const checkpoint = readCheckpoint(path)
      for (const { expected, got } of passed) log.warn(`${expected}; ${got}; going on from the one before, ${path}`)
      return checkpoint
    } catch (error) {
      if (!(error instanceof DataError)) throw error
      passed.push(error)
    }
  }
  const [newest] = passed
  if (newest) throw new DataError(newest.expected, newest.got, 'train again with --force', { cause: newest })
  return undefined
}

function broken(path: string, got: string, cause?: unknown): DataError {
  return new DataError(
    `expected a whole checkpoint in ${path}`,
    got,
    'go on from an earlier checkpoint with --resume, or train again with --force',
    { cause },
  )
}

/** SHA-256 over names, types, shapes and bytes, in the order of the names. */
function digest(tensors: Readonly<Record<string, StoredTensor>>): string {
  const hash = createHash('sha256')
  for (const name of Object.keys(tensors).sort()) {
    const { shape, values } = tensors[name]
    hash.update(JSON.stringify([name, values.constructor.name, shape]))
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
  }
  return hash.digest('hex')
}
