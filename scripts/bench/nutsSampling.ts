import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeKey, normal } from '../../core/index.js'
import {
  type Chains,
  effectiveSampleSize,
  sampleNuts,
  seriesOf,
  type Target,
} from '../../generative/posterior/index.js'
import { type BenchLine, processorModel } from './benchLine.js'
import { banana, compiledRegression, eightSchools, gaussian, regressionRows, targetOf } from './nutsTargets.js'
import { startPeer } from './peer.js'

const rounds = 3
const threads = 1

interface Task {
  readonly name: string
  readonly of: string
  readonly target: Target
  readonly chains: number
  readonly warmUp: number
  readonly draws: number
  /** the peers' ways to run chains, of which the better counts */
  readonly ways: readonly ('sequential' | 'vectorized')[]
  readonly data?: string
}

/**
 * NUTS beside numpyro's and blackjax's, with diagonal scales, acceptance 0.8, the same chains, warm-up and draws. A
 * time is milliseconds for 1,000 effective draws: the whole run, with warm-up and without compiling, over the smallest
 * bulk effective size of a parameter, by the same code for all. The sides alternate, and the best round counts, for a
 * peer with the better of its ways to run chains. Times are processor time of a single thread, so that they do not
 * depend on how busy the machine is. jax runs in float32, its default; ours in float64 but for the compiled regression.
 */
export async function* nutsSampling(): AsyncGenerator<BenchLine> {
  const folder = await mkdtemp(join(tmpdir(), 'stipple-nuts-'))
  const [dim, chains] = [25, 32]
  const rows = regressionRows(makeKey(7), 1000, dim)
  const regression = await compiledRegression(rows, dim, chains, threads)
  const peers = await startPeers(folder)
  try {
    const data = join(folder, 'regression.bin')
    await writeFile(data, rows)
    const small = { chains: 4, warmUp: 1000, draws: 1000, ways: ['sequential', 'vectorized'] as const }
    const tasks: Task[] = [
      { name: 'gaussian', of: '10 numbers, neighbours correlated by .95', target: targetOf(10, gaussian), ...small },
      { name: 'schools', of: 'eight schools, non-centred', target: targetOf(10, eightSchools), ...small },
      { name: 'banana', of: 'a banana in 2 dimensions', target: targetOf(2, banana), ...small },
      {
        name: 'regression',
        of: `logistic regression, 1000 rows of ${dim}, one compiled step for all chains`,
        target: regression,
        chains,
        warmUp: 200,
        draws: 100,
        ways: ['vectorized'],
        data,
      },
    ]
    for (const task of tasks) yield* lines(task, peers)
  } finally {
    peers?.close()
    await regression.close()
    await rm(folder, { recursive: true })
  }
}

async function* lines(task: Task, peers: Peers | undefined): AsyncGenerator<BenchLine> {
  const { versions } = peers ?? {}
  const sides = peers ? ['numpyro', 'blackjax'].flatMap(library => task.ways.map(way => ({ library, way }))) : []
  let ours = { cost: Infinity, ms: 0, size: 0 }
  const theirs = sides.map(side => ({ ...side, cost: Infinity, ms: 0, size: 0 }))
  for (let round = 0; round < rounds; round++) {
    const began = process.cpuUsage()
    const chains = await ourRun(task, round)
    ours = better(ours, spent(began), chains)
    for (const [i, side] of theirs.entries()) {
      const { ms, chains } = await peers!.run(task, side.library, side.way, round)
      theirs[i] = { ...side, ...better(side, ms, chains) }
    }
  }
  for (const library of peers ? ['numpyro', 'blackjax'] : [null]) {
    const best = theirs.filter(side => side.library === library).sort((a, b) => a.cost - b.cost)[0]
    yield {
      name: `nuts ${task.name}`,
      size: `${task.of}; ${task.chains} chains of ${task.warmUp} + ${task.draws}; ms for 1,000 effective draws, compiling left out`,
      ours_ms: ours.cost,
      peer: library && versions ? `${library} ${versions[library]}, ${best.way} chains, jax ${versions.jax}` : null,
      peer_ms: best?.cost ?? null,
      ratio: best ? best.cost / ours.cost : null,
      threads,
      cpu: processorModel(),
      ess_per_second: 1e6 / ours.cost,
      peer_ess_per_second: best ? 1e6 / best.cost : null,
      ess: ours.size,
      peer_ess: best?.size ?? null,
      run_ms: ours.ms,
      peer_run_ms: best?.ms ?? null,
    }
  }
}

function ourRun({ target, chains, warmUp, draws }: Task, round: number): Promise<Chains> {
  const key = makeKey(200 + round)
  const start = Float64Array.from(normal(key.split('start'), chains * target.dim), x => x / 2)
  return sampleNuts(target, start, key, { warmUp, length: draws })
}

/** Milliseconds of the processor since then, garbage collection and compiling on other threads included. */
function spent(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1000
}

type Drawn = Pick<Chains, 'dim' | 'chains' | 'length' | 'draws'>

/** The cheaper of a run and the best so far, by milliseconds for 1,000 effective draws. */
function better(best: { cost: number; ms: number; size: number }, ms: number, chains: Drawn) {
  const size = Math.min(
    ...Array.from({ length: chains.dim }, (_, i) => effectiveSampleSize(seriesOf(chains as Chains, i))),
  )
  const cost = (1000 * ms) / size
  return cost < best.cost ? { cost, ms, size } : { cost: best.cost, ms: best.ms, size: best.size }
}

interface Peers {
  readonly versions: Readonly<Record<string, string>>
  run(task: Task, library: string, way: string, round: number): Promise<{ ms: number; chains: Drawn }>
  close(): void
}

async function startPeers(folder: string): Promise<Peers | undefined> {
  const peer = await startPeer('nuts.py', [String(threads)])
  if (!peer) return undefined
  const out = join(folder, 'draws.bin')
  return {
    versions: peer.versions,
    async run({ name, target, chains, warmUp, draws, data }, library, way, round) {
      const ask = { library, target: name, way, chains, warmup: warmUp, draws, out, round, dim: target.dim, data }
      const { ms } = await peer.ask<{ ms: number }>(JSON.stringify(ask))
      const bytes = await readFile(out)
      const values = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
      return { ms, chains: { dim: target.dim, chains, length: draws, draws: values } }
    },
    close: () => peer.close(),
  }
}
