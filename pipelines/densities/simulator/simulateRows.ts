import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { WorkError } from '../../../core/index.js'
import { writeFully } from '../../../io/index.js'
import { inParallel, type RunContext } from '../../run/index.js'
import { type FailureKind, failureKinds, type Outcome, type Simulator } from './simulator.js'

/** How many simulations failed, by kind. */
export type Failures = Readonly<Record<FailureKind, number>>

/** What came of many simulations. */
export interface SimulationsMade {
  /** rows that there are data of */
  readonly rows: number
  /** `[rows, p]` */
  readonly theta: Float64Array
  /** `[rows, d]` */
  readonly x: Float64Array
  /** d; 0 where nothing came */
  readonly width: number
  readonly failures: Failures
}

export interface SimulateOptions {
  readonly names: readonly string[]
  /** Each outcome is appended here, a JSON line; what is there is not simulated again. */
  readonly journal: string
  /** failures in a row, without one good answer, after which the work is given up */
  readonly giveUp: number
  /** length of an answer, where known; else that of most answers */
  readonly width?: number
  readonly context: Pick<RunContext, 'progress' | 'signal'>
  readonly label: string
}

type Entry = readonly [row: number, outcome: Outcome]

/**
 * Simulates rows of theta, `[n, p]`, several at once, each on disk as soon as it is done: killed anywhere, the same
 * call goes on. Failures are counted and the row is left out. Rows come back in the order of theta, whichever was done
 * first.
 *
 * @throws WorkError where the simulator does nothing but fail
 */
export async function simulateRows(
  simulator: Simulator,
  theta: Float64Array,
  options: SimulateOptions,
): Promise<SimulationsMade> {
  const { names, journal, giveUp, context, label } = options
  const p = names.length
  const n = theta.length / p
  const outcomes = new Map<number, Outcome>(readJournal(journal, n))
  const left = Array.from({ length: n }, (_, row) => row).filter(row => !outcomes.has(row))
  mkdirSync(dirname(journal), { recursive: true })
  const file = openSync(journal, 'a')
  // A journal torn in its last line goes on in a line of its own.
  if (outcomes.size > 0) writeFully(file, Buffer.from('\n'))
  const progress = context.progress(left.length, label)
  // What is under way when the work ends is not waited for.
  const stop = () => void simulator.close()
  context.signal.addEventListener('abort', stop, { once: true })
  let [inRow, open] = [0, true]
  try {
    await inParallel(left, simulator.atOnce, async row => {
      context.signal.throwIfAborted()
      const own = theta.subarray(row * p, (row + 1) * p)
      const outcome = await simulator.simulate(Object.fromEntries(names.map((name, i) => [name, own[i]])))
      // What ends because we end it has not failed.
      context.signal.throwIfAborted()
      if (!open) return
      outcomes.set(row, outcome)
      writeFully(file, Buffer.from(`${JSON.stringify([row, outcome])}\n`))
      inRow = 'x' in outcome ? 0 : inRow + 1
      progress.advance(1, 'x' in outcome ? '' : `${outcome.failed}: ${outcome.told}`)
      if ('failed' in outcome && inRow >= giveUp) throw silent(outcome, inRow)
    })
    fsyncSync(file)
  } finally {
    open = false
    context.signal.removeEventListener('abort', stop)
    progress.stop()
    closeSync(file)
  }
  return collected(theta, p, outcomes, options.width)
}

function silent({ failed, told }: Exclude<Outcome, { x: unknown }>, inRow: number): WorkError {
  return new WorkError(
    'expected the simulator to answer now and then',
    `got ${inRow} failures in a row, the last: ${failed}, ${told}`,
    'mend the simulator and go on with --resume, or allow more by --set simulator.giveUp=N',
  )
}

function readJournal(path: string, n: number): Entry[] {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap(line => {
      try {
        const entry = JSON.parse(line) as unknown
        return isEntry(entry) && entry[0] < n ? [entry] : []
      } catch {
        return []
      }
    })
}

function isEntry(value: unknown): value is Entry {
  if (!Array.isArray(value) || value.length !== 2 || !Number.isInteger(value[0])) return false
  const outcome: unknown = value[1]
  return typeof outcome === 'object' && outcome !== null && ('x' in outcome || 'failed' in outcome)
}

function collected(
  theta: Float64Array,
  p: number,
  outcomes: ReadonlyMap<number, Outcome>,
  known?: number,
): SimulationsMade {
  const rows = [...outcomes].sort(([a], [b]) => a - b)
  const width = known ?? usualLength(rows)
  const failures: Record<FailureKind, number> = { failed: 0, exited: 0, timeout: 0, rubbish: 0, not_finite: 0 }
  const good: { readonly row: number; readonly x: readonly number[] }[] = []
  for (const [row, outcome] of rows) {
    if ('failed' in outcome) failures[outcome.failed]++
    else if (outcome.x.length !== width) failures.rubbish++
    else good.push({ row, x: outcome.x })
  }
  const out = { theta: new Float64Array(good.length * p), x: new Float64Array(good.length * width) }
  for (const [i, { row, x }] of good.entries()) {
    out.theta.set(theta.subarray(row * p, (row + 1) * p), i * p)
    out.x.set(x, i * width)
  }
  return { ...out, rows: good.length, width, failures }
}

/** The length that most answers have. */
function usualLength(rows: readonly Entry[]): number {
  const counts = new Map<number, number>()
  for (const [, outcome] of rows) {
    if ('x' in outcome) counts.set(outcome.x.length, (counts.get(outcome.x.length) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0
}

/** Failures of several calls. */
export function addFailures(a: Failures, b: Failures): Failures {
  return Object.fromEntries(failureKinds.map(kind => [kind, a[kind] + b[kind]])) as Failures
}

export const noFailures: Failures = { failed: 0, exited: 0, timeout: 0, rubbish: 0, not_finite: 0 }

/** `3 timeout, 1 rubbish`; nothing where none failed */
export function failuresText(failures: Failures): string {
  return failureKinds
    .filter(kind => failures[kind] > 0)
    .map(kind => `${failures[kind]} ${kind}`)
    .join(', ')
}
