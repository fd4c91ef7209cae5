import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A copy of a run folder in a temporary one, for a study to change. */
export async function copyRun(
  run: string,
): Promise<{ readonly path: string; file(name: string): string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'stipple-run-'))
  await copyFiles(run, path)
  return { path, file: name => join(path, name), remove: () => rm(path, { recursive: true }) }
}

/** Copies the files of a folder, those named or all, into another, which is made. */
export async function copyFiles(from: string, to: string, names?: readonly string[]): Promise<void> {
  await mkdir(to, { recursive: true })
  const entries = await readdir(from, { withFileTypes: true })
  const files = entries.filter(entry => entry.isFile() && (names === undefined || names.includes(entry.name)))
  await Promise.all(files.map(({ name }) => copyFile(join(from, name), join(to, name))))
}
