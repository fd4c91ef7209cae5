/** How a simulation can fail. */
export const failureKinds = ['failed', 'exited', 'timeout', 'rubbish', 'not_finite'] as const

/**
 * - `failed`: the simulator said so, or a function threw
 * - `exited`: the process ended without an answer
 * - `timeout`: no answer in time
 * - `rubbish`: an answer that is not a row of numbers of the usual length
 * - `not_finite`: numbers among which are NaN or infinity
 */
export type FailureKind = (typeof failureKinds)[number]

/** What became of one simulation. */
export type Outcome =
  | { readonly x: readonly number[] }
  | { readonly failed: FailureKind /** in the simulator's words or ours */; readonly told: string }

/** A forward model x ~ p(x | theta) that may do anything at all but take this process down. */
export interface Simulator {
  /** simulations that may be under way at once */
  readonly atOnce: number
  /** Never rejects but where the work is interrupted. */
  simulate(parameters: Readonly<Record<string, number>>): Promise<Outcome>
  close(): Promise<void>
}

/** An answer as a row, or why it is none. NaN and infinity may be written as Python writes them, or as null. */
export function readAnswer(line: string): Outcome {
  let answer: unknown
  try {
    answer = JSON.parse(line.replace(/(?<![\w"])-?(NaN|Infinity|nan|inf)(?![\w"])/g, 'null'))
  } catch {
    return { failed: 'rubbish', told: `a line that is not JSON: ${short(line)}` }
  }
  if (typeof answer === 'object' && answer !== null && 'error' in answer) {
    return { failed: 'failed', told: short(String(answer.error)) }
  }
  const values = typeof answer === 'object' && answer !== null && 'x' in answer ? answer.x : answer
  return rowOf(typeof values === 'number' ? [values] : values, line)
}

/** A row of numbers out of what a simulator gave. */
export function rowOf(values: unknown, said: string): Outcome {
  const numbers: unknown =
    ArrayBuffer.isView(values) && !(values instanceof DataView) ? Array.from(values as Float64Array) : values
  if (!Array.isArray(numbers) || numbers.length === 0 || !numbers.every(isCell)) {
    return { failed: 'rubbish', told: `no row of numbers: ${short(said)}` }
  }
  if (!numbers.every(value => typeof value === 'number' && Number.isFinite(value))) {
    return { failed: 'not_finite', told: `NaN or infinity: ${short(said)}` }
  }
  return { x: numbers as number[] }
}

function isCell(value: unknown): boolean {
  return value === null || typeof value === 'number'
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 80 ? `${line.slice(0, 77)}...` : line
}
