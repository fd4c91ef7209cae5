import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'

/** A folder of its own for one test file, removed at its end. */
export function temporaryFolder(): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'stipple-io-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return name => join(folder, name)
}
