import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { integers, type Key, makeKey, normal, periodicBox, uniform, wrapPositions } from '../../core/index.js'
import { graphPool, knn } from '../../gnn/graph/index.js'
import { type BenchLine, median, processorModel } from './benchLine.js'
import { startPeer } from './peer.js'

/** side of the box */
const side = 1000
const k = 20
const rounds = 9
const warmUp = 5
const box = periodicBox(side)

/**
 * The 20 nearest neighbours of every point in a periodic cube, beside scipy's cKDTree (tree and query; its query counts
 * the point itself, so it finds 21). Ours includes the index and the displacements, which scipy does not give. Uniform
 * points, and points crowded in halos. With 2 threads a batch of two clouds: ours one a thread, scipy one after the
 * other with 2 workers. The two sides alternate, and the medians of their rounds are given; a few first rounds, in
 * which compilers warm up and files are read, do not count.
 */
export async function* knnBench(): AsyncIterable<BenchLine> {
  const folder = await mkdtemp(join(tmpdir(), 'stipple-bench-'))
  const peer = await startPeer('knn.py')
  const timeOf = async (question: PeerQuestion) => peer && (await peer.ask<{ ms: number }>(JSON.stringify(question))).ms
  try {
    for (const points of [5_000, 100_000]) {
      for (const [kind, draw] of Object.entries({ uniform: uniformPoints, clustered: halos })) {
        for (const threads of [1, 2]) {
          const clouds = Array.from({ length: threads }, (_, i) => draw(makeKey(points + i), points))
          const file = join(folder, `${kind}-${points}-${threads}`)
          await writeFile(file, Buffer.concat(clouds.map(c => Buffer.from(c.buffer, c.byteOffset, c.byteLength))))
          const ours = await search(threads)
          const times: { ours: number[]; peer: number[] } = { ours: [], peer: [] }
          for (let round = -warmUp; round < rounds; round++) {
            const start = performance.now()
            await ours.run(clouds)
            const ms = performance.now() - start
            const peerMs = await timeOf({ file, points, length: side, k, workers: threads })
            if (round < 0) continue
            times.ours.push(ms)
            if (peerMs !== undefined) times.peer.push(peerMs)
          }
          await ours.close()
          const oursMs = median(times.ours)
          const peerMs = peer ? median(times.peer) : null
          yield {
            name: 'knn',
            size: `${threads === 1 ? '' : `${threads} clouds of `}${points} ${kind} points, ${k} neighbours, periodic`,
            ours_ms: oursMs,
            peer: peer ? `scipy ${peer.versions.scipy} cKDTree` : null,
            peer_ms: peerMs,
            ratio: peerMs === null ? null : peerMs / oursMs,
            threads,
            cpu: processorModel(),
          }
        }
      }
    }
  } finally {
    peer?.close()
    await rm(folder, { recursive: true })
  }
}

async function search(threads: number): Promise<{ run(clouds: Float32Array[]): unknown; close(): Promise<void> }> {
  if (threads === 1) return { run: clouds => clouds.map(cloud => knn(cloud, box, k)), close: async () => {} }
  const pool = graphPool({ threads })
  return { run: clouds => pool.knn(clouds, box, k), close: () => pool.close() }
}

function uniformPoints(key: Key, points: number): Float32Array {
  return wrapPositions(
    uniform(key, [points, 3]).map(x => x * side),
    box,
  )
}

/** 50 points a halo on average, with density falling as the third power and more of the radius. */
function halos(key: Key, points: number): Float32Array {
  const count = Math.ceil(points / 50)
  const centres = uniform(key.split('centres'), [count, 3])
  const halo = integers(key.split('halo'), points, count)
  const direction = normal(key.split('direction'), [points, 3])
  const enclosed = uniform(key.split('radius'), points)
  const positions = Float32Array.from(direction, (d, at) => {
    const point = Math.floor(at / 3)
    const [x, y, z] = direction.subarray(point * 3, point * 3 + 3)
    const radius = Math.min(0.002 * (1 / enclosed[point] - 1), 0.2)
    return side * (centres[halo[point] * 3 + (at % 3)] + (d / Math.hypot(x, y, z)) * radius)
  })
  return wrapPositions(positions, box)
}

interface PeerQuestion {
  readonly file: string
  readonly points: number
  readonly length: number
  readonly k: number
  readonly workers: number
}
