import { makeKey } from '../../core/index.js'
import { type NestedRun, sampleNested } from '../../generative/posterior/index.js'
import { type BenchLine, median, processorModel } from './benchLine.js'
import { evidenceTargets } from './evidenceTargets.js'
import { startPeer } from './peer.js'

const [live, dlogz, seeds] = [500, 0.01, 3]

interface PeerRun {
  readonly ms: number
  readonly log_z: number
  readonly log_z_error: number
  readonly ess: number
  readonly evaluations: number
}

/**
 * Nested sampling beside dynesty. Both sides have the same likelihoods (plain functions of one point), priors, points
 * alive and end, and draw uniformly in several ellipsoids; they alternate over a few seeds. Times are medians.
 * Effective draws (Kish) a second and evidences are given too; the evidences also go to stderr beside the truth.
 */
export async function* nestedBench(): AsyncIterable<BenchLine> {
  const peer = await startPeer('dynesty_runs.py', [], { OMP_NUM_THREADS: '1' })
  try {
    for (const [name, { likelihood, fromCube, logZ }] of Object.entries(evidenceTargets)) {
      const ours: { ms: number; run: NestedRun }[] = []
      const theirs: PeerRun[] = []
      for (let seed = -1; seed < seeds; seed++) {
        const start = performance.now()
        const run = await sampleNested(likelihood, makeKey(seed + 1), { live, dlogz, fromCube })
        const ms = performance.now() - start
        // the first of ours warms the compiler up
        if (seed < 0) continue
        ours.push({ ms, run })
        if (peer) theirs.push(await peer.ask<PeerRun>(`${name} ${live} ${dlogz} ${seed}`))
      }
      const oursMs = median(ours.map(({ ms }) => ms))
      const oursRate = median(ours.map(({ ms, run }) => (1000 * run.effectiveSampleSize) / ms))
      const peerMs = peer ? median(theirs.map(({ ms }) => ms)) : null
      const peerRate = peer ? median(theirs.map(({ ms, ess }) => (1000 * ess) / ms)) : null
      const [{ run }] = ours
      const theirEvidence = theirs[0]
        ? `dynesty ${theirs[0].log_z.toFixed(3)} +- ${theirs[0].log_z_error.toFixed(3)}, `
        : ''
      process.stderr.write(
        `${name}: ln Z ${run.logZ.toFixed(3)} +- ${run.logZError.toFixed(3)}, ${theirEvidence}truth ${logZ.toFixed(3)}\n`,
      )
      yield {
        name: `nested ${name}`,
        size: `${likelihood.dim} parameters, ${live} alive, dlogz ${dlogz}`,
        ours_ms: oursMs,
        peer: peer ? `dynesty ${peer.versions.dynesty}` : null,
        peer_ms: peerMs,
        ratio: peerMs === null ? null : peerMs / oursMs,
        threads: 1,
        cpu: processorModel(),
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
