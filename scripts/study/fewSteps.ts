import { join } from 'node:path'
import { makeKey } from '../../core/index.js'
import { samplerNames, samplers } from '../../generative/diffusion/samplers/samplers.js'
import { makeRungs } from '../../generative/ladder/index.js'
import type { Field } from '../../io/galaxies/field.js'
import { writeAtomic } from '../../io/index.js'
import { loadPairModel, saveLadder } from '../../pipelines/galaxies/coefficientFiles.js'
import { type DrawRequest, drawFields } from '../../pipelines/galaxies/draw.js'
import { fitLadder, haloRungs } from '../../pipelines/galaxies/ladderModel.js'
import { ridgeAt } from '../../pipelines/galaxies/ladderStage.js'
import { quietContext } from '../../pipelines/run/index.js'
import { runOrShipped } from '../../pipelines/run/shipped.js'
import { linePlot } from '../../report/linePlot.js'
import { correlationFunction } from '../../statistics/index.js'
import { copyRun } from './copyRun.js'
import { haloFields, spread } from './haloFields.js'
import { print } from './print.js'

const edges = [5, 8, 12, 18, 25, 35, 50]
const stepCounts = [8, 16, 32, 64]
const rungCounts = [8, 16, 32]
/** Those that take the evaluations they are given. */
const byScore = samplerNames.filter(name => !samplers[name].adaptive)
const threads = 2

interface Point {
  readonly evaluations: number
  /** root mean square over bins of xi drawn over simulated - 1, means over the cosmologies */
  readonly off: number
  readonly ratios: readonly number[]
  readonly seconds: number
}

/**
 * `npm run study -- few-steps [cosmologies] [fields] [most] [out]`: quality against evaluations of the model. One field
 * is drawn at so many training cosmologies (default 12) by each sampler following the shipped pair score, with 8 to 64
 * evaluations and with `most` (default 500), and by ladders of 8, 16 and 32 rungs, each fitted on so many fields
 * (default 40); their correlation functions against the simulated ones. Writes a figure (default few-steps.svg).
 */
export async function fewSteps(): Promise<void> {
  const shipped = runOrShipped('galaxies', undefined)
  const [, cosmologies = '12', fitted = '40', most = '500', out = 'few-steps.svg'] = process.argv.slice(2)
  const fields = await haloFields('train.h5')
  const compared = spread(fields, Number(cosmologies))
  const theirs = compared.map(field => correlationFunction(field.positions, field.box, edges))
  const base = {
    box: fields[0].box[0] ?? 1000,
    thetas: compared.map(field => field.theta),
    points: fields[0].points,
    threads,
    device: 'cpu' as const,
    key: makeKey(1),
    label: '',
  }
  const measure = async (request: Pick<DrawRequest, 'run' | 'sampler' | 'steps'>): Promise<Point> => {
    const drawn = await drawFields({ ...base, ...request }, quietContext(makeKey(0)))
    const ours = drawn.fields.map(field => correlationFunction(field.positions, field.box, edges))
    const ratios = edges.slice(1).map((_, b) => sum(ours.map(xi => xi[b])) / sum(theirs.map(xi => xi[b])) - 1)
    const off = Math.sqrt(sum(ratios.map(x => x * x)) / ratios.length)
    const { evaluations, secondsPerField: seconds } = drawn
    const cells = ratios.map(x => `${(100 * x).toFixed(0)}%`.padStart(6)).join('')
    print(
      `${request.sampler.padEnd(10)} ${String(evaluations).padStart(4)} ${cells}   ${(100 * off).toFixed(1)}%   ${seconds.toFixed(1)} s`,
    )
    return { evaluations, off, ratios, seconds }
  }
  print(`xi over simulated - 1 in ${edges.join(', ')} Mpc/h, and its root mean square`)
  const lines: { readonly label: string; readonly points: Point[] }[] = []
  for (const sampler of byScore) {
    const points: Point[] = []
    for (const steps of [...stepCounts, Number(most)]) points.push(await measure({ run: shipped, sampler, steps }))
    lines.push({ label: sampler, points })
  }
  const ladders: Point[] = []
  for (const steps of rungCounts) {
    const run = await ladderOf(shipped, spread(fields, Number(fitted)), steps)
    ladders.push(await measure({ run: run.path, sampler: 'ladder', steps }))
    await run.remove()
  }
  lines.push({ label: 'ladder', points: ladders })
  writeAtomic(out, figure(lines))
  print(`${out} written`)
}

/** The shipped run with a ladder of its own number of rungs. */
async function ladderOf(shipped: string, fields: readonly Field[], evaluations: number) {
  const copy = await copyRun(shipped)
  const pairs = loadPairModel(join(shipped, 'pairs.safetensors'))
  const rungs = makeRungs({ ...haloRungs, evaluations })
  const ridge = (sigma: number) => ridgeAt(pairs, sigma)
  saveLadder(copy.file('ladder.safetensors'), await fitLadder({ fields, basis: pairs.basis, rungs, ridge, threads }))
  return copy
}

function figure(lines: readonly { readonly label: string; readonly points: readonly Point[] }[]): string {
  return linePlot({
    description: 'Error of the correlation function in 5 to 50 Mpc/h against evaluations of the model, by sampler',
    x: { label: 'evaluations of the model', type: 'log' },
    y: { label: 'xi drawn / simulated - 1, rms over bins', domain: [0, 0.6] },
    lines: lines.map(({ label, points }) => ({
      label,
      x: points.map(point => point.evaluations),
      y: points.map(point => point.off),
      dots: true,
    })),
  })
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0)
}
