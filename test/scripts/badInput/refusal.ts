import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type tap from 'tap'
import { type RunOptions, stipple, stippleHere } from './tiny.js'

type Asserts = Pick<typeof tap, 'equal' | 'same' | 'match'>

export interface Refusal extends RunOptions {
  readonly args: readonly string[]
  readonly code: 1 | 2 | 3 | 130
  /** What the line has to say. */
  readonly says: RegExp
  /** Must be afterwards as it was before. */
  readonly folder: string
}

/**
 * The law of every refusal: its exit code, nothing on stdout, exactly one line `stipple: expected …; got …; what to do`
 * on stderr, and a folder in which every file is as it was, none more and none less. In a process of its own where
 * `options` want one.
 */
export async function refuses(t: Asserts, { args, code, says, folder, ...options }: Refusal): Promise<void> {
  const name = `stipple ${args.join(' ')}`
  const before = filesOf(folder)
  const words = [...args, '--quiet']
  const outcome = Object.keys(options).length > 0 ? await stipple(words, options) : await stippleHere(words)
  t.equal(outcome.code, code, name)
  t.equal(outcome.stdout, '')
  t.match(outcome.stderr, /^stipple: expected [^\n;]+; got [^\n;]+; [^\n;]+\n$/)
  t.match(outcome.stderr, says)
  t.same(filesOf(folder), before, 'nothing made, nothing changed')
}

/** Every folder and file beneath, with the digest of its content. */
export function filesOf(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {}
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  return Object.fromEntries(
    entries.map(entry => {
      const path = join(folder, entry)
      return [entry, statSync(path).isDirectory() ? 'folder' : digestOf(path)]
    }),
  )
}

export function digestOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}
