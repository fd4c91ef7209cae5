import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Field } from '../../io/galaxies/field.js'
import { fields } from '../../io/galaxies/index.js'
import { readObjects, writeObjects } from '../../io/objects/index.js'
import {
  type CosmologyReport,
  cosmologySection,
  type Page,
  type Timing,
  trainingSection,
  writePage,
} from '../../report/index.js'
import { type CommonOptions, environmentFacts, type RunContext, readMetrics, secondsSince } from '../run/index.js'
import { type Trained, train } from '../verbs/train.js'
import type { GalaxiesFacts } from './card.js'
import { drawFields } from './draw.js'
import { measureAndCompare } from './measure.js'
import { loadGalaxiesModel } from './model.js'
import { learningOfFields } from './train.js'

/** The 36 fields that travel with the package. */
const embedded = fileURLToPath(new URL('../../../data/halos/embedded.h5', import.meta.url))

/** Fields drawn at each cosmology, for the mean correlation function. */
const drawsPerCosmology = 6
const evaluations = 32

/**
 * `npm start`: the embedded fields from file to picture. The quick preset is fitted and trained, fields are drawn at
 * two cosmologies that it has not seen, their statistics stand beside the simulations', and all of it is one page.
 *
 * @returns the path of report.html
 */
export async function firstRun(options: CommonOptions, context: RunContext): Promise<string> {
  const out = options.out ?? nextFolder('runs/first')
  const preset = options.preset ?? 'quick'
  context.print(`training the preset ${preset} on the embedded fields; the run is in ${out}`)
  const training = { ...options, preset, out, data: [embedded] }
  const trained = await train('galaxies', async () => learningOfFields, training, context)
  const model = await loadGalaxiesModel(out)
  const unseen = await fieldsOf(
    twoApart(trained.validation_rows, await fieldsOf(trained.validation_rows, context), context),
    context,
  )
  const drawingBegan = performance.now()
  const drawn = await drawFields(
    {
      run: out,
      box: model.box,
      thetas: unseen.flatMap(field => Array.from({ length: drawsPerCosmology }, () => field.theta)),
      points: model.points,
      sampler: 'heun-sde',
      steps: evaluations,
      threads: options.threads,
      device: options.device,
      key: context.key.split('first run'),
      label: `drawing ${drawsPerCosmology} fields at each of ${unseen.length} cosmologies`,
    },
    context,
  )
  const drawingSeconds = secondsSince(drawingBegan)
  await writeObjects(fields, join(out, 'samples', 'unseen.h5'), drawn.fields, {
    seed: options.seed,
    force: options.resume,
  })
  const measuringBegan = performance.now()
  const cosmologies: CosmologyReport[] = []
  for (const [i, simulated] of unseen.entries()) {
    const generated = drawn.fields.slice(i * drawsPerCosmology, (i + 1) * drawsPerCosmology)
    const comparison = await measureAndCompare(generated, [simulated], options.threads, context)
    cosmologies.push({
      name: `Unseen cosmology ${i + 1}`,
      theta: simulated.theta,
      generated: { field: generated[0], count: generated.length },
      simulated: { field: simulated, count: 1 },
      comparison,
      note: 'No field at this cosmology was trained on. The band of the simulation is the jackknife error of its one field.',
    })
    const { xi } = comparison.curves
    context.print(describe(simulated, xi.x, xi.value, xi.reference ?? []))
  }
  const report = resolve(out, 'report.html')
  const timings: Timing[] = [
    { stage: 'pair score, closed form', seconds: trained.seconds.pairs, detail: `${trained.fields.training} fields` },
    { stage: 'network for the residual', seconds: trained.seconds.network, detail: `${trained.steps} steps` },
    { stage: 'validation', seconds: trained.seconds.validation },
    {
      stage: 'drawing',
      seconds: drawingSeconds,
      detail: `${drawn.fields.length} fields, ${drawn.evaluations} evaluations each, ${drawn.secondsPerField.toFixed(1)} s a field`,
    },
    { stage: 'statistics', seconds: secondsSince(measuringBegan) },
  ]
  const facts = { trained, cosmologies, timings, configuration: model.config, evaluations: drawn.evaluations }
  writePage(report, await pageOf(out, options, facts))
  context.json({ report, run: out, evaluations: drawn.evaluations, seconds: trained.seconds })
  context.print(report)
  return report
}

/** `runs/first`, or the first of `runs/first-2`, `runs/first-3`, … that is free: nothing is overwritten. */
function nextFolder(base: string): string {
  for (let i = 1; ; i++) {
    const path = i === 1 ? base : `${base}-${i}`
    if (!existsSync(path)) return path
  }
}

async function fieldsOf(rows: readonly number[], context: RunContext): Promise<Field[]> {
  const found: Field[] = []
  for await (const field of readObjects(fields, [embedded], { rows, signal: context.signal })) found.push(field)
  return found
}

/** The two validation fields whose matter clusters most differently: least and greatest sigma_8. */
function twoApart(rows: readonly number[], fields: readonly Field[], context: RunContext): number[] {
  const order = rows.map((row, i) => ({ row, sigma8: fields[i].theta.sigma_8 })).sort((a, b) => a.sigma8 - b.sigma8)
  context.log.debug(`held out: rows ${rows.join(', ')}`)
  return order.length < 2 ? order.map(({ row }) => row) : [order[0].row, order[order.length - 1].row]
}

function describe(
  field: Field,
  edges: readonly number[],
  drawn: readonly number[],
  simulated: readonly number[],
): string {
  const bins = drawn.flatMap((value, bin) => {
    const inside = edges[bin] >= 12 && edges[bin + 1] <= 50
    return inside ? [`${edges[bin]}-${edges[bin + 1]}: ${value.toFixed(2)} (${simulated[bin].toFixed(2)})`] : []
  })
  const { omega_m, sigma_8 } = field.theta
  return `Omega_m ${omega_m.toFixed(3)}, sigma_8 ${sigma_8.toFixed(3)}: xi drawn (simulated) in Mpc/h  ${bins.join('  ')}`
}

interface FirstRunFacts {
  readonly trained: Trained<GalaxiesFacts>
  readonly cosmologies: readonly CosmologyReport[]
  readonly timings: readonly Timing[]
  readonly configuration: unknown
  /** of the model, a field */
  readonly evaluations: number
}

async function pageOf(run: string, options: CommonOptions, facts: FirstRunFacts): Promise<Page> {
  const { trained, cosmologies, timings, configuration, evaluations } = facts
  const metrics = await readMetrics(join(run, 'metrics.jsonl'))
  const losses = metrics.flatMap(row => (typeof row.loss === 'number' ? [{ step: row.step, loss: row.loss }] : []))
  const sigmas = trained.explained.map(level => level.sigma)
  const training = {
    ...(losses.length > 0 && {
      loss: [{ label: 'training loss', x: losses.map(row => row.step), y: losses.map(row => row.loss), smooth: 0.1 }],
      lossLabel: 'square error of the noise (1: nothing explained)',
    }),
    explainedShare: [
      { label: 'pair score', x: sigmas, y: trained.explained.map(level => level.pairs), dots: true },
      { label: 'with the network', x: sigmas, y: trained.explained.map(level => level.total), dots: true },
    ],
    note:
      'Shares of a few per cent are the whole signal: the rest of the noise cannot be known. The network is used at each level ' +
      'only as far as it helped on validation fields.',
  }
  return {
    title: 'Halo fields at a cosmology of your choice',
    lead:
      `A model of the 5000 heaviest halos in a 1 (Gpc/h)^3 box, given Omega_m, Omega_b, h, n_s and sigma_8, fitted to ` +
      `${trained.fields.training} simulated fields, and fields drawn from it at two cosmologies that it has not seen.`,
    facts: [
      { label: 'training fields', value: String(trained.fields.training) },
      { label: 'evaluations a field', value: String(evaluations) },
      { label: 'time in all', value: `${timings.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(0)} s` },
    ],
    sections: [...cosmologies.map(cosmologySection), trainingSection(training)],
    timings,
    configuration,
    environment: environmentFacts(options.threads),
    provenance: [
      {
        label: 'data',
        value:
          'data/halos/embedded.h5: 36 PINOCCHIO 5.1 fields at Quijote Latin-hypercube cosmologies, made for Stipple',
      },
      { label: 'seed', value: String(options.seed) },
      { label: 'validation rows', value: trained.validation_rows.join(', ') },
    ],
  }
}
