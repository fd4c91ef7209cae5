import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describeEnvironment } from './environment.js'
import { refuseOverwrite } from './overwrite.js'

/**
 * Where the page of an evaluation goes: `--out` itself where it ends in .html, else `evaluation.html` in that folder.
 *
 * @throws UsageError where a page is there and --force is not given
 */
export async function pagePath(out: string | undefined, force: boolean): Promise<string | undefined> {
  if (out === undefined) return undefined
  const isFile = /\.html?$/i.test(out) && !(await stat(out).catch(() => undefined))?.isDirectory()
  const path = isFile ? out : join(out, 'evaluation.html')
  await refuseOverwrite(path, force)
  return path
}

/** The machine and the versions, as a page lists them. */
export function environmentFacts(threads: number): { readonly label: string; readonly value: string }[] {
  return Object.entries(describeEnvironment(threads)).map(([label, value]) => ({
    label,
    value: typeof value === 'object' ? JSON.stringify(value) : String(value),
  }))
}
