import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { ArrayValue } from '../../core/index.js'

/** A training step of the peer, run when asked. */
export interface PeerStep {
  readonly version: string
  /** Milliseconds and losses of that many further steps in a mode (`eager`, `compiled`). */
  run(mode: string, steps: number): Promise<{ ms: number[]; losses: number[] }>
  close(): Promise<void>
}

/** The Python of `STIPPLE_PEERS` (a bin folder), if there is one. */
export function peerPython(): string | undefined {
  const folder = process.env.STIPPLE_PEERS
  const python = folder && join(folder, 'python')
  return python && existsSync(python) ? python : undefined
}

/**
 * Starts `scripts/bench/peers/<script>` on the same parameters (names hold a dot) and inputs; nothing where there are
 * no peers.
 */
export async function startPeer(
  script: string,
  tensors: ReadonlyMap<string, ArrayValue>,
  threads: number,
): Promise<PeerStep | undefined> {
  const python = peerPython()
  if (!python) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'stipple-bench-'))
  const dtype = (a: ArrayValue) => (a.values instanceof Int32Array ? 'int32' : 'float32')
  const layout = [...tensors].map(([name, a]) => ({ name, shape: a.shape, dtype: dtype(a) }))
  await writeFile(join(folder, 'layout.json'), JSON.stringify(layout))
  const bytes = [...tensors.values()].map(({ values: v }) => Buffer.from(v.buffer, v.byteOffset, v.byteLength))
  await writeFile(join(folder, 'values.bin'), Buffer.concat(bytes))

  const path = fileURLToPath(new URL(`../../../scripts/bench/peers/${script}`, import.meta.url))
  const child = spawn(python, [path, folder, String(threads)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`the peer ${script} ended; its own words are above`)
    return JSON.parse(value)
  }
  const { torch } = await answer()
  return {
    version: `pytorch ${torch}`,
    run: async (mode, steps) => {
      child.stdin.write(`${mode} ${steps}\n`)
      return answer()
    },
    close: async () => {
      child.stdin.end()
      await rm(folder, { recursive: true })
    },
  }
}
