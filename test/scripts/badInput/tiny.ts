import { type ChildProcess, execFile } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeKey, periodicBox, uniform } from '../../../core/index.js'
import type { Field } from '../../../io/galaxies/field.js'
import { commands } from '../../../scripts/commands/index.js'
import { runLine } from '../../../scripts/runLine.js'
import { writeFields } from '../../io/galaxies/files.js'
import { nodeAlone } from '../commandLine.js'

/** Side of the tiny boxes, Mpc/h. */
export const side = 200

/** A field of uniform points; thetas of different indices differ in both parameters. */
export function tinyField(index: number, points = 60, changes: Partial<Field> = {}): Field {
  return {
    points,
    positions: uniform(makeKey(11).split(index), points * 3).map(u => Math.min(u * side, 199.99)),
    box: periodicBox(side),
    theta: { omega_m: 0.2 + 0.04 * index, sigma_8: 0.7 + 0.04 * ((index * 5) % 6) },
    ...changes,
  }
}

/** Six fields of 60 points in a file, the indices of their cosmologies `step` apart; returns its path. */
export async function tinyFile(folder: string, name = 'fields.h5', step = 1): Promise<string> {
  const path = join(folder, name)
  await writeFields(
    path,
    [0, 1, 2, 3, 4, 5].map(i => tinyField(i * step)),
    { seed: 1 },
  )
  return path
}

/** Settings of a model that trains in a second or two. */
export const tinySettings =
  '--preset quick --set train.steps=2 --set network.width=8 --set network.layers=1 --set network.neighbours=4 --set pairs.levels=4'.split(
    ' ',
  )

/** Without the pair score: what does not reach the network costs next to nothing. */
export const networkAlone = [...tinySettings, '--set', 'pairs.use=false']

export interface Outcome {
  /** Null where it had to be killed. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  /** Largest file that the program may write, in units of 512 bytes: the kernel refuses more, as on a full disk. */
  readonly largestFile?: number
  /** Where its stdout goes; then it is not in the outcome. */
  readonly into?: string
  /** Counts in the coverage of the tests, where that is measured. */
  readonly covered?: boolean
  during?(child: ChildProcess): void
}

const program = fileURLToPath(new URL('../../../scripts/stipple.js', import.meta.url))

/** A command that takes longer hangs; the slowest here needs some seconds. */
const limit = 120_000

/** The compiled `stipple`, one thread unless told otherwise, in a process of its own. */
export function stipple(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const words = args.includes('--threads') ? args : [...args, '--threads', '1']
  const measured = options.covered && process.env._TAPJS_PROCESSINFO_COVERAGE_ === '1'
  const command = [...(measured ? [process.execPath] : nodeAlone), program, ...words]
  const shell = [
    // Without the environment: what the test runner hangs into a child writes files of its own, and would die of the
    // limit.
    options.largestFile === undefined
      ? 'exec "$0" "$@"'
      : `trap "" XFSZ; ulimit -f ${options.largestFile} && exec env -i "$0" "$@"`,
    options.into === undefined ? '' : ` > ${options.into}`,
  ].join('')
  const [file, ...rest] = options.largestFile === undefined && !options.into ? command : ['sh', '-c', shell, ...command]
  return new Promise(resolve => {
    // Each process and worker would leave some MB of coverage, here together more than a GB, and not be able to where
    // files are limited. Undefined, not absent: Node.js hands an absent one on by itself.
    const env = options.covered ? process.env : { ...process.env, NODE_V8_COVERAGE: undefined }
    const settings = { timeout: limit, killSignal: 'SIGKILL', env } as const
    const child = execFile(file, rest, settings, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : null) : 0
      resolve({ code, stdout, stderr })
    })
    options.during?.(child)
  })
}

/**
 * The same command line without a process of its own, which costs most of a second: for what ends before it has begun
 * anything. What only a process can tell (signals, full disks, exit codes as a shell sees them) is told by `stipple`.
 */
export async function stippleHere(args: readonly string[]): Promise<Outcome> {
  const words = args.includes('--threads') ? args : [...args, '--threads', '1']
  const said = { stdout: '', stderr: '' }
  const into = (name: keyof typeof said) => ({
    write: (text: string) => {
      said[name] += text
    },
  })
  const signal = () => new AbortController().signal
  const code = await runLine(words, commands, { stdout: into('stdout'), stderr: into('stderr'), signal })
  return { code, ...said }
}

/** The JSON of the last line on stdout. */
export function resultOf({ stdout }: Outcome): Record<string, unknown> {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>
}

/** Does all, a few at a time: a spawned program keeps one core busy. */
export async function few<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items]
  const take = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await act(item)
  }
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, take))
}

/** The words of `galaxies train` that train on `data`. */
export function trainLine(data: string, out: string, settings: readonly string[]): string[] {
  return ['galaxies', 'train', '--data', data, '--out', out, '--quiet', ...settings]
}

/** A run folder trained on `data`; fails where training does. */
export async function trained(
  folder: string,
  data: string,
  settings: readonly string[] = tinySettings,
): Promise<string> {
  const out = join(folder, 'run')
  const { code, stderr } = await stippleHere(trainLine(data, out, settings))
  if (code !== 0) throw new Error(`expected a tiny model; got exit code ${code}; ${stderr}`)
  return out
}
