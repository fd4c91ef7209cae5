import { cpus } from 'node:os'
import { UsageError } from '../../core/index.js'
import { percentText, trainingSection, writePage } from '../../report/index.js'
import { drawnXi, fitted, type Measured, settings, studyData, trained } from './explainedModels.js'
import { haloFields, haloFile, spread } from './haloFields.js'
import { print } from './print.js'

const file = 'train.h5'
/** So many fields at the end of the file are never trained on. */
const heldOut = 15
const levels = [1.5, 3, 6, 12, 30, 100]
const edges = [5, 8, 12, 18, 25, 35, 50]
const evaluations = 31

/**
 * `npm run study -- explained [minutes] [fields] [out]`: which model learns most of a halo field's score an hour of
 * processor time. It prints the explained share by noise level on held-out training fields, with common noise: of the
 * pair score in closed form (plain, gated, with three-body terms), of networks on what that leaves (whole boxes,
 * crops), each trained for so many processor minutes (default .5), and of the velocity of flow matching (matched and
 * random points). Then it prints the correlation functions that diffusion and flow draw with the same number of
 * evaluations. All of it goes to a report of one HTML file too. Closed forms are fitted on so many fields (default 24).
 */
export async function explained(): Promise<void> {
  const [, minutesText, fieldsText, out = 'explained.html'] = process.argv.slice(2)
  const budget = 60 * numberFrom(minutesText, 0.5)
  const fields = await haloFields(file)
  const training = spread(fields.slice(0, -heldOut), numberFrom(fieldsText, 24))
  // As many as make the noise of a share small beside the differences, in minutes.
  const held = spread(fields.slice(-heldOut), budget > 120 ? heldOut : 4)
  const data = await studyData(training, held, levels)
  const began = performance.now()
  print(
    `${training.length} fields of ${haloFile(file)} for training, ${held.length} held out; one thread, processor seconds\n`,
  )
  printRow('', [...levels.map(level => `${level}`), 'CPU s'])

  const plain = settings({ pairs: { gated: false } })
  const gated = settings({})
  const triples = settings({ pairs: { triples: true } })
  const scores = [
    report(await fitted(data, 'pairs, plain', plain)),
    report(await fitted(data, 'pairs, gated', gated)),
    report(await fitted(data, 'pairs, gated, three-body', triples)),
  ]
  const best = scores[scores.length - 1].model
  const base = { kind: 'egnn', width: 32, neighbours: 16 }
  const rate = { learningRate: 3e-3, warmup: 30, ema: 0.98 }
  const networks: Measured[] = []
  for (const [label, network, train] of [
    ['egnn, 2 layers, whole boxes', { ...base, layers: 2 }, rate],
    ['egnn seeing surroundings, whole', { ...base, layers: 1, surroundings: true }, rate],
    ['egnn seeing surroundings, crops', { ...base, layers: 1, surroundings: true }, { ...rate, batch: 5, crop: 1000 }],
  ] as const) {
    const config = settings({ pairs: { triples: true }, network, train })
    networks.push(report(await trained(data, { label, config, pairs: best, budget }), true))
  }
  const flow = { objective: 'flow-matching' }
  const matched = settings({ ...flow, pairs: { triples: true } })
  const random = settings({
    ...flow,
    pairs: { triples: true },
    flow: { matching: 'random' },
    noise: { sigmaMaxOverBox: 0.2887 },
  })
  const flows = [
    report(await fitted(data, 'flow, matched points', matched)),
    report(await fitted(data, 'flow, random points', random)),
  ]
  print('\nnetworks: share above the closed form with three-body terms, at the gain of each level')
  print(
    'flow: share of the variance of the way from base to data at t = 1 - level / scale; scale 150 matched, 289 random',
  )

  print(
    `\nxi over simulated - 1 of one field at each of ${held.length} held-out cosmologies, Heun, ${evaluations} evaluations`,
  )
  printRow(
    'Mpc/h',
    edges.slice(0, -1).map((edge, i) => `${edge}-${edges[i + 1]}`),
  )
  const drawn: (readonly [string, readonly number[]])[] = []
  for (const [label, model, config] of [
    ['diffusion, gated', scores[1].model, gated],
    ['diffusion, three-body', best, triples],
    ['flow, matched', flows[0].model, matched],
    ['flow, random', flows[1].model, random],
  ] as const) {
    const xi = await drawnXi(data, { model, config }, evaluations, edges)
    printRow(
      label,
      xi.map(x => `${(100 * x).toFixed(0)}%`),
    )
    drawn.push([label, xi])
  }

  const line = ({ label, shares }: Measured, y: (share: Measured['shares'][number]) => number) => ({
    label,
    x: levels,
    y: shares.map(y),
  })
  const minutes = (performance.now() - began) / 60000
  writePage(out, {
    title: 'Explained share by noise level',
    lead: `Which model learns most of a halo field's score for its processor time: ${training.length} fields for training, ${held.length} held out, common noise.`,
    facts: [...scores, ...networks, ...flows].map(({ label, seconds, note }) => ({
      label,
      value: `${seconds.toFixed(0)} CPU s${note ? ` (${note})` : ''}`,
    })),
    sections: [
      trainingSection({
        explainedShare: [
          ...scores.map(score => line(score, share => share.pairs)),
          ...networks.map(network => line(network, share => share.total)),
        ],
        note: `Closed forms, and networks above the last of them. Above it the networks explain: ${networks
          .map(
            ({ label, shares }) =>
              `${label} ${shares.map(({ pairs, total }) => percentText(total - pairs, 3)).join(', ')}`,
          )
          .join('; ')}.`,
      }),
    ],
    timings: [...scores, ...networks, ...flows].map(({ label, seconds }) => ({
      stage: label,
      seconds,
      detail: 'processor time',
    })),
    configuration: { levels, budget_seconds: budget, networks: base, train: rate },
    environment: [
      { label: 'processor', value: cpus()[0]?.model ?? 'unknown' },
      { label: 'node', value: process.version },
      { label: 'minutes in all', value: minutes.toFixed(1) },
    ],
    provenance: [
      ...flows.map(({ label, shares }) => ({
        label: `${label}: share of the way's variance at ${levels.join(', ')} Mpc/h`,
        value: shares.map(({ pairs }) => percentText(pairs, 3)).join(', '),
      })),
      {
        label: 'how flow compares',
        value:
          'Ways to matched points are not independent of the cloud: at t = 0 the uniform points alone determine where they will go. Shares of velocity and of noise are shares of different things; what can be compared is what is drawn.',
      },
      ...drawn.map(([label, xi]) => ({
        label: `xi over simulated - 1, ${label}, ${edges.join(', ')} Mpc/h`,
        value: xi.map(share => percentText(share, 3)).join(', '),
      })),
    ],
  })
  print(`\n${out} written, ${minutes.toFixed(1)} minutes`)
}

function report<T extends Measured>(measured: T, above = false): T {
  const { label, shares, seconds } = measured
  const share = (level: Measured['shares'][number]) => percentText(above ? level.total - level.pairs : level.pairs, 3)
  printRow(above ? `+ ${label}` : label, [...shares.map(share), seconds.toFixed(0)])
  return measured
}

function printRow(label: string, cells: readonly string[]): void {
  print(`${label.padEnd(36)}${cells.map(cell => cell.padStart(9)).join('')}`)
}

function numberFrom(text: string | undefined, otherwise: number): number {
  const value = Number(text ?? otherwise)
  if (value > 0) return value
  throw new UsageError('expected explained [minutes] [fields] [out]', `got ${text}`, 'give positive numbers')
}
