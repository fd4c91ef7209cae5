import { readFileSync } from 'node:fs'
import { messageOf, UsageError } from '../../core/index.js'

/**
 * What the file of --prior holds, whatever that is. @throws UsageError where there is no such file, or no JSON in it
 */
export function priorJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new UsageError(
      `expected a prior as JSON in ${path}`,
      `got ${messageOf(error)}`,
      'correct the path or the file',
    )
  }
}
