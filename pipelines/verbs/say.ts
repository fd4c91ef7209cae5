import type { Report } from '../case.js'
import type { RunContext } from '../run/context.js'

/** Warnings and notes to stderr, lines of result to stdout. */
export function say({ warnings = [], notes = [], lines = [] }: Report, { log, print }: RunContext): void {
  for (const text of warnings) log.warn(text)
  for (const text of notes) log.info(text)
  for (const text of lines) print(text)
}
