import { readFileSync } from 'node:fs'

/**
 * The attributes every file of ours carries on its root: which version of stipple wrote it, for which subject, from
 * which seed, and when (the only part that differs between two equal runs).
 */
export function rootAttributes(
  subject: string,
  seed: number,
): { stipple_version: string; subject: string; seed: number; created: string } {
  return { stipple_version: stippleVersion(), subject, seed, created: new Date().toISOString() }
}

let version: string | undefined

/** The version in the package.json above this module, wherever the package was compiled to. */
export function stippleVersion(): string {
  version ??= findVersion()
  return version
}

function findVersion(): string {
  for (const up of ['../../', '../../../', '../../../../']) {
    try {
      const found = JSON.parse(readFileSync(new URL(`${up}package.json`, import.meta.url), 'utf8')) as {
        name?: string
        version?: string
      }
      if (found.name === 'stippling' && found.version) return found.version
    } catch {
      // one folder further up
    }
  }
  return 'unknown'
}
