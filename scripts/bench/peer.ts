import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type ArrayValue, WorkError } from '../../core/index.js'
import { specOf } from '../../engine/index.js'

/** The Python of `STIPPLE_PEERS` (a bin folder), if there is one. */
export function peerPython(): string | undefined {
  const folder = process.env.STIPPLE_PEERS
  const python = folder && join(folder, 'python')
  return python && existsSync(python) ? python : undefined
}

/** The path of `scripts/bench/peers/<script>`, which is not compiled. */
export function peerScript(script: string): string {
  return fileURLToPath(new URL(`../../../scripts/bench/peers/${script}`, import.meta.url))
}

/** A Python program that answers each line on its stdin with one line of JSON, after a first line with its versions. */
export interface Peer {
  /** versions of its libraries, by name */
  readonly versions: Readonly<Record<string, string>>
  /** The answer to a line. Lines are asked one after another. */
  ask<T>(line: string): Promise<T>
  close(): void
}

/**
 * Starts `scripts/bench/peers/<script>`; nothing where there are no peers.
 *
 * @param environment variables of the program beside our own
 * @throws PeerEnded where it ends before it has answered
 */
export async function startPeer(
  script: string,
  words: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<Peer | undefined> {
  const python = peerPython()
  if (!python) return undefined
  const child = spawn(python, [peerScript(script), ...words], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async <T>(): Promise<T> => {
    const { value, done } = await lines.next()
    if (done) throw new PeerEnded(script)
    return JSON.parse(value) as T
  }
  return {
    versions: await answer(),
    ask: line => {
      child.stdin.write(`${line}\n`)
      return answer()
    },
    close: () => child.stdin.end(),
  }
}

/** A peer has ended although it was asked for more. */
export class PeerEnded extends WorkError {
  constructor(readonly script: string) {
    super(`expected an answer of the peer ${script}`, 'got its end', 'read what it printed above')
  }
}

/** A training step of the peer, run when asked. */
export interface PeerStep {
  readonly version: string
  /** Milliseconds and losses of that many further steps in a mode (`eager`, `compiled`). */
  run(mode: string, steps: number): Promise<{ ms: number[]; losses: number[] }>
  close(): Promise<void>
}

/**
 * Starts a peer that trains on the same parameters (names hold a dot) and inputs, which it reads from a folder; nothing
 * where there are no peers.
 */
export async function startPeerStep(
  script: string,
  tensors: ReadonlyMap<string, ArrayValue>,
  threads: number,
): Promise<PeerStep | undefined> {
  if (!peerPython()) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'stipple-bench-'))
  const layout = [...tensors].map(([name, value]) => ({ name, ...specOf(value) }))
  await writeFile(join(folder, 'layout.json'), JSON.stringify(layout))
  const bytes = [...tensors.values()].map(({ values: v }) => Buffer.from(v.buffer, v.byteOffset, v.byteLength))
  await writeFile(join(folder, 'values.bin'), Buffer.concat(bytes))
  const peer = await startPeer(script, [folder, String(threads)])
  return (
    peer && {
      version: `pytorch ${peer.versions.torch}`,
      run: (mode, steps) => peer.ask(`${mode} ${steps}`),
      close: async () => {
        peer.close()
        await rm(folder, { recursive: true })
      },
    }
  )
}
