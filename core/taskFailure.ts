import { DataError, StippleError, UsageError, WorkError } from './errors.js'

/** An error of ours as plain data; any other as it is. */
export type TaskFailure =
  | {
      readonly failure: {
        readonly exitCode: number
        readonly parts: readonly [string, string, string]
        readonly stack?: string
      }
    }
  | { readonly thrown: unknown }

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
