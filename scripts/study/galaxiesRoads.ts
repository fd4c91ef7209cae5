import { makeKey } from '../../core/index.js'
import { writeAtomic } from '../../io/index.js'
import { momentsOfDraws } from '../../pipelines/galaxies/inference/jointRegion.js'
import { type InferMethod, openRoad } from '../../pipelines/galaxies/inference/openRoad.js'
import { quietContext } from '../../pipelines/run/index.js'
import { haloFields, spread } from './haloFields.js'
import { print } from './print.js'

const OUT = 'docs/galaxies-roads.md'
const FIELDS = 5
const DRAWS = 4000
const ROADS = ['hmc', 'nuts', 'ensemble', 'nested', 'vi', 'npe'] as const satisfies readonly InferMethod[]
type RoadName = (typeof ROADS)[number]
const PAIR = ['omega_m', 'sigma_8'] as const
const LABELS = ['Omega_m', 'sigma_8'] as const

/** What one road says of one field: mean and deviation of Omega_m and of sigma_8, their correlation. */
interface Said {
  readonly mean: readonly number[]
  readonly sd: readonly number[]
  readonly correlation: number
  readonly logZ?: number
  readonly seconds: number
  readonly problems: readonly string[]
}

/**
 * `npm run study -- galaxies-roads`: the posterior of (Omega_m, sigma_8) of five simulated fields that nothing was
 * fitted to, by every road of `galaxies infer`. The samplers walk one likelihood and have to agree; NPE sees velocities
 * and masses besides. Writes docs/galaxies-roads.md.
 */
export async function galaxiesRoads(): Promise<void> {
  const fields = spread(await haloFields('test.h5'), FIELDS)
  const said = new Map<RoadName, Said[]>()
  for (const road of ROADS) {
    const { names, answer, close } = await openRoad(road, { n: DRAWS, threads: 2 }, quietContext(makeKey(0)))
    const columns = PAIR.map(name => names.indexOf(name))
    const answers: Said[] = []
    for (const [index, field] of fields.entries()) {
      const began = performance.now()
      // One key a field: the same noise, so that all samplers walk the same likelihood.
      const { theta, diagnostics, problems } = await answer(field, makeKey(0).split(index))
      const seconds = (performance.now() - began) / 1000
      const { mean, covariance } = momentsOfDraws(theta, names.length, columns)
      const sd = [0, 1].map(p => Math.sqrt(covariance.get(p, p)))
      const correlation = covariance.get(0, 1) / sd[0] / sd[1]
      const logZ = diagnostics.log_evidence
      answers.push({ mean, sd, correlation, seconds, problems, ...(logZ !== undefined && { logZ }) })
      print(
        `${road}, field ${index + 1} of ${fields.length}: ${mean.map(value => value.toFixed(4)).join(' ')}, ${seconds.toFixed(1)} s`,
      )
    }
    await close()
    said.set(road, answers)
  }
  writeAtomic(
    OUT,
    page(
      fields.map(({ theta }) => PAIR.map(name => theta[name])),
      said,
    ),
  )
  print(OUT)
}

/** Two digits, without the sign of a nought. */
function signless(value: number): string {
  return (Math.round(100 * value) / 100 + 0).toFixed(2)
}

function page(truths: readonly (readonly number[])[], said: ReadonlyMap<RoadName, readonly Said[]>): string {
  const of = (road: RoadName, field: number) => said.get(road)?.[field] as Said
  const samplers = ROADS.filter(road => road !== 'npe')
  const number = ({ mean, sd }: Said, p: number) => `${mean[p].toFixed(3)} ± ${sd[p].toFixed(3)}`
  const rows = truths.flatMap((truth, field) => [
    `| ${field + 1} | truth | ${truth.map(value => value.toFixed(3)).join(' | ')} | | | |`,
    ...ROADS.map(road => {
      const one = of(road, field)
      const evidence = one.logZ === undefined ? '' : one.logZ.toFixed(2)
      return `| | ${road}${one.problems.length > 0 ? ' *' : ''} | ${number(one, 0)} | ${number(one, 1)} | ${signless(one.correlation)} | ${evidence} | ${(one.seconds / 60).toFixed(2)} |`
    }),
  ])
  const doubts = ROADS.flatMap(road =>
    truths.flatMap((_, field) => of(road, field).problems.map(text => `- ${road}, field ${field + 1}: ${text}`)),
  )
  const agreement = samplers.map(road => {
    const shifts = truths.flatMap((_, field) =>
      [0, 1].map(p => Math.abs(of(road, field).mean[p] - of('nuts', field).mean[p]) / of('nuts', field).sd[p]),
    )
    const widths = truths.flatMap((_, field) => [0, 1].map(p => of(road, field).sd[p] / of('nuts', field).sd[p]))
    const minutes = truths.reduce((sum, _, field) => sum + of(road, field).seconds / 60 / truths.length, 0)
    return `| ${road} | ${Math.max(...shifts).toFixed(3)} | ${Math.min(...widths).toFixed(2)}-${Math.max(...widths).toFixed(2)} | ${minutes.toFixed(2)} |`
  })
  const apart = LABELS.map((label, p) => {
    const each = truths.map((_, field) => {
      const [a, b] = [of('nuts', field), of('npe', field)]
      return Math.abs(a.mean[p] - b.mean[p]) / Math.hypot(a.sd[p], b.sd[p])
    })
    const narrower = truths.map((_, field) => of('nuts', field).sd[p] / of('npe', field).sd[p])
    const mean = narrower.reduce((a, b) => a + b, 0) / narrower.length
    return `${label}: ${each.map(value => value.toFixed(1)).join(', ')} combined deviations from nuts, which is ${mean.toFixed(1)} times as wide`
  })
  return [
    '# One field of halos, six roads',
    '',
    `Made by \`npm run study -- galaxies-roads\`: ${truths.length} fields of test.h5, simulated with PINOCCHIO, which nothing was fitted to; shipped weights, ${DRAWS} draws, two threads.`,
    'Omega_b, h and n_s are marginalised over. `hmc` to `vi` walk one likelihood, the bound of the diffusion model of positions, to its measured power; `npe` is a network that sees velocities and masses too.',
    '',
    '| field | road | Omega_m | sigma_8 | correlation | ln Z | minutes |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
    ...(doubts.length > 0 ? ['\\* what its own diagnostics said:', '', ...doubts, ''] : []),
    '## Do they agree?',
    '',
    'Against `nuts`, over all fields and both parameters, the worst of them:',
    '',
    '| road | mean off, in deviations | deviation over that of nuts | minutes a field |',
    '|---|---|---|---|',
    ...agreement,
    '',
    `\`npe\` has other data. ${apart.join('; ')}.`,
    '',
  ].join('\n')
}
