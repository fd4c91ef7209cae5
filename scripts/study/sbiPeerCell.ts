import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve as resolvePath } from 'node:path'
import { WorkError } from '../../core/index.js'
import { judgeDraws, simulateTask, type TaskCell, type TaskCellOptions } from '../../pipelines/densities/taskCell.js'
import { readReference, type Task } from '../../simulators/tasks/index.js'
import { peerPython, peerScript } from '../bench/peer.js'

/** Python's sbi on the same simulations and observations, measured like ours; nothing where there is no peer. */
export async function peerCell(task: Task, options: TaskCellOptions): Promise<TaskCell | undefined> {
  const python = peerPython()
  if (python === undefined) return undefined
  const { simulations, observations, n, key } = options
  const p = task.prior.names.length
  const simulated = simulateTask(task, simulations, key)
  const folder = await mkdtemp(join(tmpdir(), 'stipple-sbi-'))
  try {
    const finite = (row: number) => simulated.x.subarray(row * d, (row + 1) * d).every(Number.isFinite)
    const d = task.dataNames.length
    const kept = Array.from({ length: simulations }, (_, row) => row).filter(finite)
    const rowsOf = (values: Float64Array, width: number) =>
      Float32Array.from(kept.flatMap(row => Array.from(values.subarray(row * width, (row + 1) * width))))
    const references = observations.map(number => readReference(task.name, number))
    // The prior as the image of a standard normal: at the origin and at a unit step along each axis, which determine a
    // normal or lognormal one, and at the far ends, which determine a box.
    const z = (value: number, axis?: number) =>
      Float64Array.from({ length: p }, (_, i) => (axis === undefined || i === axis ? value : 0))
    const layout = {
      parameters: p,
      data: d,
      rows: kept.length,
      n,
      observations: references.map(({ observation }) => Array.from(observation)),
      low: Array.from(task.prior.toTheta(z(-40))),
      high: Array.from(task.prior.toTheta(z(40))),
      centre: Array.from(task.prior.toTheta(z(0))),
      axes: Array.from({ length: p }, (_, i) => Array.from(task.prior.toTheta(z(1, i)))),
    }
    await writeFile(join(folder, 'layout.json'), JSON.stringify(layout))
    await writeFile(join(folder, 'theta.bin'), rowsOf(simulated.theta, p))
    await writeFile(join(folder, 'x.bin'), rowsOf(simulated.x, d))
    const answer = await runPeer(python, folder)
    const judged = []
    for (const [i, number] of observations.entries()) {
      const bytes = await readFile(join(folder, `draws-${i}.bin`))
      const draws = Float64Array.from(new Float32Array(new Uint8Array(bytes).buffer))
      const own = await judgeDraws(references[i], draws, p, key.split(number))
      judged.push({
        observation: number,
        ...own,
        diagnostics: {},
        seconds: { draws: answer.draws[i], judged: own.seconds },
      })
    }
    return {
      task: task.name,
      method: 'sbi',
      simulations,
      dropped: simulations - kept.length,
      observations: judged,
      steps: answer.epochs,
      seconds: { simulating: simulated.seconds, training: answer.training, draws: answer.draws[0] },
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface PeerAnswer {
  readonly training: number
  readonly epochs: number
  readonly draws: readonly number[]
}

async function runPeer(python: string, folder: string): Promise<PeerAnswer> {
  return new Promise((resolve, reject) => {
    // sbi writes logs to the folder in which it is started
    const child = spawn(resolvePath(python), [peerScript('sbi_npe.py'), folder], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
    })
    child.on('error', reject)
    child.on('close', code => {
      const last = text.trim().split('\n').at(-1) ?? ''
      if (code === 0 && last.startsWith('{')) resolve(JSON.parse(last) as PeerAnswer)
      else reject(new WorkError('expected sbi to finish', `got exit code ${code}`, 'read what it printed above'))
    })
  })
}
