/**
 * Errors that help at three in the morning: what was expected, what came, what to do.
 * The command line prints them as one line and leaves with `exitCode`.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 130

export class StippleError extends Error {
  readonly exitCode: ExitCode = 1

  constructor(
    readonly expected: string,
    readonly got: string,
    readonly action: string,
    options?: ErrorOptions,
  ) {
    super(`${expected}; ${got}; ${action}`.replace(/\s*\n\s*/g, ' '), options)
    this.name = new.target.name
  }
}

/** Wrong usage or configuration: the command would have to be typed differently. Exit code 2. */
export class UsageError extends StippleError {
  override readonly exitCode: ExitCode = 2
}

/** Bad input data: a file that is truncated, of another layout, or holds values that cannot be. Exit code 3. */
export class DataError extends StippleError {
  override readonly exitCode: ExitCode = 3
}

/** The work itself failed: no space left, a solver that did not converge. Exit code 1. */
export class WorkError extends StippleError {}

/** Ctrl-C or SIGTERM: a checkpoint is left. Exit code 130. */
export class Interrupted extends StippleError {
  override readonly exitCode: ExitCode = 130
}

/** theta outside the range where a model was trained (units as the parameter's own). */
export class ThetaOutOfRange extends UsageError {
  constructor(
    readonly parameter: string,
    readonly value: number,
    readonly range: readonly [number, number],
  ) {
    super(
      `expected ${parameter} in [${range[0]}, ${range[1]}], where the model was trained`,
      `got ${value}`,
      'choose a value inside, train on a wider design, or pass --extrapolate',
    )
  }
}

/**
 * An error of ours as plain data, any other as it is: on its way between threads an error would lose its class and so
 * its exit code.
 */
export type TaskFailure =
  | {
      readonly failure: {
        readonly exitCode: number
        readonly parts: readonly [string, string, string]
        readonly stack?: string
      }
    }
  | { readonly thrown: unknown }

/** What was thrown, as it can be sent to another thread. */
export function failureOf(error: unknown): TaskFailure {
  if (!(error instanceof StippleError)) return { thrown: error }
  const { exitCode, expected, got, action, stack } = error
  return { failure: { exitCode, parts: [expected, got, action], stack } }
}

/** The error again: of the class of its exit code, with the stack of the thread that threw it. */
export function errorOf(failure: TaskFailure): unknown {
  if ('thrown' in failure) return failure.thrown
  const { exitCode, parts, stack } = failure.failure
  const Kind = exitCode === 2 ? UsageError : exitCode === 3 ? DataError : WorkError
  const error = new Kind(...parts)
  if (stack !== undefined) error.stack = stack
  return error
}

/** The message of anything thrown, on one line. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, ' ')
}
