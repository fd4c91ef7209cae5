import { makeKey } from '../../core/index.js'
import { likelihoodMethods } from '../../generative/posterior/index.js'
import { writeAtomic } from '../../io/index.js'
import { momentsOfDraws } from '../../pipelines/galaxies/inference/jointRegion.js'
import { type InferMethod, openPosterior } from '../../pipelines/galaxies/inference/openPosterior.js'
import { quietContext } from '../../pipelines/run/index.js'
import { haloFields, spread } from './haloFields.js'
import { print } from './print.js'
import { wrapped } from './wrapped.js'

const path = 'docs/galaxies-samplers.md'
const fieldCount = 5
const drawCount = 4000
const methods: readonly InferMethod[] = [...likelihoodMethods, 'npe']
const pairNames = ['omega_m', 'sigma_8'] as const
const pairLabels = ['Omega_m', 'sigma_8'] as const

/** The posterior of one field by one method: means and deviations of Omega_m and of sigma_8, and their correlation. */
interface Moments {
  readonly mean: readonly number[]
  readonly sd: readonly number[]
  readonly correlation: number
  readonly logZ?: number
  readonly seconds: number
  readonly problems: readonly string[]
}

/**
 * `npm run study -- galaxies-samplers`: the posterior of (Omega_m, sigma_8) of five simulated fields, to which nothing
 * was fitted, by every method of `galaxies infer`. The samplers draw from one likelihood and must agree; NPE also sees
 * velocities and masses. Writes docs/galaxies-samplers.md.
 */
export async function galaxiesSamplers(): Promise<void> {
  const fields = spread(await haloFields('test.h5'), fieldCount)
  const found = new Map<InferMethod, Moments[]>()
  for (const method of methods) {
    const { posterior } = (await openPosterior(method, { threads: 2 }, quietContext(makeKey(0)))).opened
    const { names } = posterior.parameters
    const columns = pairNames.map(name => names.indexOf(name))
    const answers: Moments[] = []
    for (const [index, field] of fields.entries()) {
      const began = performance.now()
      // One key a field gives the same noise, so that all samplers draw from the same likelihood.
      const { theta, diagnostics, problems } = await posterior.draw(field, drawCount, makeKey(0).split(index))
      const seconds = (performance.now() - began) / 1000
      const { mean, covariance } = momentsOfDraws(theta, names.length, columns)
      const sd = [0, 1].map(p => Math.sqrt(covariance.get(p, p)))
      const correlation = covariance.get(0, 1) / sd[0] / sd[1]
      const logZ = diagnostics.log_evidence
      answers.push({ mean, sd, correlation, seconds, problems, ...(logZ !== undefined && { logZ }) })
      print(
        `${method}, field ${index + 1} of ${fields.length}: ${mean.map(value => value.toFixed(4)).join(' ')}, ${seconds.toFixed(1)} s`,
      )
    }
    await posterior.close()
    found.set(method, answers)
  }
  writeAtomic(
    path,
    page(
      fields.map(({ theta }) => pairNames.map(name => theta[name])),
      found,
    ),
  )
  print(path)
}

/** Two digits, without a minus before zero. */
function signless(value: number): string {
  return (Math.round(100 * value) / 100 + 0).toFixed(2)
}

function page(truths: readonly (readonly number[])[], found: ReadonlyMap<InferMethod, readonly Moments[]>): string {
  const of = (method: InferMethod, field: number) => found.get(method)?.[field] as Moments
  const number = ({ mean, sd }: Moments, p: number) => `${mean[p].toFixed(3)} ± ${sd[p].toFixed(3)}`
  const rows = truths.flatMap((truth, field) => [
    `| ${field + 1} | truth | ${truth.map(value => value.toFixed(3)).join(' | ')} | | | |`,
    ...methods.map(method => {
      const one = of(method, field)
      const evidence = one.logZ === undefined ? '' : one.logZ.toFixed(2)
      return `| | ${method}${one.problems.length > 0 ? ' *' : ''} | ${number(one, 0)} | ${number(one, 1)} | ${signless(one.correlation)} | ${evidence} | ${(one.seconds / 60).toFixed(2)} |`
    }),
  ])
  const doubts = methods.flatMap(method =>
    truths.flatMap((_, field) =>
      of(method, field).problems.map(text => wrapped(`- ${method}, field ${field + 1}: ${text}`)),
    ),
  )
  const agreement = likelihoodMethods.map(method => {
    const shifts = truths.flatMap((_, field) =>
      [0, 1].map(p => Math.abs(of(method, field).mean[p] - of('nuts', field).mean[p]) / of('nuts', field).sd[p]),
    )
    const widths = truths.flatMap((_, field) => [0, 1].map(p => of(method, field).sd[p] / of('nuts', field).sd[p]))
    const minutes = truths.reduce((sum, _, field) => sum + of(method, field).seconds / 60 / truths.length, 0)
    return `| ${method} | ${Math.max(...shifts).toFixed(3)} | ${Math.min(...widths).toFixed(2)}-${Math.max(...widths).toFixed(2)} | ${minutes.toFixed(2)} |`
  })
  const apart = pairLabels.map((label, p) => {
    const each = truths.map((_, field) => {
      const [a, b] = [of('nuts', field), of('npe', field)]
      return Math.abs(a.mean[p] - b.mean[p]) / Math.hypot(a.sd[p], b.sd[p])
    })
    const narrower = truths.map((_, field) => of('nuts', field).sd[p] / of('npe', field).sd[p])
    const mean = narrower.reduce((a, b) => a + b, 0) / narrower.length
    return `${label}: ${each.map(value => value.toFixed(1)).join(', ')} combined deviations from nuts, which is ${mean.toFixed(1)} times as wide`
  })
  return [
    '# One field of halos, six methods',
    '',
    wrapped(
      `Made by \`npm run study -- galaxies-samplers\`: ${truths.length} fields of test.h5, simulated with PINOCCHIO, to which nothing was fitted; shipped weights, ${drawCount} draws, two threads.`,
      'Omega_b, h and n_s are marginalised over.',
      '`hmc` to `vi` draw from one likelihood, the bound of the diffusion model of positions, to its measured power; `npe` is a network that also sees velocities and masses.',
    ),
    '',
    '| field | method | Omega_m | sigma_8 | correlation | ln Z | minutes |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
    ...(doubts.length > 0 ? ['\\* with these problems in its own diagnostics:', '', ...doubts, ''] : []),
    '## Do they agree?',
    '',
    'Against `nuts`, over all fields and both parameters, the worst of them:',
    '',
    '| method | mean off, in deviations | deviation over that of nuts | minutes a field |',
    '|---|---|---|---|',
    ...agreement,
    '',
    wrapped(`\`npe\` has other data. ${apart.join('; ')}.`),
    '',
  ].join('\n')
}
