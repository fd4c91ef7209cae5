import { spawn } from 'node:child_process'
import { cpus } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { makeKey } from '../../core/index.js'
import { type NestedRun, sampleNested } from '../../generative/posterior/index.js'
import { evidenceTargets } from './evidenceTargets.js'
import { peerPython } from './peer.js'
import type { BenchLine } from './trainingStep.js'

const [LIVE, DLOGZ, SEEDS] = [500, 0.01, 3]

interface PeerRun {
  readonly ms: number
  readonly log_z: number
  readonly log_z_error: number
  readonly ess: number
  readonly evaluations: number
}

/**
 * Nested sampling beside dynesty: the same likelihoods (plain functions of one point on both sides) and priors, points
 * alive, end, uniform draws in several ellipsoids, a few seeds in turns. Times are medians; effective draws (Kish) a
 * second, and evidences, come along, and go to stderr beside the truth.
 */
export async function* nestedBench(): AsyncIterable<BenchLine> {
  const peer = await startDynesty()
  try {
    for (const [name, { likelihood, fromCube, logZ }] of Object.entries(evidenceTargets)) {
      const ours: { ms: number; run: NestedRun }[] = []
      const theirs: PeerRun[] = []
      for (let seed = -1; seed < SEEDS; seed++) {
        const start = performance.now()
        const run = await sampleNested(likelihood, makeKey(seed + 1), { live: LIVE, dlogz: DLOGZ, fromCube })
        const ms = performance.now() - start
        // the first of ours warms the compiler up
        if (seed < 0) continue
        ours.push({ ms, run })
        if (peer) theirs.push(await peer.run(`${name} ${LIVE} ${DLOGZ} ${seed}`))
      }
      const oursMs = median(ours.map(({ ms }) => ms))
      const oursRate = median(ours.map(({ ms, run }) => (1000 * run.effectiveSampleSize) / ms))
      const peerMs = peer ? median(theirs.map(({ ms }) => ms)) : null
      const peerRate = peer ? median(theirs.map(({ ms, ess }) => (1000 * ess) / ms)) : null
      const [{ run }] = ours
      const said = theirs[0] ? `dynesty ${theirs[0].log_z.toFixed(3)} +- ${theirs[0].log_z_error.toFixed(3)}, ` : ''
      process.stderr.write(
        `${name}: ln Z ${run.logZ.toFixed(3)} +- ${run.logZError.toFixed(3)}, ${said}truth ${logZ.toFixed(3)}\n`,
      )
      yield {
        name: `nested ${name}`,
        size: `${likelihood.dim} parameters, ${LIVE} alive, dlogz ${DLOGZ}`,
        ours_ms: oursMs,
        peer: peer ? peer.version : null,
        peer_ms: peerMs,
        ratio: peerMs === null ? null : peerMs / oursMs,
        threads: 1,
        cpu: cpus()[0]?.model ?? 'unknown',
        ess_per_second: oursRate,
        peer_ess_per_second: peerRate,
        ess_ratio: peerRate === null ? null : oursRate / peerRate,
        evaluations: run.evaluations,
        peer_evaluations: theirs[0]?.evaluations ?? null,
        log_z: run.logZ,
        log_z_error: run.logZError,
        peer_log_z: theirs[0]?.log_z ?? null,
        peer_log_z_error: theirs[0]?.log_z_error ?? null,
        true_log_z: logZ,
      }
    }
  } finally {
    peer?.close()
  }
}

async function startDynesty() {
  const python = peerPython()
  if (!python) return undefined
  const path = fileURLToPath(new URL('../../../scripts/bench/peers/dynesty_runs.py', import.meta.url))
  const child = spawn(python, [path], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, OMP_NUM_THREADS: '1' },
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error('the peer dynesty_runs.py ended; its own words are above')
    return JSON.parse(value)
  }
  const { dynesty } = await answer()
  return {
    version: `dynesty ${dynesty}`,
    run: async (question: string): Promise<PeerRun> => {
      child.stdin.write(`${question}\n`)
      return answer()
    },
    close: () => child.stdin.end(),
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]
}
